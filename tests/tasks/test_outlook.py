"""When a task will begin and end, told from what the last ones took; on both databases."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from vmlab.models import Task, TaskStatus, Worker
from vmlab.tasks import BULK, INTERACTIVE, NewTask, Parts, outlook, submit
from vmlab.tasks.claim import claim
from vmlab.tasks.clock import database_now
from vmlab.tasks.outlook import Outlook

pytestmark = pytest.mark.usefixtures("database")

KIND = "thing.make"
PACE_S, RUN_S = 3.0, 20.0


async def past(count: int, kind: str = KIND) -> None:
    """So many tasks that were submitted together, began one after another and took their time."""
    created = await database_now() - timedelta(hours=1)
    for number in range(count):
        started = created + timedelta(seconds=PACE_S * number)
        await ended(kind, created, started, started + timedelta(seconds=RUN_S))


async def ended(kind: str, created: datetime, started: datetime, finished: datetime) -> None:
    task = await Task.create(
        kind=kind,
        status=TaskStatus.SUCCEEDED,
        target_type="thing",
        target_id=1,
        run_at=created,
        started_at=started,
        finished_at=finished,
    )
    await Task.filter(id=task.id).update(created_at=created)


async def worker() -> None:
    now = await database_now()
    usual: dict[str, Any] = {"host": "lab1", "pid": 1, "version": "1", "concurrency": 16}
    await Worker.create(id="worker", started_at=now, last_seen_at=now, **usual)


async def put(*targets: int, kind: str = KIND, priority: int = BULK) -> list[Task]:
    return [
        await submit(NewTask(kind=kind, target_type="thing", target_id=each, priority=priority))
        for each in targets
    ]


async def test_each_waits_for_those_before_it() -> None:
    await past(5)
    await worker()
    tasks = await put(1, 2, 3)
    found = await outlook.of_tasks(task.id for task in tasks)
    assert [found[task.id] for task in tasks] == [
        Outlook(1, 0.0, RUN_S),
        Outlook(2, PACE_S, PACE_S + RUN_S),
        Outlook(3, 2 * PACE_S, 2 * PACE_S + RUN_S),
    ]


async def test_the_line_is_the_one_that_workers_take_from(parts: Parts) -> None:
    await past(5)
    await worker()
    tasks = await put(1, 2) + await put(3, priority=INTERACTIVE)
    found = await outlook.of_tasks(task.id for task in tasks)
    claimed = await claim("worker", 3, parts.settings)
    assert [found[task.id].position for task in claimed] == [1, 2, 3]
    assert claimed[0].id == tasks[2].id


async def test_only_gaps_of_a_line_tell_how_fast_it_moves() -> None:
    await past(5)
    # A day without work between two of them says nothing.
    yesterday = await database_now() - timedelta(days=1)
    await ended(KIND, yesterday, yesterday, yesterday + timedelta(seconds=RUN_S))
    await worker()
    tasks = await put(1, 2)
    found = await outlook.of_tasks([tasks[1].id])
    assert found[tasks[1].id].starts_in_s == PACE_S


async def test_nothing_is_made_up() -> None:
    tasks = await put(1, 2, kind="thing.unheard_of")
    ids = [task.id for task in tasks]
    # Nobody works, and then nobody knows how long such a thing takes.
    assert (await outlook.of_tasks(ids))[ids[0]] == Outlook(1, None, None)
    await worker()
    found = await outlook.of_tasks(ids)
    assert [found[id_] for id_ in ids] == [Outlook(1, 0.0, None), Outlook(2, None, None)]
    assert await outlook.of_tasks([]) == {}


async def test_what_runs_ends_by_the_clock_and_then_by_its_steps(parts: Parts) -> None:
    await past(5)
    [task] = await put(1)
    await claim("worker", 1, parts.settings)
    begun = await database_now() - timedelta(seconds=RUN_S / 2)
    await Task.filter(id=task.id).update(started_at=begun, progress=40)
    found = (await outlook.of_tasks([task.id]))[task.id]
    assert (found.position, found.starts_in_s) == (None, None)
    assert found.ends_in_s is not None
    assert 0 < found.ends_in_s <= RUN_S / 2
    late = await database_now() - timedelta(seconds=RUN_S * 9)
    await Task.filter(id=task.id).update(started_at=late)
    assert (await outlook.of_tasks([task.id]))[task.id].ends_in_s == RUN_S * 0.6


async def test_a_parent_ends_with_the_last_of_its_children() -> None:
    await past(5)
    await worker()
    children = [NewTask(kind=KIND, target_type="thing", target_id=n) for n in range(4)]
    parent = await submit(
        NewTask(kind="class.make", target_type="course", target_id=1, children=children)
    )
    found = await outlook.of_tasks([parent.id])
    assert found == {parent.id: Outlook(None, None, 3 * PACE_S + RUN_S)}


async def test_what_has_ended_has_no_outlook() -> None:
    await past(1)
    task = await Task.get()
    assert await outlook.of_tasks([task.id]) == {}
