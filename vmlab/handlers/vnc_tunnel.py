"""The browser's half of a VNC console.

    browser ══ WebSocket ══ VMLab ══ WebSocket ══ Proxmox ── QEMU
              security None       VNC login done (`vmlab.proxmox.console`)

Down, from the guest to the browser, bytes are copied as they come: after two answers 101 without
extensions, frames that are right on one leg are right on the other. That costs what a raw relay
costs. Up, messages are parsed (`vmlab.handlers.rfb_input`), since they are few and small.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
from dataclasses import dataclass
from typing import Literal

from aiohttp import hdrs, web

from vmlab.errors import Invalid
from vmlab.handlers.rfb_input import InputFilter
from vmlab.proxmox import rfb
from vmlab.proxmox.console import VncUpstream
from vmlab.proxmox.leg import Leg
from vmlab.proxmox.payloads import Payloads
from vmlab.proxmox.websocket_frames import CLOSE, PING, PONG, accept_key, frame

_MESSAGE_LIMIT_BYTES = 2 << 20
_HANDSHAKE_TIMEOUT_S = 15.0
_CLOSE_TIMEOUT_S = 1.0

Ending = Literal["browser", "guest", "server", "revoked", "protocol"]

_CLOSE_CODES: dict[Ending, tuple[int, bytes]] = {
    "browser": (1000, b""),
    "guest": (1011, b"the machine's screen has ended"),
    "server": (1001, b"the server is going down"),
    "revoked": (1008, b"you may not use this console any more"),
    "protocol": (1002, b"this is not RFB"),
}


@dataclass
class Traffic:
    """What went through, for the record."""

    down_bytes: int = 0
    up_bytes: int = 0
    input_messages: int = 0
    dropped_messages: int = 0
    ending: Ending = "browser"


def check_upgrade(request: web.Request) -> None:
    """Refuse what is no WebSocket request, while it can still be answered in words.

    Raises:
        Invalid: it is not.
    """
    headers = request.headers
    upgrade = headers.get(hdrs.UPGRADE, "").lower() == "websocket"
    try:
        key = base64.b64decode(headers.get(hdrs.SEC_WEBSOCKET_KEY, ""), validate=True)
    except binascii.Error:
        key = b""
    if not (upgrade and len(key) == 16 and headers.get(hdrs.SEC_WEBSOCKET_VERSION) == "13"):
        raise Invalid("This address is for WebSocket connections.")


class Tunnel:
    """One browser on one screen."""

    def __init__(self, request: web.Request, upstream: VncUpstream, *, view_only: bool) -> None:
        self.traffic = Traffic()
        self._request = request
        self._upstream = upstream
        self._input = InputFilter(view_only=view_only)
        self._browser = Leg()
        self._payloads = Payloads(
            self._browser, from_browser=True, limit_bytes=_MESSAGE_LIMIT_BYTES
        )
        self._ended: asyncio.Future[Ending] = asyncio.get_running_loop().create_future()

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
            self.traffic.ending = await self._ended
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
        offered = self._request.headers.get(hdrs.SEC_WEBSOCKET_PROTOCOL, "")
        if "binary" in (name.strip() for name in offered.split(",")):
            headers[hdrs.SEC_WEBSOCKET_PROTOCOL] = "binary"
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
        if left:
            self._type(left)
        self._upstream.start_raw(self._down)
        browser.start(self._up)

    def _down(self, data: bytes) -> None:
        self.traffic.down_bytes += len(data)
        self._browser.write(data)

    def _up(self, data: bytes) -> None:
        typed = []
        try:
            for opcode, payload in self._payloads.reader.feed(data):
                if opcode == CLOSE:
                    self.end("browser")
                elif opcode == PING:
                    self._upstream.ping(payload)
                elif opcode != PONG:
                    typed.append(payload)
            if typed:
                self._type(b"".join(typed))
        except ConnectionError:
            self.end("protocol")
            raise

    def _type(self, payload: bytes) -> None:
        self.traffic.up_bytes += len(payload)
        if allowed := self._input.feed(payload):
            self._upstream.send(allowed)

    async def _close(self) -> None:
        self.traffic.input_messages = self._input.passed
        self.traffic.dropped_messages = self._input.dropped
        code, reason = _CLOSE_CODES[self.traffic.ending]
        closing = frame(code.to_bytes(2, "big") + reason, mask=False, opcode=CLOSE)
        self._browser.write(closing)
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
