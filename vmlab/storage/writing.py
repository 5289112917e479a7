"""Takes bytes as they come and writes them out a buffer at a time, hashing along.

However large the file, a writer holds one buffer. Writing and hashing happen in a thread, while the
next bytes come in.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

BUFFER_BYTES = 1 << 20

Run = Callable[..., Awaitable[Any]]
"""Runs a function in a thread."""


@dataclass(frozen=True, kw_only=True)
class Received:
    """What came in."""

    size_bytes: int
    digest: bytes
    """By the algorithm that the writer was told; of no bytes where it was told none."""


class Writer:
    """Writes to an open file from an offset on.

    Attributes:
        size_bytes: bytes taken so far, those in the buffer included.
    """

    def __init__(
        self, run: Run, fd: int, offset: int = 0, *, algorithm: str | None = "sha256"
    ) -> None:
        """Begin at an offset.

        Args:
            run: runs a function in a thread.
            fd: the file; whoever opened it closes it, after `finish` or `aclose`.
            offset: where the first byte goes.
            algorithm: what to hash with; None: not at all.
        """
        self.size_bytes = 0
        self._run = run
        self._fd = fd
        self._offset = offset
        self._hash = hashlib.new(algorithm) if algorithm else None
        self._buffer = bytearray()

    async def write(self, content: bytes) -> None:
        """Take some bytes.

        Raises:
            OSError: the disk is full or broken.
        """
        self._buffer += content
        self.size_bytes += len(content)
        if len(self._buffer) >= BUFFER_BYTES:
            await self._flush()

    async def finish(self, *, durable: bool = True) -> Received:
        """Write what is left.

        Args:
            durable: see that all of it is safe on the disk, and not only in memory.
        """
        await self._flush()
        if durable:
            await self._run(os.fdatasync, self._fd)
        digest = self._hash.digest() if self._hash else b""
        return Received(size_bytes=self.size_bytes, digest=digest)

    async def _flush(self) -> None:
        content, self._buffer = self._buffer, bytearray()
        await self._run(self._write_out, content)

    def _write_out(self, content: bytearray) -> None:
        view = memoryview(content)
        while view:
            written = os.pwrite(self._fd, view, self._offset)
            if self._hash:
                self._hash.update(view[:written])
            self._offset += written
            view = view[written:]
