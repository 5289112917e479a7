"""Tasks with children: `provision a class` is one task with a child for each student.

A parent has no steps and no worker. It is `running` from its submission, and ends in the very
transaction that ends the last of its children.
"""

from __future__ import annotations

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
    children = Task.filter(parent_id=parent.id).exclude(status=TaskStatus.SUCCEEDED)
    failed = [_failure(child) for child in await children.order_by("id")]
    if not failed:
        return {"status": TaskStatus.SUCCEEDED, "error": None}
    if parent.cancel_requested_at is not None:
        return {"status": TaskStatus.CANCELLED, "error": None}
    error = TaskFailed("{failed} of {total} did not succeed.", failed=len(failed), total=total)
    details = {"succeeded": total - len(failed), "failed": failed}
    return {
        "status": TaskStatus.FAILED,
        "error": {"code": error.code, "message": str(error), "details": details},
    }


def _failure(child: Task) -> dict[str, Any]:
    return {
        "task_id": child.id,
        "target_type": child.target_type,
        "target_id": child.target_id,
        "status": child.status.value,
        "message": child.error["message"] if child.error else None,
    }
