"""What a browser sends to a screen, message by message (RFC 6143 section 7.5, and QEMU's own).

Up is small, so it is parsed: whoever only watches must not press keys, and this is where that is
enforced, whatever the page does. Without any I/O.
"""

from __future__ import annotations

import struct

_FIXED = {0: 20, 3: 10, 4: 8, 5: 6, 150: 10, 250: 4}
"""Sizes in bytes by message type: pixel format, update request, key, pointer, continuous updates
and power (xvp)."""

_ENCODINGS, _CLIPBOARD, _FENCE, _DESKTOP_SIZE, _QEMU = 2, 6, 248, 251, 255
_INPUT = frozenset({4, 5, _CLIPBOARD, 250, _DESKTOP_SIZE, _QEMU})
"""Types that do something to the guest: keys, pointer, clipboard, power, size, QEMU's keys."""

CLIPBOARD_LIMIT_BYTES = 1 << 20

_ROW = 128
"""As far as one looks ahead for messages of the same type."""


class InputError(ConnectionError):
    """The browser sends what is no message of RFB."""


class InputFilter:
    """Lets messages through, or drops those that touch the guest.

    Attributes:
        passed: input messages that went on to the guest.
        dropped: input messages that did not.
    """

    def __init__(self, *, view_only: bool) -> None:
        self.passed = 0
        self.dropped = 0
        self._view_only = view_only
        self._rest = bytearray()

    def feed(self, data: bytes) -> bytes:
        """Take what has come and return what may go on, whole messages only.

        Raises:
            InputError: the type is unknown or a message too long.
        """
        rest = self._rest
        rest += data
        allowed = bytearray()
        while rest and (size := _size(rest)) and len(rest) >= size:
            count = _in_a_row(rest, size) if rest[0] in _FIXED else 1
            touches = rest[0] in _INPUT
            if touches and self._view_only:
                self.dropped += count
            else:
                self.passed += count * touches
                allowed += rest[: count * size]
            del rest[: count * size]
        return bytes(allowed)


def _in_a_row(messages: bytearray, size: int) -> int:
    """How many whole messages of one type and of this size come one after the other."""
    whole = min(len(messages) // size, _ROW)
    types = messages[: whole * size : size]
    return whole - len(types.lstrip(types[:1]))


def _size(message: bytearray) -> int:
    """Bytes of the message that begins here; 0 if too little of it has come to tell."""
    kind, have = message[0], len(message)
    if kind in _FIXED:
        return _FIXED[kind]
    if kind == _ENCODINGS:
        return 4 + 4 * int.from_bytes(message[2:4], "big") if have >= 4 else 0
    if kind == _CLIPBOARD:
        return _clipboard_size(message) if have >= 8 else 0
    if kind == _FENCE:
        return 9 + message[8] if have >= 9 else 0
    if kind == _DESKTOP_SIZE:
        return 8 + 16 * message[6] if have >= 8 else 0
    if kind == _QEMU:
        return _qemu_size(message)
    raise InputError(f"a message of type {kind}")


def _clipboard_size(message: bytearray) -> int:
    # A negative length announces the extended clipboard.
    length = abs(struct.unpack_from(">i", message, 4)[0])
    if length > CLIPBOARD_LIMIT_BYTES:
        raise InputError(f"a clipboard of {length} bytes")
    return 8 + int(length)


def _qemu_size(message: bytearray) -> int:
    if len(message) < 2:
        return 0
    if message[1] == 0:  # a key with its scan code
        return 12
    if message[1] == 1:  # audio: on, off, or its format
        return (10 if message[3] == 2 else 4) if len(message) >= 4 else 0
    raise InputError(f"a QEMU message of type {message[1]}")
