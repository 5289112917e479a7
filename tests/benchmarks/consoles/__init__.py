"""The ends and the contestants of the benchmarks of consoles, each a process of its own.

    viewer (the benchmark) ══ contestant ══ TLS ══ screen

The screen does what the viewer's first message asks for: flood, sink or echo.
"""
