"""The VMIDs that VMLab has given away, each to one guest: a machine, a template or a trial clone.

Machines and templates stand in tables of their own, so this one sees to it that no two of them get
the same number. The database keeps it in step by itself (the migration `guest_numbers`): a row
comes and goes in the transaction that writes the `vmid` of a machine, or of a template that VMLab
has made. What a task needs for a while only, it reserves here directly.
"""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class GuestNumber(Model):
    """A number of VMLab's range that is taken, or was promised."""

    vmid = fields.IntField(primary_key=True, generated=False)
    uuid = fields.UUIDField(unique=True)
    """VMLab's mark in the guest's notes."""

    class Meta:
        table = "guest_numbers"
