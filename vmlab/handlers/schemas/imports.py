"""Schemas of importing users from a table."""

from __future__ import annotations

from marshmallow import fields, validate

from vmlab.handlers.schemas.accounts import Named, role_names
from vmlab.handlers.schemas.base import Input, Output


class ImportQuery(Input):
    """What an import does about rows that cannot be, and whether it does anything at all."""

    partial = fields.Boolean(  # type: ignore[assignment]  # marshmallow takes fields off the class
        load_default=False, metadata={"description": "Import the rows that can be."}
    )
    dry_run = fields.Boolean(
        load_default=False, metadata={"description": "Say what would happen; nothing does."}
    )


class ImportedUser(Named):
    """One row of the table."""

    roles = role_names()
    course = fields.String(validate=validate.Length(1, 32))


class ImportedRowSchema(Output):
    """What came of one row."""

    line = fields.Integer(metadata={"description": "In the file, from 1."})
    username = fields.String(allow_none=True)
    outcome = fields.String(validate=validate.OneOf(["created", "valid", "refused"]))
    user_id = fields.Integer(allow_none=True)
    errors = fields.Dict(
        keys=fields.String(),
        values=fields.List(fields.String()),
        metadata={"description": "By column."},
    )


class ImportSchema(Output):
    """What came of an import."""

    dry_run = fields.Boolean()
    created = fields.Integer()
    refused = fields.Integer()
    rows = fields.List(fields.Nested(ImportedRowSchema))
