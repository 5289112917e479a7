"""The browser's half of an SSH console: a WebSocket with terminal bytes and changes of size.

    browser ── WebSocket ── VMLab ── SSH ── guest
               bytes in binary frames,      (`vmlab.guests.ssh`)
               sizes in text frames

Output goes down as it comes, but small pieces that come close together are joined. Each side is
read only as fast as the other takes it, and both are asked now and then whether they are there.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from aiohttp import WSMsgType, web

from vmlab.guests.ssh import Shell, TerminalSize
from vmlab.handlers.envelope import to_json
from vmlab.handlers.language import language_of, sentences
from vmlab.handlers.notices import read_notice
from vmlab.handlers.terminal_limits import TimeLimits
from vmlab.handlers.upgrade import NOTICES, subprotocol_of

JOIN_S = 0.01
JOIN_BYTES = 16 * 1024
"""Output is sent when it was quiet for a moment, or when so much of it is there."""
MESSAGE_LIMIT_BYTES = 64 * 1024
ALIVE_EVERY_S = 20.0
"""How often a silent browser is asked whether it is still there; half of that to answer."""
CLOSE_TIMEOUT_S = 1.0
MAX_CHARACTERS = 1000
"""A terminal is no larger, either way."""

Ending = Literal[
    "browser",
    "guest",
    "lost",
    "server",
    "revoked",
    "replaced",
    "protocol",
    "idle",
    "too_long",
    "unreachable",
    "host_key",
    "login",
    "fault",
]

_CLOSE_CODES: dict[Ending, tuple[int, bytes]] = {
    "browser": (1000, b""),
    "guest": (1000, b"the session has ended"),
    "lost": (1011, b"the machine has hung up"),
    "server": (1001, b"the server is going down"),
    "revoked": (1008, b"you may not use this console any more"),
    "protocol": (1002, b"this is no notice"),
    "idle": (4408, b"not used for too long"),
    "replaced": (4409, b"opened again elsewhere"),
    "too_long": (4410, b"open for too long"),
    "unreachable": (4503, b"no SSH server answers"),
    "host_key": (4495, b"the host key has changed"),
    "login": (4401, b"the machine does not accept the credentials"),
    "fault": (1011, b"an unexpected fault"),
}
"""Codes above 4000 are VMLab's own; the page tells by them what to offer next."""


@dataclass
class Traffic:
    """What went through, for the record."""

    down_bytes: int = 0
    up_bytes: int = 0
    ending: Ending = "browser"


class Terminal:
    """One browser on one shell."""

    def __init__(self, request: web.Request, limits: TimeLimits) -> None:
        """Prepare for a browser."""
        self.traffic = Traffic()
        self.kept = asyncio.Event()
        """Set when the page says that it has its secret for coming back."""
        self._takes_notices = subprotocol_of(request) == NOTICES
        self._notices: list[str] = []
        self._request = request
        self._limits = limits
        self._ended: asyncio.Future[Ending] = asyncio.get_running_loop().create_future()
        self._socket = web.WebSocketResponse(
            heartbeat=ALIVE_EVERY_S,
            protocols=(NOTICES,),
            compress=False,
            max_msg_size=MESSAGE_LIMIT_BYTES,
            timeout=CLOSE_TIMEOUT_S,
        )

    def tell(self, notice: Mapping[str, Any]) -> None:
        """Let the page know, if it listens, as soon as there is a shell."""
        if self._takes_notices:
            self._notices.append(to_json(dict(notice)).decode())

    def end(self, why: Ending) -> None:
        """End it, from outside or inside; the first reason stands."""
        if not self._ended.done():
            self._ended.set_result(why)

    async def run(self, session: Coroutine[Any, Any, None]) -> web.StreamResponse:
        """Answer the browser's request and go on until the session is over or `end` is called."""
        await self._socket.prepare(self._request)
        running = asyncio.create_task(session)
        running.add_done_callback(lambda task: self.end(_ending_of(task)))
        try:
            self.traffic.ending = await self._ended
        finally:
            running.cancel()
            await asyncio.wait([running])
            await self._close()
        if not running.cancelled():
            running.result()
        return self._socket

    async def carry(self, shell: Shell) -> None:
        """Carry bytes between the browser and a shell until either ends."""
        for notice in self._notices:
            with contextlib.suppress(ConnectionError):
                await self._socket.send_str(notice)
        async with asyncio.TaskGroup() as group:
            for work in (self._down(shell), self._up(shell), self._watch()):
                group.create_task(work)

    async def show(self, sentence: str, **parameters: object) -> None:
        """Write a line of VMLab's own into the terminal."""
        text = sentences().say(sentence, language_of(self._request), parameters)
        line = f"\r\n\x1b[33m[VMLab] {text}\x1b[0m\r\n".encode()
        # Who does not read it has had their warning all the same.
        with contextlib.suppress(TimeoutError, ConnectionError):
            async with asyncio.timeout(CLOSE_TIMEOUT_S):
                await self._socket.send_bytes(line)

    async def _down(self, shell: Shell) -> None:
        try:
            while data := await shell.read(JOIN_BYTES):
                self.traffic.down_bytes += len(data)
                self._limits.used()
                await self._socket.send_bytes(data)
                if len(data) < JOIN_BYTES:
                    await asyncio.sleep(JOIN_S)
        except ConnectionError:
            self.end("browser")
        else:
            self.end("guest" if await shell.has_exited() else "lost")

    async def _up(self, shell: Shell) -> None:
        async for message in self._socket:
            if message.type is WSMsgType.BINARY:
                self.traffic.up_bytes += len(message.data)
                self._limits.used()
                await shell.write(message.data)
            elif message.type is WSMsgType.TEXT:
                self._take_notice(message.data, shell)
            else:
                break
        self.end("browser")

    def _take_notice(self, text: str, shell: Shell) -> None:
        match read_notice(text):
            case {"type": "resize", "cols": cols, "rows": rows, **rest} if not rest:
                if not (_is_length(cols) and _is_length(rows)):
                    self.end("protocol")
                else:
                    shell.resize(TerminalSize(cols, rows))
            case {"type": "kept"} if self._takes_notices:
                self.kept.set()
            case _:
                self.end("protocol")

    async def _watch(self) -> None:
        async for limit in self._limits.announced():
            await self.show(limit.sentence, seconds=limit.seconds)
        self.end(self._limits.reached)

    async def _close(self) -> None:
        code, reason = _CLOSE_CODES[self.traffic.ending]
        with contextlib.suppress(TimeoutError, ConnectionError):
            async with asyncio.timeout(CLOSE_TIMEOUT_S):
                await self._socket.close(code=code, message=reason)
        # A browser that reads nothing would keep the connection for ever.
        if self._request.transport is not None:
            self._request.transport.abort()


def _ending_of(session: asyncio.Task[None]) -> Ending:
    failed = not session.cancelled() and session.exception() is not None
    return "fault" if failed else "guest"


def _is_length(value: Any) -> bool:
    return type(value) is int and 1 <= value <= MAX_CHARACTERS
