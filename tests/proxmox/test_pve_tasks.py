"""Waiting for the work behind UPIDs: many waiters, few calls, and nodes that go away."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.proxmox.conftest import POOL, connection_to
from tests.proxmox.recorder import Received, Recorder, answer, recorder
from vmlab.proxmox.client import Api, connect
from vmlab.proxmox.faults import (
    NodeDown,
    PermissionMissing,
    StillRunning,
    TaskInterrupted,
    TaskUnknown,
)
from vmlab.proxmox.guests import Guests
from vmlab.proxmox.pve_tasks import PveTasks, TaskResult
from vmlab.simulator import Clock, Simulator

LIST = ("GET", "/nodes/{node}/tasks")
SINGLE = ("GET", "/nodes/{node}/tasks/{upid}/status")
NODE, TEMPLATE = "pve1", 9000


def upid(pid: int, *, started_at: int = 0x6B028C36) -> str:
    return f"UPID:pve1:{pid:08X}:00033979:{started_at:08X}:qmstart:{pid}:vmlab@pve!svc:"


def row(text: str, result: str | None) -> dict[str, Any]:
    """A row of the list; `result` None while the task runs."""
    _, _, _, _, started, kind, id_, user, _ = text.split(":")
    shown = {
        "upid": text,
        "type": kind,
        "id": id_,
        "user": user,
        "starttime": int(started, 16),
    }
    return shown | ({"status": "RUNNING"} if result is None else {"status": result, "endtime": 1})


@pytest.fixture
async def host(tmp_path: Path) -> AsyncIterator[Recorder]:
    async with recorder(tmp_path) as one:
        yield one


def serve(host: Recorder, rows: list[dict[str, Any]], single: bytes | None = None) -> None:
    """Answer the list with the rows of that moment, and single tasks with one answer."""

    async def respond(received: Received) -> bytes:
        if "/tasks/" in received.target:
            return single or answer(
                b'{"errors":{"upid":"no such task"},"message":"Parameter verification failed."}',
                "400 Parameter verification failed.",
            )
        return answer(json.dumps({"data": rows}).encode())

    host.respond = respond


def quick(api: Api) -> PveTasks:
    return PveTasks(api, first_tick_s=0.02, longest_tick_s=0.05)


@pytest.mark.parametrize(
    ("exitstatus", "ok", "warnings"),
    [
        ("OK", True, 0),
        ("WARNINGS: 3", True, 3),
        ("WARNINGS", True, 1),
        ("VM 111 already running", False, 0),
        ("OK, but not quite", False, 0),
    ],
)
def test_how_an_exit_status_is_judged(exitstatus: str, ok: bool, warnings: int):
    result = TaskResult.of(upid(1), exitstatus)
    assert (result.ok, result.warnings) == (ok, warnings)


async def test_many_waiters_are_one_call_a_tick(host: Recorder):
    """Two hundred steps wait; the node is asked once a tick, from the oldest start on."""
    texts = [upid(i, started_at=0x6B028C36 + i) for i in range(1, 201)]
    rows = [row(text, None) for text in texts]
    serve(host, rows)
    async with connect(host.connection()) as api:
        tasks = quick(api)
        waiting = [asyncio.create_task(tasks.wait(text, timeout_s=20)) for text in texts]
        await host.until(lambda received: len(received) >= 3)
        asked = len(host.received)
        rows[:] = [row(text, "OK") for text in texts]
        results = await asyncio.gather(*waiting)
        assert all(result.ok for result in results)
        assert api.calls[LIST] <= asked + 2
        assert api.calls[SINGLE] == 0
    expected = f"source=all&since={0x6B028C36 + 1}&limit=1000"
    assert {r.target.partition("?")[2] for r in host.received} == {expected}


async def test_nothing_is_asked_when_nobody_waits(host: Recorder):
    serve(host, [row(upid(1), "OK")])
    async with connect(host.connection()) as api:
        tasks = quick(api)
        await tasks.wait(upid(1), timeout_s=20)
        asked = len(host.received)
        await asyncio.sleep(0.3)
        assert len(host.received) == asked == 1


async def test_several_wait_for_the_same_task(host: Recorder):
    rows = [row(upid(1), None)]
    serve(host, rows)
    async with connect(host.connection()) as api:
        tasks = quick(api)
        first, second, third = (
            asyncio.create_task(tasks.wait(upid(1), timeout_s=20)) for _ in range(3)
        )
        await host.until(bool)
        second.cancel()
        rows[:] = [row(upid(1), "WARNINGS: 1")]
        assert (await first).warnings == (await third).warnings == 1
        await asyncio.gather(second, return_exceptions=True)
        assert second.cancelled()


async def test_a_task_that_stands_in_both_halves_of_the_list(host: Recorder):
    """What has just ended can still be among the active ones."""
    serve(host, [row(upid(1), "OK"), row(upid(1), None), row(upid(1), "OK")])
    async with connect(host.connection()) as api:
        assert (await quick(api).wait(upid(1), timeout_s=20)).ok


async def test_a_task_that_is_too_young_for_the_list(host: Recorder):
    rows: list[dict[str, Any]] = []
    serve(host, rows, answer(b'{"data":{"status":"running"}}'))
    async with connect(host.connection()) as api:
        waiting = asyncio.create_task(quick(api).wait(upid(1), timeout_s=20))
        await host.until(lambda received: any("/tasks/" in r.target for r in received))
        rows.append(row(upid(1), "OK"))
        assert (await waiting).ok


async def test_a_task_that_has_left_the_list(host: Recorder):
    serve(host, [], answer(b'{"data":{"status":"stopped","exitstatus":"unexpected status"}}'))
    async with connect(host.connection()) as api:
        result = await quick(api).wait(upid(1), timeout_s=20)
        assert (api.calls[LIST], api.calls[SINGLE]) == (2, 1)
    with pytest.raises(TaskInterrupted) as caught:
        result.raise_if_failed()
    assert caught.value.outcome_unknown is True


async def test_a_task_that_nobody_knows(host: Recorder):
    serve(host, [row(upid(2), "OK")])
    async with connect(host.connection()) as api:
        tasks = quick(api)
        known = asyncio.create_task(tasks.wait(upid(2), timeout_s=20))
        with pytest.raises(TaskUnknown) as caught:
            await tasks.wait(upid(1), timeout_s=20)
        assert caught.value.upid == upid(1)
        assert (await known).ok


async def test_a_task_of_somebody_else(host: Recorder):
    refusal = b'{"message":"Permission check failed (/nodes/pve1, Sys.Audit)"}'
    serve(host, [], answer(refusal, "403 Permission check failed"))
    async with connect(host.connection()) as api:
        with pytest.raises(PermissionMissing):
            await quick(api).wait(upid(1), timeout_s=20)


async def test_the_longest_wait(host: Recorder):
    serve(host, [row(upid(1), None)])
    async with connect(host.connection()) as api:
        tasks = quick(api)
        with pytest.raises(StillRunning) as caught:
            await tasks.wait(upid(1), timeout_s=0.2)
        assert caught.value.upid == upid(1)
        assert caught.value.outcome_unknown is True
        await tasks.aclose()


async def test_no_upid(host: Recorder):
    async with connect(host.connection()) as api:
        with pytest.raises(ValueError, match="not a UPID"):
            await quick(api).wait("OK", timeout_s=1)


async def test_closing_ends_the_waits(host: Recorder):
    serve(host, [row(upid(1), None)])
    async with connect(host.connection()) as api:
        tasks = quick(api)
        waiting = asyncio.create_task(tasks.wait(upid(1), timeout_s=20))
        await host.until(bool)
        await tasks.aclose()
        with pytest.raises(asyncio.CancelledError):
            await waiting


async def test_waits_outlive_a_node_that_is_away_for_a_while(sim: Simulator, api: Api):
    """Its tasks' fate is unknown meanwhile; when it is back, the end is read."""
    tasks = quick(api)
    text = await Guests(api).clone(NODE, TEMPLATE, 10_000, name="a", description="x", pool=POOL)
    await sim.jobs.wait(text)
    await sim.node_down(NODE)
    waiting = asyncio.create_task(tasks.wait(text, timeout_s=30))
    with pytest.raises(NodeDown):
        await api.at(sim.hosts[1]).nodes(NODE).tasks(text).status.get()
    assert not waiting.done()
    await sim.node_up(NODE)
    assert (await waiting).ok


