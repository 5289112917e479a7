"""Finds the borders of WebSocket messages in a stream that is copied as it comes. Without any I/O.

Between two messages, and only there, something of one's own may be put into the stream: a ping, a
notice, a good-bye. Only heads are read; what they announce is passed over.
"""

from __future__ import annotations

import struct

from vmlab.proxmox.websocket_frames import BINARY, FrameError

_SHORT = (0x80 | BINARY) << 8
"""The first two bytes of a whole binary message, to which its length is added if it is short."""
_MEDIUM = _SHORT | 126
_HEAD = struct.Struct(">HH")
_LONG_HEADS = {126: 2, 127: 8}
"""Bytes in which a frame's length stands where the second byte has no room for it."""


class FrameBorders:
    """Follows what a server sends, which has no masks and, as agreed, no extensions.

    Attributes:
        messages: how many have come to their end.
        left: bytes of the frame under way that are still to come.
    """

    def __init__(self, *, limit_bytes: int) -> None:
        """Begin at a border, and accept no frame with more payload than the limit."""
        self.messages = 0
        self.left = 0
        self._limit_bytes = limit_bytes
        self._head = bytearray()
        self._final = True

    @property
    def between(self) -> bool:
        """Whether the stream is between two messages now."""
        return not self.left and self._final and not self._head

    @property
    def in_head(self) -> bool:
        """Whether it is in the middle of a frame's head."""
        return bool(self._head)

    def feed(self, data: bytes) -> int | None:
        """Follow the next piece; return the last place in it that is between messages, if any.

        Raises:
            FrameError: a frame uses an extension, is masked or is too long; the piece does not
                count then, for it should not go on.
        """
        before = self.left, self._final, self._head.copy(), self.messages
        try:
            return self._follow(data)
        except FrameError:
            self.left, self._final, self._head, self.messages = before
            raise

    def _follow(self, data: bytes) -> int | None:
        border: int | None = None
        at, end = 0, len(data)
        while at < end:
            if not self.left:
                if self._final and not self._head:
                    at = border = self._pass_whole(data, at)
                    if at == end:
                        break
                at = self._read_head(data, at)
                if self._head:
                    break
            passed = min(self.left, end - at)
            self.left -= passed
            at += passed
            if not self.left and self._final:
                self.messages += 1
                border = at
        return border

    def _pass_whole(self, data: bytes, at: int) -> int:
        """Pass over usual messages that are there as a whole, which most of all are."""
        end, limit, messages = len(data), self._limit_bytes, self.messages
        # All of it is local, for there may be hundreds of messages in what is read at once.
        head_of, short, medium, last = _HEAD.unpack_from, _SHORT, _MEDIUM, end - _HEAD.size
        while at <= last:
            head, size = head_of(data, at)
            if head == medium:
                after = at + 4 + size
            elif short <= head < medium:
                after = at + 2 + head - short
            else:
                break
            if after > end or after - at > limit:  # its head has to be read with more care
                break
            at = after
            messages += 1
        self.messages = messages
        return at

    def _read_head(self, data: bytes, at: int) -> int:
        """Read on in a frame's head; what has come of one that is not complete is kept."""
        head = self._head
        size = 2
        while True:
            taken = data[at : at + max(0, size - len(head))]  # it may have come before
            head += taken
            at += len(taken)
            if len(head) < size:
                return at
            more = 2 + _LONG_HEADS.get(head[1] & 0x7F, 0)
            if size == more:
                break
            size = more
        self._begin(head)
        head.clear()
        return at

    def _begin(self, head: bytearray) -> None:
        if head[0] & 0x70 or head[1] & 0x80:
            raise FrameError("a WebSocket frame that was not agreed on")
        self.left = int.from_bytes(head[2:], "big") if len(head) > 2 else head[1]
        if self.left > self._limit_bytes:
            raise FrameError(f"a WebSocket frame of {self.left} bytes")
        is_control = head[0] & 0x08
        if not is_control:
            self._final = bool(head[0] & 0x80)
