"""Power: the table of what each call does in each state, and who notices a guest that ends."""

import pytest

from tests.simulator.lab import QEMU, cluster, config, guest, job, make, refused, start, status
from tests.simulator.raw import RawClient
from vmlab.simulator import Simulator
from vmlab.simulator.guest_power import AGENT_READY_S

STATUS = f"{QEMU}/100/status"


async def test_start_and_stop(api: RawClient) -> None:
    await make(api, 100)
    await start(api, 100)
    assert (await status(api, 100))["status"] == "running"
    assert await api.done("POST", f"{STATUS}/start") == "VM 100 already running"
    assert await api.done("POST", f"{STATUS}/stop") == "OK"
    assert (await status(api, 100))["status"] == "stopped"
    assert api.sim.machines.of(100).running is False


@pytest.mark.parametrize("action", ["stop", "shutdown"])
async def test_a_stopped_guest_can_be_stopped_again(api: RawClient, action: str) -> None:
    await make(api, 100)
    assert await api.done("POST", f"{STATUS}/{action}") == "OK"


@pytest.mark.parametrize("action", ["suspend", "reset", "reboot", "resume"])
async def test_a_stopped_guest_refuses_the_rest_at_once(api: RawClient, action: str) -> None:
    await make(api, 100)
    assert refused(await api("POST", f"{STATUS}/{action}")) == (500, "VM 100 not running")


@pytest.mark.parametrize("action", ["start", "stop", "shutdown"])
async def test_an_unknown_guest_fails_only_in_the_task(api: RawClient, action: str) -> None:
    text = "Configuration file 'nodes/pve1/qemu-server/100.conf' does not exist"
    assert await api.done("POST", f"{STATUS}/{action}") == text


async def test_what_cannot_start(api: RawClient) -> None:
    path = f"{QEMU}/9000/status/start"
    assert await api.done("POST", path) == "you can't start a vm if it's a template"
    (await make(api, 100)).config["lock"] = "backup"
    assert await api.done("POST", f"{STATUS}/start") == "VM is locked (backup)"
    assert await api.done("POST", f"{STATUS}/stop") == "OK"
    answer = await api("POST", f"{STATUS}/start", {"skiplock": 1})
    assert answer.json["errors"] == {"skiplock": "Only root may use this option."}


@pytest.mark.parametrize(
    ("version", "text"),
    [
        ("8.4", "start failed: QEMU exited with code 1"),
        ("9.2", "bridge 'vmbr9' does not exist"),
    ],
)
async def test_a_missing_bridge(version: str, text: str) -> None:
    async with cluster(version) as api:
        await make(api, 100, net0="virtio,bridge=vmbr9")
        assert await api.done("POST", f"{STATUS}/start") == text
        assert not guest(api, 100).running


async def test_a_warning_is_a_success(api: RawClient) -> None:
    await make(api, 100, scsi0="vmdisks:1,format=qcow2,iothread=1")
    assert await api.done("POST", f"{STATUS}/start") == "WARNINGS: 1"


async def test_pause_and_resume(api: RawClient) -> None:
    await make(api, 100)
    await start(api, 100)
    for _ in range(2):
        assert await api.done("POST", f"{STATUS}/suspend") == "OK"
    paused = await status(api, 100)
    assert (paused["status"], paused["qmpstatus"]) == ("running", "paused")
    for action in ("shutdown", "reboot"):
        answer = await api("POST", f"{STATUS}/{action}", {"timeout": 5})
        assert refused(answer) == (500, "VM is paused - cannot shutdown")
    for _ in range(2):
        assert await api.done("POST", f"{STATUS}/resume") == "OK"
    assert (await status(api, 100))["qmpstatus"] == "running"
    await api.done("POST", f"{STATUS}/suspend")
    assert await api.done("POST", f"{STATUS}/shutdown", {"forceStop": 1}) == "OK"
    assert not guest(api, 100).running


async def test_shutdown_of_a_guest_that_listens(api: RawClient) -> None:
    await make(api, 100)
    await start(api, 100)
    assert await api.done("POST", f"{STATUS}/shutdown", {"timeout": 60}) == "OK"
    assert not guest(api, 100).running


