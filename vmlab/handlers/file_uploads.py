"""`files/upload/`: a file in one form, or in chunks that come in any order.

Bytes go to the disk as they come, before the handler and outside of any transaction; the handlers
only write down what has become of them. A client that asks first (`Expect: 100-continue`) hears
that there is no room before it has sent anything.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from marshmallow import Schema

from vmlab.errors import (
    Conflict,
    Invalid,
    NotFound,
    QuotaExceeded,
    ServiceUnavailable,
    TooLarge,
    TooSlow,
    UnsafeFile,
)
from vmlab.handlers.endpoint import API, Call, Endpoints, Stream
from vmlab.handlers.files import file_view
from vmlab.handlers.objects import FileObject, UploadObject
from vmlab.handlers.reading import in_time, json_of
from vmlab.handlers.schemas.files import (
    ChunkForm,
    ChunksQuery,
    ChunksSchema,
    FileSchema,
    MergeBody,
    UploadForm,
)
from vmlab.handlers.streamed_form import IncomingFile, read_form
from vmlab.handlers.uploads import MULTIPART
from vmlab.models import File, Upload
from vmlab.operations.file_limits import MIB
from vmlab.operations.uploads import NewFile, Uploads, chunk_count
from vmlab.rules.access import Permission
from vmlab.rules.file_names import content_type, file_name
from vmlab.rules.images import Purpose
from vmlab.storage import Received, Writer

file_uploads = Endpoints(f"{API}/files/upload", tag="files")

UNKNOWN_SIZE_STEP = 64 * MIB
"""How much room is promised at a time to a body that does not say how large it is."""

REFUSALS = (TooLarge, QuotaExceeded, Conflict, UnsafeFile, TooSlow, ServiceUnavailable)


@dataclass(frozen=True, kw_only=True)
class ReceivedFile:
    """A whole file that is on the disk and proven, but not kept yet."""

    file: File
    size_bytes: int
    fields: dict[str, Any]
    """All of the form's, the file's name among them."""

    @property
    def fingerprint(self) -> bytes:
        """Of all that the form said."""
        said = f"{sorted(self.fields.items())}\n{self.file.purpose}\n{self.file.sha256}"
        return hashlib.sha256(said.encode()).digest()


@contextlib.asynccontextmanager
async def receive_file(
    call: Call, form: type[Schema] = UploadForm, *, purpose: Purpose = Purpose.ATTACHMENT
) -> AsyncIterator[ReceivedFile]:
    """Take a form with a file in; what is not kept in the block is thrown away.

    Args:
        form: describes it; the file's field is called `file`.
        purpose: of the file, where the form does not say.
    """
    incoming = _Incoming(call)
    try:
        fields = await read_form(call.request, form, "file", incoming.take, stall_s=_stall_s(call))
        if incoming.file is None or incoming.received is None:
            raise Invalid(details={"file": ["Missing data for required field."]})
        file, received = incoming.file, incoming.received
        file.purpose = Purpose(fields.get("purpose", purpose))
        await call.parts.uploads.prove(file, received.digest.hex(), fields.get("sha256"))
        yield ReceivedFile(file=file, size_bytes=received.size_bytes, fields=fields)
    finally:
        if incoming.file is not None:
            await call.parts.uploads.discard(incoming.file)


class _Incoming:
    """The file of a form, while it comes."""

    def __init__(self, call: Call) -> None:
        self.file: File | None = None
        self.received: Received | None = None
        self._uploads = call.parts.uploads
        self._owner_id = call.actor.user_id
        self._announced = call.request.content_length

    async def take(self, incoming: IncomingFile) -> None:
        """Write the file's bytes out, never more than was promised room."""
        largest = self._uploads.room.largest_bytes()
        if self._announced is not None and self._announced > largest + MIB:
            raise TooLarge(details={"max_bytes": largest})
        promised = UNKNOWN_SIZE_STEP if self._announced is None else self._announced
        self.file = file = await self._uploads.begin(
            NewFile(
                owner_id=self._owner_id,
                name=_name(incoming.filename, "file"),
                content_type=content_type(incoming.content_type),
                size_bytes=min(promised, largest),
            )
        )
        async with self._uploads.store.locked(file.key) as fd:
            writer = Writer(self._uploads.store.run, fd)
            async for piece in incoming.content:
                wanted = writer.size_bytes + len(piece)
                if wanted > file.size_bytes:
                    await self._uploads.room.promise_more(
                        file, max(wanted, min(largest, file.size_bytes + UNKNOWN_SIZE_STEP))
                    )
                await writer.write(piece)
            self.received = await writer.finish()


