"""Tasks with children: `provision a class` is one task with a child for each student.

A parent has no steps and no worker. It is `running` from its submission, and ends in the very
transaction that ends the last of its children.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from tortoise.functions import Count

from vmlab.errors import TaskFailed
from vmlab.models import Task, TaskStatus
from vmlab.tasks import progress


async def locked(task: Task) -> Task | None:
    """Lock the row of a task's parent, so that siblings do not overlook each other's end."""
    if task.parent_id is None:
        return None
    return await Task.filter(id=task.parent_id).select_for_update().get()


async def settle(parent: Task) -> None:
    """Bring a parent, whose row is locked, in line with its children.

    They are counted, and not loaded: each of them comes here at its end.
    """
    counted = Task.filter(parent_id=parent.id).annotate(children=Count("id")).group_by("status")
    children = dict(await counted.values_list("status", "children"))
    total = sum(children.values())
    ended = sum(number for status, number in children.items() if status.ended)
    values: dict[str, Any] = {"progress": progress.of_children(ended, total)}
    if ended == total:
        values |= await _outcome(parent, total) | {"finished_at": datetime.now(UTC)}
    else:
        values |= {"status": TaskStatus.RUNNING, "error": None, "finished_at": None}
    await Task.filter(id=parent.id).update(**values)


async def _outcome(parent: Task, total: int) -> dict[str, Any]:
    """What the ends of all the children make of their parent."""
    rest = (
        await Task.filter(parent_id=parent.id).exclude(status=TaskStatus.SUCCEEDED).order_by("id")
    )
    if not rest:
        return {"status": TaskStatus.SUCCEEDED, "error": None}
    is_cancelled = parent.cancel_requested_at is not None
    # What was cancelled along with its parent has not failed; what failed before, or since, has.
    failed = [child for child in rest if not is_cancelled or child.status is TaskStatus.FAILED]
    return {
        "status": TaskStatus.CANCELLED if is_cancelled else TaskStatus.FAILED,
        "error": _error(failed, total - len(rest), total) if failed else None,
    }


def _error(failed: Sequence[Task], succeeded: int, total: int) -> dict[str, Any]:
    error = TaskFailed("{failed} of {total} did not succeed.", failed=len(failed), total=total)
    details = {"succeeded": succeeded, "failed": [_failure(child) for child in failed]}
    return {"code": error.code, "message": str(error), "details": details}


def _failure(child: Task) -> dict[str, Any]:
    """Which child it is and why, in short: the rest is in the child's own error."""
    error = child.error or {}
    return {
        "task_id": child.id,
        "target_type": child.target_type,
        "target_id": child.target_id,
        "status": child.status.value,
        "code": error.get("code"),
        "message": error.get("message"),
        "reason": error.get("details", {}).get("reason"),
    }
