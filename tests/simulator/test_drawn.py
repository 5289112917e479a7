"""The drawn screens: RFB as a real client meets it, the toy command line, power, misbehaviour."""

import asyncio
import struct
from collections.abc import AsyncIterator, Callable

import pytest

from tests.rfb_client import BACKSPACE, RfbClient, RfbError
from tests.simulator.some_guest import PASSWORD, SomeGuest
from vmlab.simulator.machines import DrawnMachine
from vmlab.simulator.machines.screen import HEIGHT, ROW_HEIGHT, WIDTH

ROW_BYTES = WIDTH * 4


@pytest.fixture
async def machine() -> AsyncIterator[DrawnMachine]:
    machine = DrawnMachine()
    await machine.start(SomeGuest())
    yield machine
    await machine.stop()


async def view(machine: DrawnMachine, *, shared: bool = True) -> RfbClient:
    client = RfbClient(*await machine.connect_vnc(PASSWORD))
    await client.log_in(PASSWORD, shared=shared)
    return client


def below_title(pixels: bytes | bytearray) -> bytes:
    """The screen without the row that shows the running clock."""
    return bytes(pixels[ROW_HEIGHT * ROW_BYTES :])


async def until(client: RfbClient, seen: Callable[[bytes], bool]) -> bytes:
    """Look on until the screen below the title is as wanted."""
    screen = below_title(client.pixels)
    while not seen(screen):
        screen = below_title(await client.wait_for_change())
    return screen


async def until_row(machine: DrawnMachine, client: RfbClient, row: str) -> int:
    """Look on until the guest shows a row; return its index."""
    while row not in machine.rows():
        await client.wait_for_change()
    return machine.rows().index(row)


async def test_a_screen_can_be_looked_at(machine: DrawnMachine):
    client = await view(machine)
    assert (client.width, client.height, client.name) == (WIDTH, HEIGHT, "web-01")
    pixels = await client.screenshot()
    assert len(pixels) == WIDTH * HEIGHT * 4
    title, first_line = pixels[: ROW_HEIGHT * ROW_BYTES], below_title(pixels)
    assert title.count(b"\xd8\xd8\xd8") > first_line.count(b"\xd8\xd8\xd8")  # inverse colours
    assert machine.rows()[0].startswith("web-01   VM 100 on pve1   up 0:00:0")
    await client.close()


async def test_a_title_follows_the_guest(machine: DrawnMachine):
    guest = SomeGuest()
    await machine.start(guest)
    guest.node, guest.config["name"] = "pve2", "db-01"
    assert machine.rows()[0].startswith("db-01   VM 100 on pve2")


async def test_typed_keys_appear(machine: DrawnMachine):
    client = await view(machine)
    empty = below_title(await client.screenshot())
    await client.type("x")
    await until(client, lambda screen: screen != empty)
    await client.key(BACKSPACE)
    await until(client, lambda screen: screen == empty)
    await client.close()


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("help", "help, hostname, uptime, clear, poweroff"),
        ("hostname", "web-01"),
        ("uptime", "up 0:00:0"),
        ("make tea", "make: command not found"),
    ],
)
async def test_commands_answer(machine: DrawnMachine, command: str, answer: str):
    client = await view(machine)
    await client.type(command + "\n")
    typed = await until_row(machine, client, f"web-01:~# {command}")
    assert machine.rows()[typed + 1].startswith(answer)
    assert machine.rows()[typed + 2] == "web-01:~# _"
    await client.close()


async def test_clear_leaves_only_a_prompt(machine: DrawnMachine):
    client = await view(machine)
    await client.type("clear\nx")
    assert await until_row(machine, client, "web-01:~# x_") == 1
    assert set(machine.rows()[2:]) == {""}
    await client.close()


async def test_long_output_scrolls(machine: DrawnMachine):
    client = await view(machine)
    for number in range(30):
        await client.type(f"{number}\n")
    last = await until_row(machine, client, "29: command not found")
    assert machine.rows()[last + 1 :] == ["web-01:~# _"]
    await client.close()


async def test_poweroff_ends_the_run_and_its_viewers(machine: DrawnMachine):
    first, second = await view(machine), await view(machine)
    await first.type("poweroff\n")
    await machine.exited.wait()
    assert not machine.running
    await first.closed()
    await second.closed()
    with pytest.raises(ConnectionRefusedError):
        await machine.connect_vnc(PASSWORD)
    await first.close()
    await second.close()


async def test_the_power_button_is_obeyed_and_a_new_run_begins_afresh(machine: DrawnMachine):
    ended = machine.exited
    assert await machine.powerdown()
    assert ended.is_set()
    await machine.start(SomeGuest())
    assert machine.running
    assert not machine.exited.is_set()


