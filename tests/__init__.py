"""Tests: one folder a floor, then whole processes (`e2e`) and ratios (`benchmarks`)."""
