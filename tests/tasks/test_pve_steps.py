"""Steps that start tasks in Proxmox, on a simulated cluster: waited for, found again, stopped."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator

import pytest

from tests.proxmox.conftest import connection_to
from tests.tasks.conftest import QUICK, parts_for
from tests.tasks.crashing import NEVER, Boundaries, ended, work
from tests.tasks.guest_verb import KIND, NODE, TEMPLATE, VMID, GuestVerb
from tests.tasks.waiting import until, until_status
from vmlab.models import Step, StepStatus, Task, TaskStatus
from vmlab.proxmox.upid import Upid
from vmlab.simulator import Simulator
from vmlab.tasks import NewTask, Parts, request_cancel, retry, submit
from vmlab.tasks.worker import Worker

pytestmark = pytest.mark.usefixtures("sqlite")

SUCCEEDED, FAILED, CANCELLED = TaskStatus.SUCCEEDED, TaskStatus.FAILED, TaskStatus.CANCELLED
GUEST = f"/nodes/{NODE}/qemu/{VMID}"
START = rf"{GUEST}/status/start"
# Workers that shall fail are named by node, type and id.
START_WORKER = f"/nodes/{NODE}/qmstart/{VMID}"
DESTROY_WORKER = f"/nodes/{NODE}/qmdestroy/{VMID}"


@pytest.fixture
async def sim() -> AsyncIterator[Simulator]:
    """A cluster whose waits are a thousand times shorter."""
    async with Simulator(auth_delay_s=0.0, speed=1000.0) as simulator:
        yield simulator


@pytest.fixture
async def parts(sim: Simulator) -> AsyncIterator[Parts]:
    """Parts that work on the simulated cluster."""
    async with parts_for(connection_to(sim, root=True)) as parts:
        yield parts


async def new_task() -> Task:
    """Put the verb in line."""
    return await submit(NewTask(kind=KIND, target_type="guest", target_id=VMID))


async def lives(verb: GuestVerb, parts: Parts, task: Task, crashes: list[int]) -> int:
    """Let workers follow one another, each dying where it is told; boundaries of the last life."""
    for crash_at in [*crashes, NEVER]:
        verb.boundary = boundary = Boundaries(crash_at)
        if await work(verb.operation(), parts, task.id, boundary) or await ended(task.id):
            break
    return len(boundary.passed)


async def check(sim: Simulator, task: Task, end: TaskStatus) -> Task:
    """One guest that runs, or none; the template is as it was."""
    task = await Task.get(id=task.id)
    assert (task.status, task.error and task.error["details"].get("stuck")) == (end, None)
    guests = {vmid: guest.running for vmid, guest in sim.cluster.guests.items()}
    if end is SUCCEEDED:
        assert guests == {TEMPLATE: False, VMID: True}
    else:
        assert guests == {TEMPLATE: False}
    return task


async def rows(task: Task) -> dict[str, Step]:
    return {row.name: row for row in await Step.filter(task_id=task.id)}


async def test_waits_for_each_task_and_keeps_its_upid(sim: Simulator, parts: Parts) -> None:
    verb, task = GuestVerb(), await new_task()
    await lives(verb, parts, task, [])
    await check(sim, task, SUCCEEDED)
    assert verb.called == ["clone", "start"]
    steps = await rows(task)
    for name, type_ in (("clone", "qmclone"), ("start", "qmstart")):
        assert steps[name].upid == steps[name].output
        assert Upid.parse(str(steps[name].upid)).type == type_
    assert steps["start"].node == NODE


@pytest.mark.parametrize("failing", [None, START_WORKER])
async def test_crashed_at_each_boundary_and_again_in_each_recovery(
    failing: str | None, sim: Simulator, parts: Parts
) -> None:
    """The start's task fails, or not; never are two guests made, and never is one left behind."""
    end = FAILED if failing else SUCCEEDED

    async def after(crashes: list[int]) -> int:
        sim.faults.clear()
        if failing:
            sim.faults.add("task_fails", path=failing)
        verb, task = GuestVerb(), await new_task()
        passed = await lives(verb, parts, task, crashes)
        await check(sim, task, end)
        if VMID in sim.cluster.guests:
            await sim.admin("POST", f"{GUEST}/status/stop")
            await until(stopped)
            await sim.admin("DELETE", GUEST)
            await until(gone)
        return passed

    async def stopped() -> bool:
        return not sim.cluster.guests[VMID].running

    async def gone() -> bool:
        return VMID not in sim.cluster.guests

    pairs = 0
    for first in range(await after([])):
        for second in range(await after([first])):
            await after([first, second])
            pairs += 1
    assert pairs > 30


