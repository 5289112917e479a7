"""`tasks/`: what was asked for and how far it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tortoise.expressions import Q, Subquery
from tortoise.queryset import QuerySet

from vmlab.errors import QuotaExceeded, WrongState, WrongTaskState
from vmlab.handlers.endpoint import API, Call, Endpoints
from vmlab.handlers.objects import TaskObject
from vmlab.handlers.paging import Page, page_of
from vmlab.handlers.schemas.tasks import TaskAnswer, TaskListQuery, TaskSchema
from vmlab.handlers.task_rows import TASK_COLUMNS, complete, task_answer, task_view
from vmlab.models import Replica, Task, Template, Vm
from vmlab.operations import create_replica
from vmlab.rules.access import Actor, Permission
from vmlab.tasks import LockTaken, request_cancel, retry

tasks = Endpoints(f"{API}/tasks", tag="tasks")

_FILTERS = ("status", "kind", "target_type", "target_id", "parent_id")


@tasks.get("/", needs=Permission.TASK_READ, query=TaskListQuery, lists=TaskSchema())
async def list_tasks(call: Call) -> Page:
    """List one's own tasks, those of the courses one teaches, or, as an admin, all."""
    page = await page_of(_listed, call.actor, query=call.query, columns=TASK_COLUMNS)
    await complete(page.results)
    return page


def _listed(actor: Actor, query: Mapping[str, Any]) -> QuerySet[Task]:
    rows = Task.filter(TaskObject.visible(actor))
    rows = rows.filter(**{name: query[name] for name in _FILTERS if name in query})
    if "created_by" in query:
        rows = rows.filter(created_by_id=query["created_by"])
    if text := query.get("search"):
        rows = rows.filter(
            Q(kind__icontains=text) | Q(created_by__username__icontains=text) | _on_machines(text)
        )
    return rows


def _on_machines(text: str) -> Q:
    """Tasks on machines that are called so, or whose owner is."""
    named = Vm.filter(Q(name__icontains=text) | Q(owner__username__icontains=text))
    return Q(target_type="vm", target_id__in=Subquery(named.values("id")))


@tasks.get("/{id}/", on=TaskObject, needs=Permission.TASK_READ, returns=TaskSchema())
async def get_task(call: Call, task: Task) -> dict[str, Any]:
    """One task with its steps."""
    return await task_view(task.id)


@tasks.post(
    "/{id}/cancel/",
    on=TaskObject,
    needs=Permission.TASK_CHANGE,
    returns=TaskAnswer(),
    status=202,
    errors=(WrongTaskState,),
)
async def cancel_task(call: Call, task: Task) -> dict[str, Any]:
    """Stop a task, in Proxmox too, and clean up what was half made.

    Of a parent, all children are cancelled that have not ended.
    """
    await request_cancel(task.id, call.parts.bus)
    return await task_answer(task.id)


@tasks.post(
    "/{id}/retry/",
    on=TaskObject,
    needs=Permission.TASK_CHANGE,
    returns=TaskAnswer(),
    status=202,
    errors=(WrongTaskState, WrongState, QuotaExceeded),
)
async def retry_task(call: Call, task: Task) -> dict[str, Any]:
    """Take up a failed or cancelled task again, from its last good step on.

    Of a parent, only what failed is done again.
    """
    try:
        await retry(task.id, call.parts.operations, call.parts.bus)
    except LockTaken as taken:
        details = {"status": await _target_status(task), "task_id": taken.task_id}
        raise WrongState(details=details) from None
    return await task_answer(task.id)


async def _target_status(task: Task) -> str | None:
    """What the target is doing; None for a course, or where it is gone."""
    target: Vm | Template | Replica | None = None
    if task.target_type == "vm":
        target = await Vm.get_or_none(id=task.target_id)
    elif task.target_type == "template":
        target = await Template.get_or_none(id=task.target_id)
    elif task.target_type == create_replica.TARGET:
        target = await Replica.get_or_none(id=task.target_id)
    return None if target is None else target.status.value
