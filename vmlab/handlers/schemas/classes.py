"""Schemas of what is done with a whole class."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, validate

from vmlab.handlers.schemas.base import Flag, Input, Output
from vmlab.handlers.schemas.courses import MEMBERS_AT_ONCE
from vmlab.handlers.schemas.references import PersonRef
from vmlab.handlers.schemas.tasks import TaskSchema
from vmlab.handlers.schemas.vms import CPU_CORES, DISK_GB, ID, MEMORY_MB, whole


class Students(fields.Field[Any]):
    """`"all"`, or a list of users' ids; loads to None or a tuple."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> tuple[int, ...] | None:
        if value == "all":
            return None
        if not isinstance(value, list) or not 1 <= len(value) <= MEMBERS_AT_ONCE:
            raise ValidationError('Must be "all" or a list of users\' ids.')
        one = whole(ID)
        ids: list[int] = [one.deserialize(each) for each in value]  # type: ignore[misc]
        return tuple(dict.fromkeys(ids))


def _students(**kwargs: Any) -> Students:
    shape: dict[str, Any] = {
        "oneOf": [
            {"type": "string", "enum": ["all"]},
            {
                "type": "array",
                "items": {"type": "integer", "minimum": 1},
                "minItems": 1,
                "maxItems": MEMBERS_AT_ONCE,
            },
        ]
    }
    if "load_default" in kwargs:
        shape["default"] = "all"
    return Students(metadata=shape, **kwargs)


class ProvisionBody(Input):
    """What each student is to get; sizes that are not named are the template's."""

    template_id = whole(ID, required=True)
    students = _students(required=True)
    name_pattern = fields.String(
        validate=validate.Length(1, 100),
        metadata={
            "description": "Of {username}, {user_id} or {n}, and {course}, {template}.",
            "example": "{template}-{username}",
        },
    )
    cpu_cores = whole(CPU_CORES)
    memory_mb = whole(MEMORY_MB)
    disk_gb = whole(DISK_GB)
    start = Flag(load_default=False)
    dry_run = Flag(
        load_default=False,
        metadata={"description": "Only say what would come of it; nothing happens."},
    )


class SkippedStudent(Output):
    """Somebody who has such a machine already."""

    user_id = fields.Integer()
    username = fields.String()
    vm_id = fields.Integer()
    template_id = fields.Integer(
        metadata={"description": "What it was made from: this template or an older version of it."}
    )
    version = fields.Integer(metadata={"description": "Of that template."})
    status = fields.String(
        metadata={
            "description": "Of the machine. One that has failed to be made (`error`) is made by a "
            "retry of the task, or makes room once it is deleted."
        }
    )


class ProvisionAnswer(Output):
    """The parent task, and who was skipped."""

    task = fields.Nested(TaskSchema)
    skipped = fields.List(fields.Nested(SkippedStudent))


class ForecastStudent(Output):
    """Somebody who would get a machine."""

    user_id = fields.Integer()
    username = fields.String()
    name = fields.String(metadata={"description": "Of the machine."})


class ForecastReason(Output):
    """Why it does not fit."""

    code = fields.String(validate=validate.OneOf(["quota", "vmids", "nodes", "memory", "storage"]))
    message = fields.String()
    details = fields.Dict(
        keys=fields.String(), metadata={"description": "For `quota`, of whom, and what lacks."}
    )


class ForecastNode(Output):
    """What one node would get, in MiB."""

    node = fields.String()
    online = fields.Boolean()
    memory_free_mb = fields.Integer(
        allow_none=True, metadata={"description": "null: VMLab may not see it."}
    )
    promised_mb = fields.Integer(
        metadata={"description": "To machines of VMLab's there that do not run at the moment."}
    )
    machines = fields.Integer(metadata={"description": "How many would be placed there."})
    memory_mb = fields.Integer(metadata={"description": "Of these machines."})
    source = fields.Boolean(
        metadata={"description": "The template, a replica of it or its shared storage is there."}
    )


class ForecastStorage(Output):
    """What a storage would get, in GiB."""

    storage = fields.String()
    node = fields.String(
        allow_none=True, metadata={"description": "Of a storage local to it; null: shared."}
    )
    available = fields.Boolean(allow_none=True)
    free_gb = fields.Integer(
        allow_none=True, metadata={"description": "null: VMLab may not see it."}
    )
    needed_gb = fields.Integer(
        metadata={"description": "Taken at once; linked clones take next to nothing."}
    )
    full_gb = fields.Integer(metadata={"description": "Taken once all disks are full."})


class ForecastAnswer(Output):
    """What provisioning would come to; `task` is null, since nothing was begun."""

    task = fields.Nested(TaskSchema, allow_none=True)
    fits = fields.Boolean()
    students = fields.List(fields.Nested(ForecastStudent))
    skipped = fields.List(fields.Nested(SkippedStudent))
    reasons = fields.List(fields.Nested(ForecastReason))
    nodes = fields.List(fields.Nested(ForecastNode))
    storage = fields.Nested(
        ForecastStorage, allow_none=True, metadata={"description": "The first of `storages`."}
    )
    storages = fields.List(fields.Nested(ForecastStorage))
    estimate_s = fields.Float(
        allow_none=True,
        metadata={
            "description": "Seconds, by the machines made so far and the lanes; null without any."
        },
    )


class ClassActionBody(Input):
    """Whose machines."""

    students = _students(load_default=None)


class SkippedMachine(Output):
    """A machine that was left out."""

    vm_id = fields.Integer()
    name = fields.String()
    owner = fields.Nested(PersonRef)
    status = fields.String()
    reason = fields.String(validate=validate.OneOf(["already", "busy", "state"]))


class ClassActionAnswer(Output):
    """The parent task, null if there was nothing to do; and what was left out."""

    task = fields.Nested(TaskSchema, allow_none=True)
    skipped = fields.List(fields.Nested(SkippedMachine))