async def test_shutdown_of_a_guest_that_does_not_listen(api: RawClient) -> None:
    (await make(api, 100)).extra["deaf"] = True
    await start(api, 100)
    timed_out = "VM quit/powerdown failed - got timeout"
    assert await api.done("POST", f"{STATUS}/shutdown", {"timeout": 4}) == timed_out
    assert await api.done("POST", f"{STATUS}/reboot", {"timeout": 4}) == timed_out
    assert guest(api, 100).running
    forced = {"timeout": 4, "forceStop": 1}
    answer = await api("POST", f"{STATUS}/shutdown", forced)
    ended = await api.sim.jobs.wait(answer.data)
    assert ended.lines == ["VM still running - terminating now with SIGTERM", "TASK OK"]
    assert not guest(api, 100).running


async def test_the_default_timeout_is_a_minute_or_the_startup_option() -> None:
    async with cluster(frozen=True) as api:
        for vmid, options in ((100, {}), (101, {"startup": "order=1,down=5"})):
            upid = (await api("POST", QEMU, {"vmid": vmid, **options})).data
            await api.sim.clock.advance(2)
            assert job(api, upid).status == "OK"
            guest(api, vmid).extra["deaf"] = True
            await api("POST", f"{QEMU}/{vmid}/status/start")
            await api.sim.clock.advance(2)
        paths = (f"{QEMU}/{vmid}/status/shutdown" for vmid in (100, 101))
        long, short = [(await api("POST", path)).data for path in paths]
        await api.sim.clock.advance(6)
        assert not job(api, short).running
        await api.sim.clock.advance(53)
        assert job(api, long).running
        await api.sim.clock.advance(2)
        assert not job(api, long).running


async def test_stop_overrules_a_shutdown_that_waits() -> None:
    async with cluster(frozen=True) as api:
        await api("POST", QEMU, {"vmid": 100})
        await api.sim.clock.advance(2)
        guest(api, 100).extra["deaf"] = True
        await api("POST", f"{STATUS}/start")
        await api.sim.clock.advance(2)
        waiting = (await api("POST", f"{STATUS}/shutdown", {"timeout": 300})).data
        await api.sim.clock.advance(1)
        plain = (await api("POST", f"{STATUS}/stop")).data
        await api.sim.clock.advance(11)
        text = "can't lock file '/var/lock/qemu-server/lock-100.conf' - got timeout"
        assert job(api, plain).status == text
        stop = (await api("POST", f"{STATUS}/stop", {"overrule-shutdown": 1})).data
        await api.sim.clock.advance(1)
        assert job(api, waiting).status == "interrupted by signal"
        assert job(api, stop).status == "OK"


async def test_reboot_starts_again_in_a_second_task_of_roots() -> None:
    async with cluster(frozen=True) as api:
        await api("POST", QEMU, {"vmid": 100, "memory": 64})
        await api.sim.clock.advance(2)
        await api("POST", f"{STATUS}/start")
        await api.sim.clock.advance(2)
        await api("PUT", f"{QEMU}/100/config", {"memory": 128})
        upid = (await api("POST", f"{STATUS}/reboot", {"timeout": 60})).data
        await api.sim.clock.advance(2.1)
        assert job(api, upid).status == "OK"
        assert (await status(api, 100))["status"] == "stopped"
        assert (await config(api, 100, current=1))["memory"] == "128"
        await api.sim.clock.advance(2)
        assert (await status(api, 100))["status"] == "running"
        latest = max(api.sim.jobs, key=lambda job: job.pid)
        assert (latest.kind, latest.user, latest.status) == ("qmstart", "root@pam", "OK")


async def test_a_guest_that_powers_itself_off_leaves_no_task(api: RawClient) -> None:
    await make(api, 100)
    await start(api, 100)
    before = len(list(api.sim.jobs))
    machine = api.sim.machines.of(100)
    assert await machine.powerdown()
    await machine.exited.wait()
    assert (await status(api, 100))["status"] == "stopped"
    assert len(list(api.sim.jobs)) == before


