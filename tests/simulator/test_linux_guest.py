"""A guest with a real Linux: what the simulated cluster tells of it is what is inside."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import asyncssh
import pytest
import pytest_asyncio

from tests.simulator import lab
from tests.simulator.raw import RawClient
from vmlab.simulator import Simulator
from vmlab.simulator.linux import USER, image
from vmlab.simulator.machines.network import SSH_PORT

GUEST = f"{lab.QEMU}/100"
NAME, PASSWORD = "web-01", "as good as any"
INSIDE, GATEWAY = "10.77.0.5", "10.77.0.1"
UP_WITHIN_S = 100.0
pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(600)]


@dataclass
class Linux:
    """A running guest, seen through the cluster's API."""

    api: RawClient

    async def until_up(self) -> None:
        """Wait for the agent, at which a question waits for three seconds by itself."""
        async with asyncio.timeout(UP_WITHIN_S):
            while (await self.api("POST", f"{GUEST}/agent/ping")).status != 200:
                pass

    async def run(self, command: str) -> str:
        """What a command prints that is run in root's home, which lies on the disk."""
        at_home = ["/bin/sh", "-c", f"cd /root && {command}"]
        path, sent = f"{GUEST}/agent/exec", {"command": at_home}
        pid = (await self.api("POST", path, sent)).data["pid"]
        async with asyncio.timeout(UP_WITHIN_S):
            while not (ended := await self._status(pid))["exited"]:
                pass
        assert ended["exitcode"] == 0, ended
        return str(ended.get("out-data", ""))

    async def _status(self, pid: int) -> dict[str, Any]:
        found: dict[str, Any] = (
            await self.api("GET", f"{GUEST}/agent/exec-status", {"pid": pid})
        ).data
        return found

    async def asked(self, name: str) -> Any:
        """What the agent answers."""
        return (await self.api("GET", f"{GUEST}/agent/{name}")).data["result"]

    @property
    def address(self) -> str:
        """Where its SSH server is found."""
        return self.api.sim.machines.address_of(100)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def linux() -> AsyncIterator[Linux]:
    """A clone of the template, its cloud-init drive filled in, booted once for all tests here."""
    built = await asyncio.to_thread(image)
    async with (
        Simulator(auth_delay_s=0.0, guests="qemu", linux=built, statd_period_s=1.0) as simulator,
        RawClient(simulator) as api,
    ):
        path = f"{lab.QEMU}/{lab.TEMPLATE}/clone"
        assert await api.done("POST", path, {"newid": 100, "name": NAME}) == "OK"
        wanted = {"cipassword": PASSWORD, "ipconfig0": f"ip={INSIDE}/24,gw={GATEWAY}"}
        assert await api.done("POST", f"{GUEST}/config", wanted) == "OK"
        await lab.start(api, 100)
        guest = Linux(api)
        await guest.until_up()
        yield guest


async def test_the_agent_is_the_guests_own(linux: Linux):
    assert await linux.asked("get-host-name") == {"host-name": NAME}
    assert (await linux.asked("get-osinfo"))["id"] == "vmlab-guest"
    [card] = [
        each for each in await linux.asked("network-get-interfaces") if each["name"] == "eth0"
    ]
    assert card["hardware-address"].upper() in lab.guest(linux.api, 100).config["net0"]
    assert linux.address in [each["ip-address"] for each in card["ip-addresses"]]
    assert f"inet {INSIDE}/24 " in await linux.run("ip addr show eth0")
    missing = await linux.api("GET", f"{GUEST}/agent/file-read", {"file": "/no/such"})
    assert missing.status == 500
    assert missing.reason.startswith("Agent error: failed to open file '/no/such'")


async def test_the_password_of_cloud_init_opens_ssh(linux: Linux):
    async with asyncssh.connect(
        linux.address,
        SSH_PORT,
        username=USER,
        password=PASSWORD,
        known_hosts=None,
        config=None,
        agent_path=None,
        client_keys=None,
    ) as connection:
        assert (await connection.run("hostname")).stdout == f"{NAME}\n"


async def test_figures_are_measured(linux: Linux):
    before = await lab.status(linux.api, 100)
    await linux.run(f"cat /dev/sda1 >/dev/null; ping -c 2 {GATEWAY}")
    await asyncio.sleep(2)  # pvestatd's rounds
    after = await lab.status(linux.api, 100)
    assert after["diskread"] > before["diskread"] > 10 << 20
    assert after["netin"] >= before["netin"] + 2 * 64
    assert after["netout"] >= before["netout"] + 2 * 64
    assert after["blockstat"]["scsi0"]["rd_operations"] > 0
    assert 0 < after["mem"] < after["maxmem"]
    total = int((await linux.run("awk '/MemTotal/ {print $2}' /proc/meminfo")).strip())
    assert after["ballooninfo"]["total_mem"] == total * 1024


async def test_files_go_back_with_memory(linux: Linux):
    await linux.run("echo one >file; (sleep 10000 &) </dev/null >/dev/null 2>&1")
    wanted = {"snapname": "with", "vmstate": 1}
    assert await linux.api.done("POST", f"{GUEST}/snapshot", wanted) == "OK"
    await linux.run("echo two >file; killall sleep")
    assert await linux.api.done("POST", f"{GUEST}/snapshot/with/rollback") == "OK"
    assert await linux.run("cat file; pidof sleep >/dev/null && echo asleep") == "one\nasleep\n"


async def test_a_shutdown_is_the_systems_own(linux: Linux):
    assert await linux.api.done("POST", f"{GUEST}/snapshot", {"snapname": "without"}) == "OK"
    await linux.run("echo three >file")
    machine = linux.api.sim.machines.of(100)
    assert await linux.api.done("POST", f"{GUEST}/status/shutdown", {"timeout": 90}) == "OK"
    assert not machine.running
    assert await linux.api.done("POST", f"{GUEST}/snapshot/without/rollback") == "OK"
    await lab.start(linux.api, 100)
    await linux.until_up()
    assert await linux.run("cat file") == "one\n"
    assert await machine.powerdown()  # the button, this time
    async with asyncio.timeout(UP_WITHIN_S):
        await machine.exited.wait()
