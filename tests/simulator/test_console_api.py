"""Console calls over real TLS: tickets and ports, the WebSocket, and a screen behind it."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote

import aiohttp
import pytest

from tests.rfb_client import RfbClient, RfbError
from tests.simulator.desk import CALLS, VMID, WANTED, Desk, desk_of, dropped
from vmlab.simulator import Clock, Simulator

REFUSED = "permission denied - invalid PVEVNC ticket"


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    async with desk_of(Simulator(auth_delay_s=0.0, speed=1000.0)) as desk:
        yield desk


@pytest.fixture
async def timed_desk() -> AsyncIterator[Desk]:
    """The same, where time passes only when told."""
    async with desk_of(Simulator(auth_delay_s=0.0, clock=Clock(explicit=True))) as desk:
        yield desk


async def test_vncproxy_answers_as_since_april_2026(desk: Desk):
    data = await desk.open(params={"websocket": 1})
    assert set(data) == {"cert", "password", "port", "ticket", "upid", "user"}
    assert data["port"] == "5900"
    assert data["user"] == "root@pam!vmlab"
    assert len(data["password"]) == 8
    assert data["ticket"].startswith(f"{data['password']}:PVEVNC:")
    assert len(data["ticket"]) == 370
    assert f":vncproxy:{VMID}:root@pam!vmlab:" in data["upid"]
    assert data["cert"].startswith("-----BEGIN CERTIFICATE-----")


@pytest.mark.parametrize(("generate", "password"), [(0, None), (1, 8)])
async def test_vncproxy_answers_as_before(generate: int, password: int | None):
    async with desk_of(Simulator(ticket_form="before", speed=1000.0)) as desk:
        data = await desk.open(params={"websocket": 1, "generate-password": generate})
        assert data["ticket"].startswith("PVEVNC:")
        assert len(data["ticket"]) == 361
        assert ("password" in data) == (password is not None)
        client = await desk.view(data)
        assert client.name == "web-01"
        await client.close()


async def test_a_screen_can_be_seen_and_typed_at(desk: Desk):
    data = await desk.open()
    client = await desk.view(data)
    before = await client.screenshot()
    await client.type("poweroff")
    assert await client.wait_for_change() != before
    await client.type("\n")
    await client.closed()
    await client.close()
    assert not desk.sim.machines.of(VMID).running
    assert await desk.end_of(data) == ["TASK OK"]


async def test_a_wrong_vnc_password_is_refused(desk: Desk):
    client = RfbClient.over_websocket(await desk.connect(await desk.open()))
    with pytest.raises(RfbError, match="Authentication failed"):
        await client.log_in("another!")
    await client.close()


async def test_any_subprotocol_is_echoed(desk: Desk):
    for asked, answered in ((("binary",), "binary"), (("base64",), "base64"), ((), None)):
        socket = await desk.connect(await desk.open(), subprotocols=asked)
        assert socket.protocol == answered
        assert await socket.receive_bytes() == b"RFB 003.008\n"
        await socket.close()


async def test_a_ping_is_answered_and_a_close_frame_is_not(desk: Desk):
    reader, writer = await raw_websocket(desk, await desk.open())
    await reader.readexactly(2 + 12)  # the RFB version
    writer.write(bytes([0x89, 0x86]) + bytes(4) + b"there?")
    assert await reader.readexactly(8) == bytes([0x8A, 6]) + b"there?"
    writer.write(bytes([0x88, 0x82]) + bytes(4) + (1000).to_bytes(2))
    assert await reader.read() == b""
    writer.close()
    await writer.wait_closed()


async def test_the_end_of_the_guest_comes_without_a_close_frame(desk: Desk):
    socket = await desk.connect(await desk.open())
    await socket.receive_bytes()
    await desk.sim.machines.of(VMID).stop()
    await dropped(socket)


async def test_frames_go_up_to_128_kib(desk: Desk):
    client = await desk.view(await desk.open())
    clipboard = b"\6\0\0\0" + (128 * 1024 - 8).to_bytes(4) + bytes(128 * 1024 - 8)
    await client.send(clipboard)
    assert await client.screenshot()
    await client.send(clipboard + b"\0")
    await client.closed()
    await client.close()


@pytest.mark.parametrize(
    "frame",
    [
        bytes([0x82, 4]) + b"RFB ",  # not masked
        bytes([0x02, 0x84]) + bytes(4) + b"RFB ",  # the first part of a message
        bytes([0xC2, 0x84]) + bytes(4) + b"RFB ",  # compressed
        bytes([0x83, 0x80]) + bytes(4),  # an opcode of no meaning
    ],
)
async def test_frames_that_proxmox_does_not_take_end_the_connection(desk: Desk, frame: bytes):
    reader, writer = await raw_websocket(desk, await desk.open())
    writer.write(frame)
    rest = await reader.read()
    assert rest == bytes([0x82, 12]) + b"RFB 003.008\n"  # and no close frame
    writer.close()
    await writer.wait_closed()


async def raw_websocket(
    desk: Desk, data: dict[str, Any]
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A WebSocket whose frames a test writes by itself."""
    api = desk.client()
    context = ssl.create_default_context(cafile=str(desk.sim.ca_path))
    host, port = desk.sim.hosts[0].split(":")
    reader, writer = await asyncio.open_connection(host, int(port), ssl=context)
    query = f"port={data['port']}&vncticket={quote(data['ticket'], safe='')}"
    head = (
        f"GET /api2/json{CALLS}/vncwebsocket?{query} HTTP/1.1\r\nHost: {host}\r\n"
        f"Authorization: {api.headers['Authorization']}\r\n"
        "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
    )
    writer.write(head.encode())
    answer = await reader.readuntil(b"\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 101 Switching Protocols\r\n")
    assert b"sec-websocket-extensions" not in answer.lower()
    return reader, writer


