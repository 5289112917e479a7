"""The task engine: real databases, steps on an outside world that survives."""
