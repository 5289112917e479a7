"""Consoles, open and past: who looks at which machine, since when, and in which process.

A row is written before a console opens and closed when it ends. While it is open its process gives
signs of life (`seen_at`); what a process that was killed leaves behind is closed as of the last one
(`vmlab.operations.console_record`). So places on nodes, onlookers and seconds are known over all
processes.
"""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model

from vmlab.models.user import AuthSession, User
from vmlab.models.vm import Vm


class ConsoleSession(Model):
    """One console from its opening to its end."""

    id = fields.IntField(primary_key=True)
    vm: fields.ForeignKeyRelation[Vm] = fields.ForeignKeyField(
        "models.Vm", related_name="consoles", on_delete=fields.CASCADE
    )
    vm_id: int
    node = fields.CharField(64, null=True)
    """Of a screen: the node on which it takes one of the ports; a shell takes none."""
    user: fields.ForeignKeyNullableRelation[User] = fields.ForeignKeyField(
        "models.User", related_name="consoles", on_delete=fields.SET_NULL, null=True
    )
    user_id: int | None
    login: fields.ForeignKeyNullableRelation[AuthSession] = fields.ForeignKeyField(
        "models.AuthSession", related_name="consoles", on_delete=fields.SET_NULL, null=True
    )
    login_id: str | None
    protocol = fields.CharField(8)
    """`vnc` or `ssh`."""
    mode = fields.CharField(8)
    """`control` or `view`."""
    process = fields.CharField(64)
    opened_at = fields.DatetimeField()
    seen_at = fields.DatetimeField()
    """The last sign of life; the end, once it has ended."""
    closed_at = fields.DatetimeField(null=True)
    ending = fields.CharField(16, null=True)
    """Why it ended; `lost` if its process did not live to say."""
    chain = fields.CharField(32, db_index=True)
    """The same for all connections of one page, each of which renews the one before."""
    renewal_hash = fields.CharField(64, null=True, unique=True)
    """SHA-256 of the secret that opens it again after a break; see `vmlab.handlers.renewals`."""
    renewal_spent_at = fields.DatetimeField(null=True)
    guest_username = fields.CharField(64, null=True)
    """Of a shell for which VMLab signed in by itself: who it was there."""

    class Meta:
        table = "console_sessions"
        indexes = (("vm_id", "closed_at"), ("node", "closed_at"), ("user_id", "opened_at"))

    @property
    def seconds(self) -> float:
        """How long it was open, as far as that is known."""
        return round((self.seen_at - self.opened_at).total_seconds(), 1)
