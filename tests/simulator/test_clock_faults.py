"""Time that stands still until told to move, locks on it, and every named misbehaviour."""

import asyncio

import aiohttp
import pytest

from tests.simulator.raw import RawClient
from vmlab.simulator import Clock, Simulator
from vmlab.simulator.errors import ApiError
from vmlab.simulator.faults import FAULT_NAMES, Faults
from vmlab.simulator.jobs import Job
from vmlab.simulator.locks import FileLocks

TEMPLATE = "/nodes/pve1/qemu/9000/config"


async def test_an_explicit_clock_moves_when_told() -> None:
    clock, order = Clock(explicit=True, start=1000.0), []

    async def sleeper(seconds: float) -> None:
        await clock.sleep(seconds)
        order.append((seconds, clock.time()))

    sleepers = [asyncio.create_task(sleeper(s)) for s in (5, 1, 3)]
    await clock.advance(4)
    assert order == [(1, 1001.0), (3, 1003.0)]
    assert clock.time() == 1004.0
    await clock.advance(1)
    assert order[-1] == (5, 1005.0)
    await asyncio.gather(*sleepers)


async def test_what_a_sleeper_begins_is_also_due() -> None:
    clock = Clock(explicit=True, start=0.0)

    async def twice() -> float:
        await clock.sleep(1)
        await clock.sleep(1)
        return clock.time()

    task = asyncio.create_task(twice())
    await clock.advance(2)
    assert await task == 2.0


async def test_speed_shortens_waits_and_leaves_the_calendar() -> None:
    clock = Clock(speed=10_000.0, skew_s=3600)
    before = clock.time()
    await clock.sleep(100)
    assert clock.time() - before < 60
    assert before > Clock().time() + 3000


async def test_locks_are_shared_or_exclusive() -> None:
    clock = Clock(explicit=True)
    locks = FileLocks(clock)
    async with locks.hold("f", shared=True), locks.hold("f", shared=True):
        waiting = asyncio.create_task(_hold(locks))
        await clock.advance(9.9)
        assert not waiting.done()
        await clock.advance(0.2)
        with pytest.raises(ApiError, match="can't lock file 'f' - got timeout"):
            await waiting
        waiting = asyncio.create_task(_hold(locks))
        await clock.settle()
    await waiting
    assert not locks.held("f")


async def _hold(locks: FileLocks) -> None:
    async with locks.hold("f"):
        assert locks.held("f")


async def test_no_patience_fails_at_once() -> None:
    locks = FileLocks(Clock(explicit=True))
    async with locks.hold("f"):
        with pytest.raises(ApiError, match="busy"):
            async with locks.hold("f", timeout_s=0, text="busy"):
                pass


async def test_refuse_carries_nothing_out(sim: Simulator, api: RawClient) -> None:
    fault = sim.faults.add("refuse", method="POST", path="/pools", times=1)
    with pytest.raises(aiohttp.ClientError):
        await api("POST", "/pools", {"poolid": "p1"})
    assert fault.fired == 1
    assert "p1" not in sim.cluster.pools
    assert (await api("POST", "/pools", {"poolid": "p1"})).status == 200


async def test_drop_reply_carries_it_out(sim: Simulator, api: RawClient) -> None:
    sim.faults.add("drop_reply", method="POST", path="/pools", times=1)
    with pytest.raises(aiohttp.ClientError):
        await api("POST", "/pools", {"poolid": "p1"})
    assert "p1" in sim.cluster.pools


async def test_slow_waits_on_the_clock() -> None:
    clock = Clock(explicit=True)
    async with Simulator(clock=clock) as sim, RawClient(sim) as api:
        sim.faults.add("slow", path="/version", seconds=60)
        begun = clock.time()
        call = asyncio.create_task(api("GET", "/version"))
        while not call.done():
            await clock.advance(5)
        assert (await call).status == 200
        assert clock.time() - begun >= 60


async def test_a_lock_that_is_held_too_long() -> None:
    clock = Clock(explicit=True)
    async with Simulator(clock=clock) as sim, RawClient(sim) as api:
        async with sim.cluster.flock(9000):
            call = asyncio.create_task(api("PUT", TEMPLATE, {"description": "late"}))
            while not call.done():
                await clock.advance(1)
        text = "can't lock file '/var/lock/qemu-server/lock-9000.conf' - got timeout"
        assert (await call).reason == text


