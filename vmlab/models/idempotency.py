"""Answers already given to a POST that came with an `Idempotency-Key`."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model

from vmlab.models.user import User


class IdempotencyKey(Model):
    """One key of one user, good for a day; `status` is null while the first answer is made."""

    id = fields.IntField(primary_key=True)
    user: fields.ForeignKeyRelation[User] = fields.ForeignKeyField(
        "models.User", related_name="idempotency_keys", on_delete=fields.CASCADE
    )
    user_id: int
    key = fields.CharField(128)
    request_hash = fields.CharField(64)
    """SHA-256 over method, path and body: the same key with another request is refused."""
    status = fields.SmallIntField(null=True)
    body = fields.TextField(null=True)
    created_at = fields.DatetimeField(auto_now_add=True)

    class Meta:
        table = "idempotency_keys"
        unique_together = (("user", "key"),)
