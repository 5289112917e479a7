"""A worker dies at every boundary, and the one that goes on dies at every boundary as well.

Whatever happens, in the end there is exactly one thing, started, or none; and nothing that belongs
to somebody else was touched.

| case           | what goes wrong, besides the crashes          | end       |
|----------------|-----------------------------------------------|-----------|
| none           | nothing                                       | succeeded |
| fails a call   | it is refused, each time                      | failed    |
| loses a call   | it is done, and its answer lost               | succeeded |
| lies           | it is done, and said to have failed           | succeeded |
| loses removal  | refused start; the removal's answer is lost   | failed    |
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from tests.tasks.crashing import NEVER, Boundaries, Crash, doubled, ended, work
from tests.tasks.world import FOREIGN, Thing, World, make_thing
from vmlab.models import Step as StepRow
from vmlab.models import StepStatus, Task, TaskStatus
from vmlab.tasks import NewTask, Operation, Parts, Run, Step, request_cancel, submit
from vmlab.tasks.walk import MOST_STRIKES

pytestmark = pytest.mark.sweep

CASES: dict[str, tuple[Callable[[], World], TaskStatus]] = {
    "none": (World, TaskStatus.SUCCEEDED),
    "fails make": (lambda: World(fails=frozenset({"make"})), TaskStatus.FAILED),
    "fails start": (lambda: World(fails=frozenset({"start"})), TaskStatus.FAILED),
    "loses make": (lambda: World(loses={"make"}), TaskStatus.SUCCEEDED),
    "loses start": (lambda: World(loses={"start"}), TaskStatus.SUCCEEDED),
    "lies": (lambda: World(lies={"make", "start"}), TaskStatus.SUCCEEDED),
    "loses removal": (
        lambda: World(fails=frozenset({"start"}), loses={"remove"}),
        TaskStatus.FAILED,
    ),
}


async def new_task(operation: Operation) -> Task:
    """Put the operation in line."""
    return await submit(NewTask(kind=operation.kind, target_type="thing", target_id=1))


async def lives(
    operation: Operation, parts: Parts, world: World, task: Task, crashes: list[int]
) -> tuple[Task, int]:
    """Let workers follow one another, each dying where it is told, until the task has ended.

    Returns:
        The task as it ended, and how many boundaries the last life passed.
    """
    for crash_at in [*crashes, NEVER]:
        world.boundary = boundary = Boundaries(crash_at)
        if await work(operation, parts, task.id, boundary) or await ended(task.id):
            break
    return await Task.get(id=task.id), len(boundary.passed)


def check(world: World, task: Task, end: TaskStatus) -> None:
    """The world is as it has to be after that end."""
    assert task.status is end
    assert task.lock is None
    assert task.result == {"settled": end.value}
    assert world.things[FOREIGN].mark == "somebody's"
    assert not world.things[FOREIGN].running
    ours = list(world.ours().values())
    if end is TaskStatus.SUCCEEDED:
        assert [(thing.mark, thing.running) for thing in ours] == [(f"task {task.id}", True)]
    else:
        assert ours == []


@pytest.mark.parametrize("case", CASES)
async def test_crashed_at_each_boundary_and_again_in_each_recovery(
    case: str, sqlite: str, parts: Parts
) -> None:
    new_world, end = CASES[case]

    async def after(crashes: list[int]) -> int:
        """Check the end after these crashes, and count the boundaries of the last life."""
        world = new_world()
        operation = make_thing(world)
        task, passed = await lives(operation, parts, world, await new_task(operation), crashes)
        check(world, task, end)
        assert world.calls.count("make") <= 2
        return passed

    pairs = 0
    for first in range(await after([])):
        for second in range(await after([first])):
            await after([first, second])
            pairs += 1
    assert pairs > 30


async def test_cancelled_before_a_recovery_leaves_nothing(sqlite: str, parts: Parts) -> None:
    """A worker died anywhere, then somebody cancelled: nothing stays, or all is done."""
    ends: list[TaskStatus] = []
    while TaskStatus.SUCCEEDED not in ends:
        world = World()
        operation = make_thing(world)
        task = await new_task(operation)
        world.boundary = Boundaries(len(ends))
        if not await work(operation, parts, task.id, world.boundary) and not await ended(task.id):
            await request_cancel(task.id, parts.bus)
        if not await ended(task.id):
            await lives(operation, parts, world, task, [])
        task = await Task.get(id=task.id)
        check(world, task, task.status)
        ends.append(task.status)
    # Once the last step has had its effect there is nothing left to be cancelled.
    assert ends == [TaskStatus.CANCELLED] * 4 + [TaskStatus.SUCCEEDED]


@pytest.mark.parametrize("case", ["none", "fails start"])
async def test_every_step_and_undo_executed_twice(case: str, sqlite: str, parts: Parts) -> None:
    """Making a thing twice is refused, and judged by what is there."""
    new_world, end = CASES[case]
    world = new_world()
    operation = doubled(make_thing(world))
    task, _ = await lives(operation, parts, world, await new_task(operation), [])
    check(world, task, end)


async def test_a_foreign_thing_under_our_number_is_never_touched(sqlite: str, parts: Parts) -> None:
    """Somebody takes the number between its reservation and its use, wherever we crash then."""

    async def after(crashes: list[int]) -> int:
        world = World()
        operation = make_thing(world)
        task = await new_task(operation)
        assert not await work(operation, parts, task.id, Boundaries(1))
        rows = await StepRow.filter(task_id=task.id).order_by("position")
        assert [row.status for row in rows] == [StepStatus.DONE, StepStatus.STARTED]
        world.things[8] = Thing("another's")
        task, passed = await lives(operation, parts, world, task, crashes)
        assert task.status is TaskStatus.FAILED
        assert world.ours() == {8: Thing("another's")}
        return passed

    for crash_at in range(await after([])):
        await after([crash_at])


@pytest.mark.parametrize(
    ("deaths", "end"),
    [(MOST_STRIKES - 1, TaskStatus.SUCCEEDED), (MOST_STRIKES, TaskStatus.FAILED)],
)
async def test_a_step_may_see_many_deaths_but_not_endless_ones(
    deaths: int, end: TaskStatus, sqlite: str, parts: Parts
) -> None:
    left = deaths

    async def survive(run: Run) -> None:
        nonlocal left
        if left:
            left -= 1
            raise Crash

    operation = one_after_another(survive)
    task = await new_task(operation)
    while not await work(operation, parts, task.id, Boundaries()):
        pass
    task = await Task.get(id=task.id)
    assert (task.status, left) == (end, 0)
    assert (task.error is None) is (end is TaskStatus.SUCCEEDED)


async def test_deaths_between_which_it_comes_further_do_not_count(
    sqlite: str, parts: Parts
) -> None:
    """However many there are: others may be to blame for them."""
    died: set[str] = set()

    async def survive(run: Run) -> None:
        assert run.step is not None
        if run.step.name not in died:
            died.add(run.step.name)
            raise Crash

    operation = one_after_another(*[survive] * (2 * MOST_STRIKES))
    task = await new_task(operation)
    while not await work(operation, parts, task.id, Boundaries()):
        pass
    task = await Task.get(id=task.id)
    assert (task.status, task.attempts) == (TaskStatus.SUCCEEDED, 2 * MOST_STRIKES + 1)


def one_after_another(*steps: Callable[[Run], Awaitable[None]]) -> Operation:
    """An operation of these steps."""

    async def settle(run: Run, status: TaskStatus) -> None:
        pass

    return Operation("thing.die", tuple(Step(f"step{n}", do) for n, do in enumerate(steps)), settle)
