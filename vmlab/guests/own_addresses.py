"""Whether an address is this machine's own: what a guest claims must not lead back to VMLab."""

from __future__ import annotations

import socket

_ANY_PORT = 9


def is_our_own(address: str) -> bool:
    """Whether connections to an IP address would end at this very machine. Nothing is sent."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            # The system chooses whence such a connection would come: from there, if it is local.
            probe.connect((address, _ANY_PORT))
        except OSError:
            return False
        return bool(probe.getsockname()[0] == address)
