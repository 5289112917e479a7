"""Real QEMU processes behind the machine interface: screen, keys, power, clearing up."""

import asyncio
import os
import select
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.rfb_client import ESCAPE, RfbClient, RfbError
from tests.simulator.onlooker import CURSOR, banner_is_out, until_lit, view
from tests.simulator.some_guest import PASSWORD, SomeGuest
from vmlab.simulator.machines import DrawnMachine, Machines, QemuMachine
from vmlab.simulator.machines.bootsector import boot_sector
from vmlab.simulator.machines.qmp import QmpError


@pytest.fixture
async def machine(tmp_path: Path) -> AsyncIterator[QemuMachine]:
    machine = QemuMachine(tmp_path)
    await machine.start(SomeGuest())
    yield machine
    await machine.stop()


def test_a_boot_sector_is_one_whatever_its_message():
    for message in ("", "x" * 10_000, "\n" * 10_000, "π and 漢"):
        sector = boot_sector(message)
        assert len(sector) == 512
        assert sector.endswith(b"\x55\xaa")
    assert b"web-01\r\n" in boot_sector("web-01\n")


async def test_the_guest_boots_and_echoes_keys(machine: QemuMachine):
    client = await view(machine)
    banner = await until_lit(client, banner_is_out)
    await client.type("hello")
    await until_lit(client, lambda lit: lit > banner + 2 * CURSOR)
    await client.close()


async def test_reset_clears_the_screen(machine: QemuMachine):
    client = await view(machine)
    banner = await until_lit(client, banner_is_out)
    await client.type("hello")
    typed = await until_lit(client, lambda lit: lit > banner + 2 * CURSOR)
    await machine.reset()
    await until_lit(client, lambda lit: lit < typed - 2 * CURSOR)
    assert machine.running
    await client.close()


async def test_a_paused_screen_stands_still(machine: QemuMachine):
    client = await view(machine)
    await until_lit(client, banner_is_out)
    await machine.pause()
    still = await view(machine)
    await still.screenshot()
    with pytest.raises(TimeoutError):  # the cursor of a running guest blinks twice a second
        async with asyncio.timeout(1):
            await still.wait_for_change()
    await machine.resume()
    await client.wait_for_change()
    await client.close()
    await still.close()


async def test_escape_switches_the_guest_off(machine: QemuMachine, tmp_path: Path):
    client = await view(machine)
    await until_lit(client, banner_is_out)
    await client.key(ESCAPE)
    await machine.exited.wait()
    await client.closed()
    await client.close()
    assert not machine.running
    assert os.listdir(tmp_path) == []
    with pytest.raises(ConnectionRefusedError):
        await machine.connect_vnc(PASSWORD)
    with pytest.raises(QmpError, match="the machine is off"):
        await machine.pause()


async def test_the_power_button_is_obeyed_and_the_machine_starts_again(machine: QemuMachine):
    client = await view(machine)
    await until_lit(client, banner_is_out)
    assert await machine.powerdown()
    await machine.exited.wait()
    await client.close()
    await machine.start(SomeGuest())
    assert machine.running
    assert not machine.exited.is_set()


async def test_a_hanging_process_is_killed(machine: QemuMachine):
    assert machine.pid is not None
    os.kill(machine.pid, signal.SIGSTOP)
    await machine.stop()
    assert machine.exited.is_set()


async def test_a_process_that_dies_is_noticed(machine: QemuMachine):
    assert machine.pid is not None
    os.kill(machine.pid, signal.SIGKILL)
    await machine.exited.wait()
    assert not machine.running


async def test_a_wrong_password_is_refused(machine: QemuMachine):
    client = RfbClient(*await machine.connect_vnc(PASSWORD))
    with pytest.raises(RfbError, match="Authentication failed"):
        await client.log_in("another!")
    await client.close()


async def test_a_failed_start_says_why(tmp_path: Path):
    too_deep = tmp_path / ("d" * 100)
    too_deep.mkdir()
    machine = QemuMachine(too_deep)
    with pytest.raises(RuntimeError, match="too long"):
        await machine.start(SomeGuest())
    assert not machine.running
    assert os.listdir(too_deep) == []


PARENT = """
import asyncio, sys
from pathlib import Path
from tests.simulator.some_guest import SomeGuest
from vmlab.simulator.machines import QemuMachine

async def main():
    machine = QemuMachine(Path(sys.argv[1]))
    await machine.start(SomeGuest())
    print(machine.pid, flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


async def test_guests_die_with_a_killed_parent(tmp_path: Path):
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PARENT, str(tmp_path), stdout=subprocess.PIPE
    )
    assert parent.stdout is not None
    guest = os.pidfd_open(int(await parent.stdout.readline()))
    try:
        assert not _ended(guest, timeout_s=0)
        parent.kill()
        await parent.communicate()
        assert await asyncio.to_thread(_ended, guest, timeout_s=10)
    finally:
        os.close(guest)


def _ended(pidfd: int, timeout_s: float) -> bool:
    return select.select([pidfd], [], [], timeout_s)[0] != []


async def test_the_manager_makes_the_kind_that_was_asked_for(tmp_path: Path):
    assert isinstance(Machines("synthetic", tmp_path).of(100), DrawnMachine)
    assert isinstance(Machines("qemu", tmp_path).of(100), QemuMachine)
    assert isinstance(Machines("auto", tmp_path).of(100), QemuMachine)


async def test_the_manager_without_qemu(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert isinstance(Machines("auto", tmp_path).of(100), DrawnMachine)
    with pytest.raises(RuntimeError, match="qemu-system-x86_64"):
        Machines("qemu", tmp_path)


async def test_the_manager_stops_what_it_started(tmp_path: Path):
    machines = Machines("qemu", tmp_path)
    kept, forgotten = machines.of(100), machines.of(101)
    await kept.start(SomeGuest(100))
    await forgotten.start(SomeGuest(101))
    assert machines.of(100) is kept
    await machines.forget(101)
    assert not forgotten.running
    assert machines.of(101) is not forgotten
    await machines.stop_all()
    assert not kept.running
