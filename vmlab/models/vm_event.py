"""What has happened to machines: their states over time, their consoles, Proxmox's own words.

States are noted by triggers in the very transaction that changes a machine's row, whoever changes
it (migrations/models: 3_..._vm_states); so usage can be reckoned from them, right across restarts.
The reconciler then corrects *when* it happened where it knows better (`vmlab.reconcile.moments`).
"""

from __future__ import annotations

from enum import StrEnum

from tortoise import fields
from tortoise.models import Model

from vmlab.models.user import User
from vmlab.models.vm import Vm


class VmEventKind(StrEnum):
    """What kind of thing has happened."""

    STATE = "state"
    CONSOLE_OPENED = "console_opened"
    CONSOLE_CLOSED = "console_closed"
    TAGS = "tags"


class LogLevel(StrEnum):
    """How much somebody should care."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class VmEvent(Model):
    """One thing that has happened to a machine."""

    id = fields.IntField(primary_key=True)
    vm: fields.ForeignKeyRelation[Vm] = fields.ForeignKeyField(
        "models.Vm", related_name="events", on_delete=fields.CASCADE
    )
    vm_id: int
    at = fields.DatetimeField()
    kind = fields.CharEnumField(VmEventKind, max_length=16)
    level = fields.CharEnumField(LogLevel, max_length=8, default=LogLevel.INFO)
    message = fields.TextField()
    status = fields.CharField(16, null=True)
    """Of a state: what the machine has been since then."""
    cpu_cores = fields.IntField(null=True)
    """Of a state: what the machine has had since then."""
    user: fields.ForeignKeyNullableRelation[User] = fields.ForeignKeyField(
        "models.User", related_name="vm_events", on_delete=fields.SET_NULL, null=True
    )
    user_id: int | None
    """Of a console: whose it was."""
    seconds = fields.FloatField(null=True)
    """Of a console that was closed: how long it was open."""

    class Meta:
        table = "vm_events"
        indexes = (("vm_id", "kind", "at"),)


class PveLogLine(Model):
    """One line of the log of a Proxmox task; Proxmox itself forgets them within days or hours."""

    id = fields.IntField(primary_key=True)
    vm: fields.ForeignKeyRelation[Vm] = fields.ForeignKeyField(
        "models.Vm", related_name="pve_log", on_delete=fields.CASCADE
    )
    vm_id: int
    task_id = fields.IntField()
    upid = fields.CharField(200)
    line = fields.IntField()
    at = fields.DatetimeField()
    """When the Proxmox task began: its lines have no times of their own."""
    level = fields.CharEnumField(LogLevel, max_length=8)
    message = fields.TextField()

    class Meta:
        table = "pve_log_lines"
        unique_together = (("upid", "line"),)
        indexes = (("vm_id", "at"),)
