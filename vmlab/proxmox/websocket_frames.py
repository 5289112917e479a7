"""WebSocket frames as bytes, without any I/O (RFC 6455).

A console copies whole streams of frames from one connection to the other untouched, for which a
WebSocket library is of no use; what it has to look into, it reads and writes with this.
"""

from __future__ import annotations

import base64
import hashlib
import os
import struct
from typing import Final

from aiohttp._websocket.helpers import websocket_mask

CONTINUATION: Final = 0
TEXT: Final = 1
BINARY: Final = 2
CLOSE: Final = 8
PING: Final = 9
PONG: Final = 10

_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class FrameError(ConnectionError):
    """The other end does not keep to the protocol, or sends more than was agreed."""


def accept_key(key: bytes) -> bytes:
    """Answer a Sec-WebSocket-Key."""
    return base64.b64encode(hashlib.sha1(key + _GUID, usedforsecurity=False).digest())


def masked(payload: bytes, key: bytes) -> bytes:
    """Apply a mask of four bytes, or take it off again."""
    result = bytearray(payload)
    # aiohttp's own, in C: thirty times what Python can do. aiohttp keeps it to itself, and pins
    # are exact; the tests would notice another meaning.
    websocket_mask(key, result)
    return bytes(result)


def frame(payload: bytes, *, mask: bool, opcode: int = BINARY) -> bytes:
    """Write a whole message as one frame.

    Args:
        mask: what a client sends is masked, what a server sends is not.
    """
    size, bit = len(payload), 0x80 if mask else 0
    if size < 126:
        head = bytes([0x80 | opcode, bit | size])
    elif size < 1 << 16:
        head = struct.pack(">BBH", 0x80 | opcode, bit | 126, size)
    else:
        head = struct.pack(">BBQ", 0x80 | opcode, bit | 127, size)
    if not mask:
        return head + payload
    key = os.urandom(4)
    return head + key + masked(payload, key)


class FrameReader:
    """Cuts a stream of bytes into frames.

    Attributes:
        rest: bytes of a frame that is not complete yet.
    """

    def __init__(self, *, mask: bool, limit_bytes: int) -> None:
        """Expect masked frames or not, and none with more payload than the limit."""
        self.rest = bytearray()
        self._mask = mask
        self._limit_bytes = limit_bytes

    def feed(self, data: bytes) -> list[tuple[int, bytes]]:
        """Take what has arrived; return opcode and payload of each frame that is complete now.

        Fragments come as they are: the consoles' streams have no use for messages' borders.

        Raises:
            FrameError: the frame uses an extension, is masked wrongly or is too long.
        """
        self.rest += data
        found = []
        while (one := self._next()) is not None:
            found.append(one)
        return found

    def _next(self) -> tuple[int, bytes] | None:
        rest = self.rest
        if len(rest) < 2:
            return None
        if rest[0] & 0x70 or bool(rest[1] & 0x80) != self._mask:
            raise FrameError("a WebSocket frame that was not agreed on")
        size, start = rest[1] & 0x7F, 2
        if size == 126:
            size, start = int.from_bytes(rest[2:4], "big"), 4
        elif size == 127:
            size, start = int.from_bytes(rest[2:10], "big"), 10
        if len(rest) < start:
            return None
        if size > self._limit_bytes:
            raise FrameError(f"a WebSocket frame of {size} bytes")
        key_end = start + 4 if self._mask else start
        end = key_end + size
        if len(rest) < end:
            return None
        opcode, key = rest[0] & 0x0F, bytes(rest[start:key_end])
        payload = bytes(rest[key_end:end])
        del rest[:end]
        return opcode, masked(payload, key) if self._mask else payload
