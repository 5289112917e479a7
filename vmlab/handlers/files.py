"""`files/`: what people have uploaded, listed, given out again and deleted."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import aclosing
from typing import Any
from urllib.parse import quote

import structlog
from aiohttp import hdrs, web
from tortoise.queryset import QuerySet

from vmlab.errors import Conflict, Invalid
from vmlab.handlers.endpoint import API, Call, Endpoints
from vmlab.handlers.envelope import failure
from vmlab.handlers.objects import FileObject
from vmlab.handlers.paging import Page, page_of
from vmlab.handlers.schemas.files import FileListQuery, FileSchema
from vmlab.models import File, FileStatus
from vmlab.rules.access import Actor, Permission

files = Endpoints(f"{API}/files", tag="files")
log = structlog.get_logger(__name__)

FILE_COLUMNS = (
    "id",
    "name",
    "size_bytes",
    "content_type",
    "purpose",
    "sha256",
    "status",
    "created_at",
    "expires_at",
    "owner_id",
    "owner__username",
)

_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)


class RangeNotSatisfiable(Invalid):
    """The file has no bytes in this range."""

    status = 416


def complete(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Turn rows of FILE_COLUMNS into files, in place."""
    for row in rows:
        row["owner"] = {"id": row.pop("owner_id"), "username": row.pop("owner__username")}
    return rows


async def file_view(file_id: int) -> dict[str, Any]:
    """One file."""
    return complete(await File.filter(id=file_id).values(*FILE_COLUMNS))[0]


@files.get("/", needs=Permission.FILE_READ, query=FileListQuery, lists=FileSchema())
async def list_files(call: Call) -> Page:
    """List one's own files or, as an admin, all; uploads under way are among them."""
    page = await page_of(_listed, call.actor, query=call.query, columns=FILE_COLUMNS)
    complete(page.results)
    return page


def _listed(actor: Actor, query: Mapping[str, Any]) -> QuerySet[File]:
    rows = File.filter(FileObject.visible(actor))
    rows = rows.filter(**{name: query[name] for name in ("purpose", "status") if name in query})
    if text := query.get("search"):
        rows = rows.filter(name__icontains=text)
    return rows


@files.get("/{id}/", on=FileObject, needs=Permission.FILE_READ, returns=FileSchema())
async def get_file(call: Call, file: File) -> dict[str, Any]:
    """One file."""
    return await file_view(file.id)


@files.delete("/{id}/", on=FileObject, needs=Permission.FILE_DELETE, errors=(Conflict,))
async def delete_file(call: Call, file: File) -> None:
    """Delete a file that nothing is made from, or give an upload up."""
    await call.parts.uploads.remove(file)


@files.get(
    "/{id}/download/",
    on=FileObject,
    needs=Permission.FILE_READ,
    produces="application/octet-stream",
    also={206: None, 304: None},
    errors=(Conflict, RangeNotSatisfiable),
)
async def download_file(call: Call, file: File) -> web.StreamResponse:
    """A file's bytes, or those of one `Range`.

    The entity tag is the file's SHA-256, so `If-None-Match` and `If-Range` mean what they say.
    """
    if file.status is not FileStatus.READY:
        raise Conflict("The file is still being uploaded.")
    request, size = call.request, int(file.size_bytes)
    tag = f'"{file.sha256}"'
    headers: dict[str, str] = {
        hdrs.ETAG: tag,
        hdrs.CACHE_CONTROL: "private, no-cache",
        hdrs.ACCEPT_RANGES: "bytes",
    }
    if _matches(request.headers.get(hdrs.IF_NONE_MATCH, ""), tag):
        return web.Response(status=304, headers=headers)
    wanted = _range(request, tag, size)
    if wanted is not None and not wanted:
        response = failure(request, RangeNotSatisfiable())
        response.headers[hdrs.CONTENT_RANGE] = f"bytes */{size}"
        return response
    headers |= {
        hdrs.CONTENT_TYPE: "application/octet-stream",
        hdrs.CONTENT_DISPOSITION: _attachment(file.name),
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    if wanted is None:
        return await _send(call, file, range(size), web.StreamResponse(headers=headers))
    headers[hdrs.CONTENT_RANGE] = f"bytes {wanted[0]}-{wanted[-1]}/{size}"
    return await _send(call, file, wanted, web.StreamResponse(status=206, headers=headers))


def _matches(header: str, tag: str) -> bool:
    """Whether `If-None-Match` names the tag; weak comparison, as RFC 9110 wants it here."""
    named = {part.strip().removeprefix("W/") for part in header.split(",")}
    return "*" in named or tag in named


def _range(request: web.Request, tag: str, size: int) -> range | None:
    """The bytes asked for; empty if there are none such, None if all of them are meant.

    Several ranges at once, units other than bytes, and a range of another version of the file are
    not served as such: the answer then has all bytes (RFC 9110, sections 13.1.5 and 14.2).
    """
    match = _RANGE.fullmatch(request.headers.get(hdrs.RANGE, "").replace(" ", ""))
    if match is None or match[1] == match[2] == "":
        return None
    if request.headers.get(hdrs.IF_RANGE, tag) != tag:
        return None
    if match[1] == "":
        return range(max(0, size - int(match[2])), size)
    first = int(match[1])
    last = int(match[2]) if match[2] else size - 1
    if match[2] and last < first:
        return None
    return range(first, min(last + 1, size))


def _attachment(name: str) -> str:
    """`Content-Disposition` with the name in full (RFC 5987) and in ASCII for old clients."""
    plain = re.sub(r"[^\w .()+-]", "_", name, flags=re.ASCII)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


async def _send(
    call: Call, file: File, wanted: range, response: web.StreamResponse
) -> web.StreamResponse:
    """Send some bytes of a file; what goes wrong under way can only break the connection off."""
    response.content_length = len(wanted)
    if call.request.method == hdrs.METH_HEAD:
        await response.prepare(call.request)
        return response
    store = call.parts.uploads.store
    async with aclosing(store.read(file.key, wanted.start, len(wanted))) as content:
        first = await anext(content, b"")
        await response.prepare(call.request)
        try:
            await response.write(first)
            async for piece in content:
                await response.write(piece)
        except ConnectionError:
            log.info("download_broken_off", file_id=file.id)
        except (OSError, EOFError):
            log.exception("file_unreadable", file_id=file.id)
            if call.request.transport is not None:
                call.request.transport.abort()
    return response
