"""Tests of VMLab: real sockets, real processes, nothing of our own replaced."""
