"""Schemas of a template's copies on other nodes."""

from __future__ import annotations

from marshmallow import fields, validate

from vmlab.handlers.schemas.base import Input, Output, Time
from vmlab.handlers.schemas.tasks import TaskSchema
from vmlab.models import ReplicaStatus

_STATUS = validate.OneOf([s.value for s in ReplicaStatus])
_NODE = validate.Regexp(
    r"^[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?$(?!\n)", error="Must be a node's name."
)
NODES_AT_ONCE = 64


class ReplicaSchema(Output):
    """A copy of a template on another node."""

    id = fields.Integer(metadata={"description": "Which its tasks name as their target."})
    node = fields.String()
    status = fields.String(
        validate=_STATUS,
        metadata={"description": "`missing`: no longer in Proxmox where it was."},
    )
    vmid = fields.Integer(allow_none=True)
    vm_count = fields.Integer(metadata={"description": "Of VMLab's machines made from it."})
    created_at = Time()
    updated_at = Time()


class NewReplicasBody(Input):
    """Where copies are to be made."""

    nodes = fields.List(
        fields.String(validate=_NODE),
        validate=validate.Length(1, NODES_AT_ONCE),
        metadata={"description": "Names of nodes; all that can have one if not named."},
    )


class SkippedNode(Output):
    """A node that has a copy, or is about to get one."""

    node = fields.String()
    status = fields.String(validate=_STATUS)


class ReplicasAnswer(Output):
    """The parent task, null if there was nothing to do; all copies, and which were there before."""

    task = fields.Nested(TaskSchema, allow_none=True)
    replicas = fields.List(fields.Nested(ReplicaSchema))
    skipped = fields.List(fields.Nested(SkippedNode))
