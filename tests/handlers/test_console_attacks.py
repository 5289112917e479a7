"""Attacks on consoles that stand nowhere else, and where the others stand.

| attack | test |
|---|---|
| a token used twice, late, made up, after signing out | `test_consoles`: a_token_* |
| a token together with somebody else's credentials | here |
| a token for the shell at the screen, and the other way round | `test_ssh_consoles`: opens_once |
| a page of another site | here |
| a renewal secret used twice, after signing out, after a right has ended | `test_console_renewal` |
| a watcher who sends keys | `test_consoles`, `test_rfb_input`, `e2e/test_browser` |
| RFB that is none | `test_rfb_input`, `test_consoles`: garbage_ends_… |
| WebSocket frames from the browser: unmasked, extended, too long | here |
| notices that are none | here |
| frames from the host: masked, extended, too long, without end | here, `test_frame_borders` |
| a browser that dawdles in the greeting | here |
| a browser or host that is gone without a word | `test_console_alive` |
| a guest that claims an address of VMLab's, Proxmox's, loopback, link-local, mapped | here, \
`test_ssh_consoles`, `rules/test_addresses` |
| another host key | `test_ssh_consoles`: another_host_… |
| a guest that writes into VMLab's log by its output | here |
"""

from __future__ import annotations

import asyncio
import dataclasses
import socket
import struct
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.handlers.console_page import NOTICES, SOCKET, VERSION, ConsolePage, token
from tests.handlers.lab import ServedLab
from tests.support.ssh_server import PASSWORD, SshServer, ssh_server
from tests.tasks.waiting import until
from vmlab.config import Guests, Server, Settings, Storage
from vmlab.guests.own_addresses import is_our_own
from vmlab.handlers import vnc_tunnel
from vmlab.models import AuditEntry, ConsoleSession
from vmlab.proxmox.websocket_frames import frame
from vmlab.simulator import websocket

ADDRESS = "127.77.0.7"
UPDATE = struct.pack(">BBHHHH", 3, 0, 0, 0, 640, 480)
EVERY_S = 0.2


@pytest.fixture
async def server() -> AsyncIterator[SshServer]:
    """The guest's."""
    async with ssh_server(ADDRESS) as running:
        yield running


@pytest.fixture
def settings(settings: Settings, server: SshServer, tmp_path: Path) -> Settings:
    return dataclasses.replace(
        settings,
        server=Server(cors_origins=("https://portal.example.edu",)),
        guests=Guests(lab_networks=("0.0.0.0/0", "127.0.0.0/8"), ssh_port=server.port),
        storage=Storage(directory=str(tmp_path / "files")),
    )


@pytest.fixture
async def vm(worked_lab: ServedLab) -> dict[str, Any]:
    """The student's running machine."""
    return await worked_lab.make_vm(start=True)


def settle(lab: ServedLab, vm: dict[str, Any], address: str) -> None:
    """Give the guest an agent, and an address that it claims."""
    guest = lab.guest(vm)
    guest.config |= {"agent": "1", "ipconfig0": f"ip={address}/16"}
    guest.agent_up = True


async def over() -> None:
    """Wait until no console holds a place."""

    async def none() -> bool:
        return not await ConsoleSession.filter(closed_at__isnull=True).exists()

    await until(none)


async def test_a_token_is_its_owners_whoever_brings_it(worked_lab: ServedLab, vm: dict[str, Any]):
    """Credentials beside it count for nothing: what happens is recorded as the owner's doing."""
    lab = worked_lab
    grant = await token(lab.client, lab.student, vm)
    url = f"{SOCKET}?token={grant}"
    screen = await lab.client.ws_connect(
        url, headers={"Authorization": lab.admin.headers["Authorization"]}
    )
    opened = await AuditEntry.get(action="console_opened")
    assert opened.username == "student"
    await screen.close()


