"""Whole processes, as an operator starts them; killed, restarted, and looked at by a browser."""
