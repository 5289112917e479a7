"""A guest's screen, opened as far as its ServerInit: Proxmox's half of a console.

    vncproxy ──> ticket, password, port      the worker waits 10 s for one connection, and only on
       │                                     the host that was asked
    vncwebsocket ──> 101
       │
    VNC login (`vmlab.proxmox.rfb`), shared ──> VncUpstream

From there bytes are copied down as they come, and messages are sent up. The browser's half stands
on it (`vmlab.handlers`).
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import os
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from vmlab.proxmox import direct, rfb
from vmlab.proxmox.client import Api
from vmlab.proxmox.faults import ConsoleRefused, TlsRefused, Unreachable, of_answer
from vmlab.proxmox.leg import Leg
from vmlab.proxmox.payloads import Payloads
from vmlab.proxmox.websocket_frames import CLOSE, PING, accept_key, frame

# qemu-server 9.2: the worker behind vncproxy waits this long for its one connection.
_WINDOW_S = 10.0
# pve-http-server 5.2 drops a connection with longer frames than 128 KiB.
_LARGEST_FRAME = 64 * 1024
# qemu-server 9.2: a guest has one VNC password, which each opening replaces. So whoever opens the
# same screen at the same moment may lock us out; the next try has a password of its own.
_LOGINS = 4
_HEAD_LIMIT = 16 * 1024
FRAME_LIMIT_BYTES = 4 * 1024 * 1024
_STATUS = re.compile(rb"HTTP/1\.1 (\d{3}) ?([^\r\n]*)")


class VncUpstream:
    """A screen that is logged in to; the next byte that comes is the first of its ServerInit.

    Attributes:
        leg: the connection to Proxmox; `leg.closed` tells its end, which comes without a close
            frame.
    """

    def __init__(self, leg: Leg) -> None:
        """Speak over this connection, on which the WebSocket has been opened."""
        self.leg = leg
        self._payloads = Payloads(leg, from_browser=False, limit_bytes=FRAME_LIMIT_BYTES)

    async def take(self, size: int) -> bytes:
        """Read exactly so many bytes of RFB; before `start_raw` only.

        Raises:
            ConnectionError: the screen hung up.
        """
        return await self._payloads.take(size)

    def send(self, payload: bytes) -> None:
        """Send bytes of RFB to the guest."""
        for start in range(0, len(payload), _LARGEST_FRAME):
            self.leg.write(frame(payload[start : start + _LARGEST_FRAME], mask=True))

    def ping(self, payload: bytes) -> None:
        """Pass a ping on to Proxmox; its pong comes back with the raw bytes.

        A pong of VMLab's own could land in the middle of a frame that is being copied.
        """
        self.leg.write(frame(payload, mask=True, opcode=PING))

    def start_raw(self, sink: Callable[[bytes], None]) -> None:
        """Let everything that comes run to the sink: frames as a browser may get them, unparsed.

        Proxmox's frames have no mask and no extension, so they are right for a browser as they are.
        The pieces are cut anywhere. Set `leg.peer` before, to hold back a fast screen.
        """
        if left := self._payloads.left:
            sink(frame(bytes(left), mask=False))
            left.clear()
        if rest := self._payloads.reader.rest:
            sink(bytes(rest))
            rest.clear()
        self.leg.start(sink)

    def close(self) -> None:
        """Say good-bye and hang up."""
        self.leg.write(frame((1000).to_bytes(2, "big"), mask=True, opcode=CLOSE))
        self.leg.transport.close()


async def open_vnc(api: Api, node: str, vmid: int) -> VncUpstream:
    """Open a guest's screen at the host of its node and log in to it.

    Needs VM.Console. Each screen is a task, a port and a connection on the host; a host has 100
    ports.

    Raises:
        ConsoleRefused: the screen hung up before it was logged in to: the guest does not run.
        ProxmoxFault: of the other classes, as for any call.
    """
    for _ in range(_LOGINS - 1):
        with contextlib.suppress(rfb.WrongPassword):
            return await _open(api, node, vmid)
    try:
        return await _open(api, node, vmid)
    except rfb.WrongPassword as error:
        raise ConsoleRefused(str(error)) from error


async def _open(api: Api, node: str, vmid: int) -> VncUpstream:
    pinned, ticket = await _ticket(api.on_node(node), node, vmid)
    try:
        async with asyncio.timeout(_WINDOW_S):
            return await _log_in(pinned, pinned.nodes(node).qemu(vmid), ticket)
    except TimeoutError as error:
        raise ConsoleRefused(f"the screen was not there within {_WINDOW_S:g} s") from error


async def _ticket(api: Api, node: str, vmid: int) -> tuple[Api, dict[str, Any]]:
    """Ask for a ticket, and keep to the host that gave it: only there it is worth something."""
    hosts = api.wire.hosts.in_turn(asyncio.get_running_loop().time())
    for host in [api.pinned_to] if api.pinned_to else hosts:
        pinned = api.at(host)
        vncproxy = pinned.nodes(node).qemu(vmid).vncproxy
        try:
            return pinned, await vncproxy.post(**{"websocket": 1, "generate-password": 1})
        except (Unreachable, TlsRefused):
            if api.pinned_to or host == hosts[-1]:
                raise
    raise AssertionError("the last host returns or raises")


async def _log_in(api: Api, guest: Api, ticket: dict[str, Any]) -> VncUpstream:
    # The ticket holds characters that mean something in a query.
    query = f"port={int(ticket['port'])}&vncticket={quote(ticket['ticket'], safe='')}"
    leg = await direct.connect(api.wire, api.pinned_to or "")
    try:
        await _upgrade(leg, api, f"{guest.vncwebsocket.target}?{query}")
        upstream = VncUpstream(leg)
        # Before April 2026 the VNC password was the ticket's beginning, unless one was asked for.
        await rfb.log_in(upstream, ticket.get("password") or ticket["ticket"])
    except BaseException as error:
        leg.transport.abort()
        await leg.closed
        if isinstance(error, ConnectionError) and not isinstance(error, rfb.WrongPassword):
            raise ConsoleRefused(str(error)) from error
        raise
    return upstream


async def _upgrade(leg: Leg, api: Api, target: str) -> None:
    """Turn the connection into a WebSocket.

    Raises:
        ProxmoxFault: Proxmox refuses.
        ConnectionError: it hung up, or speaks another protocol.
    """
    key = base64.b64encode(os.urandom(16))
    lines = (
        f"GET {target} HTTP/1.1",
        f"Host: {api.pinned_to}",
        f"Authorization: {api.wire.authorization}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Protocol: binary",
        f"Sec-WebSocket-Key: {key.decode()}",
    )
    leg.write(("\r\n".join(lines) + "\r\n\r\n").encode())
    while (end := leg.pending.find(b"\r\n\r\n")) < 0:
        if len(leg.pending) > _HEAD_LIMIT:
            raise ConnectionError("this is no answer of Proxmox")
        await leg.more()
    head = bytes(leg.pending[:end])
    del leg.pending[: end + 4]
    status = _STATUS.match(head)
    if status is None:
        raise ConnectionError("this is no answer of Proxmox")
    if status[1] != b"101":
        # A ticket is used up by the attempt and worth nothing; so this changed nothing.
        reason = status[2].decode("latin-1")
        if "PVEVNC ticket" in reason:
            raise ConsoleRefused(reason, status_code=int(status[1]))
        raise of_answer("GET", int(status[1]), reason)
    if accept_key(key) not in head or b"sec-websocket-extensions" in head.lower():
        raise ConnectionError("this is not the WebSocket that was asked for")
