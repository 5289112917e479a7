"""Reads a small file out of a multipart form, never more of it than is allowed.

aiohttp's own `Request.post` reads the whole form before anybody can refuse it; here reading stops
at the first byte too many. What is read is held in memory, so this is for files of a few MiB.
"""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import BodyPartReader, MultipartReader, web
from aiohttp.http_exceptions import HttpProcessingError

from vmlab.errors import Invalid, TooLarge, UnsupportedMediaType

MULTIPART = "multipart/form-data"


@dataclass(frozen=True, kw_only=True)
class FilePart:
    """The one part that a form has."""

    name: str
    max_bytes: int
    description: str
    """For the document: what kinds of file are taken."""


@dataclass(frozen=True, kw_only=True)
class Uploaded:
    """A file as it came; nothing about it is to be believed."""

    content: bytes
    content_type: str
    """What the client says that it is; empty if it does not say."""


async def receive(request: web.Request, wanted: FilePart) -> Uploaded:
    """The file that the form has under the wanted name.

    Raises:
        UnsupportedMediaType: the body is no form.
        Invalid: the form is malformed, or has other parts or not this one.
        TooLarge: the file has too many bytes.
    """
    if request.content_type != MULTIPART:
        raise UnsupportedMediaType(
            "This address takes a form with a file (Content-Type: multipart/form-data)."
        )
    found: Uploaded | None = None
    try:
        reader = await request.multipart()
        while (part := await reader.next()) is not None:
            found = await _read(_expected(part, wanted, found), wanted)
    except (ValueError, RuntimeError, AssertionError, HttpProcessingError):
        # What aiohttp raises for boundaries, headers and ends that are missing or malformed.
        raise Invalid("The form is malformed or incomplete.") from None
    if found is None:
        raise Invalid(details={wanted.name: ["Missing data for required field."]})
    return found


def _expected(
    part: BodyPartReader | MultipartReader, wanted: FilePart, found: Uploaded | None
) -> BodyPartReader:
    if not isinstance(part, BodyPartReader) or part.name != wanted.name:
        name = part.name if isinstance(part, BodyPartReader) else None
        raise Invalid(details={name or "form": ["Unknown field."]})
    if found is not None:
        raise Invalid(details={wanted.name: ["Given more than once."]})
    return part


async def _read(part: BodyPartReader, wanted: FilePart) -> Uploaded:
    content = bytearray()
    while chunk := await part.read_chunk():
        content += chunk
        if len(content) > wanted.max_bytes:
            raise TooLarge(details={"max_bytes": wanted.max_bytes})
    content_type = part.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    return Uploaded(content=bytes(content), content_type=content_type)
