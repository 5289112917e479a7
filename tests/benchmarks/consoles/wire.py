"""What both ends of the benchmarks of consoles speak."""

from __future__ import annotations

import struct
from typing import Final, Protocol

UPDATE_REQUEST: Final = struct.Struct(">BBHHHH")
"""RFB's request for an update, type 3, which every console lets through. Here its first number says
what the screen shall do, the second and third how: the size of a message in KiB, the total in MiB.
"""

FLOOD, SINK, ECHO = 0, 1, 2
DONE: Final = bytes(10)
"""What a screen says when it is ready to sink or echo, and when it has sunk all of it."""
TYPED_BYTES, SHOWN_BYTES = 16, 1024
"""An echo: two keys go up, a bit of the picture comes down."""


def order(what: int, message_kb: int = 0, total_mb: int = 0) -> bytes:
    """The message that tells the screen what to do."""
    return UPDATE_REQUEST.pack(3, what, message_kb, total_mb, 0, 0)


def ordered(message: bytes) -> tuple[int, int, int]:
    """What a message tells: flood, sink or echo, bytes a message, bytes in all."""
    _, what, message_kb, total_mb, _, _ = UPDATE_REQUEST.unpack(message)
    return what, message_kb << 10, total_mb << 20


class Counter(Protocol):
    """Counts payload in what comes over a connection."""

    def feed(self, data: bytes) -> int:
        """Take what has come and tell how many bytes of payload are in it."""


class Plain:
    """All bytes are payload."""

    def feed(self, data: bytes) -> int:
        """All of them."""
        return len(data)


class Framed:
    """Payload comes in WebSocket frames; only their heads are looked at, so it is cheap."""

    def __init__(self) -> None:
        self._left = 0
        self._head = b""

    def feed(self, data: bytes) -> int:
        """Walk from head to head."""
        if self._head:
            data, self._head = self._head + data, b""
        at, end, payload = 0, len(data), 0
        while at < end:
            if self._left:
                step = min(self._left, end - at)
                self._left -= step
                payload += step
                at += step
                continue
            start = _head_bytes(data, at)
            if start == 0 or at + start > end:
                self._head = data[at:]
                break
            size = data[at + 1] & 0x7F
            if size == 126:
                size = int.from_bytes(data[at + 2 : at + 4], "big")
            elif size == 127:
                size = int.from_bytes(data[at + 2 : at + 10], "big")
            self._left = size
            at += start
        return payload


def _head_bytes(data: bytes, at: int) -> int:
    """How long the head of a frame is; 0 if that is not known yet."""
    if len(data) - at < 2:
        return 0
    size = data[at + 1] & 0x7F
    return {126: 4, 127: 10}.get(size, 2) + (4 if data[at + 1] & 0x80 else 0)
