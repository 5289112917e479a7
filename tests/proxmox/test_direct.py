"""Connections to one host outside of calls: trust first, then bytes, held back where they jam."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.proxmox.pipes import pipe
from tests.proxmox.recorder import Recorder, recorder
from vmlab.proxmox import direct
from vmlab.proxmox.client import connect
from vmlab.proxmox.faults import TlsRefused, Unreachable
from vmlab.simulator import certificates


@pytest.fixture
async def host(tmp_path: Path) -> AsyncIterator[Recorder]:
    async with recorder(tmp_path) as one:
        yield one


async def test_the_fingerprint_of_a_host(host: Recorder):
    async with connect(host.connection()) as api:
        seen = await direct.fingerprint_of(api.wire, host.host)
    assert seen == certificates.fingerprint(host.certificate)


async def test_a_host_with_another_fingerprint(host: Recorder):
    connection = replace(host.connection(), ca_path=None, fingerprint="00" * 32)
    async with connect(connection) as api:
        with pytest.raises(TlsRefused):
            await direct.connect(api.wire, host.host)


async def test_a_host_that_no_trusted_authority_knows(host: Recorder, tmp_path: Path):
    async with (
        recorder(tmp_path / "stranger") as stranger,
        connect(stranger.connection()) as api,
    ):
        with pytest.raises(TlsRefused):
            await direct.connect(api.wire, host.host)


async def test_a_host_that_is_away(host: Recorder):
    async with connect(host.connection()) as api:
        await host.stop()
        with pytest.raises(Unreachable):
            await direct.connect(api.wire, host.host)
        await host.start()


async def test_last_bytes_that_come_together_with_the_end():
    one = await pipe()
    one.writer.write(b"HTTP/1.1 401 No ticket\r\n\r\n")
    one.writer.close()
    await one.leg.closed
    assert one.leg.take() == b"HTTP/1.1 401 No ticket\r\n\r\n"
    with pytest.raises(ConnectionError):
        await one.leg.more()


async def test_news_and_the_end_in_one_turn_of_the_loop():
    one = await pipe()
    waiting = asyncio.create_task(one.leg.more())
    await asyncio.sleep(0)
    one.leg.data_received(b"last words")
    one.leg.connection_lost(None)
    await waiting
    assert one.leg.take() == b"last words"
    one.writer.transport.abort()
    one.leg.transport.abort()


async def test_what_was_pending_goes_first():
    one, got = await pipe(), bytearray()
    one.writer.write(b"early ")
    await one.leg.more()
    one.leg.start(got.extend)
    one.writer.write(b"late")
    one.writer.close()
    await one.leg.closed
    assert got == b"early late"


async def test_a_sink_that_has_enough_ends_the_connection():
    one = await pipe()

    def refuse(_: bytes) -> None:
        raise ConnectionError("too much")

    one.leg.start(refuse)
    one.writer.write(b"x")
    await one.leg.closed
    assert str(one.leg.error) == "too much"
    await one.close()


async def test_a_fast_end_is_held_back_by_a_slow_one():
    """The browser reads nothing: the guest's bytes stay where they are, not in VMLab's memory."""
    guest, browser = await pipe(), await pipe()
    guest.leg.peer, browser.leg.peer = browser.leg, guest.leg
    passed = 0

    def down(data: bytes) -> None:
        nonlocal passed
        passed += len(data)
        browser.leg.write(data)

    guest.leg.start(down)
    total = 64 << 20
    guest.writer.write(bytes(total))
    while guest.leg.transport.is_reading():  # noqa: ASYNC110 (asyncio tells nobody)
        await asyncio.sleep(0.01)
    assert passed < total
    received = 0
    while received < total:
        received += len(await browser.reader.read(1 << 20))
    assert (passed, received) == (total, total)
    await guest.close()
    await browser.close()


async def test_what_nobody_takes_is_not_read_without_end():
    one = await pipe()
    one.writer.write(bytes(32 << 20))
    while one.leg.transport.is_reading():  # noqa: ASYNC110 (asyncio tells nobody)
        await asyncio.sleep(0.01)
    assert len(one.leg.pending) < 1 << 20
    await one.close()
