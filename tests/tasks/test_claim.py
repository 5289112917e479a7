"""Who gets which task, and when: turns, lanes, leases and fences, on both databases."""

from __future__ import annotations

import asyncio
import dataclasses
from datetime import timedelta

import pytest

from tests.tasks.conftest import with_lanes
from tests.tasks.crashing import LONG_AGO
from vmlab.models import Course, StepStatus, Task, TaskStatus
from vmlab.tasks import BULK, INTERACTIVE, NewTask, Parts, lanes, submit
from vmlab.tasks.claim import claim, release, renew
from vmlab.tasks.clock import database_now
from vmlab.tasks.journal import Fenced, Journal

pytestmark = pytest.mark.usefixtures("database")


async def put(
    target_id: int,
    *,
    lanes: list[str] | None = None,
    priority: int = BULK,
    course: int | None = None,
) -> Task:
    """Put one task in line."""
    return await submit(
        NewTask(
            kind="thing.make",
            target_type="thing",
            target_id=target_id,
            lanes=lanes or [],
            priority=priority,
            course_id=course,
        )
    )


async def targets(parts: Parts, wanted: int, worker: str = "worker") -> list[int]:
    """Claim, and name what was got by its target."""
    return [task.target_id for task in await claim(worker, wanted, parts.settings)]


async def test_oldest_first_and_no_more_than_wanted(parts: Parts) -> None:
    for target in (1, 2, 3):
        await put(target)
    assert await targets(parts, 2) == [1, 2]
    assert await targets(parts, 2) == [3]
    assert await targets(parts, 2) == []


async def test_a_claim_says_who_holds_it_and_until_when(parts: Parts) -> None:
    await put(1)
    before = await database_now()
    [task] = await claim("worker", 1, parts.settings)
    assert (task.status, task.worker, task.fence, task.attempts) == (
        TaskStatus.RUNNING,
        "worker",
        1,
        1,
    )
    assert task.lease_until is not None
    assert task.lease_until - before >= timedelta(seconds=parts.settings.tasks.lease_s)
    assert task.started_at is not None


async def test_who_waits_at_a_screen_goes_first(parts: Parts) -> None:
    await put(1)
    await put(2, priority=INTERACTIVE)
    assert await targets(parts, 2) == [2, 1]


async def test_not_before_its_time(parts: Parts) -> None:
    task = await put(1)
    await Task.filter(id=task.id).update(run_at=await database_now() + timedelta(hours=1))
    assert await targets(parts, 1) == []


async def test_courses_take_turns_whatever_their_size(parts: Parts) -> None:
    big = await Course.create(name="Big")
    small = await Course.create(name="Small")
    for target in range(10, 20):
        await put(target, course=big.id)
    for target in (20, 21):
        await put(target, course=small.id)
    await put(30)
    assert await targets(parts, 3) == [10, 20, 30]
    # The big one has one running like the others, so it is only as good as they are.
    assert await targets(parts, 3) == [11, 21, 12]


async def test_a_course_with_nothing_running_comes_first(parts: Parts) -> None:
    big = await Course.create(name="Big")
    small = await Course.create(name="Small")
    for target in range(10, 20):
        await put(target, course=big.id)
    assert await targets(parts, 4) == [10, 11, 12, 13]
    await put(20, course=small.id)
    assert await targets(parts, 1) == [20]


async def test_a_full_lane_lets_others_pass(parts: Parts) -> None:
    parts = with_lanes(parts, linked_clones_per_storage=2)
    for target in range(1, 40):
        await put(target, lanes=[lanes.linked_clones("slow")])
    await put(50, lanes=[lanes.linked_clones("other")])
    await put(51)
    assert await targets(parts, 4) == [1, 2, 50, 51]
    assert await targets(parts, 4) == []
    ended = await Task.get(target_id=1)
    await Task.filter(id=ended.id).update(status=TaskStatus.SUCCEEDED, lease_until=None)
    assert await targets(parts, 4) == [3]


async def test_a_task_needs_a_place_in_each_of_its_lanes(parts: Parts) -> None:
    parts = with_lanes(parts, per_node=1, full_clones_per_storage=9)
    for target in (1, 2):
        await put(target, lanes=[lanes.full_clones("s"), lanes.node("pve1")])
    await put(3, lanes=[lanes.full_clones("s"), lanes.node("pve2")])
    assert await targets(parts, 3) == [1, 3]


async def test_the_cluster_has_a_limit_of_its_own(parts: Parts) -> None:
    parts = with_lanes(parts, cluster=3)
    for target in range(5):
        await put(target, lanes=[lanes.node(f"pve{target}")])
    await put(9)
    assert await targets(parts, 9) == [0, 1, 2, 9]


