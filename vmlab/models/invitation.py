"""Invitations: codes with which people may make accounts for themselves."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model

from vmlab.models.user import User


class Invitation(Model):
    """A code that makes so many accounts with a role."""

    id = fields.IntField(primary_key=True)
    code_hash = fields.CharField(64, unique=True)
    """SHA-256 of the code, which is shown once, to whom made it."""
    email = fields.CharField(254, null=True)
    """The only address that it is good for."""
    role = fields.CharField(32)
    max_uses = fields.IntField(default=1)
    uses = fields.IntField(default=0)
    created_by: fields.ForeignKeyNullableRelation[User] = fields.ForeignKeyField(
        "models.User", related_name="invitations", null=True, on_delete=fields.SET_NULL
    )
    created_by_id: int | None
    created_at = fields.DatetimeField(auto_now_add=True)
    expires_at = fields.DatetimeField()

    class Meta:
        table = "invitations"
