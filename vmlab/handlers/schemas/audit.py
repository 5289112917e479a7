"""Schemas of the audit log."""

from __future__ import annotations

from marshmallow import fields, validate

from vmlab.handlers.paging import ListQuery, Ordering
from vmlab.handlers.schemas.base import MAX_INT, Output, Time
from vmlab.models import AuditResult

_ID = validate.Range(1, MAX_INT)
_RESULT = validate.OneOf([result.value for result in AuditResult])


class AuditEntrySchema(Output):
    """One act, or one that was refused."""

    id = fields.Integer()
    created_at = Time()
    user_id = fields.Integer(allow_none=True)
    username = fields.String(metadata={"description": "As it was then; empty for strangers"})
    action = fields.String(
        metadata={"description": "An operation of this document or of a console"}
    )
    method = fields.String()
    target_type = fields.String(metadata={"description": "`vm`, `user`, …; empty for none"})
    target_id = fields.Integer(allow_none=True)
    address = fields.String(metadata={"description": "IP address of the client"})
    request_id = fields.String(metadata={"description": "As in X-Request-ID and in the log"})
    result = fields.String(validate=_RESULT)
    status = fields.Integer(metadata={"description": "HTTP status of the answer"})
    code = fields.String(metadata={"description": "Error code; empty for success"})
    details = fields.Dict(keys=fields.String(), metadata={"description": "Of consoles"})


class AuditQuery(ListQuery):
    """Which entries; `search` looks at names, actions, addresses and request ids."""

    ordering = Ordering("id", "created_at", "username", "action", default="-created_at")
    user = fields.Integer(validate=_ID, metadata={"description": "A user's id"})
    action = fields.String(validate=validate.Length(1, 64))
    target_type = fields.String(validate=validate.Length(1, 16))
    target_id = fields.Integer(validate=_ID)
    result = fields.String(validate=_RESULT)
    since = Time(metadata={"description": "Not before this moment"})
    until = Time(metadata={"description": "Before this moment"})