async def test_reset_lets_the_agent_come_up_again() -> None:
    async with cluster(frozen=True) as api:
        await api("POST", QEMU, {"vmid": 100, "agent": 1})
        await api.sim.clock.advance(2)
        await api("POST", f"{STATUS}/start")
        await api.sim.clock.advance(AGENT_READY_S + 2)
        assert guest(api, 100).agent_up
        pid = guest(api, 100).pid
        await api("POST", f"{STATUS}/reset")
        await api.sim.clock.advance(1)
        assert not guest(api, 100).agent_up
        assert guest(api, 100).pid == pid
        await api.sim.clock.advance(AGENT_READY_S)
        assert guest(api, 100).agent_up


async def test_hibernation(api: RawClient) -> None:
    await make(api, 100, memory=192)
    await start(api, 100)
    answer = await api("POST", f"{STATUS}/suspend", {"todisk": 1})
    ended = await api.sim.jobs.wait(answer.data)
    assert (ended.kind, ended.status, ended.lines[1]) == (
        "qmsuspend",
        "OK",
        "State saved, quitting",
    )
    assert "fmt=raw size=926941184" in ended.lines[0]
    found = await config(api, 100)
    assert found["lock"] == "suspended"
    assert found["vmstate"] in api.sim.cluster.storage("vmdisks").on("pve1")
    assert (await status(api, 100))["status"] == "stopped"
    answer = await api("POST", f"{STATUS}/resume")
    ended = await api.sim.jobs.wait(answer.data)
    assert ended.lines[-2:] == ["Resumed VM, removing state", "TASK OK"]
    assert not {"lock", "vmstate", "runningcpu"} & (await config(api, 100)).keys()
    assert found["vmstate"] not in api.sim.cluster.storage("vmdisks").on("pve1")


async def test_guests_under_high_availability_are_asked_for_later() -> None:
    async with cluster(frozen=True) as api:
        await api("POST", QEMU, {"vmid": 100})
        await api.sim.clock.advance(2)
        guest(api, 100).ha = {"state": "stopped"}
        upid = (await api("POST", f"{STATUS}/start")).data
        await api.sim.clock.advance(0)
        assert (job(api, upid).kind, job(api, upid).status) == ("hastart", "OK")
        assert not guest(api, 100).running
        await api.sim.clock.advance(12)
        assert guest(api, 100).running


async def test_an_interrupted_hibernation_leaves_the_guest_running() -> None:
    async with cluster(frozen=True) as api:
        await api("POST", QEMU, {"vmid": 100})
        await api.sim.clock.advance(2)
        await api("POST", f"{STATUS}/start")
        await api.sim.clock.advance(2)
        params = {"todisk": 1, "statestorage": "vmdisks"}
        upid = (await api("POST", f"{STATUS}/suspend", params)).data
        await api.sim.clock.advance(0.5)
        assert (await config(api, 100))["lock"] == "suspending"
        await api("DELETE", f"/nodes/pve1/tasks/{upid}")
        assert job(api, upid).status == "interrupted by signal"
        assert "lock" not in await config(api, 100)
        assert guest(api, 100).running


async def test_real_processes_pause_and_power_down() -> None:
    async with (
        Simulator(guests="qemu", auth_delay_s=0.0, speed=100.0) as sim,
        RawClient(sim) as api,
    ):
        await make(api, 100)
        await start(api, 100)
        machine = sim.machines.of(100)
        assert await api.done("POST", f"{STATUS}/suspend") == "OK"
        assert await api.done("POST", f"{STATUS}/resume") == "OK"
        assert machine.running
        # A system that still boots does not hear the button.
        presses = [await api.done("POST", f"{STATUS}/shutdown", {"timeout": 4})]
        while presses[-1] != "OK" and len(presses) < 15:
            presses.append(await api.done("POST", f"{STATUS}/shutdown", {"timeout": 4}))
        assert presses[-1] == "OK"
        assert not machine.running
        await start(api, 100)
        await machine.stop()
        assert (await status(api, 100))["status"] == "stopped"
