"""Schemas of machines."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from vmlab.handlers.paging import ListQuery, Ordering
from vmlab.handlers.schemas.base import MAX_INT, Flag, Input, Output, Time
from vmlab.handlers.schemas.references import NamedRef, PersonRef
from vmlab.handlers.schemas.tasks import TaskSchema
from vmlab.rules.series import Aggregate
from vmlab.rules.vm_state import VmStatus

ID = validate.Range(1, MAX_INT)
STATUS = validate.OneOf([status.value for status in VmStatus])
DESCRIPTION = validate.Length(max=2000)
CPU_CORES = validate.Range(1, 128)
MEMORY_MB = validate.Range(16, 4 << 20)
DISK_GB = validate.Range(1, 1 << 17)


def whole(limits: validate.Range, **options: Any) -> fields.Integer:
    """A JSON integer within limits."""
    return fields.Integer(strict=True, validate=limits, **options)


class VmSchema(Output):
    """A machine."""

    id = fields.Integer()
    name = fields.String()
    description = fields.String()
    status = fields.String(validate=STATUS)
    owner = fields.Nested(PersonRef)
    course = fields.Nested(NamedRef, allow_none=True)
    template = fields.Nested(NamedRef, allow_none=True)
    cpu_cores = fields.Integer()
    memory_mb = fields.Integer(metadata={"description": "MiB"})
    disk_gb = fields.Integer(metadata={"description": "GiB of the boot disk"})
    node = fields.String(allow_none=True)
    vmid = fields.Integer(allow_none=True, metadata={"description": "Its number in Proxmox"})
    uuid = fields.String()
    ip_addresses = fields.List(fields.String())
    mac_address = fields.String(allow_none=True)
    uptime_s = fields.Integer(metadata={"description": "Seconds; 0 when it does not run"})
    task = fields.Nested(
        TaskSchema, allow_none=True, metadata={"description": "Under way on it, or null"}
    )
    created_at = Time()
    updated_at = Time()


class VmListQuery(ListQuery):
    """Which machines; `search` looks at their names and their owners'."""

    ordering = Ordering(
        "id", "name", "status", "node", "created_at", "updated_at", default="-created_at"
    )
    status = fields.String(validate=STATUS)
    course = fields.Integer(validate=ID)
    owner = fields.Integer(validate=ID)
    template = fields.Integer(validate=ID)
    node = fields.String(validate=validate.Length(1, 64))


class NewVmBody(Input):
    """A machine to be; sizes that are not named are the template's."""

    name = fields.String(
        required=True,
        validate=validate.Length(1, 63),
        metadata={"description": "A host name: letters, digits and inner hyphens."},
    )
    template_id = whole(ID, required=True)
    cpu_cores = whole(CPU_CORES)
    memory_mb = whole(MEMORY_MB)
    disk_gb = whole(DISK_GB)
    course_id = fields.Integer(strict=True, allow_none=True, validate=ID)
    description = fields.String(load_default="", validate=DESCRIPTION)
    owner_id = fields.Integer(
        strict=True,
        validate=ID,
        metadata={"description": "For somebody else: teachers in their courses, and admins."},
    )
    start = Flag(load_default=False)


class VmBody(Input):
    """A machine as it is to be; disks only grow, processors and memory need it stopped."""

    name = fields.String(required=True, validate=validate.Length(1, 63))
    description = fields.String(load_default="", validate=DESCRIPTION)
    cpu_cores = whole(CPU_CORES, required=True)
    memory_mb = whole(MEMORY_MB, required=True)
    disk_gb = whole(DISK_GB, required=True)


class StopBody(Input):
    """How to stop."""

    force = Flag(load_default=False, metadata={"description": "Pull the plug at once."})
    timeout_s = fields.Integer(
        strict=True,
        load_default=60,
        validate=validate.Range(1, 600),
        metadata={"description": "Seconds that the guest has before the plug is pulled."},
    )


class AgentSchema(Output):
    """The QEMU guest agent."""

    running = fields.Boolean()


class VmStatusSchema(Output):
    """What a machine does at this moment."""

    status = fields.String(validate=STATUS)
    qmp_status = fields.String(allow_none=True, metadata={"description": "QEMU's own word."})
    uptime_s = fields.Integer()
    node = fields.String(allow_none=True)
    vmid = fields.Integer(allow_none=True)
    ip_addresses = fields.List(fields.String())
    lock = fields.String(allow_none=True, metadata={"description": "Proxmox's lock on it."})
    task = fields.Nested(TaskSchema, allow_none=True)
    agent = fields.Nested(AgentSchema)
    observed_at = Time(
        allow_none=True, metadata={"description": "When Proxmox was seen to say so."}
    )


class MetricsQuery(Input):
    """The time to look back on; without any `series` is empty."""

    start_time = Time(metadata={"description": "By default half an hour before the end."})
    end_time = Time(metadata={"description": "By default now."})


class MetricsPoint(Output):
    """One measurement; what was not measured is null."""

    timestamp = Time()
    cpu_percent = fields.Float(
        allow_none=True, metadata={"description": "Of all the machine's cores."}
    )
    memory_used_mb = fields.Float(allow_none=True)
    memory_total_mb = fields.Float(allow_none=True)
    disk_read_bps = fields.Float(allow_none=True, metadata={"description": "Bytes a second"})
    disk_write_bps = fields.Float(allow_none=True, metadata={"description": "Bytes a second"})
    net_in_bps = fields.Float(allow_none=True, metadata={"description": "Bytes a second"})
    net_out_bps = fields.Float(allow_none=True, metadata={"description": "Bytes a second"})


class HistoryQuery(MetricsQuery):
    """The time to look back on, and into how many points it is to be put at most."""

    aggregate = fields.Enum(
        Aggregate,
        by_value=True,
        load_default=Aggregate.AVERAGE,
        metadata={"description": "What a point tells of the time that it stands for."},
    )
    max_points = fields.Integer(load_default=500, validate=validate.Range(1, 5000))


class HistorySchema(Output):
    """A machine's measurements at equal distances; each tells of the time since the one before."""

    interval_s = fields.Integer(metadata={"description": "Seconds from one point to the next"})
    points = fields.List(fields.Nested(MetricsPoint))


class MetricsSchema(Output):
    """What a machine uses."""

    current = fields.Nested(MetricsPoint, allow_none=True)
    series = fields.List(fields.Nested(MetricsPoint))
