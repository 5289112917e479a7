"""A console's page as a test sees it: RFB in binary frames, notices in text frames."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable
from typing import Any, Protocol, Self

import aiohttp

from tests.handlers.conftest import Client
from tests.handlers.lab import ask
from tests.handlers.people import Person

WITHIN_S = 20
SOCKET = "/api/v1/console/vnc/"
NOTICES = "vmlab.console"
VERSION = b"RFB 003.008\n"


class Sockets(Protocol):
    """What opens WebSockets at a server."""

    async def ws_connect(self, path: str, /, **options: Any) -> Any:
        """Connect to a path."""


class ConsolePage:
    """One page with a screen, as VMLab's own is one."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket
        self.notices: list[dict[str, Any]] = []
        self.binary = bytearray()
        self._news = asyncio.Event()
        self._reading = asyncio.create_task(self._read())

    @classmethod
    @contextlib.asynccontextmanager
    async def opened(
        cls, client: Sockets | Client, token: str, protocol: str = NOTICES
    ) -> AsyncIterator[Self]:
        """Connect and greet as noVNC does; hang up after the block."""
        socket = await client.ws_connect(f"{SOCKET}?token={token}", protocols=(protocol,))
        page = cls(socket)
        try:
            await socket.send_bytes(VERSION)
            await socket.send_bytes(b"\x01\x01")
            yield page
        finally:
            page._reading.cancel()
            await asyncio.wait([page._reading])
            await socket.close()

    async def noticed(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Wait for a notice, and forget all up to it."""
        async with asyncio.timeout(WITHIN_S):
            while True:
                while self.notices:
                    notice = self.notices.pop(0)
                    if wanted(notice):
                        return notice
                self._news.clear()
                await self._news.wait()

    async def sees(self, *others: tuple[str, str]) -> None:
        """Wait until just these look on, by name and mode."""

        def told(notice: dict[str, Any]) -> bool:
            viewers = notice.get("viewers")
            return viewers is not None and others == tuple(
                (viewer["user"]["username"], viewer["mode"]) for viewer in viewers
            )

        await self.noticed(told)

    async def secret(self) -> str:
        """What opens it again; the page says that it has it."""
        notice = await self.noticed(lambda notice: notice["type"] == "renewal")
        await self.socket.send_json({"type": "kept"})
        return str(notice["secret"])

    async def closed(self) -> int | None:
        """Wait for the end; the close code."""
        async with asyncio.timeout(WITHIN_S):
            await asyncio.wait([self._reading])
        return self.socket.close_code

    async def screen(self) -> None:
        """Wait until the screen is there."""
        # Greeting, security types and result, then the ServerInit with the machine's name.
        await self.received(len(VERSION) + 2 + 4 + 24 + 1)

    async def received(self, size: int) -> None:
        """Wait until so many bytes of RFB have come, from the beginning."""
        async with asyncio.timeout(WITHIN_S):
            while len(self.binary) < size:
                self._news.clear()
                await self._news.wait()

    async def _read(self) -> None:
        async for message in self.socket:
            if message.type is aiohttp.WSMsgType.TEXT:
                self.notices.append(json.loads(message.data))
            else:
                self.binary += message.data
            self._news.set()


async def token(client: Client, who: Person, vm: dict[str, Any], mode: str = "control") -> str:
    """A token for a machine's screen."""
    answer = await ask(client, who, "POST", f"vms/{vm['id']}/console/vnc/token/", {"mode": mode})
    assert answer.status == 201, answer
    return str(answer.data["token"])