@pytest.mark.parametrize("path", [r"/clone$", START])
async def test_an_answer_that_was_lost_is_not_asked_for_twice(
    path: str, sim: Simulator, parts: Parts
) -> None:
    verb, task = GuestVerb(), await new_task()
    fault = sim.faults.add("drop_reply", method="POST", path=path, times=1)
    await lives(verb, parts, task, [])
    await check(sim, task, SUCCEEDED)
    assert fault.fired == 1
    assert len(verb.called) == 1


async def test_a_task_whose_upid_was_not_saved_is_found_by_type_and_time(
    sim: Simulator, parts: Parts
) -> None:
    """Without a look: only the list of the node tells that the start was called."""
    verb, task = GuestVerb(looks=False), await new_task()
    sim.faults.add("drop_reply", method="POST", path=START, times=1)
    await lives(verb, parts, task, [])
    await check(sim, task, SUCCEEDED)
    start = (await rows(task))["start"]
    [job] = await parts.pve_tasks.find(NODE, type="qmstart", vmid=VMID, since=0)
    assert start.upid == start.output == job.upid


async def test_an_administrators_task_is_not_taken_for_ours(sim: Simulator, parts: Parts) -> None:
    """Somebody else starts the guest while our own call is lost before it was carried out."""
    verb, task = GuestVerb(looks=False), await new_task()
    assert not await work(verb.operation(), parts, task.id, Boundaries(2))
    assert (await rows(task))["start"].status is StepStatus.STARTED
    theirs = await sim.admin("POST", f"{GUEST}/status/start")
    await parts.pve_tasks.wait(theirs, 5)
    await lives(verb, parts, task, [])
    # Ours is called, fails because it runs already, and without a look that is a failure.
    await check(sim, task, FAILED)
    assert verb.called == ["clone", "start", "destroy"]
    assert (await rows(task))["start"].upid not in (None, theirs)


async def started_and_stopped(parts: Parts) -> str:
    """Start and stop the guest with our own token; the UPID of the start."""
    upid = await parts.guests.start(NODE, VMID)
    await parts.pve_tasks.wait(upid, 5)
    await parts.pve_tasks.wait(await parts.guests.stop(NODE, VMID), 5)
    return upid


async def test_a_task_that_another_step_has_started_is_not_taken(
    sim: Simulator, parts: Parts
) -> None:
    verb, task = GuestVerb(looks=False), await new_task()
    assert not await work(verb.operation(), parts, task.id, Boundaries(2))
    upid = await started_and_stopped(parts)
    other = await submit(NewTask(kind=KIND, target_type="guest", target_id=1))
    await Step.create(task=other, position=0, name="s", status=StepStatus.UNDONE, undo_upid=upid)
    await Task.filter(id=other.id).update(status=CANCELLED)
    await lives(verb, parts, task, [])
    await check(sim, task, SUCCEEDED)
    assert verb.called == ["clone", "start"]


async def test_an_ended_task_is_not_believed_where_a_look_says_otherwise(
    sim: Simulator, parts: Parts
) -> None:
    """It may be of an earlier start that nobody has saved, and that is stopped again."""
    verb, task = GuestVerb(), await new_task()
    assert not await work(verb.operation(), parts, task.id, Boundaries(2))
    await started_and_stopped(parts)
    await lives(verb, parts, task, [])
    await check(sim, task, SUCCEEDED)
    assert verb.called == ["clone", "start"]


async def test_several_candidates_are_stuck_until_a_person_has_looked(
    sim: Simulator, parts: Parts
) -> None:
    verb, task = GuestVerb(looks=False), await new_task()
    assert not await work(verb.operation(), parts, task.id, Boundaries(2))
    await started_and_stopped(parts)
    await started_and_stopped(parts)
    await lives(verb, parts, task, [])
    stuck = await Task.get(id=task.id)
    assert stuck.status is FAILED
    assert stuck.error is not None
    assert stuck.error["details"]["stuck"] == "start"
    steps = await rows(task)
    assert (steps["clone"].status, steps["start"].status) == (StepStatus.DONE, StepStatus.STUCK)
    assert VMID in sim.cluster.guests
    await retry(task.id, {KIND: verb.operation()}, parts.bus)
    await lives(verb, parts, task, [])
    await check(sim, task, SUCCEEDED)
    assert verb.called == ["clone", "start"]