async def test_stop_cuts_off_a_viewer_who_has_not_logged_in(machine: DrawnMachine):
    reader, writer = await machine.connect_vnc(PASSWORD)
    await reader.readexactly(12)
    await machine.stop()
    assert await reader.read() == b""
    writer.close()


async def test_a_paused_screen_stands_still_and_loses_keys(machine: DrawnMachine):
    client = await view(machine)
    await machine.pause()
    frozen = await client.screenshot()
    await client.type("lost")
    assert await client.screenshot() == frozen
    await machine.resume()
    await client.type("k")
    await until_row(machine, client, "web-01:~# k_")
    await client.close()


async def test_reset_boots_again_with_viewers_connected(machine: DrawnMachine):
    client = await view(machine)
    fresh = below_title(await client.screenshot())
    await client.type("x")
    await until(client, lambda screen: screen != fresh)
    await machine.reset()
    await until(client, lambda screen: screen == fresh)
    await client.close()


async def test_several_viewers_see_the_same(machine: DrawnMachine):
    first, second = await view(machine), await view(machine)
    empty = below_title(await second.screenshot())
    await first.type("x")
    seen = await until(second, lambda screen: screen != empty)
    assert below_title(await first.screenshot()) == seen
    await first.close()
    await second.close()


async def test_a_wrong_password_is_refused(machine: DrawnMachine):
    client = RfbClient(*await machine.connect_vnc(PASSWORD))
    with pytest.raises(RfbError, match="Authentication failed"):
        await client.log_in("another!")
    await client.close()


async def test_only_eight_characters_of_a_password_count(machine: DrawnMachine):
    client = RfbClient(*await machine.connect_vnc(PASSWORD + ":PVEVNC:6B02902E"))
    await client.log_in(PASSWORD)
    await client.close()


async def test_who_wants_to_be_alone_throws_the_others_out(machine: DrawnMachine):
    guest = await view(machine)
    alone = await view(machine, shared=False)
    await guest.closed()
    late = RfbClient(*await machine.connect_vnc(PASSWORD))
    with pytest.raises((asyncio.IncompleteReadError, ConnectionError)):
        await late.log_in(PASSWORD)
    assert await alone.screenshot()
    for client in (guest, alone, late):
        await client.close()


async def test_another_pixel_layout_is_served(machine: DrawnMachine):
    client = await view(machine)
    red_first = await client.screenshot()
    layout = bytes([32, 24, 1, 1, 0, 255, 0, 255, 0, 255, 16, 8, 0, 0, 0, 0])  # big-endian XRGB
    await client.send(bytes(4) + layout)
    await client.screenshot()
    blank_first = bytes(client.pixels)
    assert below_title(blank_first)[1::4] == below_title(red_first)[0::4]
    assert below_title(blank_first)[3::4] == below_title(red_first)[2::4]
    await client.close()


@pytest.mark.parametrize(
    "message",
    [
        b"\xfa\0\1\2",  # power control was not offered
        b"\0\0\0\0" + bytes([16, 16, 0, 1]) + bytes(12),  # 16-bit pixels
        b"\6\0\0\0\x7f\xff\xff\xff",  # two gigabytes of clipboard
    ],
)
async def test_what_is_not_taken_ends_the_connection(machine: DrawnMachine, message: bytes):
    client = await view(machine)
    await client.send(message)
    await client.closed()
    await client.close()
    assert machine.running


async def test_pointer_clipboard_and_encodings_are_passed_over(machine: DrawnMachine):
    client = await view(machine)
    await client.send(b"\5\0\0\1\0\1" + b"\6\0\0\0\0\0\0\3abc" + b"\2\0\0\2" + bytes(8))
    assert await client.screenshot()
    await client.close()


async def test_misbehaving_wrong_security(machine: DrawnMachine):
    machine.misbehaviour = "wrong_security"
    client = RfbClient(*await machine.connect_vnc(PASSWORD))
    with pytest.raises(RfbError, match=r"security types \[19\]"):
        await client.log_in(PASSWORD)
    await client.close()


async def test_misbehaving_cut_off(machine: DrawnMachine):
    machine.misbehaviour = "cut_off"
    client = await view(machine)
    with pytest.raises(asyncio.IncompleteReadError) as caught:
        await client.screenshot()
    assert 0 < len(caught.value.partial) < ROW_HEIGHT * ROW_BYTES
    await client.close()


async def test_misbehaving_slow(machine: DrawnMachine):
    machine.misbehaviour = "slow"
    reader, writer = await machine.connect_vnc(PASSWORD)
    client = RfbClient(reader, writer)
    await client.log_in(PASSWORD)
    await client.send(b"\3\0" + struct.pack(">HHHH", 0, 0, WIDTH, HEIGHT))
    pieces = [await reader.read(WIDTH * HEIGHT) for _ in range(4)]
    assert all(len(piece) <= 4096 for piece in pieces)
    await client.close()
