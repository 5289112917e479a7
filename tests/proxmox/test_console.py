"""A guest's screen, logged in to through Proxmox's WebSocket."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.proxmox.conftest import POOL, connection_to
from tests.proxmox.pipes import pipe
from vmlab.proxmox.client import Api, connect
from vmlab.proxmox.console import VncUpstream, open_vnc
from vmlab.proxmox.faults import ConsoleRefused, PermissionMissing, Unreachable
from vmlab.proxmox.guests import Guests
from vmlab.proxmox.pve_tasks import PveTasks
from vmlab.proxmox.websocket_frames import BINARY, PING, PONG, FrameReader, frame
from vmlab.simulator import Simulator
from vmlab.simulator.machines.drawn import DrawnMachine

NODE, TEMPLATE, VMID = "pve1", 9000, 10_000


async def running_guest(api: Api) -> None:
    guests, tasks = Guests(api), PveTasks(api, first_tick_s=0.02, longest_tick_s=0.1)
    upid = await guests.clone(NODE, TEMPLATE, VMID, name="lab-a1", description="x", pool=POOL)
    (await tasks.wait(upid, timeout_s=20)).raise_if_failed()
    (await tasks.wait(await guests.start(NODE, VMID), timeout_s=20)).raise_if_failed()


@pytest.fixture
async def running(api: Api) -> None:
    """A guest that shows a screen."""
    await running_guest(api)


class Screen:
    """What a browser would get: frames, read out of the raw bytes."""

    def __init__(self, upstream: VncUpstream) -> None:
        self.frames: list[tuple[int, bytes]] = []
        self._reader = FrameReader(mask=False, limit_bytes=1 << 24)
        self._news = asyncio.Condition()
        self._waking: set[asyncio.Task[None]] = set()
        self.pieces = 0
        upstream.start_raw(self._take)

    def _take(self, data: bytes) -> None:
        self.pieces += 1
        self.frames += self._reader.feed(data)
        task = asyncio.create_task(self._wake())
        self._waking.add(task)
        task.add_done_callback(self._waking.discard)

    async def _wake(self) -> None:
        async with self._news:
            self._news.notify_all()

    async def until(self, enough: Callable[[], bool]) -> None:
        async with asyncio.timeout(10), self._news:
            await self._news.wait_for(enough)

    @property
    def rfb(self) -> bytes:
        """The bytes of RFB that came."""
        return b"".join(payload for opcode, payload in self.frames if opcode == BINARY)


@pytest.mark.usefixtures("running")
async def test_the_next_byte_is_the_server_init(api: Api):
    upstream = await open_vnc(api, NODE, VMID)
    init = await upstream.take(24)
    width, height = int.from_bytes(init[:2], "big"), int.from_bytes(init[2:4], "big")
    name = await upstream.take(int.from_bytes(init[20:24], "big"))
    assert (width > 0, height > 0) == (True, True)
    assert b"lab-a1" in name
    upstream.close()
    await upstream.leg.closed


@pytest.mark.usefixtures("running")
async def test_raw_bytes_down_and_messages_up(api: Api):
    """What the screen has sent before the copying began is not lost."""
    upstream = await open_vnc(api, NODE, VMID)
    await upstream.take(2)
    screen = Screen(upstream)
    await screen.until(lambda: len(screen.rfb) >= 22)
    name_length = int.from_bytes(screen.rfb[18:22], "big")
    await screen.until(lambda: len(screen.rfb) >= 22 + name_length)
    before = len(screen.rfb)
    upstream.send(b"\x02\x00\x00\x01" + (0).to_bytes(4, "big"))
    upstream.send(b"\x03\x00" + b"\0\0\0\0" + b"\x00\x10\x00\x10")
    await screen.until(lambda: len(screen.rfb) >= before + 16 + 16 * 16 * 4)
    assert screen.rfb[before] == 0
    upstream.close()
    await upstream.leg.closed


async def test_nothing_is_lost_where_the_reading_ends_and_the_copying_begins():
    """Taken, read but not taken, half a frame, and what comes later: all in their order."""
    one, got = await pipe(), bytearray()
    upstream = VncUpstream(one.leg)
    whole = frame(b"taken-left", mask=False) + frame(b"cut in two", mask=False)
    one.writer.write(whole[:-4])
    assert await upstream.take(6) == b"taken-"
    upstream.start_raw(got.extend)
    one.writer.write(whole[-4:])
    one.writer.close()
    await one.leg.closed
    read = FrameReader(mask=False, limit_bytes=100).feed(bytes(got))
    assert read == [(BINARY, b"left"), (BINARY, b"cut in two")]


async def test_long_messages_go_up_in_frames_that_proxmox_takes():
    """It drops a connection with a frame of more than 128 KiB."""
    one = await pipe()
    text = bytes(300_000)
    VncUpstream(one.leg).send(text)
    reader = FrameReader(mask=True, limit_bytes=128 << 10)
    frames: list[tuple[int, bytes]] = []
    while sum(len(payload) for _, payload in frames) < len(text):
        frames += reader.feed(await one.reader.read(1 << 16))
    assert b"".join(payload for _, payload in frames) == text
    await one.close()


async def test_a_ping_during_the_login_is_answered():
    one = await pipe()
    one.writer.write(frame(b"alive?", mask=False, opcode=PING) + frame(b"x", mask=False))
    assert await VncUpstream(one.leg).take(1) == b"x"
    reader = FrameReader(mask=True, limit_bytes=100)
    assert reader.feed(await one.reader.read(100)) == [(PONG, b"alive?")]
    await one.close()


@pytest.mark.usefixtures("running")
async def test_a_ping_is_answered_by_proxmox_itself(api: Api):
    upstream = await open_vnc(api, NODE, VMID)
    screen = Screen(upstream)
    upstream.ping(b"there?")
    await screen.until(lambda: (PONG, b"there?") in screen.frames)
    upstream.close()
    await upstream.leg.closed


@pytest.mark.usefixtures("running")
async def test_two_look_at_the_same_screen(api: Api):
    """Each is logged in as sharing, so that nobody throws anybody out."""
    first = await open_vnc(api, NODE, VMID)
    second = await open_vnc(api, NODE, VMID)
    await second.take(24)
    screen = Screen(first)
    await screen.until(lambda: len(screen.rfb) > 24)
    before = len(screen.rfb)
    first.send(b"\x03\x00" + b"\0\0\0\0" + b"\x00\x10\x00\x10")
    await screen.until(lambda: len(screen.rfb) > before)
    for upstream in (first, second):
        upstream.close()
        await upstream.leg.closed


@pytest.mark.usefixtures("running")
async def test_two_open_the_same_screen_at_the_same_moment(api: Api):
    screens = await asyncio.gather(*(open_vnc(api, NODE, VMID) for _ in range(2)))
    for upstream in screens:
        assert len(await upstream.take(24)) == 24
        upstream.close()
        await upstream.leg.closed


async def test_tickets_as_before_april_2026():
    async with (
        Simulator(auth_delay_s=0.0, speed=1000.0, ticket_form="before") as sim,
        connect(connection_to(sim)) as api,
    ):
        await running_guest(api)
        upstream = await open_vnc(api, NODE, VMID)
        assert len(await upstream.take(24)) == 24
        upstream.close()
        await upstream.leg.closed


@pytest.mark.usefixtures("running")
async def test_the_end_of_the_guest_is_the_end_of_its_screen(api: Api):
    upstream = await open_vnc(api, NODE, VMID)
    await upstream.take(24)
    await Guests(api).stop(NODE, VMID)
    async with asyncio.timeout(10):
        await upstream.leg.closed


@pytest.mark.usefixtures("running")
async def test_a_guest_that_does_not_run(api: Api):
    tasks = PveTasks(api, first_tick_s=0.02, longest_tick_s=0.1)
    await tasks.wait(await Guests(api).stop(NODE, VMID), timeout_s=20)
    with pytest.raises(ConsoleRefused):
        await open_vnc(api, NODE, VMID)


@pytest.mark.usefixtures("running")
async def test_a_screen_that_wants_what_nobody_knows(sim: Simulator, api: Api):
    machine = sim.machines.of(VMID)
    assert isinstance(machine, DrawnMachine)
    machine.misbehaviour = "wrong_security"
    with pytest.raises(ConsoleRefused, match="security of the types"):
        await open_vnc(api, NODE, VMID)


async def test_a_guest_of_somebody_else(api: Api):
    with pytest.raises(PermissionMissing):
        await open_vnc(api, NODE, TEMPLATE)


@pytest.mark.usefixtures("running")
async def test_ticket_and_connection_go_to_the_nodes_own_host(sim: Simulator, api: Api):
    """Whichever host is asked opens the port; the guest's own node needs no second way."""
    connection = replace(
        connection_to(sim), hosts=(sim.hosts[2],), node_hosts={"pve1": sim.hosts[0]}
    )
    async with connect(connection) as elsewhere:
        upstream = await open_vnc(elsewhere, NODE, VMID)
        assert upstream.leg.transport.get_extra_info("peername")[1] == int(
            sim.hosts[0].rpartition(":")[2]
        )
        upstream.close()
        await upstream.leg.closed


