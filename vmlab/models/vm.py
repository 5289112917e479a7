"""Virtual machines, as VMLab promised them and as it last saw them.

A row is written when a creation is accepted and kept for good: `deleted_at` is set when the guest
is gone from Proxmox. `reserved` says whether it counts against its owner's quota: from acceptance
until the guest is gone, or until a failed creation has left nothing behind.
"""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model

from vmlab.models.course import Course
from vmlab.models.template import Replica, Template
from vmlab.models.user import User
from vmlab.rules.vm_state import VmStatus


class Vm(Model):
    """One machine of one owner."""

    id = fields.IntField(primary_key=True)
    uuid = fields.UUIDField(unique=True)
    """VMLab's own mark, written into the guest's notes in Proxmox."""
    name = fields.CharField(63)
    description = fields.TextField(default="")
    status = fields.CharEnumField(VmStatus, max_length=16, default=VmStatus.CREATING)
    owner: fields.ForeignKeyRelation[User] = fields.ForeignKeyField(
        "models.User", related_name="vms", on_delete=fields.RESTRICT
    )
    owner_id: int
    course: fields.ForeignKeyNullableRelation[Course] = fields.ForeignKeyField(
        "models.Course", related_name="vms", on_delete=fields.RESTRICT, null=True
    )
    course_id: int | None
    template: fields.ForeignKeyNullableRelation[Template] = fields.ForeignKeyField(
        "models.Template", related_name="vms", on_delete=fields.SET_NULL, null=True
    )
    template_id: int | None
    replica: fields.ForeignKeyNullableRelation[Replica] = fields.ForeignKeyField(
        "models.Replica", related_name="vms", on_delete=fields.SET_NULL, null=True
    )
    """The copy of the template that it is cloned from; None: from the template itself."""
    replica_id: int | None
    cpu_cores = fields.IntField()
    memory_mb = fields.IntField()
    disk_gb = fields.IntField()
    reserved = fields.BooleanField(default=True)
    node = fields.CharField(64, null=True)
    vmid = fields.IntField(null=True, unique=True)
    """Reserved here before Proxmox hears of it; given back only when the guest is gone."""
    smbios_uuid = fields.CharField(36, null=True)
    """Drawn by Proxmox at the clone; with the mark it proves that the guest is ours."""
    mac_address = fields.CharField(17, null=True)
    ip_addresses: fields.Field[list[str]] = fields.JSONField(default=list)
    started_at = fields.DatetimeField(null=True)
    """When the running guest was started, from its uptime."""
    observed_at = fields.DatetimeField(null=True)
    """When Proxmox was last seen to agree."""
    created_at = fields.DatetimeField(auto_now_add=True)
    updated_at = fields.DatetimeField(auto_now=True)
    deleted_at = fields.DatetimeField(null=True)

    class Meta:
        table = "vms"
        indexes = (
            ("owner_id", "deleted_at"),
            ("course_id", "deleted_at"),
            ("status",),
            ("created_at",),
        )
