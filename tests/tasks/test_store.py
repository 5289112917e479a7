"""Submitting, cancelling and taking up again, in every state; parents and their children."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from tests.tasks.crashing import Boundaries, work
from tests.tasks.world import World, make_thing
from vmlab.errors import NotFound, QuotaExceeded, WrongState, WrongTaskState
from vmlab.models import Step, StepStatus, Task, TaskStatus
from vmlab.models.connection import transaction
from vmlab.tasks import (
    LockTaken,
    NewTask,
    Operation,
    Parts,
    lanes,
    request_cancel,
    retry,
    submit,
)
from vmlab.tasks.claim import claim
from vmlab.tasks.journal import Journal

pytestmark = pytest.mark.usefixtures("database")

KIND = "thing.make"
SUCCEEDED, FAILED, CANCELLED = TaskStatus.SUCCEEDED, TaskStatus.FAILED, TaskStatus.CANCELLED


def thing(target_id: int = 1, lanes: Sequence[str] = ()) -> NewTask:
    return NewTask(kind=KIND, target_type="thing", target_id=target_id, lanes=lanes)


def class_of(*target_ids: int) -> NewTask:
    children = [thing(target_id) for target_id in target_ids]
    return NewTask(kind="class.make", target_type="course", target_id=1, children=children)


async def status(task: Task) -> TaskStatus:
    return (await Task.get(id=task.id)).status


async def walk_next(operation: Operation, parts: Parts) -> Task:
    """Claim whatever is next and walk it to its end."""
    [task] = await Task.filter(status=TaskStatus.PENDING).order_by("priority", "id").limit(1)
    assert await work(operation, parts, task.id, Boundaries())
    return await Task.get(id=task.id)


# Submitting


async def test_one_task_at_a_time_on_a_target() -> None:
    first = await submit(thing())
    with pytest.raises(LockTaken) as refused:
        await submit(thing())
    assert isinstance(refused.value, WrongState)
    assert refused.value.details == {"task_id": first.id}
    await submit(thing(2))
    assert await Task.all().count() == 2


async def test_a_refusal_leaves_the_callers_transaction_usable() -> None:
    await submit(thing())
    async with transaction():
        with pytest.raises(LockTaken):
            await submit(thing())
        await submit(thing(2))
    assert await Task.filter(lock="thing:2").exists()


async def test_many_who_want_the_same_at_once() -> None:
    async def one() -> bool:
        try:
            async with transaction():
                await submit(thing())
        except LockTaken:
            return False
        return True

    assert sum(await asyncio.gather(*(one() for _ in range(12)))) == 1


async def test_a_child_whose_target_is_taken_refuses_them_all() -> None:
    taken = await submit(thing(2))
    with pytest.raises(LockTaken) as refused:
        async with transaction():
            await submit(class_of(1, 2, 3))
    assert refused.value.task_id == taken.id
    assert await Task.all().count() == 1


# Cancelling


async def test_cancel_what_was_never_begun(parts: Parts) -> None:
    """It ends without a call, without a place in its lanes, and before all others."""
    world = World()
    full = parts.settings.lanes.per_node
    for target in range(full):
        await submit(thing(100 + target, lanes=[lanes.node("pve1")]))
    assert len(await claim("other", full, parts.settings)) == full
    task = await submit(thing(1, lanes=[lanes.node("pve1")]))
    assert await claim("other", 1, parts.settings) == []
    await request_cancel(task.id, parts.bus)
    assert await walk_next(make_thing(world), parts) == task
    ended = await Task.get(id=task.id)
    assert (ended.status, ended.error, ended.lock) == (CANCELLED, None, None)
    assert ended.result == {"settled": "cancelled"}
    assert world.calls == []


async def test_cancel_twice_is_once(parts: Parts) -> None:
    task = await submit(thing())
    await request_cancel(task.id, parts.bus)
    asked_at = (await Task.get(id=task.id)).cancel_requested_at
    await request_cancel(task.id, parts.bus)
    assert (await Task.get(id=task.id)).cancel_requested_at == asked_at


@pytest.mark.parametrize("world", [World(), World(fails=frozenset({"start"}))])
async def test_cancel_what_has_ended(world: World, parts: Parts) -> None:
    task = await submit(thing())
    await walk_next(make_thing(world), parts)
    with pytest.raises(WrongTaskState):
        await request_cancel(task.id, parts.bus)


async def test_cancel_what_is_not_there(parts: Parts) -> None:
    with pytest.raises(NotFound):
        await request_cancel(4711, parts.bus)
    with pytest.raises(NotFound):
        await retry(4711, {}, parts.bus)


# Taking up again


async def test_retry_what_has_failed(parts: Parts) -> None:
    world = World(fails=frozenset({"start"}))
    operation = make_thing(world)
    task = await submit(thing())
    failed = await walk_next(operation, parts)
    assert failed.error is not None
    assert failed.error["code"] == "TASK_001"
    assert failed.error["details"]["step"] == "start"
    assert failed.error["details"]["reason"] == "start is refused"
    world.fails = frozenset()
    await retry(task.id, {KIND: operation}, parts.bus)
    again = await Task.get(id=task.id)
    assert (again.status, again.lock, again.attempts) == (TaskStatus.PENDING, "thing:1", 0)
    assert (await walk_next(operation, parts)).status is SUCCEEDED
    assert [t.running for t in world.ours().values()] == [True]


async def test_retry_what_was_cancelled_finds_its_lanes_again(parts: Parts) -> None:
    operation = make_thing(World())
    task = await submit(thing(1, lanes=[lanes.node("pve1")]))
    await request_cancel(task.id, parts.bus)
    await walk_next(operation, parts)
    await retry(task.id, {KIND: operation}, parts.bus)
    again = await Task.get(id=task.id)
    assert again.lanes == ["node:pve1", "cluster"]
    assert again.cancel_requested_at is None
    assert (await walk_next(operation, parts)).status is SUCCEEDED


async def test_retry_in_other_states_is_refused(parts: Parts) -> None:
    operation = make_thing(World())
    registry = {KIND: operation}
    task = await submit(thing())
    with pytest.raises(WrongTaskState):
        await retry(task.id, registry, parts.bus)
    await claim("worker", 1, parts.settings)
    with pytest.raises(WrongTaskState):
        await retry(task.id, registry, parts.bus)
    await work(operation, parts, task.id, Boundaries())
    with pytest.raises(WrongTaskState):
        await retry(task.id, registry, parts.bus)


async def test_retry_needs_the_lock(parts: Parts) -> None:
    operation = make_thing(World(fails=frozenset({"make"})))
    failed = await submit(thing())
    await walk_next(operation, parts)
    holder = await submit(thing())
    with pytest.raises(LockTaken) as refused:
        await retry(failed.id, {KIND: operation}, parts.bus)
    assert refused.value.task_id == holder.id
    assert await status(failed) is FAILED


async def test_retry_asks_the_operation_to_admit_it_again(parts: Parts) -> None:
    """In the same transaction: what it wrote before it refused is gone."""

    async def refuse(task: Task) -> None:
        await Task.filter(id=task.id).update(result={"written": True})
        raise QuotaExceeded

    before = make_thing(World(fails=frozenset({"make"})))
    operation = Operation(KIND, before.steps, before.settle, refuse)
    task = await submit(thing())
    await walk_next(operation, parts)
    with pytest.raises(QuotaExceeded):
        await retry(task.id, {KIND: operation}, parts.bus)
    now = await Task.get(id=task.id)
    assert (now.status, now.result) == (FAILED, {"settled": "failed"})


async def test_retry_of_what_was_stuck_goes_on_from_the_last_good_step(parts: Parts) -> None:
    """The undo was refused, so the thing is still there, and is not made a second time."""
    world = World(fails=frozenset({"start", "remove"}))
    operation = make_thing(world)
    task = await submit(thing())
    stuck = await walk_next(operation, parts)
    assert stuck.status is FAILED
    assert stuck.error is not None
    assert stuck.error["details"]["stuck"] == "make"
    assert stuck.error["details"]["reason"] == "start is refused"
    statuses = dict(await Step.filter(task_id=task.id).values_list("name", "status"))
    assert statuses == {
        "reserve": StepStatus.DONE,
        "make": StepStatus.STUCK,
        "start": StepStatus.UNDONE,
    }
    world.fails = frozenset()
    await retry(task.id, {KIND: operation}, parts.bus)
    assert (await walk_next(operation, parts)).status is SUCCEEDED
    assert world.calls.count("make") == 1
    assert [t.running for t in world.ours().values()] == [True]


# Parents


async def test_a_parent_ends_with_the_last_of_its_children(parts: Parts) -> None:
    operation = make_thing(World())
    parent = await submit(class_of(1, 2, 3))
    assert await status(parent) is TaskStatus.RUNNING
    progress = []
    for _ in range(3):
        assert await status(parent) is TaskStatus.RUNNING
        await walk_next(operation, parts)
        progress.append((await Task.get(id=parent.id)).progress)
    ended = await Task.get(id=parent.id)
    assert (ended.status, ended.error) == (SUCCEEDED, None)
    assert ended.finished_at is not None
    assert progress == [33, 66, 100]


async def test_a_parent_is_never_claimed(parts: Parts) -> None:
    parent = await submit(class_of(1))
    claimed = await claim("worker", 9, parts.settings)
    assert [task.parent_id for task in claimed] == [parent.id]


async def test_a_parent_tells_which_children_failed_and_takes_only_those_up_again(
    parts: Parts,
) -> None:
    parent = await submit(class_of(1, 2, 3))
    good, bad = make_thing(World()), make_thing(World(fails=frozenset({"make"})))
    await walk_next(good, parts)
    failed = await walk_next(bad, parts)
    await walk_next(good, parts)
    ended = await Task.get(id=parent.id)
    assert ended.status is FAILED
    assert ended.error is not None
    assert ended.error["code"] == "TASK_001"
    assert ended.error["message"] == "1 of 3 did not succeed."
    assert ended.error["details"] == {
        "succeeded": 2,
        "failed": [
            {
                "task_id": failed.id,
                "target_type": "thing",
                "target_id": 2,
                "status": "failed",
                "code": "TASK_001",
                "message": "Proxmox refused or failed the operation.",
                "reason": "make is refused",
            }
        ],
    }
    await retry(parent.id, {KIND: good}, parts.bus)
    reopened = await Task.get(id=parent.id)
    assert (reopened.status, reopened.progress) == (TaskStatus.RUNNING, 66)
    assert (await walk_next(good, parts)).id == failed.id
    assert await status(parent) is SUCCEEDED


async def test_retry_of_one_child_opens_its_parent_again(parts: Parts) -> None:
    parent = await submit(class_of(1))
    child = await walk_next(make_thing(World(fails=frozenset({"make"}))), parts)
    assert await status(parent) is FAILED
    good = make_thing(World())
    await retry(child.id, {KIND: good}, parts.bus)
    assert await status(parent) is TaskStatus.RUNNING
    await walk_next(good, parts)
    assert await status(parent) is SUCCEEDED


async def test_a_cancelled_parent_still_names_what_had_failed_before(parts: Parts) -> None:
    parent = await submit(class_of(1, 2, 3))
    failed = await walk_next(make_thing(World(fails=frozenset({"make"}))), parts)
    await walk_next(make_thing(World()), parts)
    await request_cancel(parent.id, parts.bus)
    await walk_next(make_thing(World()), parts)
    ended = await Task.get(id=parent.id)
    assert ended.status is CANCELLED
    assert ended.error is not None
    assert ended.error["message"] == "1 of 3 did not succeed."
    assert ended.error["details"]["succeeded"] == 1
    assert [each["task_id"] for each in ended.error["details"]["failed"]] == [failed.id]


async def test_cancel_of_a_parent_reaches_the_children_that_have_not_ended(parts: Parts) -> None:
    operation = make_thing(World())
    parent = await submit(class_of(1, 2, 3))
    done = await walk_next(operation, parts)
    await request_cancel(parent.id, parts.bus)
    await walk_next(operation, parts)
    await walk_next(operation, parts)
    children = await Task.filter(parent_id=parent.id).order_by("id")
    assert [child.status for child in children] == [SUCCEEDED, CANCELLED, CANCELLED]
    assert children[0].id == done.id
    assert await status(parent) is CANCELLED
    await retry(parent.id, {KIND: operation}, parts.bus)
    await walk_next(operation, parts)
    await walk_next(operation, parts)
    assert await status(parent) is SUCCEEDED


async def test_a_refused_child_does_not_hold_up_the_others(parts: Parts) -> None:
    bad = make_thing(World(fails=frozenset({"make"})))
    parent = await submit(class_of(1, 2))
    first = await walk_next(bad, parts)
    second = await walk_next(bad, parts)
    await submit(thing(1))
    await retry(parent.id, {KIND: bad}, parts.bus)
    assert await status(first) is FAILED
    assert await status(second) is TaskStatus.PENDING
    assert await status(parent) is TaskStatus.RUNNING


async def test_children_that_end_at_the_same_time_do_not_overlook_each_other(
    parts: Parts,
) -> None:
    """The second one ends while the first one's end is written but not committed."""
    parent = await submit(class_of(1, 2))
    first, second = await claim("worker", 2, parts.settings)
    at_the_end = asyncio.Event()

    async def settle() -> None:
        pass

    async def end_slowly() -> None:
        async with transaction():
            await Journal(first, {}).end(SUCCEEDED, None, settle)
            at_the_end.set()
            await asyncio.sleep(0.3)

    async def end_meanwhile() -> None:
        await at_the_end.wait()
        await Journal(second, {}).end(SUCCEEDED, None, settle)

    await asyncio.gather(end_slowly(), end_meanwhile())
    ended = await Task.get(id=parent.id)
    assert (ended.status, ended.progress) == (SUCCEEDED, 100)