@pytest.mark.parametrize("console", ["vnc", "ssh"])
@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "http://127.0.0.1:1",
        "null",
        "http://[",
        "https://127.0.0.1.evil.example",
        "https://portal.example.edu.evil.example",
        "https://portal.example.edu@evil.example",
    ],
)
async def test_a_page_of_another_site_opens_nothing(
    worked_lab: ServedLab, vm: dict[str, Any], console: str, origin: str
):
    lab = worked_lab
    body = {} if console == "vnc" else {"username": "lab", "password": PASSWORD}
    path = f"vms/{vm['id']}/console/{console}/token/"
    grant = (await lab.ask(lab.student, "POST", path, body)).data["token"]
    url = f"/api/v1/console/{console}/?token={grant}"
    with pytest.raises(aiohttp.WSServerHandshakeError) as refusal:
        await lab.client.ws_connect(url, origin=origin)
    assert refusal.value.status == 403
    refused = await AuditEntry.get(action=f"open_{console}_console")
    assert (refused.result, refused.code) == ("refused", "AUTH_002")


@pytest.mark.parametrize("own", [True, False])
async def test_pages_of_ours_and_of_friends_do(
    worked_lab: ServedLab, vm: dict[str, Any], own: bool
):
    lab = worked_lab
    url = f"{SOCKET}?token={await token(lab.client, lab.student, vm)}"
    origin = str(lab.client.make_url("/")).rstrip("/") if own else "https://portal.example.edu"
    screen = await lab.client.ws_connect(url, origin=origin)
    await screen.close()


@pytest.mark.parametrize(
    "frames",
    [
        frame(b"\x03" + bytes(9), mask=False),
        b"\xc2\x80keys",
        b"\x82\xff" + (1 << 40).to_bytes(8, "big") + b"keys",
        b"\x82\xff" + (3 << 20).to_bytes(8, "big") + b"keys",
    ],
    ids=["unmasked", "extended", "endless", "too long"],
)
async def test_a_browser_that_breaks_the_framing(
    worked_lab: ServedLab, vm: dict[str, Any], frames: bytes
):
    lab = worked_lab
    async with ConsolePage.opened(lab.client, await token(lab.client, lab.student, vm)) as page:
        await page.screen()
        transport = page.socket._conn.transport  # type: ignore[union-attr]
        transport.write(frames)  # type: ignore[union-attr]
        assert await page.closed() == aiohttp.WSCloseCode.PROTOCOL_ERROR
    await over()


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '{"type": 1}', '{"type": "viewers"}', '{"type": "resize"}', "[" * 100_000],
)
async def test_notices_that_are_none(worked_lab: ServedLab, vm: dict[str, Any], text: str):
    lab = worked_lab
    async with ConsolePage.opened(lab.client, await token(lab.client, lab.student, vm)) as page:
        await page.screen()
        await page.socket.send_str(text)
        assert await page.closed() == aiohttp.WSCloseCode.PROTOCOL_ERROR


