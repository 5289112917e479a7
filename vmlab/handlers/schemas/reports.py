"""Schemas of what a course's machines and students do, and have done."""

from __future__ import annotations

from marshmallow import fields

from vmlab.handlers.schemas.base import Input, Output, Time
from vmlab.handlers.schemas.references import PersonRef
from vmlab.handlers.schemas.vms import STATUS


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


class ReportQuery(Input):
    """The time that is reported on."""

    start_time = Time(metadata={"description": "By default 30 days before the end."})
    end_time = Time(metadata={"description": "By default now; at most 366 days after the start."})


class RunningHours(Output):
    """How long machines ran."""

    running_hours = fields.Float()
    core_hours = fields.Float(
        metadata={"description": "Hours times the processors that the machine had then."}
    )


class DayUsage(RunningHours):
    """On one day (UTC)."""

    date = fields.Date()


class MachineUsage(RunningHours):
    """One machine; deleted ones too, if they ran."""

    vm = fields.Nested(MachineRef)
    owner = fields.Nested(PersonRef)


class ClassUsage(Output):
    """How long the machines of a course ran."""

    start_time = Time()
    end_time = Time()
    total = fields.Nested(RunningHours)
    by_day = fields.List(fields.Nested(DayUsage))
    by_vm = fields.List(fields.Nested(MachineUsage))


class StudentActivity(Output):
    """What one student did with the machines of a course."""

    student = fields.Nested(PersonRef)
    last_login = Time(allow_none=True)
    console_sessions = fields.Integer()
    console_seconds = fields.Float()
    vm_running_seconds = fields.Float(metadata={"description": "Of the machines they own."})
    actions = fields.Integer(metadata={"description": "Tasks that they asked for."})


class ClassActivity(Output):
    """What the students of a course did."""

    start_time = Time()
    end_time = Time()
    students = fields.List(fields.Nested(StudentActivity))


class MachineCounts(Output):
    """Machines by their states."""

    total = fields.Integer()
    creating = fields.Integer()
    stopped = fields.Integer()
    running = fields.Integer()
    paused = fields.Integer()
    error = fields.Integer()
    deleting = fields.Integer()
    missing = fields.Integer()


class TaskCounts(Output):
    """Tasks by their states; work for a whole class counts once."""

    total = fields.Integer()
    pending = fields.Integer()
    running = fields.Integer()
    succeeded = fields.Integer()
    failed = fields.Integer()
    cancelled = fields.Integer()


class Allocated(Output):
    """What machines take of their owners' quotas."""

    cpu_cores = fields.Integer()
    memory_mb = fields.Integer()
    disk_gb = fields.Integer()


class ClassStatistics(Output):
    """A course in numbers."""

    students = fields.Integer()
    teachers = fields.Integer()
    templates = fields.Integer()
    vms = fields.Nested(MachineCounts)
    allocated = fields.Nested(Allocated)
    tasks = fields.Nested(TaskCounts)
