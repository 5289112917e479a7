"""A worker's life: claim, walk, cancel, lose, fail, go; on both databases."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest

from tests.tasks.crashing import LONG_AGO
from tests.tasks.waiting import until, until_status
from vmlab.models import Step, StepStatus, Task, TaskStatus
from vmlab.models import Worker as WorkerRow
from vmlab.tasks import NewTask, Operation, Parts, Run, announce, request_cancel, submit
from vmlab.tasks import Step as OperationStep
from vmlab.tasks.worker import Worker

pytestmark = pytest.mark.usefixtures("database")

KIND = "gate.pass"


@dataclass
class Gate:
    """A step that waits until somebody opens, and what was seen of it."""

    opened: bool = False
    entered: list[str | None] = field(default_factory=list)
    passed: list[int] = field(default_factory=list)
    undone: list[int] = field(default_factory=list)
    settled: list[TaskStatus] = field(default_factory=list)
    unsettled: int = 0

    def operation(self) -> Operation:
        """Wait at the gate, and be undone by walking back."""

        async def enter(run: Run) -> None:
            self.entered.append(run.task.worker)
            while not self.opened:
                await run.sleep(0.02)
            self.passed.append(run.task.id)

        async def leave(run: Run) -> None:
            self.undone.append(run.task.id)

        async def settle(run: Run, status: TaskStatus) -> None:
            if self.unsettled:
                self.unsettled -= 1
                raise RuntimeError("settling failed")
            self.settled.append(status)

        return Operation(KIND, (OperationStep("enter", enter, leave),), settle)


@contextlib.asynccontextmanager
async def working(gate: Gate, parts: Parts) -> AsyncIterator[Worker]:
    """A worker at the gate; it goes in good order at the end."""
    worker = Worker({KIND: gate.operation()}, parts)
    running = asyncio.create_task(worker.run())
    try:
        yield worker
    finally:
        worker.stop()
        await asyncio.wait_for(running, 10)


async def put(parts: Parts, target_id: int = 1, kind: str = KIND) -> Task:
    """Put one task in line and say so."""
    task = await submit(NewTask(kind=kind, target_type="gate", target_id=target_id))
    await announce(parts.bus, task)
    return task


async def until_entered(gate: Gate, count: int = 1) -> None:
    async def there() -> bool:
        return len(gate.entered) >= count

    await until(there)


async def test_work_is_done_and_told(parts: Parts) -> None:
    gate = Gate(opened=True)
    async with parts.bus.subscribe("events") as events, working(gate, parts) as worker:
        task = await put(parts)
        ended = await until_status(task, TaskStatus.SUCCEEDED)
        heard = [await asyncio.wait_for(anext(events), 5) for _ in range(3)]
    assert (ended.progress, ended.worker, ended.lock) == (100, worker.name, None)
    assert gate.settled == [TaskStatus.SUCCEEDED]
    assert {"type": "task", "id": task.id} in heard
    assert {"type": "gate", "id": 1} in heard


async def test_a_worker_is_seen_while_it_lives(parts: Parts) -> None:
    async with working(Gate(), parts) as worker:

        async def signed_in() -> bool:
            return await WorkerRow.filter(id=worker.name).exists()

        await until(signed_in)
        row = await WorkerRow.get(id=worker.name)
        assert (row.state, row.concurrency) == ("running", 16)

        async def beats() -> bool:
            return (await WorkerRow.get(id=worker.name)).last_seen_at > row.last_seen_at

        await until(beats)
    assert not await WorkerRow.all().exists()


async def test_no_more_than_its_concurrency(parts: Parts) -> None:
    # A machine that is busy may stand still for longer than a short lease.
    patient = dataclasses.replace(parts.settings.tasks, lease_s=30.0)
    parts = dataclasses.replace(parts, settings=dataclasses.replace(parts.settings, tasks=patient))
    gate = Gate()
    async with working(gate, parts):
        tasks = [await put(parts, target) for target in range(20)]
        await until_entered(gate, 16)
        # A full beat and several polls later there are still only those.
        await asyncio.sleep(0.5)
        assert len(gate.entered) == 16
        gate.opened = True
        for task in tasks:
            await until_status(task, TaskStatus.SUCCEEDED)


async def test_a_long_task_outlives_many_leases(parts: Parts) -> None:
    gate = Gate()
    async with working(gate, parts), working(gate, parts):
        task = await put(parts)
        await asyncio.sleep(2 * parts.settings.tasks.lease_s)
        gate.opened = True
        ended = await until_status(task, TaskStatus.SUCCEEDED)
    assert (ended.attempts, len(gate.entered)) == (1, 1)


async def test_cancel_is_heard_at_once(parts: Parts) -> None:
    gate = Gate()
    async with working(gate, parts):
        task = await put(parts)
        await until_entered(gate)
        await request_cancel(task.id, parts.bus)
        ended = await until_status(task, TaskStatus.CANCELLED)
    assert (ended.error, gate.passed) == (None, [])
    assert gate.undone == [task.id]
    assert gate.settled == [TaskStatus.CANCELLED]


async def test_cancel_is_seen_at_the_next_beat_if_nobody_tells(parts: Parts) -> None:
    gate = Gate()
    async with working(gate, parts):
        task = await put(parts)
        await until_entered(gate)
        await Task.filter(id=task.id).update(cancel_requested_at=LONG_AGO)
        await until_status(task, TaskStatus.CANCELLED)
    assert gate.undone == [task.id]


async def test_a_worker_that_goes_hands_over_at_once(parts: Parts) -> None:
    gate = Gate()
    async with working(gate, parts):
        task = await put(parts)
        await until_entered(gate)
    left = await Task.get(id=task.id)
    assert (left.status, left.worker, left.attempts) == (TaskStatus.RUNNING, None, 0)
    gate.opened = True
    async with working(gate, parts) as second:
        ended = await until_status(task, TaskStatus.SUCCEEDED)
    assert (ended.worker, ended.attempts) == (second.name, 1)
    assert (gate.undone, gate.settled) == ([], [TaskStatus.SUCCEEDED])


async def test_a_worker_that_is_cut_off_loses_its_task_after_the_lease(parts: Parts) -> None:
    gate = Gate()
    first = asyncio.create_task(Worker({KIND: gate.operation()}, parts).run())
    task = await put(parts)
    await until_entered(gate)
    first.cancel()
    await asyncio.wait({first})
    gate.opened = True
    async with working(gate, parts):
        ended = await until_status(task, TaskStatus.SUCCEEDED)
    assert (ended.attempts, ended.fence) == (2, 2)


async def test_a_worker_that_lost_a_task_stops_it_silently(parts: Parts) -> None:
    """Somebody else has claimed it: nothing is undone, nothing written, nothing settled."""
    gate = Gate()
    async with working(gate, parts):
        task = await put(parts)
        await until_entered(gate)
        await Task.filter(id=task.id).update(worker="other", fence=7)

        async def forgotten() -> bool:
            names = {running.get_name() for running in asyncio.all_tasks()}
            return f"task {task.id}" not in names

        await until(forgotten)
        gate.opened = True
    now = await Task.get(id=task.id)
    assert (now.status, now.worker, now.fence) == (TaskStatus.RUNNING, "other", 7)
    assert (gate.passed, gate.undone, gate.settled) == ([], [], [])
    assert [row.status for row in await Step.all()] == [StepStatus.STARTED]


async def test_what_cannot_be_settled_is_neither_ended_nor_freed(parts: Parts) -> None:
    """All or nothing; a later attempt ends it without doing the step again."""
    gate = Gate(opened=True, unsettled=1)
    async with working(gate, parts):
        task = await put(parts)
        ended = await until_status(task, TaskStatus.SUCCEEDED)
    assert ended.attempts == 2
    assert (len(gate.entered), gate.settled) == (1, [TaskStatus.SUCCEEDED])


async def test_an_unknown_kind_is_left_alone(parts: Parts) -> None:
    """Another worker, of another version, may know it; the rest of the claim is not held up."""
    gate = Gate(opened=True)
    async with working(gate, parts):
        unknown = await put(parts, 1, kind="from.the.future")
        known = await put(parts, 2)
        await until_status(known, TaskStatus.SUCCEEDED)

        async def released() -> bool:
            row = await Task.get(id=unknown.id)
            return row.attempts == 1 and row.worker is None

        await until(released)
    assert (await Task.get(id=unknown.id)).lock == "gate:1"


async def test_what_kills_its_workers_is_not_begun_for_ever(parts: Parts) -> None:
    gate = Gate()
    task = await put(parts)
    await Task.filter(id=task.id).update(
        status=TaskStatus.RUNNING, strikes=10, lease_until=LONG_AGO, started_at=LONG_AGO
    )
    async with working(gate, parts):
        ended = await until_status(task, TaskStatus.FAILED)
    assert gate.entered == []
    assert ended.error is not None
    assert ended.error["message"] == "It was begun 10 times without coming any further."
