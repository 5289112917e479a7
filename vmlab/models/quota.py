"""What a user may have in all. Usage is never stored: it is the sum over the machines that count.

The row is also the lock under which usage is checked and machines are added or grown.
"""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model

from vmlab.models.user import User


class Quota(Model):
    """Limits of one user."""

    user: fields.OneToOneRelation[User] = fields.OneToOneField(
        "models.User", primary_key=True, related_name="quota", on_delete=fields.CASCADE
    )
    user_id: int
    cpu_cores = fields.IntField()
    memory_mb = fields.IntField()
    disk_gb = fields.IntField()
    vm_limit = fields.IntField()

    class Meta:
        table = "quotas"
