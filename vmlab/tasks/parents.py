"""Tasks with children: `provision a class` is one task with a child for each student.

A parent has no steps and no worker. It is `running` from its submission, and ends in the very
transaction that ends the last of its children.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from vmlab.errors import TaskFailed
from vmlab.models import Task, TaskStatus
from vmlab.tasks import progress


async def locked(task: Task) -> Task | None:
    """Lock the row of a task's parent, so that siblings do not overlook each other's end."""
    if task.parent_id is None:
        return None
    return await Task.filter(id=task.parent_id).select_for_update().get()


async def settle(parent: Task) -> None:
    """Bring a parent, whose row is locked, in line with its children."""
    children = await Task.filter(parent_id=parent.id).order_by("id")
    ended = sum(child.status.ended for child in children)
    values: dict[str, Any] = {"progress": progress.of_children(ended, len(children))}
    if ended == len(children):
        values |= _outcome(parent, children) | {"finished_at": datetime.now(UTC)}
    else:
        values |= {"status": TaskStatus.RUNNING, "error": None, "finished_at": None}
    await Task.filter(id=parent.id).update(**values)


def _outcome(parent: Task, children: list[Task]) -> dict[str, Any]:
    """What the ends of all the children make of their parent."""
    succeeded = sum(child.status is TaskStatus.SUCCEEDED for child in children)
    if succeeded == len(children):
        return {"status": TaskStatus.SUCCEEDED, "error": None}
    if parent.cancel_requested_at is not None:
        return {"status": TaskStatus.CANCELLED, "error": None}
    failed = [_failure(child) for child in children if child.status is not TaskStatus.SUCCEEDED]
    error = TaskFailed(
        "{failed} of {total} did not succeed.", failed=len(failed), total=len(children)
    )
    details = {"succeeded": succeeded, "failed": failed}
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
