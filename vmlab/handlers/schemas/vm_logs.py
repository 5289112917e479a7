"""Schemas of a machine's log."""

from __future__ import annotations

from marshmallow import fields, validate

from vmlab.handlers.paging import Ordering, PageQuery
from vmlab.handlers.schemas.base import Output, Time
from vmlab.models import LogLevel
from vmlab.models.vm_log import SOURCES


class VmLogQuery(PageQuery):
    """Which entries."""

    ordering = Ordering("timestamp", default="-timestamp")
    source = fields.String(validate=validate.OneOf(SOURCES))
    level = fields.Enum(LogLevel, by_value=True)
    since = Time(metadata={"description": "Not older than this."})


class VmLogSchema(Output):
    """One entry."""

    timestamp = Time(
        metadata={"description": "A line of Proxmox's has the time at which its task began there."}
    )
    source = fields.String(validate=validate.OneOf(SOURCES))
    level = fields.String(validate=validate.OneOf([level.value for level in LogLevel]))
    message = fields.String()
    task_id = fields.Integer(allow_none=True)
    upid = fields.String(allow_none=True, metadata={"description": "Of the task in Proxmox."})