async def test_log_of_a_task(api: Api):
    tasks = quick(api)
    text = await Guests(api).clone(NODE, TEMPLATE, 10_000, name="a", description="x", pool=POOL)
    assert (await tasks.wait(text, timeout_s=20)).ok
    lines = await tasks.log(text)
    assert lines[-1] == "TASK OK"
    assert any("clone" in line for line in lines)


async def test_the_token_finds_its_own_tasks(api: Api):
    tasks = quick(api)
    await api.version.get()
    since = api.server_time(NODE)
    assert since is not None
    texts = [
        await Guests(api).clone(NODE, TEMPLATE, vmid, name="a", description="x", pool=POOL)
        for vmid in (10_000, 10_001)
    ]
    for text in texts:
        await tasks.wait(text, timeout_s=20)
    found = await tasks.find(NODE, type="qmclone", vmid=TEMPLATE, since=since - 10)
    assert {task.upid for task in found} == set(texts)
    assert {task.exitstatus for task in found} == {"OK"}
    assert await tasks.find(NODE, type="qmstart", vmid=TEMPLATE, since=since - 10) == []
    assert await tasks.find(NODE, type="qmclone", vmid=TEMPLATE, since=since + 600) == []


async def test_a_task_is_found_once_and_with_its_latest_news(host: Recorder):
    serve(host, [row(upid(1), "OK"), row(upid(2), None), row(upid(1), None)])
    async with connect(host.connection()) as api:
        found = await quick(api).find(NODE, type="qmstart", vmid=1, since=1795329078.9)
    assert [(task.upid, task.exitstatus) for task in found] == [(upid(2), None), (upid(1), "OK")]
    assert host.received[0].target.endswith(
        "?source=all&typefilter=qmstart&vmid=1&since=1795329078&limit=1000"
    )


async def test_a_task_that_is_stopped():
    """On a clock that stands still the clone has not ended when it is stopped."""
    clock = Clock(explicit=True)
    async with (
        Simulator(auth_delay_s=0.0, clock=clock) as sim,
        connect(connection_to(sim)) as api,
    ):
        tasks = quick(api)
        text = await Guests(api).clone(
            NODE, TEMPLATE, 10_000, name="a", description="x", pool=POOL, full=True
        )
        (found,) = await tasks.find(NODE, type="qmclone", vmid=TEMPLATE, since=0)
        assert (found.upid, found.exitstatus) == (text, None)
        stopping = asyncio.create_task(tasks.stop(text))
        while not stopping.done():
            await clock.advance(1)
            await asyncio.sleep(0.01)
        await stopping
        assert not (await tasks.wait(text, timeout_s=20)).ok
