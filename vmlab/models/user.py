"""People, their roles, and the logins that are valid at the moment.

A login is one `AuthSession`, whichever way it is carried: access tokens name it (`sid`), refresh
tokens belong to it, a browser's cookie points at it. Ending it ends all three at once, everywhere.
"""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class Role(Model):
    """A named set of permissions; which ones stands in `vmlab.rules.access`."""

    id = fields.IntField(primary_key=True)
    name = fields.CharField(32, unique=True)
    description = fields.CharField(200, default="")

    class Meta:
        table = "roles"


class User(Model):
    """Somebody who can sign in."""

    id = fields.IntField(primary_key=True)
    username = fields.CharField(64, unique=True)
    email = fields.CharField(254, unique=True)
    password_hash = fields.CharField(200)
    first_name = fields.CharField(64, default="")
    last_name = fields.CharField(64, default="")
    is_active = fields.BooleanField(default=True)
    avatar = fields.CharField(64, null=True)
    date_joined = fields.DatetimeField(auto_now_add=True)
    last_login = fields.DatetimeField(null=True)
    roles: fields.ManyToManyRelation[Role] = fields.ManyToManyField(
        "models.Role", through="user_roles", related_name="users"
    )

    class Meta:
        table = "users"


class AuthSession(Model):
    """One login, from signing in to signing out."""

    id = fields.CharField(32, primary_key=True)
    """Random hexadecimal digits; the `sid` of access tokens."""
    user: fields.ForeignKeyRelation[User] = fields.ForeignKeyField(
        "models.User", related_name="sessions", on_delete=fields.CASCADE
    )
    user_id: int
    cookie_hash = fields.CharField(64, null=True, unique=True)
    """SHA-256 of the cookie's value, where the login asked for one."""
    csrf_hash = fields.CharField(64, null=True)
    address = fields.CharField(64, default="")
    user_agent = fields.CharField(200, default="")
    created_at = fields.DatetimeField(auto_now_add=True)
    expires_at = fields.DatetimeField()
    revoked_at = fields.DatetimeField(null=True)

    class Meta:
        table = "auth_sessions"
        indexes = (("user_id", "revoked_at"),)


class RefreshToken(Model):
    """A token that buys the next pair, once."""

    id = fields.IntField(primary_key=True)
    session: fields.ForeignKeyRelation[AuthSession] = fields.ForeignKeyField(
        "models.AuthSession", related_name="refresh_tokens", on_delete=fields.CASCADE
    )
    session_id: str
    token_hash = fields.CharField(64, unique=True)
    expires_at = fields.DatetimeField()
    spent_at = fields.DatetimeField(null=True)

    class Meta:
        table = "refresh_tokens"
