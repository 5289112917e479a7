"""Quiet consoles stay, dead ends are noticed, and forgotten consoles are closed after a warning."""

from __future__ import annotations

import asyncio
import dataclasses
import struct
from typing import Any

import aiohttp
import pytest

from tests.handlers.console_page import SOCKET, VERSION, ConsolePage, token
from tests.handlers.lab import ServedLab
from tests.tasks.waiting import until
from vmlab.config import Console, Settings
from vmlab.handlers import vnc_tunnel
from vmlab.models import ConsoleSession
from vmlab.simulator import websocket

EVERY_S = 0.2
KEY = b"\x04\x01\x00\x00\x00\x00\x00\x61"


@pytest.fixture
def limits() -> Console:
    """How long consoles may be; a test overrides this."""
    return Console()


@pytest.fixture
def settings(settings: Settings, limits: Console) -> Settings:
    return dataclasses.replace(settings, console=limits)


@pytest.fixture
def asked_often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both ends are asked for signs of life, a hundred times as often as usual."""
    monkeypatch.setattr(vnc_tunnel, "ALIVE_EVERY_S", EVERY_S)


@pytest.fixture
async def vm(worked_lab: ServedLab) -> dict[str, Any]:
    """The student's running machine."""
    return await worked_lab.make_vm(start=True)


async def ended(ending: str) -> None:
    """Wait until the only console has ended so."""

    async def so() -> bool:
        return await ConsoleSession.filter(ending=ending).exists()

    await until(so)


@pytest.mark.usefixtures("asked_often")
async def test_a_quiet_console_stays(worked_lab: ServedLab, vm: dict[str, Any]):
    lab = worked_lab
    async with ConsolePage.opened(lab.client, await token(lab.client, lab.student, vm)) as page:
        await page.screen()
        await asyncio.sleep(EVERY_S * vnc_tunnel.ALIVE_TRIES * 3)
        assert not page.socket.closed
        assert len(lab.parts.consoles) == 1


@pytest.mark.usefixtures("asked_often")
async def test_a_browser_that_is_gone_without_a_word_is_noticed(
    worked_lab: ServedLab, vm: dict[str, Any]
):
    lab = worked_lab
    url = f"{SOCKET}?token={await token(lab.client, lab.student, vm)}"
    socket = await lab.client.ws_connect(url, protocols=("binary",), autoping=False)
    await socket.send_bytes(VERSION)
    await socket.send_bytes(b"\x01\x01")
    await ended("lost")
    assert len(lab.parts.consoles) == 0
    await socket.close()


@pytest.mark.usefixtures("asked_often")
async def test_a_host_that_is_gone_without_a_word_is_noticed(
    worked_lab: ServedLab, vm: dict[str, Any], monkeypatch: pytest.MonkeyPatch
):
    lab = worked_lab
    async with ConsolePage.opened(lab.client, await token(lab.client, lab.student, vm)) as page:
        await page.screen()
        monkeypatch.setattr(websocket.Tunnel, "_send", lambda *_: None)
        assert await page.closed() == aiohttp.WSCloseCode.INTERNAL_ERROR
    await ended("guest")


@pytest.mark.parametrize("limits", [Console(idle_s=2.0)])
async def test_an_unused_console_is_announced_and_closed(worked_lab: ServedLab, vm: dict[str, Any]):
    lab = worked_lab
    async with ConsolePage.opened(lab.client, await token(lab.client, lab.student, vm)) as page:
        await page.screen()
        notice = await page.noticed(lambda notice: notice["type"] == "limit")
        assert (notice["limit"], notice["seconds"]) == ("idle", 1)
        assert await page.closed() == 4408


@pytest.mark.parametrize("limits", [Console(idle_s=2.0)])
@pytest.mark.parametrize("sign", ["key", "here"])
async def test_whoever_is_there_keeps_it(worked_lab: ServedLab, vm: dict[str, Any], sign: str):
    lab = worked_lab
    async with ConsolePage.opened(lab.client, await token(lab.client, lab.student, vm)) as page:
        await page.screen()
        for _ in range(2):
            await page.noticed(lambda notice: notice["type"] == "limit")
            if sign == "key":
                await page.socket.send_bytes(KEY)
            else:
                await page.socket.send_json({"type": "here"})
        assert not page.socket.closed


@pytest.mark.parametrize("limits", [Console(idle_s=1.0, max_s=2.5)])
async def test_a_watcher_is_not_asked_for_keys_but_ends_some_time(
    worked_lab: ServedLab, vm: dict[str, Any]
):
    lab = worked_lab
    theirs = await token(lab.client, lab.teacher, vm, "view")
    async with ConsolePage.opened(lab.client, theirs) as page:
        await page.screen()
        notice = await page.noticed(lambda notice: notice["type"] == "limit")
        assert notice["limit"] == "too_long"
        assert await page.closed() == 4410


async def test_what_vmlab_puts_in_between_cuts_nothing(worked_lab: ServedLab, vm: dict[str, Any]):
    """Pictures come one after the other, in pieces of any size, and notices all the time."""
    lab = worked_lab
    async with ConsolePage.opened(lab.client, await token(lab.client, lab.student, vm)) as page:
        await page.screen()
        init = len(VERSION) + 2 + 4
        width, height, name = struct.unpack_from(">HH16xI", page.binary, init)
        page.notices.clear()
        [console] = lab.parts.consoles._open

        async def chatter() -> None:
            while True:
                console.carrier.tell({"type": "viewers", "viewers": []})
                await asyncio.sleep(0)

        chattering = asyncio.create_task(chatter())
        at = init + 24 + name
        for _ in range(10):
            await page.socket.send_bytes(struct.pack(">BBHHHH", 3, 0, 0, 0, width, height))
            at = await picture(page, at, width * height)
        chattering.cancel()
        await asyncio.wait([chattering])
        assert len(page.notices) > 10


async def picture(page: ConsolePage, at: int, pixels: int) -> int:
    """Read an update of so many pixels from a place on; the place behind it."""
    await page.received(at + 4)
    kind, count = struct.unpack_from(">BxH", page.binary, at)
    assert kind == 0
    at += 4
    for _ in range(count):
        await page.received(at + 12)
        width, height, encoding = struct.unpack_from(">4xHHi", page.binary, at)
        assert encoding == 0
        pixels -= width * height
        at += 12 + width * height * 4
    await page.received(at)
    assert pixels == 0
    return at