@file_uploads.post(
    "/",
    needs=Permission.FILE_CREATE,
    streams=Stream(content_type=MULTIPART, receive=receive_file, schema=UploadForm),
    returns=FileSchema(),
    makes=FileObject,
    status=201,
    errors=REFUSALS,
)
async def upload_file(call: Call) -> dict[str, Any]:
    """Upload a file in one request.

    An image (`purpose` `template` or `iso`) is inspected before it is kept; `details.reason` says
    why one is refused.
    """
    received: ReceivedFile = call.body
    await call.parts.uploads.keep(received.file, received.size_bytes)
    return await file_view(received.file.id)


@dataclass(frozen=True, kw_only=True)
class ReceivedChunk:
    """A chunk that is in the spool."""

    fields: dict[str, Any]
    path: Path
    received: Received

    @property
    def fingerprint(self) -> bytes:
        """Of all that the form said."""
        said = repr(sorted(self.fields.items())).encode()
        return hashlib.sha256(said + self.received.digest).digest()


@contextlib.asynccontextmanager
async def receive_chunk(call: Call) -> AsyncIterator[ReceivedChunk]:
    """Take a form with a chunk in, into the spool, and see that the chunk is what was sent."""
    uploads = call.parts.uploads
    limit = call.parts.settings.storage.chunk_limit_mb * MIB
    received: list[Received] = []
    async with uploads.store.spooled() as (path, fd):

        async def take(incoming: IncomingFile) -> None:
            writer = Writer(uploads.store.run, fd)
            async for piece in incoming.content:
                if writer.size_bytes + len(piece) > limit:
                    raise TooLarge(details={"max_bytes": limit})
                await writer.write(piece)
            received.append(await writer.finish(durable=False))

        fields = await read_form(call.request, ChunkForm, "chunk", take, stall_s=_stall_s(call))
        digest = received[0].digest.hex()
        if fields.get("chunk_sha256", digest).lower() != digest:
            raise UnsafeFile(
                "The checksum differs from the chunk's.",
                details={"reason": "checksum", "sha256": digest},
            )
        yield ReceivedChunk(fields=fields, path=path, received=received[0])


@file_uploads.post(
    "/chunk/",
    needs=Permission.FILE_CREATE,
    streams=Stream(content_type=MULTIPART, receive=receive_chunk, schema=ChunkForm),
    returns=ChunksSchema(),
    errors=(*REFUSALS, NotFound),
)
async def upload_chunk(call: Call) -> dict[str, Any]:
    """Upload one chunk; without `upload_id` it opens the upload.

    Chunks come in any order and in parallel; one that comes again changes nothing. Every chunk but
    the last has `chunk_size` bytes.
    """
    chunk: ReceivedChunk = call.body
    fields, uploads = chunk.fields, call.parts.uploads
    size = _expected_size(fields)
    if chunk.received.size_bytes != size:
        raise Invalid(details={"chunk": [_WRONG_SIZE.format(bytes=size)]})
    if "upload_id" in fields:
        upload = await _of_chunks(call, fields["upload_id"], Permission.FILE_CREATE)
        _require_same(upload, fields)
    else:
        upload = await uploads.begin_in_chunks(_described(call, fields), fields["chunk_size"])
    offset = fields["chunk_index"] * fields["chunk_size"]
    try:
        async with uploads.store.locked(upload.file.key) as fd:
            await uploads.store.put_chunk(
                upload.file.key, fd, chunk.path, index=fields["chunk_index"], offset=offset
            )
    except FileNotFoundError:
        if not await uploads.completed(upload.file):
            raise NotFound from None
    await uploads.touch(upload.file)
    return await _progress(uploads, upload)


