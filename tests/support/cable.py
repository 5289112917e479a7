"""A cable between a client and a server that a test may cut, or let nothing through."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from urllib.parse import urlsplit


class Cable:
    """Passes bytes on in both directions.

    Attributes:
        port: where clients connect.
    """

    def __init__(self, host: str, port: int) -> None:
        """Lead to a server."""
        self.port = 0
        self._target = host, port
        self._through = asyncio.Event()
        self._through.set()
        self._server: asyncio.Server | None = None
        self._ends: set[asyncio.StreamWriter] = set()

    @classmethod
    @contextlib.asynccontextmanager
    async def laid(cls, url: str) -> AsyncIterator[tuple[Cable, str]]:
        """Lay one to the server of a URL; gives it, and the URL to use instead."""
        parts = urlsplit(url)
        cable = cls(parts.hostname or "", parts.port or 0)
        await cable.mend()
        try:
            yield cable, url.replace(f":{parts.port}/", f":{cable.port}/")
        finally:
            cable._through.set()
            cable.cut()

    def cut(self) -> None:
        """Break all connections, and take no new ones."""
        if self._server is not None:
            self._server.close()
            self._server = None
        for end in self._ends:
            end.transport.abort()

    async def mend(self) -> None:
        """Take connections (again)."""
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    def freeze(self) -> None:
        """Keep all connections, and let nothing through."""
        self._through.clear()

    def thaw(self) -> None:
        """Let through what was held back, and all that follows."""
        self._through.set()

    async def _connected(self, near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        far, forth = await asyncio.open_connection(*self._target)
        self._ends |= {back, forth}
        with contextlib.suppress(OSError):
            await asyncio.gather(self._pass(near, forth), self._pass(far, back))
        self._ends -= {back, forth}

    async def _pass(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        try:
            while data := await source.read(65536):
                await self._through.wait()
                sink.write(data)
                await sink.drain()
        finally:
            sink.close()
