"""Tokens with which somebody sets a password without knowing the old one."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model

from vmlab.models.user import User


class PasswordReset(Model):
    """One such token, good once and not for long."""

    id = fields.IntField(primary_key=True)
    user: fields.ForeignKeyRelation[User] = fields.ForeignKeyField(
        "models.User", related_name="password_resets", on_delete=fields.CASCADE
    )
    user_id: int
    token_hash = fields.CharField(64, unique=True)
    """SHA-256 of the token, which only the mail has."""
    account_hash = fields.CharField(64)
    """SHA-256 of the password hash and the e-mail address that the account had: a token is worth
    nothing once either has changed, whoever changed it."""
    expires_at = fields.DatetimeField()

    class Meta:
        table = "password_resets"
