"""The browser's half of a VNC console.

    browser ══ WebSocket ══ VMLab ══ WebSocket ══ Proxmox ── QEMU
              security None       VNC login done (`vmlab.proxmox.console`)

Down, from the guest to the browser, bytes are copied as they come: after two answers 101 without
extensions, frames that are right on one leg are right on the other. That costs what a raw relay
costs. Only their borders are followed, for what VMLab itself puts between two messages: pings,
notices to its page, the good-bye. Up, messages are parsed (`vmlab.handlers.rfb_input`), since they
are few and small.

Both ends are asked now and then whether they are there. That keeps proxies between them from
hanging up on a quiet screen, and an end that is gone without a word from being waited for.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from aiohttp import hdrs, web

from vmlab.handlers.envelope import to_json
from vmlab.handlers.notices import read_notice
from vmlab.handlers.rfb_input import InputFilter
from vmlab.handlers.terminal_limits import TimeLimits
from vmlab.handlers.upgrade import NOTICES, subprotocol_of
from vmlab.proxmox import rfb
from vmlab.proxmox.console import FRAME_LIMIT_BYTES, VncUpstream
from vmlab.proxmox.frame_borders import FrameBorders
from vmlab.proxmox.leg import Leg
from vmlab.proxmox.payloads import Payloads
from vmlab.proxmox.websocket_frames import CLOSE, PING, PONG, TEXT, accept_key, frame

_MESSAGE_LIMIT_BYTES = 2 << 20
_HANDSHAKE_TIMEOUT_S = 15.0
_CLOSE_TIMEOUT_S = 1.0
ALIVE_EVERY_S = 20.0
"""How often both ends are asked; below the 60 s after which reverse proxies usually hang up."""
ALIVE_TRIES = 3
"""An end that is silent at so many askings, or in the middle of one message, is gone."""
_PADDING_LIMIT_BYTES = 128 * 1024

Ending = Literal[
    "browser", "guest", "server", "revoked", "replaced", "protocol", "lost", "idle", "too_long"
]

_CLOSE_CODES: dict[Ending, tuple[int, bytes]] = {
    "browser": (1000, b""),
    "guest": (1011, b"the machine's screen has ended"),
    "server": (1001, b"the server is going down"),
    "revoked": (1008, b"you may not use this console any more"),
    "protocol": (1002, b"this is not RFB"),
    "idle": (4408, b"not used for too long"),
    "replaced": (4409, b"opened again elsewhere"),
    "too_long": (4410, b"open for too long"),
    "lost": (4499, b"nothing was heard of the browser"),
}
"""Codes above 4000 are VMLab's own; the page tells by them what to offer next."""


@dataclass
class Traffic:
    """What went through, for the record."""

    down_bytes: int = 0
    up_bytes: int = 0
    input_messages: int = 0
    dropped_messages: int = 0
    ending: Ending = "browser"


