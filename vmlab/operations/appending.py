"""Adds bytes to an upload whose bytes come one after the other, and finishes it with the last one.

What has come is made safe and written down every 64 MiB, so that a crash costs no more than that.
A piece with a checksum counts as a whole or not at all.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

from vmlab.errors import Conflict, NotFound, TooLarge, UnsafeFile
from vmlab.models import FileStatus, Upload
from vmlab.operations.uploads import Uploads
from vmlab.storage import Busy, Writer

CHECKPOINT_BYTES = 64 << 20


class ChecksumDiffers(UnsafeFile):
    """The checksum differs from that of what came."""

    status = 460


class UploadLocked(Busy):
    """Another request works on this upload at the moment."""

    status = 423


class Interrupted(Exception):
    """The connection broke off or fell silent; what came before that is kept."""


@dataclass(frozen=True, kw_only=True)
class Checksum:
    """What a client says about one piece."""

    algorithm: str
    """As `hashlib` calls it."""
    digest: bytes


def received_bytes(upload: Upload) -> int:
    """How many bytes of an upload are here for good."""
    ready = upload.file.status is FileStatus.READY
    return int(upload.total_size if ready else upload.received_bytes)


async def append(
    uploads: Uploads,
    upload: Upload,
    offset: int,
    content: AsyncIterator[bytes],
    checksum: Checksum | None,
) -> int:
    """Add bytes at the end of what is here; how many are here then.

    Args:
        uploads: the verbs.
        upload: with its file loaded.
        offset: where the client thinks that the end is.
        content: the bytes.
        checksum: of these bytes.

    Raises:
        Conflict: the end is elsewhere.
        UploadLocked: another request adds to it.
        TooLarge: there are more bytes than were announced.
        ChecksumDiffers: the bytes are not those that were sent; none is kept.
        UnsafeFile: the finished file is not safe; it is gone.
        Interrupted: not all bytes came.
    """
    file = upload.file
    try:
        async with uploads.store.locked(file.key, wait_s=0.0) as fd:
            await upload.refresh_from_db(fields=["received_bytes"])
            if offset != upload.received_bytes:
                raise _misplaced(upload.received_bytes)
            await uploads.touch(file)
            piece = _Piece(uploads, upload, fd, checksum)
            await piece.take(content)
            if piece.end == upload.total_size:
                await uploads.finish(file, upload.total_size, None, upload.expected_sha256)
            await piece.record()
    except FileNotFoundError:
        if not await uploads.completed(file):
            raise NotFound from None
        if offset != upload.total_size:
            raise _misplaced(upload.total_size) from None
        return received_bytes(upload)
    except Busy:
        raise UploadLocked from None
    return received_bytes(upload)


class _Piece:
    """The bytes of one request."""

    def __init__(
        self, uploads: Uploads, upload: Upload, fd: int, checksum: Checksum | None
    ) -> None:
        self._uploads = uploads
        self._upload = upload
        self._checksum = checksum
        self._begin = int(upload.received_bytes)
        algorithm = checksum.algorithm if checksum else None
        self._writer = Writer(uploads.store.run, fd, self._begin, algorithm=algorithm)

    @property
    def end(self) -> int:
        """Where the bytes that came end."""
        return self._begin + self._writer.size_bytes

    async def take(self, content: AsyncIterator[bytes]) -> None:
        """Write the bytes out and see that they are right."""
        try:
            async for part in content:
                if self.end + len(part) > self._upload.total_size:
                    raise TooLarge(details={"max_bytes": self._upload.total_size})
                await self._writer.write(part)
                if not self._checksum and self.end >= (
                    self._upload.received_bytes + CHECKPOINT_BYTES
                ):
                    await self._checkpoint()
        except (Interrupted, asyncio.CancelledError):
            if not self._checksum:
                await self._checkpoint()
            raise
        received = await self._writer.finish()
        if self._checksum and received.digest != self._checksum.digest:
            raise ChecksumDiffers

    async def _checkpoint(self) -> None:
        await self._writer.finish()
        await self.record()

    async def record(self) -> None:
        """Write down that the bytes that came are safe."""
        self._upload.received_bytes = self.end
        await self._upload.save(update_fields=["received_bytes"])
        await self._uploads.touch(self._upload.file)


def _misplaced(offset: int) -> Conflict:
    return Conflict("The upload goes on elsewhere.", details={"offset": offset})
