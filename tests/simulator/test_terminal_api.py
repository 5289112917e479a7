"""The serial line of a guest, as termproxy and its WebSocket offer it."""

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from tests.simulator.desk import VMID, Desk, desk_of, dropped
from vmlab.simulator import Simulator

SERIAL = {"serial": "serial0"}


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    async with desk_of(Simulator(auth_delay_s=0.0, speed=1000.0)) as desk:
        yield desk


async def terminal(desk: Desk, data: dict[str, Any]) -> aiohttp.ClientWebSocketResponse:
    socket = await desk.connect(data)
    await socket.send_bytes(f"{data['user']}:{data['ticket']}\n".encode())
    return socket


async def until(socket: aiohttp.ClientWebSocketResponse, wanted: bytes) -> bytes:
    """Read what the line says until it ends so."""
    said = b""
    while not said.endswith(wanted):
        said += await socket.receive_bytes()
    return said


async def test_a_serial_line_answers(desk: Desk):
    data = await desk.open("termproxy", SERIAL)
    assert set(data) == {"port", "ticket", "upid", "user"}
    socket = await terminal(desk, data)
    assert await until(socket, b"# ") == b"OKweb-01:~# "
    await socket.send_bytes(b"1:80:24:2")
    await socket.send_bytes(b"0:8:hostnamx0:2:\x7fe0:1:\r")
    assert await until(socket, b"# ") == b"hostnamx\b \be\r\nweb-01\r\nweb-01:~# "
    await socket.send_bytes(b"0:9:poweroff\r")
    assert (await until(socket, b"# ")).startswith(b"poweroff\r\nPower down.\r\n")
    await desk.end_of(data)
    assert not desk.sim.machines.of(VMID).running
    await socket.close()


@pytest.mark.parametrize("words", [b"root@pam!vmlab:forged\n", b"vmlab@pve:%s\n", b"\xff\n"])
async def test_a_serial_line_wants_its_ticket(desk: Desk, words: bytes):
    data = await desk.open("termproxy", SERIAL)
    socket = await desk.connect(data)
    await socket.send_bytes(words.replace(b"%s", data["ticket"].encode()))
    await dropped(socket)
    await socket.close()


@pytest.mark.parametrize("message", [b"9", b"0:9999999:", b"0:x:"])
async def test_a_serial_line_hangs_up_on_what_it_does_not_know(desk: Desk, message: bytes):
    socket = await terminal(desk, await desk.open("termproxy", SERIAL))
    await until(socket, b"# ")
    await socket.send_bytes(message + b":")
    await dropped(socket)
    await socket.close()


@pytest.mark.parametrize(
    ("config", "params", "log"),
    [
        ({}, {}, "unable to find a serial interface"),
        ({"serial0": "socket"}, {"serial": "serial1"}, "requested interface 'serial1' is not"),
        ({"serial0": "socket"}, {}, f"VM {VMID} not running"),
    ],
)
async def test_what_is_wrong_with_a_serial_line_is_in_the_log(
    desk: Desk, config: dict[str, str], params: dict[str, str], log: str
):
    desk.sim.cluster.guests[VMID].config = config
    await desk.sim.machines.of(VMID).stop()
    data = await desk.open("termproxy", params)
    socket = await desk.connect(data)
    await dropped(socket)
    assert (await desk.end_of(data))[0].startswith(log)