async def test_a_stopped_guest_opens_and_drops_the_websocket(desk: Desk):
    await desk.sim.machines.of(VMID).stop()
    data = await desk.open()
    socket = await desk.connect(data)  # answered by 101 all the same
    await dropped(socket)
    assert await desk.end_of(data) == [
        f"VM {VMID} not running",
        "TASK ERROR: Failed to run vncproxy.",
    ]


async def test_a_proxy_accepts_one_connection(desk: Desk):
    data = await desk.open()
    first = await desk.connect(data)
    with pytest.raises(aiohttp.ClientConnectionError):
        await desk.connect(data)
    assert await first.receive_bytes()
    await first.close()


async def test_a_proxy_leads_only_from_the_node_that_was_asked(desk: Desk):
    data = await desk.open()
    with pytest.raises(aiohttp.ClientConnectionError):
        await desk.connect(data, node=1)
    async with desk.client(node=1) as api:
        elsewhere = (await api("POST", f"{CALLS}/vncproxy", WANTED)).data
    assert elsewhere["port"] == data["port"]
    assert elsewhere["upid"].startswith("UPID:pve2:")
    socket = await desk.connect(elsewhere, node=1)
    assert await socket.receive_bytes()
    await socket.close()


async def refused(desk: Desk, data: dict[str, Any], **how: Any) -> None:
    with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
        await desk.connect(data, **how)
    assert (caught.value.status, caught.value.message) == (401, "Invalid response status")


async def test_a_ticket_is_bound_to_its_owner_and_port(desk: Desk):
    first, second = await desk.open(), await desk.open()
    assert second["port"] == "5901"
    await refused(desk, first, who=desk.sim.token_id)
    await refused(desk, first | {"port": second["port"]})
    half_encoded = quote(first["ticket"], safe="+/=")  # a raw + or = gets lost on the way
    await refused(desk, first, ticket=half_encoded)
    await refused(desk, first, ticket="forged")


async def test_a_refused_ticket_is_named(desk: Desk):
    async with desk.client() as api:
        answer = await api("GET", f"{CALLS}/vncwebsocket", {"port": 5900, "vncticket": "x"})
    assert (answer.status, answer.reason) == (401, REFUSED)
    assert answer.json == {"data": None, "message": REFUSED + "\n"}


async def test_an_old_ticket_is_not_bound_to_the_port():
    async with desk_of(Simulator(ticket_form="before", speed=1000.0)) as desk:
        first, second = await desk.open(), await desk.open()
        socket = await desk.connect(first | {"port": second["port"]})
        assert await socket.receive_bytes()
        await socket.close()


