"""The storages' contents: listing, uploading, fetching from a URL, deleting."""

from __future__ import annotations

import re
import secrets
from collections.abc import AsyncIterator
from typing import Final, Literal, cast

import aiohttp

from vmlab.proxmox.client import Api, pattern_of
from vmlab.proxmox.history import Volume
from vmlab.proxmox.wire import Request

Content = Literal["iso", "import", "vztmpl"]

# Other characters Proxmox replaces, and the volume then has another name than was asked for.
_FILENAME: Final = re.compile(r"[A-Za-z0-9_.-]{1,255}")


class Storages:
    """All storages of a cluster."""

    def __init__(self, api: Api) -> None:
        """Ask through this API."""
        self._api = api

    def on(self, node: str, storage: str) -> Storage:
        """One of them, as seen from a node."""
        return Storage(self._api, node, storage)


class Storage:
    """One storage, as seen from one node."""

    def __init__(self, api: Api, node: str, storage: str) -> None:
        """Ask through this API; the node's own host gets the uploads, where it is known."""
        self._api = api.on_node(node)
        self._node = node
        self._storage = storage

    @property
    def _here(self) -> Api:
        return self._api.nodes(self._node).storage(self._storage)

    async def volumes(self, content: str | None = None) -> list[Volume]:
        """List what is in it, as far as the token may see it; can be slow.

        Args:
            content: only this kind: `iso`, `import`, `images` …

        Raises:
            ObjectMissing: there is no such storage.
        """
        rows = await self._here.content.slowly().get(content=content)
        return [Volume.from_json(row) for row in rows]

    async def delete(self, volid: str) -> str | None:
        """Delete a volume (needs Datastore.Allocate). Returns the UPID."""
        answer = await self._here.content(volid.split("/")).delete()
        return cast("str | None", answer)

    async def download_url(
        self,
        url: str,
        content: Content,
        filename: str,
        *,
        sha256: str | None = None,
        verify_certificates: bool = True,
    ) -> str:
        """Let the node fetch a file itself. Returns the UPID.

        A file of that name is kept if the checksum is right, else the task fails. Needs
        Datastore.AllocateTemplate on the storage and Sys.AccessNetwork on the node.

        Raises:
            ValueError: Proxmox would change the file's name.
        """
        answer = await self._here("download-url").post(
            **{
                "url": url,
                "content": content,
                "filename": _checked(filename),
                "checksum": sha256,
                "checksum-algorithm": "sha256" if sha256 else None,
                "verify-certificates": verify_certificates,
            }
        )
        return cast(str, answer)

    async def upload(
        self,
        content: Content,
        filename: str,
        source: AsyncIterator[bytes],
        size_bytes: int,
        *,
        sha256: str | None = None,
    ) -> str:
        """Send a file. Returns the UPID of the task that puts it in its place.

        A file of that name is overwritten. Check the token's Datastore.AllocateTemplate and the
        storage's content first: Proxmox hangs up on who may not, without a word, and keeps a
        rejected file's bytes on the node for ever. Five seconds in which nothing comes end the
        connection, so the source is a file on disk, never somebody's browser.

        Args:
            source: the bytes, best in pieces of about 1 MiB.
            size_bytes: how many there are.
            sha256: what the node should compare; a difference fails the task with ChecksumWrong.

        Raises:
            ValueError: Proxmox would change the file's name.
            OutcomeUnknown: the connection broke, or the source did not hold what was announced.
        """
        boundary = f"vmlab{secrets.token_hex(16)}"
        fields: dict[str, str] = {"content": content}
        if sha256 is not None:
            fields |= {"checksum-algorithm": "sha256", "checksum": sha256}
        head = _head(boundary, fields, _checked(filename))
        tail = f"\r\n--{boundary}--\r\n".encode()
        target = self._here.upload.target
        timeouts = self._api.wire.timeouts
        answer = await self._api.wire.send(
            Request(
                method="POST",
                target=target,
                pattern=pattern_of(target),
                host=self._api.pinned_to,
                timeout=aiohttp.ClientTimeout(
                    sock_connect=timeouts.connect_s, sock_read=timeouts.upload_idle_s
                ),
                body=_body(head, source, size_bytes, tail),
                headers={
                    "Content-Type": f"multipart/form-data; boundary={boundary}",
                    "Content-Length": str(len(head) + size_bytes + len(tail)),
                },
            )
        )
        return cast(str, answer)


def _checked(filename: str) -> str:
    if not _FILENAME.fullmatch(filename):
        raise ValueError(f"Proxmox does not take this as a file's name: {filename!r}")
    return filename


def _head(boundary: str, fields: dict[str, str], filename: str) -> bytes:
    """Write the parts before the file's bytes.

    Proxmox reads multipart by its own rules (pve-http-server 5.2: AnyEvent.pm): the fields in this
    order, the file last and called `filename`, Content-Disposition first in each part, nothing
    chunked. aiohttp's own form puts Content-Type first and is not understood.
    """
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    ]
    parts.append(
        f"--{boundary}\r\n"
        f'Content-Disposition: form-data; name="filename"; filename="{filename}"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    )
    return "".join(parts).encode()


async def _body(
    head: bytes, source: AsyncIterator[bytes], size_bytes: int, tail: bytes
) -> AsyncIterator[bytes]:
    """Join the parts, and hold the source to what was announced in Content-Length."""
    yield head
    left = size_bytes
    async for piece in source:
        left -= len(piece)
        if left < 0:
            raise ValueError("the source holds more than was announced")
        yield piece
    if left:
        raise ValueError("the source holds less than was announced")
    yield tail
