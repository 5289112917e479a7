"""Schemas of what a course's machines and students do, and have done."""

from __future__ import annotations

from marshmallow import fields

from vmlab.handlers.schemas.base import Output, Time
from vmlab.handlers.schemas.vms import STATUS, PersonRef


class MachineRef(Output):
    """A machine."""

    id = fields.Integer()
    name = fields.String()
    status = fields.String(validate=STATUS)


class MachineMetrics(Output):
    """What one machine uses; null where Proxmox has not reported it lately."""

    vm = fields.Nested(MachineRef)
    owner = fields.Nested(PersonRef)
    cpu_percent = fields.Float(
        allow_none=True, metadata={"description": "Of all the machine's cores."}
    )
    memory_used_mb = fields.Float(allow_none=True)
    memory_total_mb = fields.Float(allow_none=True)
    net_in_bps = fields.Float(
        allow_none=True,
        metadata={"description": "Bytes a second; null until two reports of the machine are known"},
    )
    net_out_bps = fields.Float(allow_none=True, metadata={"description": "Bytes a second"})
    disk_read_bps = fields.Float(allow_none=True, metadata={"description": "Bytes a second"})
    disk_write_bps = fields.Float(allow_none=True, metadata={"description": "Bytes a second"})


class ClassMetrics(Output):
    """What the machines of a course use."""

    machines = fields.List(fields.Nested(MachineMetrics))
    observed_at = Time(metadata={"description": "When the cluster was looked at."})
