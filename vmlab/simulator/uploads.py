"""The one multipart form that pve-http-server understands, read as strictly as it reads it.

Fields `content`, `checksum-algorithm`, `checksum` in this order, then the file, whose part must
begin with its Content-Disposition line. Anything else is not recognised.
"""

from __future__ import annotations

import asyncio
import os
import re
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import web

from vmlab.simulator.errors import ApiError, Dropped, Plain

FIELDS = ("content", "checksum-algorithm", "checksum")
CHUNK_BYTES = 256 * 1024
STALL_S = 5.0
MAX_PREAMBLE_BYTES = 16 * 1024


@dataclass
class Upload:
    """A received file: `file` is where it was spooled, `name` the one that the client gave it."""

    fields: dict[str, str] = field(default_factory=dict)
    file: Path | None = None
    name: str = ""
    size: int = 0


async def receive(request: web.BaseRequest, directory: Path) -> Upload:
    """Read an upload into a spool file below `directory`.

    Raises:
        Dropped: nothing came for five seconds (pve-http-server's handle timeout), or the client
            has gone.
        Plain: 400 for fields out of order.
        ApiError: 500 "upload failed" where no file part is recognised, 506 for another form.
    """
    boundary = _boundary(request)
    length = request.content_length
    if length is None:
        raise ApiError(501, "upload without content length header not supported")
    parser = _Parser(boundary, directory)
    try:
        async with asyncio.timeout(STALL_S) as patience:
            async for chunk in request.content.iter_chunked(CHUNK_BYTES):
                parser.feed(chunk)
                patience.reschedule(asyncio.get_running_loop().time() + STALL_S)
        return parser.finish()
    except (TimeoutError, ConnectionError):
        raise Dropped from None
    finally:
        parser.close()


def _boundary(request: web.BaseRequest) -> bytes:
    kind = request.headers.get("Content-Type", "")
    match = re.fullmatch(r'multipart/form-data\s*;.*?boundary="?([^";]+)"?.*', kind)
    if match is None:
        raise ApiError(506, f"upload 'Content-Type '{kind}' not implemented")
    return b"--" + match[1].encode()


class _Parser:
    def __init__(self, boundary: bytes, directory: Path) -> None:
        self._boundary = boundary
        self._directory = directory
        self._held = b""
        self._upload = Upload()
        self._order = 0
        self._out: int | None = None
        self._complete = False

    def feed(self, chunk: bytes) -> None:
        if self._complete:
            return
        self._held += chunk
        while self._out is None and self._preamble():
            pass
        if self._out is not None:
            self._write()

    def _preamble(self) -> bool:
        """Consume one leading field, or begin the file; False if more bytes are needed."""
        head = re.escape(self._boundary) + rb"\r?\nContent-Disposition: (.*?)\r?\n"
        match = re.match(head + rb"((?:[^\r\n]+\r?\n)*)\r?\n", self._held, re.IGNORECASE)
        if match is None:
            if len(self._held) > MAX_PREAMBLE_BYTES:
                raise ApiError(500, "upload failed")
            return False
        names = dict(re.findall(rb'(name|filename)="([^"]*)"', match[1]))
        name = names.get(b"name", b"").decode()
        if b"filename" in names:
            if name != "filename":
                raise ApiError(500, "upload failed")
            self._begin(names[b"filename"].decode("utf-8", "replace"))
            self._held = self._held[match.end() :]
            return False
        end = self._held.find(b"\r\n" + self._boundary, match.end())
        if end < 0:
            return False
        self._take(name, self._held[match.end() : end].decode("utf-8", "replace"))
        self._held = self._held[end + 2 :]
        return True

    def _take(self, name: str, value: str) -> None:
        if name not in FIELDS[self._order :]:
            raise Plain(400, "Bad Request")
        self._order = FIELDS.index(name) + 1
        self._upload.fields[name] = value.strip()

    def _begin(self, name: str) -> None:
        self._upload.name = name
        self._upload.file = self._directory / f"pveupload-{secrets.token_hex(16)}"
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
        self._out = os.open(self._upload.file, flags, 0o600)

    def _write(self) -> None:
        """Spool what surely belongs to the file; its end may be cut through by a chunk's."""
        assert self._out is not None
        end = self._held.find(b"\r\n" + self._boundary)
        self._complete = end >= 0
        ready = self._held[: end if self._complete else -len(self._boundary) - 2]
        if ready.count(0) == len(ready):  # zeros take no room
            os.lseek(self._out, len(ready), os.SEEK_CUR)
        else:
            os.write(self._out, ready)
        self._upload.size += len(ready)
        self._held = self._held[len(ready) :]

    def finish(self) -> Upload:
        """The upload, once the request's body has been read."""
        if not self._complete:
            raise ApiError(500, "upload failed")
        return self._upload

    def close(self) -> None:
        """Close the spool file, which stays."""
        if self._out is not None:
            os.ftruncate(self._out, self._upload.size)
            os.close(self._out)
