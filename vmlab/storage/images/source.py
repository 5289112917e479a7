"""Bounded reading of an image: nothing past its end, nothing huge, nothing for ever.

Whatever an image claims, a check reads through a `Source`, so that the only way for it to fail is a
`Refusal`.
"""

from __future__ import annotations

import os
import struct
import sys
import time
from array import array
from typing import Any, NoReturn

from vmlab.errors import UnsafeFile
from vmlab.rules.images import MAX_VIRTUAL_BYTES, SENTENCES, Reason

MAX_READ_BYTES = 64 << 20
"""Most that is held of an image at once."""

SECTOR = 512


class Refusal(UnsafeFile):
    """The image is not safe."""

    def __init__(self, reason: Reason, **more: Any) -> None:
        self.reason = reason
        super().__init__(SENTENCES[reason], details={"reason": str(reason), **more})


def refuse(reason: Reason, **more: Any) -> NoReturn:
    """Give up on an image.

    Args:
        reason: why.
        more: what else `error.details` should say.
    """
    raise Refusal(reason, **more)


class Source:
    """A file, or a part of one, that is only ever read within its bounds.

    Attributes:
        start: where in the file they begin.
        size: bytes that there are.
    """

    def __init__(self, fd: int, start: int, size: int, deadline: float) -> None:
        """Look at a part of an open file.

        Args:
            fd: the open file.
            start: first byte of the part.
            size: bytes of the part.
            deadline: `time.monotonic()` at which the check is given up.
        """
        self.start = start
        self.size = size
        self._fd = fd
        self._deadline = deadline

    def read(self, offset: int, length: int) -> bytes:
        """Exactly `length` bytes.

        Raises:
            Refusal: they are not all there, are too many, or time is up.
        """
        if length > MAX_READ_BYTES:
            refuse(Reason.MALFORMED)
        if offset < 0 or offset + length > self.size:
            refuse(Reason.TRUNCATED)
        if time.monotonic() > self._deadline:
            refuse(Reason.TOO_COMPLEX)
        content = os.pread(self._fd, length, self.start + offset)
        if len(content) < length:
            refuse(Reason.TRUNCATED)
        return content

    def peek(self, offset: int, length: int) -> bytes:
        """As many of these bytes as there are."""
        return self.read(min(offset, self.size), max(0, min(length, self.size - offset)))

    def unpack(self, layout: str, offset: int) -> tuple[Any, ...]:
        """What `struct` makes of the bytes at an offset."""
        return struct.unpack(layout, self.read(offset, struct.calcsize(layout)))

    def numbers(
        self, code: str, offset: int, count: int, *, big_endian: bool = False
    ) -> array[int]:
        """A table of unsigned numbers.

        Args:
            code: `I` for 32 bits, `Q` for 64.
            offset: where it begins.
            count: how many.
            big_endian: the order of their bytes.
        """
        found = array(code)
        found.frombytes(self.read(offset, count * found.itemsize))
        if big_endian != (sys.byteorder == "big"):
            found.byteswap()
        return found

    def part(self, offset: int, size: int) -> Source:
        """A part of this part.

        Raises:
            Refusal: it is not all there.
        """
        if offset < 0 or offset + size > self.size:
            refuse(Reason.TRUNCATED)
        return Source(self._fd, self.start + offset, size, self._deadline)


def credible(virtual_size_bytes: int) -> int:
    """A virtual size, if a disk may be that large.

    Raises:
        Refusal: it is zero or absurd.
    """
    if not 0 < virtual_size_bytes <= MAX_VIRTUAL_BYTES:
        refuse(Reason.VIRTUAL_SIZE, virtual_size_bytes=virtual_size_bytes)
    return virtual_size_bytes
