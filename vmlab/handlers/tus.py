"""`files/tus/`: uploads by ready-made clients of the tus protocol, version 1.0, on the same store.

Extensions: creation, creation-with-upload, checksum, expiration, termination. What the protocol
leaves open is answered in VMLab's envelope. Source: tus.io/protocols/resumable-upload.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import contextlib
import hashlib
import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC
from email.utils import format_datetime
from typing import Any

from aiohttp import web

from vmlab.errors import (
    Conflict,
    Invalid,
    NotFound,
    QuotaExceeded,
    ServiceUnavailable,
    TooLarge,
    TooSlow,
    UnsafeFile,
    UnsupportedMediaType,
    VMLabError,
)
from vmlab.handlers.endpoint import API, PUBLIC, Call, Endpoints, Reply, Stream
from vmlab.handlers.files import file_view
from vmlab.handlers.objects import UploadObject
from vmlab.handlers.schemas.files import MAX_SIZE, TusSchema
from vmlab.handlers.streamed_form import PIECE_BYTES, go_on
from vmlab.models import Upload
from vmlab.operations.appending import (
    Checksum,
    ChecksumDiffers,
    Interrupted,
    UploadLocked,
    append,
    received_bytes,
)
from vmlab.operations.uploads import NewFile
from vmlab.rules.access import Permission
from vmlab.rules.file_names import content_type, file_name
from vmlab.rules.images import Purpose

BASE = f"{API}/files/tus"
VERSION = "1.0.0"
BYTES = "application/offset+octet-stream"
EXTENSIONS = "creation,creation-with-upload,checksum,expiration,termination"
ALGORITHMS = ("sha1", "sha256", "sha512")

tus = Endpoints(BASE, tag="files")

_NUMBER = re.compile(r"[0-9]{1,19}", re.ASCII)
_SHA256 = re.compile(r"[0-9A-Fa-f]{64}")
_REFUSALS = (TooLarge, QuotaExceeded, Conflict, UnsafeFile, TooSlow, ServiceUnavailable)


class WrongTusVersion(Invalid):
    """This speaks version 1.0.0 of the tus protocol (Tus-Resumable)."""

    status = 412


async def send_version(request: web.Request, response: web.StreamResponse) -> None:
    """On every answer below these addresses, refusals too."""
    if request.path.startswith(BASE):
        response.headers["Tus-Resumable"] = VERSION


@tus.options("/", needs=PUBLIC, status=204, produces="")
async def get_tus_options(call: Call) -> web.Response:
    """What the server can do of the tus protocol."""
    headers = {
        "Tus-Version": VERSION,
        "Tus-Extension": EXTENSIONS,
        "Tus-Checksum-Algorithm": ",".join(ALGORITHMS),
        "Tus-Max-Size": str(call.parts.uploads.room.largest_bytes()),
    }
    return web.Response(status=204, headers=headers)


@dataclass(kw_only=True)
class Appended:
    """An upload to which bytes were added."""

    upload: Upload
    fingerprint: bytes
    answered: bool = False
    """Whether the client learns of this upload; a repeated request gets the first one's answer."""


@contextlib.asynccontextmanager
async def create(call: Call) -> AsyncIterator[Appended]:
    """Begin an upload, and take in the bytes that come along."""
    _require_version(call.request)
    said = _metadata(call.request.headers.get("Upload-Metadata", ""))
    size = _number(call.request, "Upload-Length")
    has_body = call.request.can_read_body
    if has_body and call.request.content_type != BYTES:
        raise UnsupportedMediaType(_WRONG_TYPE)
    uploads = call.parts.uploads
    upload = await uploads.begin_in_order(_described(call, said, size), said.get("sha256"))
    if has_body or size == 0:
        try:
            with contextlib.suppress(Interrupted):  # the client goes on from where that left it
                await _append(call, upload, 0)
        except VMLabError:
            await uploads.discard(upload.file)
            raise
    described = f"{size} {sorted(said.items())}"
    appended = Appended(upload=upload, fingerprint=described.encode())
    try:
        yield appended
    finally:
        if not appended.answered:
            await uploads.remove(upload.file)


@tus.post(
    "/",
    needs=Permission.FILE_CREATE,
    streams=Stream(content_type=BYTES, receive=create, required=False),
    returns=TusSchema(),
    status=201,
    errors=(*_REFUSALS, WrongTusVersion, ChecksumDiffers),
)
async def create_tus_upload(call: Call) -> Reply:
    """Begin an upload of `Upload-Length` bytes; `Location` is where they go.

    `Upload-Metadata` may have `filename`, `filetype`, `purpose` and `sha256` (of the whole file).
    The first bytes may come along.
    """
    upload = call.body.upload
    call.body.answered = True
    return Reply(data=await _view(upload), adorn=_adornment(upload, location=True))


@tus.get(
    "/{id}/",
    on=UploadObject,
    needs=Permission.FILE_READ,
    returns=TusSchema(),
    errors=(WrongTusVersion,),
)
async def get_tus_upload(call: Call, upload: Upload) -> Reply:
    """How far an upload is; a HEAD is enough, for `Upload-Offset` has it."""
    _require_in_order(upload)
    await call.parts.uploads.completed(upload.file)
    return Reply(data=await _view(upload), adorn=_adornment(upload))