async def test_a_failed_task_whose_effect_is_there_is_success(sim: Simulator, parts: Parts) -> None:
    """Our start fails because somebody else's came first; it runs, and that was the aim."""
    verb, task = GuestVerb(), await new_task()
    assert not await work(verb.operation(), parts, task.id, Boundaries(1))
    await parts.pve_tasks.wait(str((await rows(task))["clone"].upid), 5)
    await parts.pve_tasks.wait(await sim.admin("POST", f"{GUEST}/status/start"), 5)
    await lives(verb, parts, task, [])
    await check(sim, task, SUCCEEDED)
    assert verb.called == ["clone", "start"]


async def test_a_failed_undo_is_tried_again_and_looks_first(sim: Simulator, parts: Parts) -> None:
    verb, task = GuestVerb(), await new_task()
    sim.faults.add("task_fails", path=START_WORKER)
    fault = sim.faults.add("task_fails", path=DESTROY_WORKER, times=2)
    await lives(verb, parts, task, [])
    await check(sim, task, FAILED)
    assert fault.fired == 2
    assert verb.called == ["clone", "start", "destroy", "destroy", "destroy"]


async def test_an_undo_that_never_succeeds_is_stuck(sim: Simulator, parts: Parts) -> None:
    verb, task = GuestVerb(), await new_task()
    sim.faults.add("task_fails", path=START_WORKER)
    sim.faults.add("task_fails", path=DESTROY_WORKER, text="storage is on fire")
    await lives(verb, parts, task, [])
    stuck = await Task.get(id=task.id)
    assert (stuck.status, stuck.lock) == (FAILED, None)
    assert stuck.error is not None
    assert stuck.error["details"]["stuck"] == "clone"
    assert "storage is on fire" in stuck.error["details"]["stuck_reason"]
    assert stuck.error["details"]["reason"] == "simulated failure"
    assert (await rows(task))["clone"].status is StepStatus.STUCK


async def test_what_passes_by_itself_is_tried_again(sim: Simulator, parts: Parts) -> None:
    verb, task = GuestVerb(), await new_task()
    fault = sim.faults.add("lock_timeout", method="POST", path=START, times=3)
    await lives(verb, parts, task, [])
    await check(sim, task, SUCCEEDED)
    assert fault.fired == 3


async def test_what_does_not_pass_ends_after_so_many_tries(sim: Simulator, parts: Parts) -> None:
    verb, task = GuestVerb(), await new_task()
    fault = sim.faults.add("lock_timeout", method="POST", path=START)
    await lives(verb, parts, task, [])
    failed = await check(sim, task, FAILED)
    assert fault.fired == failed.max_attempts


async def test_a_cancel_stops_the_task_in_proxmox(parts: Parts, sim: Simulator) -> None:
    """A full clone at its real pace, cancelled in the midst of it, leaves nothing."""
    sim.clock.speed = 1.0
    verb = GuestVerb(full=True)
    worker = Worker({KIND: verb.operation()}, parts)
    working = asyncio.create_task(worker.run())
    task = await new_task()

    async def cloning() -> bool:
        row = await Step.get_or_none(task_id=task.id, name="clone")
        return row is not None and row.upid is not None and VMID in sim.cluster.guests

    await until(cloning)
    await request_cancel(task.id, parts.bus)
    await until_status(task, CANCELLED)
    worker.stop()
    await asyncio.wait_for(working, 10)
    cancelled = await check(sim, task, CANCELLED)
    assert cancelled.error is None
    result = await parts.pve_tasks.wait(str((await rows(task))["clone"].upid), 5)
    assert not result.ok


async def test_a_task_that_takes_too_long_is_stopped(sim: Simulator) -> None:
    sim.clock.speed = 1.0
    patience = dataclasses.replace(QUICK, step_timeout_s=0.3)
    async with parts_for(connection_to(sim, root=True), patience) as parts:
        verb, task = GuestVerb(full=True), await new_task()
        await lives(verb, parts, task, [])
        failed = await check(sim, task, FAILED)
    assert failed.error is not None
    assert failed.error["details"]["reason"] == "not ended within 0.3 s"
