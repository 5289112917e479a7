"""Takes a form apart while it comes: fields in any order, and a file that is never held in memory.

aiohttp raises half a dozen kinds of errors for forms that are malformed or end too early; here they
become one.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from aiohttp import BodyPartReader, MultipartReader, hdrs, web
from aiohttp.http_exceptions import HttpProcessingError
from marshmallow import Schema

from vmlab.errors import Invalid, TooSlow, UnsupportedMediaType
from vmlab.handlers.reading import load
from vmlab.handlers.uploads import MULTIPART

T = TypeVar("T")

PIECE_BYTES = 256 << 10
MAX_FIELD_BYTES = 4096

_BROKEN = (
    ValueError,
    RuntimeError,
    AssertionError,
    HttpProcessingError,
    ConnectionError,
    web.RequestPayloadError,
)
"""What aiohttp raises for boundaries, headers and ends that are missing or malformed."""

_PLAIN = frozenset({"", "binary", "8bit", "7bit"})


@dataclass(frozen=True, kw_only=True)
class IncomingFile:
    """The file in a form, as it begins to come."""

    filename: str
    content_type: str
    """What the client says that it is; empty if it does not say."""
    fields: Mapping[str, Any]
    """The fields that came before it, as the schema loads them."""
    content: AsyncIterator[bytes]


Take = Callable[[IncomingFile], Awaitable[None]]


async def read_form(
    request: web.Request, schema: type[Schema], file_field: str, take: Take, *, stall_s: float
) -> dict[str, Any]:
    """Read a form with one file and return its fields, as the schema loads them.

    Args:
        request: whose body it is.
        schema: of the fields, the file's own among them, for which the file's name is loaded.
        file_field: where the file is.
        take: takes the file; called while it comes, at most once.
        stall_s: longest wait for the next bytes.

    Raises:
        UnsupportedMediaType: the body is no form.
        Invalid: it is malformed or incomplete, or names each field that is unknown or wrong.
        TooSlow: the client fell silent.
    """
    if request.content_type != MULTIPART:
        raise UnsupportedMediaType(
            "This address takes a form with a file (Content-Type: multipart/form-data)."
        )
    await go_on(request)
    fields: dict[str, str] = {}
    form = _Form(request, stall_s)
    while (part := await form.next()) is not None:
        name = part.name or ""
        if name in fields:
            raise Invalid(details={name: ["Given more than once."]})
        if name != file_field:
            fields[name] = await form.text(part, name)
            continue
        known = load(schema(partial=True), fields)
        fields[name] = part.filename or "file"
        content_type = part.headers.get(hdrs.CONTENT_TYPE, "")
        content = form.content(part, name)
        await take(
            IncomingFile(
                filename=fields[name], content_type=content_type, fields=known, content=content
            )
        )
    return load(schema(), fields)


async def go_on(request: web.Request) -> None:
    """Tell a client that has asked first that its body is welcome."""
    if request.headers.get(hdrs.EXPECT, "").lower() == "100-continue":
        await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        request.writer.output_size = 0  # or aiohttp takes the answer for begun


class _Form:
    """aiohttp's reader of forms, with one kind of error and a limit to waiting."""

    def __init__(self, request: web.Request, stall_s: float) -> None:
        self._request = request
        self._stall_s = stall_s
        self._reader: MultipartReader | None = None

    async def next(self) -> BodyPartReader | None:
        """The next part; None after the last one."""
        part = await self._guarded(self._next())
        if isinstance(part, MultipartReader):
            raise Invalid("The form is malformed or incomplete.")
        return part

    async def _next(self) -> BodyPartReader | MultipartReader | None:
        if self._reader is None:
            self._reader = await self._request.multipart()
        return await self._reader.next()

    async def text(self, part: BodyPartReader, name: str) -> str:
        """A part that is a short text."""
        content = bytearray()
        async for piece in self.content(part, name):
            content += piece
            if len(content) > MAX_FIELD_BYTES:
                raise Invalid(details={name: ["This is too long."]})
        try:
            return content.decode()
        except UnicodeDecodeError:
            raise Invalid(details={name: ["Not a valid string."]}) from None

    async def content(self, part: BodyPartReader, name: str) -> AsyncIterator[bytes]:
        """The bytes of a part."""
        if part.headers.get(hdrs.CONTENT_TRANSFER_ENCODING, "").lower() not in _PLAIN:
            raise Invalid(details={name: ["Send bytes as they are, without a transfer encoding."]})
        while not part.at_eof():
            if piece := await self._guarded(part.read_chunk(PIECE_BYTES)):
                yield piece

    async def _guarded(self, reading: Awaitable[T]) -> T:
        try:
            async with asyncio.timeout(self._stall_s):
                return await reading
        except TimeoutError:
            raise TooSlow from None
        except _BROKEN:
            raise Invalid("The form is malformed or incomplete.") from None
