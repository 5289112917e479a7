"""The tasks table is queue and truth of all work on Proxmox; each step leaves a row of its own.

Read and written by `vmlab.tasks`; others only list it.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from tortoise import fields
from tortoise.models import Model

from vmlab.models.course import Course
from vmlab.models.user import User


class TaskStatus(StrEnum):
    """Where a task is; the last three are ends."""

    PENDING = "pending"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def ended(self) -> bool:
        """Whether nothing more happens unless somebody retries it."""
        return self in (TaskStatus.SUCCEEDED, TaskStatus.FAILED, TaskStatus.CANCELLED)


class StepStatus(StrEnum):
    """Where a step is, forward or on the way back."""

    STARTED = "started"
    DONE = "done"
    FAILED = "failed"
    UNDOING = "undoing"
    UNDONE = "undone"
    STUCK = "stuck"


class Task(Model):
    """One piece of work: a verb on a target, or the parent of many."""

    id = fields.IntField(primary_key=True)
    kind = fields.CharField(48)
    status = fields.CharEnumField(TaskStatus, max_length=16, default=TaskStatus.PENDING)
    params: fields.Field[dict[str, Any]] = fields.JSONField(default=dict)
    target_type = fields.CharField(16)
    target_id = fields.IntField()
    parent: fields.ForeignKeyNullableRelation[Task] = fields.ForeignKeyField(
        "models.Task", related_name="children", on_delete=fields.CASCADE, null=True
    )
    parent_id: int | None
    created_by: fields.ForeignKeyNullableRelation[User] = fields.ForeignKeyField(
        "models.User", related_name="tasks", on_delete=fields.SET_NULL, null=True
    )
    created_by_id: int | None
    course: fields.ForeignKeyNullableRelation[Course] = fields.ForeignKeyField(
        "models.Course", related_name="tasks", on_delete=fields.SET_NULL, null=True
    )
    course_id: int | None
    """Whose teachers may see it, and the share in which it stands in line."""
    lock = fields.CharField(32, null=True, unique=True)
    """`vm:42` from acceptance to the end: one task a machine at a time."""
    lanes: fields.Field[list[str]] = fields.JSONField(default=list)
    """What it takes a place in: `storage:vmdisks:linked`, `node:pve1`."""
    priority = fields.SmallIntField(default=5)
    """Lower goes first: 1 for somebody who waits at a screen, 5 for bulk work."""
    attempts = fields.IntField(default=0)
    """How often work on it was begun, anew or after a crash."""
    max_attempts = fields.IntField(default=5)
    strikes = fields.IntField(default=0)
    """How often in a row work on it was begun and came no further, its worker's death included."""
    fence = fields.IntField(default=0)
    """Raised by each claim: a worker that lost its lease finds that its writes change nothing."""
    worker = fields.CharField(64, null=True)
    lease_until = fields.DatetimeField(null=True)
    run_at = fields.DatetimeField()
    """Not before this time: now, or after a back-off."""
    unwinding = fields.BooleanField(default=False)
    """The walk has turned round: steps are being undone."""
    cancel_requested_at = fields.DatetimeField(null=True)
    progress = fields.SmallIntField(default=0)
    """Percent."""
    step = fields.CharField(48, null=True)
    error: fields.Field[dict[str, Any] | None] = fields.JSONField(null=True)
    """`{code, message, details}`, as in an error answer."""
    result: fields.Field[dict[str, Any] | None] = fields.JSONField(null=True)
    created_at = fields.DatetimeField(auto_now_add=True)
    started_at = fields.DatetimeField(null=True)
    finished_at = fields.DatetimeField(null=True)

    class Meta:
        table = "tasks"
        indexes = (
            ("status", "run_at"),
            ("target_type", "target_id"),
            ("parent_id",),
            ("created_by_id", "created_at"),
            ("created_at",),
        )


class Step(Model):
    """What is known of one step of one task: written before, between and after."""

    id = fields.IntField(primary_key=True)
    task: fields.ForeignKeyRelation[Task] = fields.ForeignKeyField(
        "models.Task", related_name="steps", on_delete=fields.CASCADE
    )
    task_id: int
    position = fields.SmallIntField()
    name = fields.CharField(48)
    status = fields.CharEnumField(StepStatus, max_length=16)
    node = fields.CharField(64, null=True)
    upid = fields.CharField(200, null=True)
    undo_upid = fields.CharField(200, null=True)
    since = fields.IntField(null=True)
    """Epoch seconds on the node's own clock when the intent was written: from there on to look."""
    output: fields.Field[Any] = fields.JSONField(null=True)
    error = fields.TextField(null=True)
    started_at = fields.DatetimeField(auto_now_add=True)
    finished_at = fields.DatetimeField(null=True)

    class Meta:
        table = "task_steps"
        unique_together = (("task", "name"),)


class Worker(Model):
    """A process that runs tasks, by its own last sign of life."""

    id = fields.CharField(64, primary_key=True)
    host = fields.CharField(128)
    pid = fields.IntField()
    version = fields.CharField(32)
    state = fields.CharField(16, default="running")
    concurrency = fields.IntField()
    started_at = fields.DatetimeField()
    last_seen_at = fields.DatetimeField()

    class Meta:
        table = "workers"
