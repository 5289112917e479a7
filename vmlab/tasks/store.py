"""The tasks table from outside the engine: submit, cancel, take up again.

Operations submit within the transaction that admits the request; handlers cancel and retry. What
workers write is in `vmlab.tasks.journal`, how they get at work in `vmlab.tasks.claim`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tortoise.exceptions import IntegrityError

from vmlab.bus import Bus
from vmlab.errors import NotFound, VMLabError, WrongState, WrongTaskState
from vmlab.models import Step as StepRow
from vmlab.models import StepStatus, Task, TaskStatus
from vmlab.models.connection import transaction
from vmlab.tasks import lanes, parents
from vmlab.tasks.clock import database_now
from vmlab.tasks.operation import Operations

INTERACTIVE = 1
"""Priority of work that somebody waits for at a screen."""

BULK = 5
"""Priority of work for a whole class."""


class LockTaken(WrongState):
    """Another task is under way on this."""

    def __init__(self, task_id: int) -> None:
        """Say which one: its id goes into `error.details`."""
        super().__init__(details={"task_id": task_id})
        self.task_id = task_id


@dataclass(frozen=True, kw_only=True)
class NewTask:
    """A task to be.

    Attributes:
        kind: of the operation.
        target_type: `vm`, `template`, `replica`, `course`.
        target_id: with the type it makes the lock: one task at a time on one target.
        params: what the steps need to know, as JSON.
        lanes: what it takes a place in, see `vmlab.tasks.lanes`; empty if it asks nothing of
            Proxmox.
        priority: INTERACTIVE or BULK; lower goes first.
        course_id: whose teachers may see it, and the share in which it stands in line.
        created_by_id: the user who asked for it.
        children: makes this a parent: without steps, and without a lock.
    """

    kind: str
    target_type: str
    target_id: int
    params: Mapping[str, Any] = field(default_factory=dict)
    lanes: Sequence[str] = ()
    priority: int = INTERACTIVE
    course_id: int | None = None
    created_by_id: int | None = None
    children: Sequence[NewTask] = ()


async def submit(new: NewTask) -> Task:
    """Put a task, and its children, in line; to be called in the caller's own transaction.

    Tell the workers with `announce` once that is committed.

    Raises:
        LockTaken: another task has not ended yet on the target, or on the target of a child.
    """
    locks = [_lock(each) for each in new.children or [new]]
    await _refuse_taken(locks)
    try:
        # A transaction within the caller's, so that a refusal does not spoil the caller's.
        async with transaction():
            return await _insert(new)
    except IntegrityError:
        await _refuse_taken(locks)
        raise


async def announce(bus: Bus, task: Task) -> None:
    """Wake the workers up: there is work."""
    await bus.publish("tasks", {"id": task.id})


def _columns(new: NewTask, now: datetime) -> dict[str, Any]:
    return {
        "kind": new.kind,
        "target_type": new.target_type,
        "target_id": new.target_id,
        "params": dict(new.params),
        "lanes": lanes.with_cluster(new.lanes),
        "priority": new.priority,
        "course_id": new.course_id,
        "created_by_id": new.created_by_id,
        "run_at": now,
    }


def _lock(target: NewTask | Task) -> str:
    return f"{target.target_type}:{target.target_id}"


async def _insert(new: NewTask) -> Task:
    now = await database_now()
    if not new.children:
        return await Task.create(**_columns(new, now), lock=_lock(new))
    parent = await Task.create(**_columns(new, now), status=TaskStatus.RUNNING, started_at=now)
    await Task.bulk_create(
        Task(**_columns(child, now), lock=_lock(child), parent_id=parent.id)
        for child in new.children
    )
    return parent


async def _refuse_taken(locks: Sequence[str]) -> None:
    holder = await Task.filter(lock__in=locks).order_by("id").first()
    if holder is not None:
        raise LockTaken(holder.id)


async def request_cancel(task_id: int, bus: Bus) -> None:
    """Ask for a task, or all children of a parent, to be cancelled; a worker does it.

    Raises:
        NotFound: there is no such task.
        WrongTaskState: it has ended.
    """
    async with transaction():
        task = await _for_update(task_id)
        if task.status.ended:
            raise WrongTaskState(details={"status": task.status.value})
        ids = [task.id, *await _open_children(task)]
        now = await database_now()
        asked = Task.filter(id__in=ids, cancel_requested_at__isnull=True)
        await asked.update(cancel_requested_at=now)
        # Workers take them up next; see `vmlab.tasks.claim` for those that were never begun.
        await Task.filter(id__in=ids, status=TaskStatus.PENDING).update(run_at=now, priority=0)
        released = Task.filter(id__in=ids, status=TaskStatus.RUNNING, worker=None)
        await released.filter(lease_until__gt=now).update(lease_until=now)
    for each in ids:
        await bus.publish("cancel", {"id": each})
    await announce(bus, task)


async def retry(task_id: int, operations: Operations, bus: Bus) -> None:
    """Take up a failed or cancelled task again, from its last good step on.

    Of a parent, all children are taken up that did not succeed and are not refused.

    Raises:
        NotFound: there is no such task.
        WrongTaskState: it has not ended, or has succeeded, or what it is about is gone.
        LockTaken: another task is under way on its target.
        VMLabError: what the operation's `readmit` refuses with, a missing quota for instance.
    """
    async with transaction():
        task = await Task.get_or_none(id=task_id)
        parent = await parents.locked(task) if task is not None else None
        task = await _for_update(task_id)
        if task.status not in (TaskStatus.FAILED, TaskStatus.CANCELLED):
            raise WrongTaskState(details={"status": task.status.value})
        children = await Task.filter(parent_id=task.id).select_for_update().order_by("id")
        if children:
            await _reopen_any(children, operations)
            await Task.filter(id=task.id).update(cancel_requested_at=None)
            parent = task
        else:
            await _reopen(task, operations)
        if parent is not None:
            await parents.settle(parent)
    await announce(bus, task)


async def _for_update(task_id: int) -> Task:
    task = await Task.filter(id=task_id).select_for_update().get_or_none()
    if task is None:
        raise NotFound
    return task


async def _open_children(task: Task) -> list[int]:
    """Lock the children that have not ended, in an order that all keep to."""
    children = await Task.filter(parent_id=task.id).select_for_update().order_by("id")
    return [child.id for child in children if not child.status.ended]


async def _reopen_any(children: Sequence[Task], operations: Operations) -> None:
    """Take up those that did not succeed; raise the last refusal if all are refused."""
    refusal: VMLabError | None = None
    reopened = 0
    for child in children:
        if child.status is TaskStatus.SUCCEEDED:
            continue
        try:
            async with transaction():
                await _reopen(child, operations)
        except VMLabError as error:
            refusal = error
        else:
            reopened += 1
    if refusal is not None and not reopened:
        raise refusal


async def _reopen(task: Task, operations: Operations) -> None:
    """Put one task that has ended, and whose row is locked, back in line."""
    lock = _lock(task)
    await _refuse_taken([lock])
    # The domain's rows before the unique lock, as at admission: see `Journal.end`.
    readmit = operations[task.kind].readmit
    if readmit is not None:
        try:
            await readmit(task)
        except NotFound:
            gone = "What the task is about is gone."
            raise WrongTaskState(gone, details={"status": task.status.value}) from None
    await StepRow.filter(task_id=task.id, status=StepStatus.STUCK).update(
        # A person has looked after it, so there is nothing of before to adopt, only to look at.
        status=StepStatus.STARTED,
        upid=None,
        undo_upid=None,
        since=None,
    )
    again = {
        "status": TaskStatus.PENDING,
        "run_at": await database_now(),
        "lock": lock,
        "unwinding": False,
        "cancel_requested_at": None,
        "error": None,
        "attempts": 0,
        "strikes": 0,
        "worker": None,
        "finished_at": None,
    }
    try:
        async with transaction():
            await Task.filter(id=task.id).update(**again)
    except IntegrityError:
        await _refuse_taken([lock])
        raise
