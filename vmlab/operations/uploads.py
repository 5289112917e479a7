"""Uploads: begun, added to, finished, given up. Bytes are the store's matter, rows are the truth.

    begin ──> bytes come ──> prove (checksum, image) ──> keep
      └─────────────────────────── discard, or expire

A file's row is there before its first byte and goes before its last one, so nothing on the disk is
ever without a row. `keep` renames and writes the row; after a crash between the two it is repeated.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from tortoise.exceptions import DoesNotExist

from vmlab.config import Settings
from vmlab.errors import Conflict, Invalid, NotFound, UnsafeFile
from vmlab.models import File, FileStatus, Template, Upload
from vmlab.models.connection import transaction
from vmlab.models.template import UNDER_WAY
from vmlab.operations.file_limits import Room
from vmlab.rules.images import FITTING, Purpose, Reason, fits
from vmlab.storage import Ranges, Store
from vmlab.storage.chunks import MAX_CHUNKS
from vmlab.storage.images import Refusal
from vmlab.storage.images.source import refuse
from vmlab.storage.store import new_key

SPOOL_EXPIRY_S = 86_400.0

_TOO_LARGE = "At most {max} bytes."
_TOO_MANY = "At most {max} chunks."

_FOUND_OUT = (
    "status",
    "expires_at",
    "size_bytes",
    "sha256",
    "purpose",
    "name",
    "content_type",
    "format",
    "virtual_size_bytes",
)
"""Columns that are certain only once all of a file is here."""


@dataclass(frozen=True, kw_only=True)
class NewFile:
    """What is known of a file before it comes."""

    owner_id: int
    name: str
    size_bytes: int
    """What it will have, or the most that it may have."""
    content_type: str = "application/octet-stream"
    purpose: Purpose = Purpose.ATTACHMENT


class Uploads:
    """The verbs of uploading."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self.store = store
        self.room = Room(store=store, settings=settings)
        self._expiry = timedelta(seconds=settings.storage.upload_expiry_s)
        self._chunk_limit = settings.storage.chunk_limit_mb << 20

    async def begin(self, new: NewFile) -> File:
        """Promise room for a file and make the place that its bytes go to.

        Raises:
            TooLarge, QuotaExceeded, Conflict, ServiceUnavailable: see `Room.promise`.
        """
        return await self._begin(new, chunk_count=None)

    async def begin_in_order(self, new: NewFile, expected_sha256: str | None) -> Upload:
        """The same for a file whose bytes come one after the other, over several requests.

        Args:
            new: the file.
            expected_sha256: proven when all of it is here.
        """
        file = await self._begin(new, chunk_count=None)
        return await Upload.create(
            file=file, total_size=new.size_bytes, expected_sha256=expected_sha256
        )

    async def begin_in_chunks(self, new: NewFile, chunk_size: int) -> Upload:
        """The same for a file that comes in chunks of one size, the last one excepted.

        Raises:
            Invalid: the chunks would be too large or too many.
        """
        if chunk_size > self._chunk_limit:
            raise Invalid(details={"chunk_size": [_TOO_LARGE.format(max=self._chunk_limit)]})
        count = chunk_count(new.size_bytes, chunk_size)
        if count > MAX_CHUNKS:
            raise Invalid(details={"chunk_size": [_TOO_MANY.format(max=MAX_CHUNKS)]})
        file = await self._begin(new, chunk_count=count)
        return await Upload.create(file=file, total_size=new.size_bytes, chunk_size=chunk_size)

    async def _begin(self, new: NewFile, *, chunk_count: int | None) -> File:
        file = File(**vars(new), key=new_key(), expires_at=datetime.now(UTC) + self._expiry)
        await self.room.promise(file)
        try:
            await self.store.begin(file.key, chunk_count=chunk_count)
        except OSError:
            await file.delete()
            raise
        return file

    async def touch(self, file: File) -> None:
        """Somebody goes on with an upload: it expires later. A file that is ready never does."""
        if file.status is FileStatus.READY:
            return
        file.expires_at = datetime.now(UTC) + self._expiry
        await File.filter(id=file.id, status=FileStatus.UPLOADING).update(
            expires_at=file.expires_at
        )

    async def chunks_of(self, upload: Upload) -> tuple[Ranges, Ranges]:
        """The chunks that are here, and those that are missing.

        Raises:
            NotFound: the upload has been given up.
        """
        try:
            return await self.store.chunks_of(upload.file.key)
        except FileNotFoundError:
            if not await self.completed(upload.file):
                raise NotFound from None
        return [[0, chunk_count(upload.total_size, upload.chunk_size or 1) - 1]], []

    async def merge(self, upload: Upload, expected_sha256: str | None) -> File:
        """Make a file of the chunks; of an upload that is a file already, that file again.

        Raises:
            Conflict: chunks are missing: `details.missing` has the ranges of their indexes.
            UnsafeFile: the checksum differs, or the image is not safe.
        """
        file = upload.file
        try:
            async with self.store.locked(file.key):
                _, missing = await self.store.chunks_of(file.key)
                if missing:
                    raise Conflict("Chunks are missing.", details={"missing": missing})
                await self.finish(file, upload.total_size, None, expected_sha256)
        except FileNotFoundError:
            if not await self.completed(file):
                raise NotFound from None
        return file

    async def completed(self, file: File) -> bool:
        """Whether an upload that is not under way any more has become a file.

        A process may have crashed between renaming it and writing the row: then that is done now.
        """
        try:
            await file.refresh_from_db()
        except DoesNotExist:
            return False
        if file.status is not FileStatus.READY and self.store.path(file.key).exists():
            await self.finish(file, self.store.path(file.key).stat().st_size, None, None)
        return file.status is FileStatus.READY

    async def finish(
        self, file: File, size_bytes: int, sha256: str | None, expected_sha256: str | None
    ) -> None:
        """Prove an upload whose bytes are all here, and keep it.

        Args:
            file: its row.
            size_bytes: how many bytes came.
            sha256: of the bytes; None: they are read once more.
            expected_sha256: what the client says it is.

        Raises:
            UnsafeFile: the checksum differs (the upload stays), or the image is not safe (it goes).
        """
        await self.prove(file, sha256, expected_sha256)
        await self.keep(file, size_bytes)

    async def prove(self, file: File, sha256: str | None, expected_sha256: str | None) -> None:
        """See that an upload is what it is said to be; the row learns of it with `keep`.

        Raises:
            UnsafeFile: see `finish`.
        """
        file.sha256 = sha256 or await self.store.sha256(file.key)
        if expected_sha256 and expected_sha256.lower() != file.sha256:
            raise UnsafeFile(
                "The checksum differs from the file's.",
                details={"reason": "checksum", "sha256": file.sha256},
            )
        if file.purpose not in FITTING:
            return
        try:
            report = await self.store.inspect(file.key)
            if not fits(file.purpose, report.format):
                refuse(Reason.WRONG_KIND, format=str(report.format))
        except Refusal:
            await self.discard(file)
            raise
        file.format, file.virtual_size_bytes = report.format, report.virtual_size_bytes

    async def keep(self, file: File, size_bytes: int) -> None:
        """Make a file of a proven upload.

        Raises:
            NotFound: it has been given up or deleted meanwhile.
        """
        await self.store.complete(file.key)
        file.status, file.expires_at = FileStatus.READY, None
        file.size_bytes = size_bytes
        columns = {name: getattr(file, name) for name in _FOUND_OUT}
        if not await File.filter(id=file.id).update(**columns):
            await self.store.remove(file.key)
            raise NotFound

    async def discard(self, file: File) -> None:
        """Give an upload up, unless it has become a file."""
        async with transaction():
            if await File.filter(id=file.id, status=FileStatus.UPLOADING).delete():
                await self.store.remove(file.key)

    async def remove(self, file: File) -> None:
        """Delete a file and its bytes.

        A template that is ready needs its file no more. One that failed to come to be is left
        without, so that it cannot be tried again.

        Raises:
            Conflict: a template is being made from it.
        """
        async with transaction():
            # First the file's row, as whoever accepts an import does.
            await File.filter(id=file.id).select_for_update().first()
            templates = Template.filter(source_file_id=file.id)
            waiting = await templates.filter(status__in=UNDER_WAY).values("id", "name")
            if waiting:
                raise Conflict("The file is in use.", details={"templates": waiting})
            await templates.update(source_file_id=None)
            await File.filter(id=file.id).delete()
            await self.store.remove(file.key)

    async def expire(self, now: datetime) -> int:
        """Give up the uploads that nobody goes on with; how many there were."""
        expired = await File.filter(status=FileStatus.UPLOADING, expires_at__lt=now)
        for file in expired:
            await self.discard(file)
        await self.store.sweep_spool(SPOOL_EXPIRY_S)
        return len(expired)


def chunk_count(size_bytes: int, chunk_size: int) -> int:
    """In how many chunks a file comes; an empty one in one that is empty."""
    return max(1, -(-size_bytes // chunk_size))