@contextlib.asynccontextmanager
async def receive(call: Call, upload: Upload) -> AsyncIterator[Appended]:
    """Take in the bytes of one request."""
    _require_version(call.request)
    _require_in_order(upload)
    if call.request.content_type != BYTES:
        raise UnsupportedMediaType(_WRONG_TYPE)
    try:
        await _append(call, upload, _number(call.request, "Upload-Offset"))
    except Interrupted:
        raise TooSlow from None
    yield Appended(upload=upload, fingerprint=b"")


@tus.patch(
    "/{id}/",
    on=UploadObject,
    needs=Permission.FILE_CREATE,
    streams=Stream(content_type=BYTES, receive=receive),
    status=204,
    produces="",
    errors=(*_REFUSALS, WrongTusVersion, ChecksumDiffers, UploadLocked),
)
async def patch_tus_upload(call: Call, upload: Upload) -> web.Response:
    """Add bytes from `Upload-Offset` on; with the last one the file is finished.

    With `Upload-Checksum` (`sha1`, `sha256` or `sha512`, then Base64) the bytes count only if they
    match; 460 says that they do not.
    """
    response = web.Response(status=204)
    _adornment(upload)(response)
    return response


@tus.delete(
    "/{id}/",
    on=UploadObject,
    needs=Permission.FILE_DELETE,
    status=204,
    produces="",
    errors=(Conflict, WrongTusVersion),
)
async def delete_tus_upload(call: Call, upload: Upload) -> web.Response:
    """Give an upload up, or delete what has become of it."""
    _require_version(call.request)
    _require_in_order(upload)
    await call.parts.uploads.remove(upload.file)
    return web.Response(status=204)


_WRONG_TYPE = "This address takes bytes (Content-Type: application/offset+octet-stream)."


def _require_version(request: web.Request) -> None:
    if request.headers.get("Tus-Resumable") != VERSION:
        raise WrongTusVersion


def _require_in_order(upload: Upload) -> None:
    if upload.chunk_size is not None:
        raise NotFound


def _number(request: web.Request, header: str) -> int:
    text = request.headers.get(header, "")
    if not _NUMBER.fullmatch(text) or int(text) > MAX_SIZE:
        raise Invalid(details={header: ["Not a valid integer."]})
    return int(text)


def _metadata(header: str) -> dict[str, str]:
    """The pairs of `Upload-Metadata`: a name, and a text in Base64."""
    found: dict[str, str] = {}
    for pair in filter(None, (part.strip() for part in header.split(","))):
        name, _, encoded = pair.partition(" ")
        try:
            found[name] = base64.b64decode(encoded, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            raise Invalid(details={"Upload-Metadata": ["Not a valid string."]}) from None
    if "sha256" in found and not _SHA256.fullmatch(found["sha256"]):
        text = "A SHA-256 has 64 hexadecimal digits."
        raise Invalid(details={"Upload-Metadata": [text]})
    return found


def _described(call: Call, said: dict[str, str], size: int) -> NewFile:
    name = file_name(said.get("filename", "file"))
    if name is None:
        raise Invalid(details={"Upload-Metadata": ["This is no name for a file."]})
    try:
        purpose = Purpose(said.get("purpose", Purpose.ATTACHMENT))
    except ValueError:
        text = "The purpose is template, iso or attachment."
        raise Invalid(details={"Upload-Metadata": [text]}) from None
    return NewFile(
        owner_id=call.actor.user_id,
        name=name,
        content_type=content_type(said.get("filetype", "")),
        size_bytes=size,
        purpose=purpose,
    )


def _checksum(request: web.Request) -> Checksum | None:
    header = request.headers.get("Upload-Checksum")
    if header is None:
        return None
    algorithm, _, encoded = header.partition(" ")
    try:
        digest = base64.b64decode(encoded, validate=True)
    except binascii.Error:
        digest = b""
    if algorithm not in ALGORITHMS or len(digest) != hashlib.new(algorithm).digest_size:
        raise Invalid(details={"Upload-Checksum": ["This is no checksum that is known here."]})
    return Checksum(algorithm=algorithm, digest=digest)


async def _append(call: Call, upload: Upload, offset: int) -> None:
    checksum = _checksum(call.request)
    await go_on(call.request)
    await append(call.parts.uploads, upload, offset, _content(call), checksum)


async def _content(call: Call) -> AsyncIterator[bytes]:
    """The body as it comes.

    Raises:
        Interrupted: the connection broke off or fell silent.
    """
    stall_s = call.parts.settings.storage.upload_stall_s
    content = call.request.content
    while True:
        try:
            async with asyncio.timeout(stall_s):
                piece = await content.read(PIECE_BYTES)
        except (TimeoutError, ConnectionError, web.RequestPayloadError):
            raise Interrupted from None
        if not piece:
            return
        yield piece


def _adornment(upload: Upload, *, location: bool = False) -> Callable[[web.Response], None]:
    """Sets the headers in which clients of the protocol read."""

    def adorn(response: web.Response) -> None:
        response.headers["Upload-Offset"] = str(received_bytes(upload))
        response.headers["Upload-Length"] = str(upload.total_size)
        if upload.file.expires_at is not None:
            expires = format_datetime(upload.file.expires_at.astimezone(UTC), usegmt=True)
            response.headers["Upload-Expires"] = expires
        if location:
            response.headers["Location"] = f"{BASE}/{upload.id}/"

    return adorn


async def _view(upload: Upload) -> dict[str, Any]:
    return {
        "id": upload.id,
        "offset": received_bytes(upload),
        "total_size": upload.total_size,
        "file": await file_view(upload.file_id),
    }