@file_uploads.get(
    "/chunk/",
    needs=Permission.FILE_READ,
    query=ChunksQuery,
    returns=ChunksSchema(),
    errors=(NotFound,),
)
async def get_chunks(call: Call) -> dict[str, Any]:
    """What is here of an upload in chunks, and what is missing: for going on with it."""
    return await _progress(call.parts.uploads, await _of_chunks(call, call.query["upload_id"]))


@dataclass(frozen=True, kw_only=True)
class Merged:
    """A file made of chunks."""

    file: File
    fingerprint: bytes


@contextlib.asynccontextmanager
async def merge_chunks(call: Call) -> AsyncIterator[Merged]:
    """Do the merging, which takes long and is harmless to repeat, outside of any transaction."""
    reading = json_of(call.request, MergeBody, required=True)
    body = await in_time(reading, call.parts.settings.server.body_timeout_s)
    upload = await _of_chunks(call, body["upload_id"], Permission.FILE_CREATE)
    file = await call.parts.uploads.merge(upload, body.get("sha256"))
    yield Merged(file=file, fingerprint=repr(sorted(body.items())).encode())


@file_uploads.post(
    "/merge/",
    needs=Permission.FILE_CREATE,
    streams=Stream(content_type="application/json", receive=merge_chunks, schema=MergeBody),
    returns=FileSchema(),
    makes=FileObject,
    status=201,
    errors=(NotFound, *REFUSALS),
)
async def merge_upload(call: Call) -> dict[str, Any]:
    """Make a file of an upload in chunks; asked again, it answers with the same file.

    If chunks are missing, `details.missing` has the ranges of their indexes.
    """
    return await file_view(call.body.file.id)


_WRONG_SIZE = "This chunk has to have {bytes} bytes."


def _stall_s(call: Call) -> float:
    return call.parts.settings.storage.upload_stall_s


def _name(given: str, field: str) -> str:
    name = file_name(given)
    if name is None:
        raise Invalid(details={field: ["This is no name for a file."]})
    return name


def _described(call: Call, fields: dict[str, Any]) -> NewFile:
    return NewFile(
        owner_id=call.actor.user_id,
        name=_name(fields["filename"], "filename"),
        size_bytes=fields["total_size"],
        purpose=Purpose(fields.get("purpose", Purpose.ATTACHMENT)),
    )


def _expected_size(fields: dict[str, Any]) -> int:
    """Bytes that this chunk has to have."""
    total, size, index = fields["total_size"], fields["chunk_size"], fields["chunk_index"]
    if index >= chunk_count(total, size):
        raise Invalid(details={"chunk_index": ["The file has no such chunk."]})
    return int(min(size, total - index * size))


def _require_same(upload: Upload, fields: dict[str, Any]) -> None:
    """See that a chunk tells of the same file as the one that opened the upload."""
    wrong = {
        name: ["This differs from what the upload was opened with."]
        for name in ("total_size", "chunk_size")
        if fields[name] != getattr(upload, name)
    }
    if wrong:
        raise Invalid(details=wrong)


async def _of_chunks(
    call: Call, upload_id: int, needs: Permission = Permission.FILE_READ
) -> Upload:
    upload = await UploadObject.load(call.actor, needs, upload_id)
    if upload.chunk_size is None:
        raise NotFound
    return upload


async def _progress(uploads: Uploads, upload: Upload) -> dict[str, Any]:
    received, missing = await uploads.chunks_of(upload)
    return {"upload_id": upload.id, "received": received, "missing": missing}
