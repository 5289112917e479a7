"""What admins see of the cluster."""

from __future__ import annotations

from marshmallow import fields

from vmlab.handlers.schemas.base import Output

_UNSEEN = {"description": "null: not reported, or VMLab's token may not see it"}


class NodeSchema(Output):
    """A node; the figures are up to ten seconds old."""

    name = fields.String()
    online = fields.Boolean()
    cpu_percent = fields.Float(allow_none=True, metadata=_UNSEEN)
    cpu_cores = fields.Integer(allow_none=True, metadata=_UNSEEN)
    memory_used_mb = fields.Integer(allow_none=True, metadata=_UNSEEN)
    memory_total_mb = fields.Integer(allow_none=True, metadata=_UNSEEN)
    uptime_s = fields.Integer(allow_none=True, metadata=_UNSEEN)
    vms = fields.Integer(metadata={"description": "VMLab's machines on it"})
    running = fields.Integer(metadata={"description": "Of them those that run or are paused"})


class StorageSchema(Output):
    """A storage on a node; a shared one comes once for each node."""

    name = fields.String()
    node = fields.String()
    type = fields.String(allow_none=True, metadata=_UNSEEN)
    shared = fields.Boolean()
    available = fields.Boolean()
    content = fields.List(fields.String())
    used_bytes = fields.Integer(allow_none=True, metadata=_UNSEEN)
    total_bytes = fields.Integer(allow_none=True, metadata=_UNSEEN)


class UseSchema(Output):
    """A course that has this template."""

    template_id = fields.Integer()
    course_id = fields.Integer()


class ClusterTemplateSchema(Output):
    """A template in Proxmox, registered or not."""

    vmid = fields.Integer()
    name = fields.String(allow_none=True, metadata=_UNSEEN)
    node = fields.String()
    tags = fields.List(fields.String())
    cpu_cores = fields.Integer(allow_none=True, metadata=_UNSEEN)
    memory_mb = fields.Integer(allow_none=True, metadata=_UNSEEN)
    disk_gb = fields.Integer(allow_none=True, metadata=_UNSEEN)
    registered = fields.List(fields.Nested(UseSchema))
