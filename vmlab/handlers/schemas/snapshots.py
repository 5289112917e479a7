"""Schemas of snapshots."""

from __future__ import annotations

from marshmallow import fields, validate

from vmlab.handlers.schemas.base import Flag, Input, Output, Time
from vmlab.handlers.schemas.classes import ClassActionBody

NAME = {"description": "2 to 40 letters, digits, - and _, a letter first."}


def _name() -> fields.String:
    return fields.String(required=True, validate=validate.Length(2, 40), metadata=NAME)


class SnapshotSchema(Output):
    """A snapshot; by their parents they make a tree."""

    name = fields.String()
    description = fields.String()
    taken_at = Time(allow_none=True, metadata={"description": "By the node's clock."})
    parent = fields.String(
        allow_none=True, metadata={"description": "The one it was taken on; null for a root."}
    )
    current = fields.Boolean(
        metadata={"description": "The machine as it is now goes on from this one."}
    )
    with_memory = fields.Boolean(
        metadata={"description": "Going back brings the machine back running."}
    )
    incomplete = fields.Boolean(
        metadata={"description": "Taking or deleting it broke off: it can only be deleted."}
    )


class SnapshotBody(Input):
    """A snapshot to be taken."""

    name = _name()
    description = fields.String(load_default="", validate=validate.Length(max=2000))
    with_memory = Flag(
        load_default=False,
        metadata={
            "description": "Of a running machine; takes time, and twice its memory in space."
        },
    )


class ClassSnapshotBody(ClassActionBody):
    """Whose machines, and the snapshot's name on each of them."""

    name = _name()
