"""Schemas of tasks."""

from __future__ import annotations

from marshmallow import fields, validate

from vmlab.handlers.paging import ListQuery, Ordering
from vmlab.handlers.schemas.base import MAX_INT, Output, Time
from vmlab.handlers.schemas.references import PersonRef
from vmlab.models import StepStatus, TaskStatus

_ID = validate.Range(1, MAX_INT)


class StepSchema(Output):
    """One step of a task."""

    name = fields.String()
    status = fields.String(validate=validate.OneOf([s.value for s in StepStatus]))
    started_at = Time()
    finished_at = Time(allow_none=True)
    upid = fields.String(allow_none=True, metadata={"description": "Of the task in Proxmox."})


class TargetSchema(Output):
    """What a task is about."""

    type = fields.String(metadata={"description": "`vm`, `template`, `replica` or `course`"})
    id = fields.Integer()


class ChildrenSchema(Output):
    """The children of a parent, by their states."""

    total = fields.Integer()
    pending = fields.Integer()
    running = fields.Integer()
    succeeded = fields.Integer()
    failed = fields.Integer()
    cancelled = fields.Integer()


class TaskErrorSchema(Output):
    """Why a task failed, as in an error answer."""

    code = fields.String()
    message = fields.String()
    details = fields.Dict(
        keys=fields.String(),
        metadata={
            "description": "Of a parent: `succeeded`, a number, and `failed`, for each child that "
            "did not: `{task_id, target, target_name, owner, status, code, message, reason}`."
        },
    )


class OutlookSchema(Output):
    """What is to be expected of a task that has not ended, by what such tasks took before."""

    position = fields.Integer(
        allow_none=True, metadata={"description": "In the line, from 1 on; null if it has begun."}
    )
    starts_in_s = fields.Float(
        allow_none=True,
        metadata={"description": "Seconds; null if it has begun or nobody can tell yet."},
    )
    ends_in_s = fields.Float(
        allow_none=True,
        metadata={"description": "Seconds; of a parent, until the last of its children ends."},
    )


class TaskSchema(Output):
    """A task: work that goes on after the answer."""

    id = fields.Integer()
    kind = fields.String(metadata={"description": "`vm.create`, `course.provision`, …"})
    status = fields.String(validate=validate.OneOf([s.value for s in TaskStatus]))
    progress = fields.Integer(metadata={"description": "Percent"})
    step = fields.String(allow_none=True)
    steps = fields.List(fields.Nested(StepSchema))
    queue = fields.Nested(
        OutlookSchema, allow_none=True, metadata={"description": "Null once it has ended."}
    )
    target = fields.Nested(TargetSchema)
    target_name = fields.String(
        allow_none=True,
        metadata={"description": "As it is called now; null once nothing is known of it."},
    )
    owner = fields.Nested(
        PersonRef, allow_none=True, metadata={"description": "Of a machine or a template."}
    )
    parent_id = fields.Integer(allow_none=True)
    children = fields.Nested(
        ChildrenSchema, allow_none=True, metadata={"description": "Of a parent; else null."}
    )
    created_by = fields.Integer(allow_none=True, metadata={"description": "A user's id"})
    attempts = fields.Integer()
    max_attempts = fields.Integer()
    error = fields.Nested(TaskErrorSchema, allow_none=True)
    worker = fields.String(allow_none=True)
    created_at = Time()
    started_at = Time(allow_none=True)
    finished_at = Time(allow_none=True)


class TaskAnswer(Output):
    """The task that was begun."""

    task = fields.Nested(TaskSchema)


class TaskListQuery(ListQuery):
    """Which tasks; `search` looks at kinds, who asked, and names of machines and owners."""

    ordering = Ordering(
        "id", "created_at", "started_at", "finished_at", "kind", "status", default="-created_at"
    )
    status = fields.String(validate=validate.OneOf([s.value for s in TaskStatus]))
    kind = fields.String(validate=validate.Length(1, 48))
    target_type = fields.String(validate=validate.Length(1, 16))
    target_id = fields.Integer(validate=_ID)
    parent_id = fields.Integer(validate=_ID)
    created_by = fields.Integer(validate=_ID)
