"""How VMLab gets into a machine by SSH: the key it put there, and the host that it met there."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model

from vmlab.models.vm import Vm


class SshAccess(Model):
    """What VMLab knows of one machine's SSH server."""

    vm: fields.OneToOneRelation[Vm] = fields.OneToOneField(
        "models.Vm", related_name="ssh_access", on_delete=fields.CASCADE, primary_key=True
    )
    vm_id: int
    user_key = fields.TextField(null=True)
    """Private key whose public half cloud-init put into the guest, sealed with a key that is
    derived from the configuration's secret; null where the guest has no cloud-init drive."""
    host_key = fields.TextField(null=True)
    """The server's public key as it was at the first contact, `ssh-ed25519 AAAA…`."""
    host_key_pinned_at = fields.DatetimeField(null=True)

    class Meta:
        table = "ssh_access"