async def test_a_lane_without_places_blocks_only_itself(parts: Parts) -> None:
    parts = with_lanes(parts, full_clones_per_storage=0)
    await put(1, lanes=[lanes.full_clones("s")])
    await put(2)
    assert await targets(parts, 2) == [2]


async def test_many_claims_at_once_share_without_exceeding(parts: Parts) -> None:
    """Forty claims of three run into each other; none gets what another has."""
    # However busy this machine is, no lease ends meanwhile.
    long = dataclasses.replace(
        parts.settings, tasks=dataclasses.replace(parts.settings.tasks, lease_s=3600.0)
    )
    parts = dataclasses.replace(parts, settings=long)
    parts = with_lanes(parts, linked_clones_per_storage=7, cluster=100)
    for target in range(30):
        await put(target, lanes=[lanes.linked_clones("s")])
    for target in range(30, 60):
        await put(target)
    got = await asyncio.gather(*(targets(parts, 3, f"worker {i}") for i in range(40)))
    claimed = [target for some in got for target in some]
    assert len(claimed) == len(set(claimed)) == 37
    assert sum(target < 30 for target in claimed) == 7


async def test_a_lease_that_lives_is_never_taken_over(parts: Parts) -> None:
    await put(1)
    [task] = await claim("first", 1, parts.settings)
    assert await targets(parts, 1, "second") == []
    assert (await renew("first", [task.id], 60.0))[task.id].fence == task.fence


async def test_an_expired_lease_goes_to_the_next_before_all_else(parts: Parts) -> None:
    """It keeps its place: the lane is full with it, and it is claimed all the same."""
    parts = with_lanes(parts, linked_clones_per_storage=1)
    await put(1, lanes=[lanes.linked_clones("s")])
    [task] = await claim("first", 1, parts.settings)
    await put(2, priority=INTERACTIVE, lanes=[lanes.linked_clones("s")])
    await Task.filter(id=task.id).update(lease_until=LONG_AGO)
    [again] = await claim("second", 5, parts.settings)
    assert (again.id, again.worker, again.fence, again.attempts) == (task.id, "second", 2, 2)


async def test_a_stale_worker_changes_nothing(parts: Parts) -> None:
    await put(1)
    [stale] = await claim("first", 1, parts.settings)
    journal = await Journal.opened(stale)
    await journal.started("make", 0, None, None)
    await Task.filter(id=stale.id).update(lease_until=LONG_AGO)
    [held] = await claim("second", 1, parts.settings)
    settled = []

    async def settle() -> None:
        settled.append(True)

    journal.done("make", {"lost": True}, 50)
    with pytest.raises(Fenced):
        await journal.flush()
    with pytest.raises(Fenced):
        await journal.started("start", 1, None, None)
    with pytest.raises(Fenced):
        await journal.turned("make", {"code": "X", "message": "x", "details": {}})
    with pytest.raises(Fenced):
        await journal.progress(77)
    with pytest.raises(Fenced):
        await journal.end(TaskStatus.SUCCEEDED, None, settle)
    await release(stale)
    assert await renew("first", [stale.id], 60.0) == {}
    now = await Journal.opened(await Task.get(id=held.id))
    assert now.task.status is TaskStatus.RUNNING
    assert (now.task.worker, now.task.progress, now.task.unwinding) == ("second", 0, False)
    assert now.task.lock == "thing:1"
    assert {name: row.status for name, row in now.rows.items()} == {"make": StepStatus.STARTED}
    assert now.rows["make"].output is None
    assert not settled


async def test_a_released_task_keeps_its_place_and_goes_to_the_next(parts: Parts) -> None:
    parts = with_lanes(parts, per_node=1)
    await put(1, lanes=[lanes.node("pve1")])
    await put(2, lanes=[lanes.node("pve1")])
    [task] = await claim("first", 2, parts.settings)
    await release(task, 60.0)
    assert await targets(parts, 2, "second") == []
    await Task.filter(id=task.id).update(lease_until=LONG_AGO)
    [again] = await claim("second", 2, parts.settings)
    assert (again.id, again.attempts) == (task.id, 2)
    await release(again, counts=False)
    assert (await Task.get(id=task.id)).attempts == 1


@pytest.mark.parametrize("output", ["text", "17", 17, {"a": [1, None]}, [], True, None])
async def test_outputs_come_back_as_they_were(parts: Parts, output: object) -> None:
    await put(1)
    [task] = await claim("worker", 1, parts.settings)
    journal = await Journal.opened(task)
    await journal.started("make", 0, None, None)
    journal.done("make", output, 50)
    await journal.flush()
    again = await Journal.opened(task)
    assert journal.rows["make"].output == again.rows["make"].output == output
