"""Tasks as the API shows them: rows, and a query each for the steps, targets and children of all.

What has not ended also gets its place in line, and when it will begin and end: for a whole list at
once, too.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from vmlab.handlers.language import spoken
from vmlab.handlers.task_targets import put_children, put_targets
from vmlab.models import Step, Task
from vmlab.models.statements import Query, kept
from vmlab.tasks import outlook

TASK_COLUMNS = (
    "id",
    "kind",
    "status",
    "progress",
    "step",
    "parent_id",
    "attempts",
    "max_attempts",
    "error",
    "worker",
    "created_at",
    "started_at",
    "finished_at",
    "target_type",
    "target_id",
    "created_by_id",
)


async def complete(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Turn rows of TASK_COLUMNS into tasks, steps included, in place."""
    steps: dict[int, list[dict[str, Any]]] = {row["id"]: [] for row in rows}
    for step in await kept(_steps, len(steps)).rows(*steps) if steps else []:
        steps[step.pop("task_id")].append(step)
    expected = await outlook.of_tasks(row["id"] for row in rows if not row["status"].ended)
    for row in rows:
        its = expected.get(row["id"])
        row["queue"] = None if its is None else asdict(its)
        row["steps"] = steps[row["id"]]
        row["error"] = spoken(row["error"])
        row["created_by"] = row.pop("created_by_id")
    await put_targets(rows)
    await put_children(rows)
    return rows


def _steps(tasks: int) -> Query:
    """The steps of so many tasks."""
    found = Step.filter(task_id__in=[0] * tasks).order_by("task_id", "position")
    return found.values("task_id", "name", "status", "started_at", "finished_at", "upid")


async def task_view(task_id: int) -> dict[str, Any]:
    """One task."""
    return (await complete(await Task.filter(id=task_id).values(*TASK_COLUMNS)))[0]


async def task_answer(task_id: int) -> dict[str, Any]:
    """What an endpoint answers that has begun a task."""
    return {"task": await task_view(task_id)}


async def under_way(vm_ids: Iterable[int]) -> dict[int, dict[str, Any]]:
    """The task under way on each of these machines that has one, by machine."""
    locks = [f"vm:{vm_id}" for vm_id in vm_ids]
    rows = await kept(_locking, len(locks)).rows(*locks) if locks else []
    return {task["target"]["id"]: task for task in await complete(rows)}


def _locking(locks: int) -> Query:
    """The tasks that hold so many locks."""
    return Task.filter(lock__in=[""] * locks).values(*TASK_COLUMNS)
