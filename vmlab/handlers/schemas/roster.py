"""Schemas of a course's list of students."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from vmlab.handlers.schemas.accounts import EmailAddress
from vmlab.handlers.schemas.base import Input, Output
from vmlab.handlers.schemas.references import NamedRef
from vmlab.handlers.schemas.tasks import TaskSchema
from vmlab.operations.roster import Outcome


class RosterQuery(Input):
    """What a list may do to a course, and whether it does anything at all."""

    dry_run = fields.Boolean(
        load_default=False, metadata={"description": "Say what would happen; nothing does."}
    )
    drop = fields.Boolean(
        load_default=False,
        metadata={"description": "Take out the students whom the list lacks."},
    )
    vms = fields.String(
        validate=validate.OneOf(["delete"]),
        metadata={"description": "What becomes of the machines of those who are taken out."},
    )

    @validates_schema
    def deletes_only_of_the_dropped(self, data: dict[str, Any], **_: Any) -> None:
        """Machines go with their owners."""
        if "vms" in data and not data["drop"]:
            raise ValidationError("Needs drop=true.", "vms")


class RosterRow(Input):
    """One row of the table; the names are for the people who read it."""

    username = fields.String(validate=validate.Length(1, 64))
    email = EmailAddress()
    first_name = fields.String()
    last_name = fields.String()

    @validates_schema
    def names_somebody(self, data: dict[str, Any], **_: Any) -> None:
        """By one of the two, or both."""
        if "username" not in data and "email" not in data:
            raise ValidationError("Give a username or an address.", "username")


class RosterRowSchema(Output):
    """What came of one row, or would come of it."""

    line = fields.Integer(metadata={"description": "In the file, from 1."})
    username = fields.String(allow_none=True, metadata={"description": "As it stands in the file"})
    email = fields.String(allow_none=True, metadata={"description": "As it stands in the file"})
    outcome = fields.String(
        validate=validate.OneOf([outcome.value for outcome in Outcome]),
        metadata={
            "description": "`unknown`: nobody has such an account. `duplicate`: stands further up "
            "already. `staff`: teachers and admins, whom no list makes students."
        },
    )
    user_id = fields.Integer(allow_none=True)
    errors = fields.Dict(
        keys=fields.String(),
        values=fields.List(fields.String()),
        metadata={"description": "By column; of a row that is `refused`."},
    )


class AbsentSchema(Output):
    """A student of the course whom the list lacks."""

    user_id = fields.Integer()
    username = fields.String()
    outcome = fields.String(
        validate=validate.OneOf(["dropped", "kept"]),
        metadata={"description": "`kept`: dropping was not asked for, or they are staff."},
    )
    vms = fields.List(
        fields.Nested(NamedRef), metadata={"description": "Their machines in the course."}
    )


class RosterCounts(Output):
    """How many there are of each."""

    added = fields.Integer()
    already = fields.Integer()
    duplicate = fields.Integer()
    staff = fields.Integer()
    unknown = fields.Integer()  # type: ignore[assignment]  # marshmallow takes fields off the class
    refused = fields.Integer()
    dropped = fields.Integer()


class RosterSchema(Output):
    """What came of a list, or would come of it."""

    dry_run = fields.Boolean()
    counts = fields.Nested(RosterCounts)
    rows = fields.List(fields.Nested(RosterRowSchema))
    absent = fields.List(fields.Nested(AbsentSchema))
    task = fields.Nested(
        TaskSchema,
        allow_none=True,
        metadata={"description": "Deletes the machines of those who were taken out."},
    )