class Tunnel:
    """One browser on one screen."""

    def __init__(
        self, request: web.Request, upstream: VncUpstream, limits: TimeLimits, *, view_only: bool
    ) -> None:
        self.traffic = Traffic()
        self.kept = asyncio.Event()
        """Set when the page says that it has its secret for coming back."""
        self.takes_notices = subprotocol_of(request) == NOTICES
        self._limits = limits
        self._request = request
        self._upstream = upstream
        self._input = InputFilter(view_only=view_only)
        self._browser = Leg()
        self._payloads = Payloads(
            self._browser, from_browser=True, limit_bytes=_MESSAGE_LIMIT_BYTES
        )
        self._ended: asyncio.Future[Ending] = asyncio.get_running_loop().create_future()
        self._borders = FrameBorders(limit_bytes=FRAME_LIMIT_BYTES)
        self._waiting = bytearray()
        self._joined = False
        self._unheard: dict[Ending, int] = {"guest": 0, "lost": 0}
        self._same_message, self._messages = 0, 0

    def tell(self, notice: Mapping[str, Any]) -> None:
        """Put a notice between two messages, if the page listens; before the screen comes, wait."""
        if self.takes_notices and not self._ended.done():
            self._put_between(frame(to_json(dict(notice)), mask=False, opcode=TEXT))

    def end(self, why: Ending) -> None:
        """End it, from outside or inside; the first reason stands."""
        if not self._ended.done():
            self._ended.set_result(why)

    async def run(self) -> web.StreamResponse:
        """Answer the browser's request and carry bytes until either side, or `end`, ends it."""
        response = await self._accept()
        aiohttps_own = self._request.protocol
        transport = self._request.transport
        assert isinstance(transport, asyncio.Transport)
        browser = self._browser
        browser.transport = transport
        transport.set_protocol(browser)
        try:
            async with asyncio.timeout(_HANDSHAKE_TIMEOUT_S):
                left = await self._greet()
            self._join(left)
            self.traffic.ending = await self._attend()
        except (ConnectionError, TimeoutError):
            self.traffic.ending = "protocol"
        finally:
            await self._close()
            # aiohttp cleans up what is its own only if it hears of the end.
            if transport.is_closing():
                aiohttps_own.connection_lost(None)
            else:
                transport.set_protocol(aiohttps_own)
                transport.close()
        return response

    async def _accept(self) -> web.StreamResponse:
        key = self._request.headers[hdrs.SEC_WEBSOCKET_KEY].encode()
        headers = {
            hdrs.UPGRADE: "websocket",
            hdrs.CONNECTION: "Upgrade",
            hdrs.SEC_WEBSOCKET_ACCEPT: accept_key(key).decode(),
        }
        if chosen := subprotocol_of(self._request):
            headers[hdrs.SEC_WEBSOCKET_PROTOCOL] = chosen
        response = web.StreamResponse(status=101, headers=headers)
        await response.prepare(self._request)
        return response

    async def _greet(self) -> bytes:
        """Play a screen that asks for no password; the browser's ClientInit ends here.

        Returns what the browser has sent beyond it.
        """
        take = self._payloads.take
        self._send(rfb.VERSION)
        await take(len(rfb.VERSION))
        self._send(bytes([1, rfb.SECURITY_NONE]))
        await take(1)
        self._send(bytes(4))  # SecurityResult: 0 is success
        await take(1)  # ClientInit; VMLab has asked Proxmox for a shared screen whatever it says
        return bytes(self._payloads.left)

    def _send(self, payload: bytes) -> None:
        self._browser.write(frame(payload, mask=False))

    def _join(self, left: bytes) -> None:
        guest, browser = self._upstream.leg, self._browser
        guest.peer, browser.peer = browser, guest
        guest.closed.add_done_callback(lambda _: self.end("guest"))
        browser.closed.add_done_callback(lambda _: self.end("browser"))
        self._joined = True
        browser.write(bytes(self._waiting))
        self._waiting.clear()
        if left:
            self._type(left)
        self._upstream.start_raw(self._down)
        browser.start(self._up)

    async def _attend(self) -> Ending:
        """Wait for the end; meanwhile ask both sides for signs of life, and mind the limits."""
        watching = asyncio.create_task(self._watch_limits())
        try:
            while not self._ended.done():
                await asyncio.wait([self._ended], timeout=ALIVE_EVERY_S)
                if not self._ended.done():
                    self._ask_both()
            return self._ended.result()
        finally:
            watching.cancel()
            await asyncio.wait([watching])

    def _ask_both(self) -> None:
        borders = self._borders
        stuck = not borders.between and borders.messages == self._messages
        self._same_message = self._same_message + 1 if stuck else 0
        self._messages = borders.messages
        if self._same_message >= ALIVE_TRIES:
            self.end("guest")
        for end, tries in self._unheard.items():
            if tries >= ALIVE_TRIES:
                self.end(end)
            self._unheard[end] += 1
        self._upstream.ping(b"")
        self._put_between(frame(b"", mask=False, opcode=PING))

    async def _watch_limits(self) -> None:
        async for near in self._limits.announced():
            self.tell({"type": "limit", "limit": near.limit, "seconds": near.seconds})
        self.end(self._limits.reached)

    def _down(self, data: bytes) -> None:
        self.traffic.down_bytes += len(data)
        self._unheard["guest"] = 0
        border = self._borders.feed(data)
        if self._waiting and border is not None:
            self._browser.write(data[:border] + bytes(self._waiting))
            self._waiting.clear()
            data = data[border:]
        self._browser.write(data)

    def _put_between(self, message: bytes) -> None:
        """Send a frame of VMLab's own as soon as the guest's are not cut by it."""
        if self._joined and self._borders.between:
            self._browser.write(message)
        else:
            self._waiting += message

    def _up(self, data: bytes) -> None:
        typed = []
        try:
            for opcode, payload in self._payloads.reader.feed(data):
                self._unheard["lost"] = 0
                if opcode == CLOSE:
                    self.end("browser")
                elif opcode == PING:
                    self._upstream.ping(payload)
                elif opcode == TEXT and self.takes_notices:
                    self._take_notice(payload)
                elif opcode != PONG:
                    typed.append(payload)
            if typed:
                self._type(b"".join(typed))
        except ConnectionError:
            self.end("protocol")
            if not self._browser.transport.is_closing():
                self._browser.transport.pause_reading()

    def _take_notice(self, text: bytes) -> None:
        match read_notice(text):
            case {"type": "here"}:
                self._limits.used()
            case {"type": "kept"}:
                self.kept.set()
            case _:
                self.end("protocol")

    def _type(self, payload: bytes) -> None:
        self.traffic.up_bytes += len(payload)
        touched = self._input.passed
        if allowed := self._input.feed(payload):
            self._upstream.send(allowed)
        if self._input.passed > touched:
            self._limits.used()

    async def _close(self) -> None:
        self.traffic.input_messages = self._input.passed
        self.traffic.dropped_messages = self._input.dropped
        code, reason = _CLOSE_CODES[self.traffic.ending]
        if self._end_message():
            closing = code.to_bytes(2, "big") + reason
            self._browser.write(frame(closing, mask=False, opcode=CLOSE))
        self._upstream.close()
        for leg in (self._browser, self._upstream.leg):
            leg.peer = None
        self._browser.transport.close()
        await asyncio.wait(
            [self._browser.closed, self._upstream.leg.closed], timeout=_CLOSE_TIMEOUT_S
        )
        for leg in (self._browser, self._upstream.leg):
            if not leg.closed.done():
                leg.transport.abort()

    def _end_message(self) -> bool:
        """Fill up the frame that the guest has begun, so that the good-bye is not taken for it.

        What is drawn by that nobody sees. Returns whether a good-bye can be said.
        """
        if self._borders.in_head or self._borders.left > _PADDING_LIMIT_BYTES:
            return False
        self._browser.write(bytes(self._borders.left))
        return True