async def test_task_fails(sim: Simulator) -> None:
    sim.faults.add("task_fails", path="qmstart", text="no memory", times=1)

    async def work(job: Job) -> None:
        job.log("worked")

    upids = [sim.fork("pve1", "root@pam", kind, "100", work) for kind in ("qmstop", "qmstart")]
    assert [(await sim.jobs.wait(upid)).status for upid in upids] == ["OK", "no memory"]


async def test_vanish_destroys_the_guest_first(sim: Simulator, api: RawClient) -> None:
    sim.faults.add("vanish", path="/qemu/9000/")
    answer = await api("GET", TEMPLATE)
    assert answer.reason.startswith("Configuration file")
    assert 9000 not in sim.cluster.guests


async def test_lock_timeout(sim: Simulator, api: RawClient) -> None:
    sim.faults.add("lock_timeout", method="PUT", times=1)
    answer = await api("PUT", TEMPLATE, {"cores": 2})
    text = "can't lock file '/var/lock/qemu-server/lock-9000.conf' - got timeout"
    assert (answer.status, answer.reason) == (500, text)


async def test_no_quorum_for_one_call(sim: Simulator, api: RawClient) -> None:
    sim.faults.add("no_quorum", times=1)
    answer = await api("GET", "/version")
    assert (answer.status, answer.reason) == (500, "cluster not ready - no quorum?")


async def test_restart_breaks_the_pipe(sim: Simulator, api: RawClient) -> None:
    sim.faults.add("restart", times=1)
    answer = await api("GET", "/version")
    assert (answer.status, answer.reason, answer.body) == (596, "Broken pipe", b"")


async def test_node_down_by_fault(sim: Simulator, api: RawClient) -> None:
    sim.faults.add("node_down", path="/nodes/pve2/", times=1)
    answer = await api("GET", "/nodes/pve2/status")
    assert (answer.status, answer.reason, answer.body) == (595, "No route to host", b"")
    await sim.node_up("pve2")
    assert (await api("GET", "/nodes/pve2/status")).status == 200


async def test_rates_and_targets() -> None:
    faults = Faults(seed=1)
    faults.add("slow", rate=0.5)
    hits = sum(faults.strike("slow", "GET", "/x") is not None for _ in range(200))
    assert 60 < hits < 140
    faults.clear()
    assert faults.strike("slow", "GET", "/x") is None
    with pytest.raises(ValueError, match="no fault is named 'nonsense'"):
        faults.add("nonsense")  # type: ignore[arg-type]
    assert len(FAULT_NAMES) == 9


async def test_a_dead_node(sim: Simulator, api: RawClient) -> None:
    async def work(job: Job) -> None:
        await asyncio.Event().wait()

    upid = sim.fork("pve2", "root@pam!vmlab", "qmclone", "9000", work)
    async with RawClient(sim, node=1) as direct:
        assert (await direct("GET", "/version")).status == 200
        await sim.node_down("pve2")
        with pytest.raises(aiohttp.ClientError):
            await direct("GET", "/version")
    assert (await api("GET", f"/nodes/pve2/tasks/{upid}/status")).status == 595
    rows = (await api("GET", "/cluster/resources", {"type": "node"})).data
    assert {row["node"]: row["status"] for row in rows} == {
        "pve1": "online",
        "pve2": "offline",
        "pve3": "online",
    }
    assert (await api("GET", "/nodes/pve2/rrddata", {"timeframe": "hour"})).status == 200
    await sim.node_up("pve2")
    status = (await api("GET", f"/nodes/pve2/tasks/{upid}/status")).data
    assert status["exitstatus"] == "unexpected status"
    async with RawClient(sim, node=1) as direct:
        assert (await direct("GET", "/version")).status == 200


async def test_without_quorum_nothing_is_written(sim: Simulator, api: RawClient) -> None:
    sim.cluster.quorate = False
    refused = await api("POST", "/pools", {"poolid": "p1"})
    assert (refused.status, refused.reason) == (500, "cluster not ready - no quorum?")
    assert (await api("GET", "/cluster/resources")).status == 200
    status = (await api("GET", "/cluster/status")).data
    assert next(row for row in status if row["type"] == "cluster")["quorate"] == 0
    sim.cluster.quorate = True
    assert (await api("POST", "/pools", {"poolid": "p1"})).status == 200
