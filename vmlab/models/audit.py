"""The audit log: who did what to what, from where, when, and with which result.

Rows are only ever added; triggers in the migrations refuse anything else on either database. They
refer to users and objects by plain numbers and names as they were at the time, since both outlive
what they tell of.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from tortoise import fields
from tortoise.models import Model


class AuditResult(StrEnum):
    """What came of it."""

    SUCCESS = "success"
    REFUSED = "refused"
    """Not allowed, not visible, in conflict, or too often."""
    FAILED = "failed"
    """Allowed, but something broke; it may have been done in part."""


class AuditEntry(Model):
    """One act, or one that was refused; never a secret and never a body."""

    id = fields.BigIntField(primary_key=True)
    created_at = fields.DatetimeField(auto_now_add=True)
    user_id = fields.IntField(null=True)
    """Null where nobody had signed in, or the name was nobody's."""
    username = fields.CharField(64, default="")
    action = fields.CharField(64)
    """The endpoint's name, as in the API's document, or `console_opened` and `console_closed`."""
    method = fields.CharField(8)
    target_type = fields.CharField(16, default="")
    target_id = fields.IntField(null=True)
    address = fields.CharField(64, default="")
    request_id = fields.CharField(64, default="")
    result = fields.CharEnumField(AuditResult, max_length=16)
    status = fields.SmallIntField()
    """HTTP status of the answer."""
    code = fields.CharField(32, default="")
    """Error code, empty for success."""
    details: fields.Field[dict[str, Any]] = fields.JSONField(default=dict)
    """Of a console: its node, whether it only looked on, how long and how much it was."""

    class Meta:
        table = "audit_entries"
        indexes = (
            ("created_at",),
            ("user_id", "created_at"),
            ("target_type", "target_id", "created_at"),
        )
