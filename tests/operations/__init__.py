"""The verbs, walked by the real engine against the simulated cluster."""