@pytest.mark.usefixtures("running")
async def test_through_another_node(sim: Simulator):
    async with connect(replace(connection_to(sim), hosts=(sim.hosts[1],))) as api:
        upstream = await open_vnc(api, NODE, VMID)
        await upstream.take(24)
        upstream.close()
        await upstream.leg.closed


@pytest.mark.usefixtures("running")
async def test_past_a_host_that_is_away(sim: Simulator):
    await sim.node_down("pve2")
    hosts = (sim.hosts[1], sim.hosts[2])
    async with connect(replace(connection_to(sim), hosts=hosts)) as api:
        upstream = await open_vnc(api, NODE, VMID)
        upstream.close()
        await upstream.leg.closed


@pytest.mark.usefixtures("running")
async def test_no_host_at_all(sim: Simulator):
    async with connect(replace(connection_to(sim), hosts=(sim.hosts[1],))) as api:
        await sim.node_down("pve2")
        with pytest.raises(Unreachable):
            await open_vnc(api, NODE, VMID)


@pytest.mark.usefixtures("running")
async def test_a_fingerprint_in_place_of_an_authority(sim: Simulator):
    connection = replace(
        connection_to(sim), hosts=(sim.hosts[0],), ca_path=None, fingerprint=sim.fingerprint
    )
    async with connect(connection) as api:
        upstream = await open_vnc(api, NODE, VMID)
        upstream.close()
        await upstream.leg.closed