class Hostile:
    """A host that sends what it should not, and nothing else, once it is told to."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.usual = websocket.Tunnel._send
        self.next: bytes | None = None
        monkeypatch.setattr(
            websocket.Tunnel, "_send", lambda tunnel, *message: self._send(tunnel, *message)
        )

    def _send(self, tunnel: websocket.Tunnel, opcode: int, payload: bytes) -> None:
        if self.next is None:
            self.usual(tunnel, opcode, payload)
            return
        tunnel._writer.write(self.next)
        self.next = b""

    async def send(self, page: ConsolePage, data: bytes) -> None:
        """In place of the next picture."""
        await page.screen()
        self.next = data
        await page.socket.send_bytes(UPDATE)


@pytest.fixture
def hostile(monkeypatch: pytest.MonkeyPatch) -> Hostile:
    return Hostile(monkeypatch)


@pytest.mark.parametrize(
    "data",
    [
        frame(b"x", mask=True),
        b"\xc2\x01x",
        b"\x82\x7f" + (1 << 62).to_bytes(8, "big"),
        b"\x82\x7f" + b"\xff" * 8,
    ],
    ids=["masked", "extended", "too long", "longest"],
)
async def test_a_host_that_breaks_the_framing(
    worked_lab: ServedLab, vm: dict[str, Any], hostile: Hostile, data: bytes
):
    lab = worked_lab
    async with ConsolePage.opened(lab.client, await token(lab.client, lab.student, vm)) as page:
        await hostile.send(page, data)
        assert await page.closed() == aiohttp.WSCloseCode.INTERNAL_ERROR
    await over()


@pytest.mark.parametrize(
    ("begun", "more"),
    [(b"\x82\x7e\xff\xff", b"\x00"), (b"\x02\x01x", b"\x00\x01x")],
    ids=["a frame", "a message"],
)
async def test_a_host_that_never_ends_what_it_began(
    worked_lab: ServedLab,
    vm: dict[str, Any],
    hostile: Hostile,
    begun: bytes,
    more: bytes,
    monkeypatch: pytest.MonkeyPatch,
):
    """Some more of it comes whenever the browser says something; so both are there."""
    monkeypatch.setattr(vnc_tunnel, "ALIVE_EVERY_S", EVERY_S)
    lab = worked_lab
    async with ConsolePage.opened(lab.client, await token(lab.client, lab.student, vm)) as page:
        await hostile.send(page, begun)

        async def go_on() -> None:
            while not page.socket.closed:
                hostile.next = hostile.next or more
                await page.socket.ping()
                await asyncio.sleep(EVERY_S / 2)

        going_on = asyncio.create_task(go_on())
        # What was begun is brought to an end, so that the good-bye is understood.
        assert await page.closed() == aiohttp.WSCloseCode.INTERNAL_ERROR
        going_on.cancel()
        await asyncio.wait([going_on])
    await over()


@pytest.mark.parametrize("greeting", [b"", VERSION[:5], VERSION])
async def test_a_browser_that_dawdles_in_the_greeting(
    worked_lab: ServedLab, vm: dict[str, Any], greeting: bytes, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(vnc_tunnel, "_HANDSHAKE_TIMEOUT_S", 0.5)
    lab = worked_lab
    url = f"{SOCKET}?token={await token(lab.client, lab.student, vm)}"
    screen = await lab.client.ws_connect(url, protocols=(NOTICES,))
    if greeting:
        await screen.send_bytes(greeting)
    await over()
    await screen.close()


def our_address() -> str:
    """The one with which this machine would speak to others."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))
        return str(probe.getsockname()[0])


@pytest.mark.parametrize("mapped", [False, True])
async def test_a_guest_that_claims_vmlabs_own_address(
    worked_lab: ServedLab, vm: dict[str, Any], mapped: bool
):
    lab = worked_lab
    address = our_address()
    assert is_our_own(address)
    settle(lab, vm, f"::ffff:{address}" if mapped else address)
    said = await lab.ask(lab.student, "GET", f"vms/{vm['id']}/console/ssh/")
    assert (said.data["available"], said.data["host"]) == (False, None)


async def test_a_guests_output_is_in_no_log(
    worked_lab: ServedLab, vm: dict[str, Any], capsys: pytest.CaptureFixture[str]
):
    """Nor what it calls its window, nor what it types in somebody's name."""
    lab = worked_lab
    settle(lab, vm, ADDRESS)
    path = f"vms/{vm['id']}/console/ssh/token/"
    body = {"username": "lab", "password": PASSWORD}
    grant = (await lab.ask(lab.student, "POST", path, body)).data["token"]
    shell = await lab.client.ws_connect(f"/api/v1/console/ssh/?token={grant}")
    title = b"\x1b]0;\n2026-01-01 [info] console_closed user=forged\x07"
    await shell.send_bytes(title + b"\rexit\r")
    shown = b""
    async with asyncio.timeout(20):
        async for message in shell:
            shown += message.data
    assert b"forged" in shown
    await over()
    captured = capsys.readouterr()
    assert "forged" not in captured.out + captured.err
    assert "forged" not in str(await AuditEntry.all().values())
