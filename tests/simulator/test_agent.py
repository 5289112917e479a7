"""The guest agent: its answers, its silence, and what it can do to its guest."""

import asyncio

import pytest

from tests.simulator.lab import QEMU, cluster, config, guest, make, refused, start, status, token
from tests.simulator.raw import RawClient
from vmlab.simulator.guest_power import AGENT_READY_S

AGENT = f"{QEMU}/100/agent"


async def lively(api: RawClient) -> None:
    """Guest 100, running, its agent up."""
    await make(api, 100, name="Web.example", agent=1, net0="virtio,bridge=vmbr0")
    await start(api, 100)
    await api.sim.clock.sleep(2 * AGENT_READY_S)
    assert guest(api, 100).agent_up


async def test_answers(api: RawClient) -> None:
    await lively(api)
    assert (await api("POST", f"{AGENT}/ping")).data == {"result": {}}
    host = (await api("GET", f"{AGENT}/get-host-name")).data
    assert host == {"result": {"host-name": "web"}}
    known = (await api("GET", f"{AGENT}/info")).data["result"]["supported_commands"]
    assert "guest-exec" in {command["name"] for command in known}
    by_name = await api("POST", AGENT, {"command": "ping"})
    assert by_name.data == {"result": {}}


async def test_addresses_belong_to_the_guests_mac(api: RawClient) -> None:
    await lively(api)
    found = (await api("GET", f"{AGENT}/network-get-interfaces")).data["result"]
    assert [interface["name"] for interface in found] == ["lo", "eth0"]
    mac = found[1]["hardware-address"]
    assert mac.upper() in (await config(api, 100))["net0"]
    kinds = [address["ip-address-type"] for address in found[1]["ip-addresses"]]
    assert kinds == ["ipv4", "ipv6"]
    assert found[1]["ip-addresses"][1]["ip-address"].startswith("fe80::be24:11ff:fe")


async def test_a_static_address_is_the_one_of_cloud_init(api: RawClient) -> None:
    await lively(api)
    address = {"ipconfig0": "ip=10.1.2.3/20,gw=10.1.0.1"}
    assert (await api("PUT", f"{QEMU}/100/config", address)).status == 200
    found = (await api("GET", f"{AGENT}/network-get-interfaces")).data["result"][1]
    assert found["ip-addresses"][0] == {
        "ip-address": "10.1.2.3",
        "ip-address-type": "ipv4",
        "prefix": 20,
    }


async def test_why_there_is_no_answer(api: RawClient) -> None:
    await make(api, 100)
    path = f"{AGENT}/get-osinfo"
    assert refused(await api("GET", path)) == (500, "No QEMU guest agent configured")
    await api("PUT", f"{QEMU}/100/config", {"agent": "enabled=1"})
    assert refused(await api("GET", path)) == (500, "VM 100 is not running")
    guest(api, 100).extra["silent_agent"] = True
    await start(api, 100)
    assert refused(await api("GET", path)) == (500, "QEMU guest agent is not running")


async def test_silent_agents_block_the_node() -> None:
    async with cluster(frozen=True) as api:
        await api("POST", QEMU, {"vmid": 100, "agent": 1})
        await api.sim.clock.advance(2)
        guest(api, 100).extra["silent_agent"] = True
        await api("POST", f"{QEMU}/100/status/start")
        await api.sim.clock.advance(2)
        begun = api.sim.clock.time()
        ended: list[float] = []

        async def ping() -> None:
            answer = await api("POST", f"{AGENT}/ping")
            assert refused(answer) == (500, "QEMU guest agent is not running")
            ended.append(round(api.sim.clock.time() - begun))

        pings = asyncio.gather(*(ping() for _ in range(6)))
        while not pings.done():
            await asyncio.sleep(0.05)
            await api.sim.clock.advance(1)
        assert len(ended) == 6
        assert max(ended) >= 6


async def test_commands_and_files(api: RawClient) -> None:
    await lively(api)
    pid = (await api("POST", f"{AGENT}/exec", {"command": ["/bin/echo", "a", "b"]})).data["pid"]
    answer = await api("GET", f"{AGENT}/exec-status", {"pid": pid})
    assert answer.data == {"exited": 1, "exitcode": 0, "out-data": "a b\n", "out-truncated": 0}
    again = await api("GET", f"{AGENT}/exec-status", {"pid": pid})
    assert refused(again) == (500, f"Agent error: PID {pid} does not exist")
    written = await api("POST", f"{AGENT}/file-write", {"file": "/tmp/x", "content": "hello"})
    assert written.json == {"data": None}
    read = await api("GET", f"{AGENT}/file-read", {"file": "/tmp/x"})
    assert read.data == {"content": "hello", "bytes-read": 5}
    missing = await api("GET", f"{AGENT}/file-read", {"file": "/nosuch"})
    text = "failed to open file '/nosuch' (mode: 'r'): No such file or directory"
    assert refused(missing) == (500, f"Agent error: {text}")


async def test_a_command_may_switch_the_guest_off(api: RawClient) -> None:
    await lively(api)
    before = len(list(api.sim.jobs))
    answer = await api("POST", f"{AGENT}/exec", {"command": ["/bin/poweroff", "-f"]})
    assert answer.status == 200
    await api.sim.machines.of(100).exited.wait()
    assert (await status(api, 100))["status"] == "stopped"
    assert len(list(api.sim.jobs)) == before


@pytest.mark.parametrize(
    ("version", "missing"),
    [
        ("8.4", "VM.Monitor"),
        ("9.2", "VM.GuestAgent.Audit|VM.GuestAgent.Unrestricted"),
    ],
)
async def test_the_right_to_ask_has_changed_its_name(version: str, missing: str) -> None:
    async with cluster(version) as api:
        await lively(api)
        async with await token(api, ("/vms/100", "VM.Audit")) as client:
            answer = await client("GET", f"{AGENT}/get-osinfo")
        text = f"Permission check failed (/vms/100, {missing})"
        assert refused(answer) == (403, text)


async def test_monitor_and_keys(api: RawClient) -> None:
    await make(api, 100)
    monitor = f"{QEMU}/100/monitor"
    command = {"command": "info status"}
    assert (await api("POST", monitor, command)).data == "ERROR: VM 100 not running\n"
    key = {"key": "ctrl-alt-delete"}
    assert refused(await api("PUT", f"{QEMU}/100/sendkey", key)) == (500, "VM 100 not running")
    await start(api, 100)
    assert (await api("POST", monitor, command)).data == "VM status: running\r\n"
    assert (await api("PUT", f"{QEMU}/100/sendkey", key)).json == {"data": None}


async def test_nine_knows_few_monitor_commands() -> None:
    async with cluster("9.2") as api:
        await make(api, 100)
        answer = await api("POST", f"{QEMU}/100/monitor", {"command": "nosuch"})
        assert answer.status == 500
        assert answer.reason.startswith("command 'nosuch' non-existent or not assigned")
