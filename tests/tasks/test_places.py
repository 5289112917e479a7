"""Places that a task takes in the middle: never too many, in turn, and given back in time."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import pytest

from tests.tasks.conftest import with_lanes
from tests.tasks.crashing import LONG_AGO, Boundaries, ended, work
from tests.tasks.waiting import until, until_status
from vmlab.models import Step as StepRow
from vmlab.models import Task, TaskStatus
from vmlab.tasks import (
    BULK,
    INTERACTIVE,
    NewTask,
    Operation,
    Parts,
    Run,
    Step,
    announce,
    lanes,
    request_cancel,
    submit,
)
from vmlab.tasks.claim import claim
from vmlab.tasks.places import Places
from vmlab.tasks.worker import Worker

pytestmark = pytest.mark.usefixtures("database")

KIND = "thing.copy"
COPIES = lanes.linked_clones("s")
LINE = lanes.line_before(COPIES)


@dataclass
class Copier:
    """Prepares, copies in a lane of its own, and finishes somewhere else."""

    prepared: list[int] = field(default_factory=list)
    copying: set[int] = field(default_factory=set)
    copied: list[int] = field(default_factory=list)
    most: int = 0
    opened: asyncio.Event = field(default_factory=asyncio.Event)

    def operation(self) -> Operation:
        async def prepare(run: Run) -> None:
            self.prepared.append(run.task.target_id)

        async def copy(run: Run) -> None:
            self.copying.add(run.task.target_id)
            self.most = max(self.most, len(self.copying))
            try:
                while not self.opened.is_set():
                    await run.sleep(0.01)
            finally:
                self.copying.remove(run.task.target_id)
            self.copied.append(run.task.target_id)

        async def finish(run: Run) -> None:
            row = await Task.get(id=run.task.id)
            assert row.lanes == [lanes.node("n"), lanes.CLUSTER]

        async def undo(run: Run) -> None:
            pass

        async def settle(run: Run, status: TaskStatus) -> None:
            pass

        async def to_copy(run: Run) -> list[str]:
            return [COPIES]

        async def to_finish(run: Run) -> list[str]:
            return [lanes.node("n")]

        return Operation(
            KIND,
            (
                Step("prepare", prepare),
                Step("copy", copy, undo, lanes=to_copy),
                Step("finish", finish, lanes=to_finish),
            ),
            settle,
        )


async def put(target_id: int, priority: int = BULK) -> Task:
    """Put one copy in line."""
    new = NewTask(
        kind=KIND, target_type="thing", target_id=target_id, lanes=[LINE], priority=priority
    )
    return await submit(new)


async def held(lane: str) -> int:
    """How many running tasks have a place in a lane, by their rows."""
    running = await Task.filter(status=TaskStatus.RUNNING)
    return sum(lane in task.lanes for task in running)


async def test_some_are_made_ready_while_the_lane_is_full(parts: Parts) -> None:
    parts = with_lanes(parts, linked_clones_per_storage=2)
    copier = Copier()
    team = [Worker({KIND: copier.operation()}, parts) for _ in range(2)]
    working = [asyncio.create_task(worker.run()) for worker in team]
    tasks = [await put(target) for target in range(9)]
    await announce(parts.bus, tasks[0])

    async def full() -> bool:
        return len(copier.prepared) == 4 and len(copier.copying) == 2

    await until(full)
    # Several polls later the lane is as full as before, and so is the line.
    await asyncio.sleep(0.5)
    assert await full()
    assert (await held(COPIES), await held(LINE)) == (2, 2)
    copier.opened.set()
    for task in tasks:
        await until_status(task, TaskStatus.SUCCEEDED)
    assert sorted(copier.copied) == list(range(9))
    assert copier.most == 2
    for worker in team:
        worker.stop()
    await asyncio.gather(*working)


async def test_who_waits_takes_no_room_from_others(parts: Parts) -> None:
    """With room for two: the lane is full, two wait for it, and other work is done meanwhile."""
    tasks = parts.settings.tasks
    parts = with_lanes(parts, linked_clones_per_storage=3)
    copier = Copier()
    places = Places(parts.settings)
    waiting = [await put(target) for target in range(3)]
    await claim("elsewhere", 3, parts.settings)
    for task in waiting:
        assert await places.take(await Task.get(id=task.id), [COPIES, lanes.CLUSTER])
    worker = Worker({KIND: copier.operation()}, parts)
    working = asyncio.create_task(worker.run())
    for target in range(10, 13):
        await put(target)

    async def all_ready() -> bool:
        return len(copier.prepared) == 3

    await until(all_ready)
    others = [
        await submit(NewTask(kind=KIND, target_type="thing", target_id=100 + n))
        for n in range(tasks.concurrency)
    ]
    await announce(parts.bus, others[0])

    async def all_begun() -> bool:
        return len(copier.prepared) == 3 + tasks.concurrency

    await until(all_begun)
    worker.stop()
    await asyncio.wait_for(working, 10)


async def test_many_at_once_never_take_too_many(parts: Parts) -> None:
    """Forty tasks of eight processes run into each other."""
    parts = with_lanes(parts, linked_clones_per_storage=40, per_node=7, cluster=100)
    for target in range(40):
        await put(target)
    tasks = await claim("worker", 40, parts.settings)
    processes = [Places(parts.settings) for _ in range(8)]
    node = [lanes.node("n"), lanes.CLUSTER]
    taking = [
        asyncio.create_task(processes[n % 8].take(task, node)) for n, task in enumerate(tasks)
    ]
    for _ in range(3):
        await asyncio.gather(*(process.serve(99) for process in processes))
        assert await held(lanes.node("n")) == 7
    granted = [task for task, taken in zip(tasks, taking, strict=True) if taken.done()]
    assert len(granted) == 7
    await Task.filter(id__in=[task.id for task in granted[:2]]).update(lanes=[])
    await asyncio.gather(*(process.serve(99) for process in processes))
    assert await held(lanes.node("n")) == 7
    for task in taking:
        task.cancel()
    await asyncio.wait(taking)
    assert [process.waiting for process in processes] == [0] * 8


async def test_who_waits_at_a_screen_goes_on_first_and_no_more_than_there_is_room(
    parts: Parts,
) -> None:
    parts = with_lanes(parts, per_node=2, linked_clones_per_storage=9)
    for target in range(4):
        await put(target)
    screen = await put(4, priority=INTERACTIVE)
    await claim("worker", 9, parts.settings)
    first, second, *others = await Task.all().order_by("target_id")
    places = Places(parts.settings)
    node = [lanes.node("n"), lanes.CLUSTER]
    assert await places.take(first, node)
    assert await places.take(second, node)
    taking = [asyncio.create_task(places.take(task, node)) for task in others]

    async def all_wait() -> bool:
        return places.waiting == 3

    async def on_node() -> set[int]:
        return {task.id for task in await Task.all() if task.lanes == node}

    await until(all_wait)
    await Task.filter(id__in=[first.id, second.id]).update(lanes=[])
    await places.serve(0)
    assert await on_node() == set()
    await places.serve(1)
    assert await on_node() == {screen.id}
    await places.serve(9)
    assert await on_node() == {screen.id, others[0].id}
    await Task.filter(id=screen.id).update(lanes=[])
    await places.serve(9)
    assert await asyncio.gather(*taking) == [True] * 3


async def test_a_stale_holder_is_told_and_takes_nothing(parts: Parts) -> None:
    await put(1)
    [stale] = await claim("first", 1, parts.settings)
    await Task.filter(id=stale.id).update(lease_until=LONG_AGO)
    await claim("second", 1, parts.settings)
    assert not await Places(parts.settings).take(stale, [COPIES])
    assert await held(COPIES) == 0


async def test_cancelled_while_it_waits(parts: Parts) -> None:
    parts = with_lanes(parts, linked_clones_per_storage=1)
    copier = Copier()
    worker = Worker({KIND: copier.operation()}, parts)
    working = asyncio.create_task(worker.run())
    first, second = await put(1), await put(2)
    await announce(parts.bus, first)

    async def second_waits() -> bool:
        return await StepRow.filter(task_id=second.id, name="copy").exists()

    await until(second_waits)
    await request_cancel(second.id, parts.bus)
    await until_status(second, TaskStatus.CANCELLED)
    copier.opened.set()
    await until_status(first, TaskStatus.SUCCEEDED)
    assert copier.copied == [1]
    worker.stop()
    await working


async def test_dying_anywhere_leaves_no_place_behind(parts: Parts) -> None:
    """Whoever goes on has the places of the one that died, and no others; all are free at last."""
    parts = with_lanes(parts, linked_clones_per_storage=1, per_node=1, cluster=1)
    copier = Copier()
    copier.opened.set()
    operation = copier.operation()
    lives = 0
    while True:
        task = await put(1)
        if await work(operation, parts, task.id, Boundaries(lives)) or await ended(task.id):
            break
        assert await work(operation, parts, task.id, Boundaries())
        assert (await Task.get(id=task.id)).status is TaskStatus.SUCCEEDED
        lives += 1
    assert lives > 4