async def test_without_an_upgrade_the_port_is_told(desk: Desk):
    data = await desk.open()
    async with desk.client() as api:
        query = {"port": data["port"], "vncticket": data["ticket"]}
        answer = await api("GET", f"{CALLS}/vncwebsocket", query)
    assert answer.data == {"port": "5900"}


async def test_a_proxy_waits_ten_seconds(timed_desk: Desk):
    data = await timed_desk.open()
    await timed_desk.sim.clock.advance(9.9)
    job = timed_desk.sim.jobs.find(data["upid"])
    assert job is not None
    assert job.running
    await timed_desk.sim.clock.advance(0.2)
    assert await timed_desk.end_of(data) == ["TASK ERROR: connection timed out"]
    with pytest.raises(aiohttp.ClientConnectionError):
        await timed_desk.connect(data)
    assert (await timed_desk.open())["port"] == data["port"]


async def test_a_ticket_lives_forty_seconds(timed_desk: Desk):
    data = await timed_desk.open()
    await timed_desk.sim.clock.advance(39)
    with pytest.raises(aiohttp.ClientConnectionError):
        await timed_desk.connect(data)  # valid still, but nobody waits at the port
    await timed_desk.sim.clock.advance(2)
    await refused(timed_desk, data)


async def test_a_hundred_ports_a_node(desk: Desk):
    for _ in range(100):
        desk.sim.consoles.listen("pve1")
    async with desk.client() as api:
        answer = await api("POST", f"{CALLS}/vncproxy", WANTED)
    assert (answer.status, answer.reason) == (500, "unable to find free port (5900-6000)")
    async with desk.client(node=1) as api:
        assert (await api("POST", f"{CALLS}/vncproxy", WANTED)).status == 200


async def test_who_may_not(desk: Desk):
    desk.sim.cluster.pools["vmlab"].vms.discard(VMID)
    for call in ("vncproxy", "termproxy"):
        async with desk.client(desk.sim.token_id) as api:
            answer = await api("POST", f"{CALLS}/{call}")
        text = f"Permission check failed (/vms/{VMID}, VM.Console)"
        assert (answer.status, answer.reason) == (403, text)


async def test_a_guest_that_is_elsewhere_is_not_found(desk: Desk):
    async with desk.client() as api:
        for node in ("pve2", "nowhere"):
            answer = await api("POST", f"/nodes/{node}/qemu/{VMID}/vncproxy", WANTED)
            file = f"nodes/{node}/qemu-server/{VMID}.conf"
            assert answer.status == 500
            assert answer.reason == f"Configuration file '{file}' does not exist"


async def test_without_websocket_there_is_no_way_in(desk: Desk):
    data = await desk.open(params={"generate-password": 1})
    socket = await desk.connect(data)
    await dropped(socket)
    assert await desk.end_of(data) == ["TASK ERROR: Failed to run vncproxy."]


async def test_a_stopped_task_drops_its_client(desk: Desk):
    data = await desk.open()
    client = await desk.view(data)
    job = desk.sim.jobs.find(data["upid"])
    assert job is not None
    await desk.sim.jobs.stop(job)
    await client.closed()
    await client.close()
    assert (await desk.open())["port"] == data["port"]


async def test_a_task_that_fails_at_once_frees_its_port(desk: Desk):
    desk.sim.faults.add("task_fails", path="vncproxy", times=1)
    failed = await desk.open()
    assert await desk.end_of(failed) == ["TASK ERROR: simulated failure"]
    assert (await desk.open())["port"] == failed["port"]


async def test_a_lost_node_takes_its_consoles_along(desk: Desk):
    client = await desk.view(await desk.open())
    await desk.sim.node_down("pve1")
    await client.closed()
    await client.close()


async def test_the_simulator_ends_with_consoles_open():
    async with desk_of(Simulator(speed=1000.0)) as desk:
        client = await desk.view(await desk.open())
    await client.closed()
    await client.close()


async def test_a_real_guest_shows_its_screen():
    async with desk_of(Simulator(speed=1000.0, guests="qemu")) as desk:
        client = await desk.view(await desk.open())
        assert client.name == f"QEMU (vm-{VMID})"
        before = await client.screenshot()
        assert await client.wait_for_change() != before
        await client.close()
