"""The reconciler over the simulated cluster, in which somebody else works too."""
