"""Templates: what machines are cloned from, in versions, and their replicas on other nodes."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from tortoise import fields
from tortoise.models import Model

from vmlab.models.course import Course
from vmlab.models.file import File
from vmlab.models.user import User


class TemplateStatus(StrEnum):
    """Where a template is on its way to being usable."""

    PENDING = "pending"
    VALIDATING = "validating"
    IMPORTING = "importing"
    READY = "ready"
    INVALID = "invalid"
    ERROR = "error"
    DELETING = "deleting"


UNDER_WAY = (TemplateStatus.PENDING, TemplateStatus.VALIDATING, TemplateStatus.IMPORTING)
"""Of a template that is not there yet, but may come to be."""


class Template(Model):
    """A Proxmox template that a course (or, if public, every course) may use."""

    id = fields.IntField(primary_key=True)
    name = fields.CharField(128)
    description = fields.TextField(default="")
    course: fields.ForeignKeyRelation[Course] = fields.ForeignKeyField(
        "models.Course", related_name="templates", on_delete=fields.RESTRICT
    )
    course_id: int
    owner: fields.ForeignKeyRelation[User] = fields.ForeignKeyField(
        "models.User", related_name="templates", on_delete=fields.RESTRICT
    )
    owner_id: int
    status = fields.CharEnumField(TemplateStatus, max_length=16, default=TemplateStatus.PENDING)
    os_type = fields.CharField(32, default="other")
    is_public = fields.BooleanField(default=False)
    default_cpu_cores = fields.IntField(default=1)
    default_memory_mb = fields.IntField(default=1024)
    default_disk_gb = fields.IntField(default=10)
    ssh_username = fields.CharField(32, default="")
    ssh_certificates = fields.BooleanField(default=False)
    """Whether its SSH server trusts certificates of VMLab's own authority."""
    uuid = fields.UUIDField(null=True)
    """VMLab's mark in the notes of a guest that VMLab has made; null for an administrator's."""
    smbios_uuid = fields.CharField(36, null=True)
    """Drawn by Proxmox; with the mark it proves that the guest is ours. Null while unknown."""
    node = fields.CharField(64, null=True)
    vmid = fields.IntField(null=True)
    """Of an administrator's template several courses may have an entry; of ours there is one."""
    storage = fields.CharField(64, null=True)
    """Proxmox storage of the boot disk: linked clones land there, so it names their lane."""
    shared_storage = fields.BooleanField(default=True)
    """Whether every node can reach it; if not, clones stay on the template's node."""
    disk_gb = fields.IntField(default=0)
    """Size of the boot disk in GiB, rounded up: a machine's disk is never smaller."""
    source_file: fields.ForeignKeyNullableRelation[File] = fields.ForeignKeyField(
        "models.File", related_name="templates", on_delete=fields.RESTRICT, null=True
    )
    """The uploaded image that it is made from; let go of as soon as it is ready."""
    source_file_id: int | None
    size_bytes = fields.BigIntField(null=True)
    format = fields.CharField(16, null=True)
    sha256 = fields.CharField(64, null=True)
    series = fields.UUIDField(null=True)
    """What the versions of one template have in common; None while there is only one."""
    version = fields.IntField(default=1)
    """Counted within the series: the highest that is ready is the current one."""
    validation: fields.Field[dict[str, Any] | None] = fields.JSONField(null=True)
    created_at = fields.DatetimeField(auto_now_add=True)
    updated_at = fields.DatetimeField(auto_now=True)

    class Meta:
        table = "templates"
        indexes = (("course_id", "status"), ("series",))

    @property
    def made_here(self) -> bool:
        """Whether VMLab made the guest and may destroy it; an administrator's is never touched."""
        return self.uuid is not None


class ReplicaStatus(StrEnum):
    """What a replica is good for; machines are made from ready ones only."""

    CREATING = "creating"
    READY = "ready"
    DELETING = "deleting"
    MISSING = "missing"
    ERROR = "error"


class Replica(Model):
    """A copy of a template on another node, where the template's storage is local to its node.

    A row is written when the making is accepted, and deleted when the copy is gone from Proxmox.
    """

    id = fields.IntField(primary_key=True)
    uuid = fields.UUIDField(unique=True)
    """VMLab's own mark, written into the copy's notes in Proxmox."""
    template: fields.ForeignKeyRelation[Template] = fields.ForeignKeyField(
        "models.Template", related_name="replicas", on_delete=fields.RESTRICT
    )
    template_id: int
    node = fields.CharField(64)
    """Where it is to be; while it is made, it begins on the template's node."""
    status = fields.CharEnumField(ReplicaStatus, max_length=16, default=ReplicaStatus.CREATING)
    vmid = fields.IntField(null=True, unique=True)
    """Reserved here before Proxmox hears of it; given back only when the copy is gone."""
    smbios_uuid = fields.CharField(36, null=True)
    """Drawn by Proxmox at the copy; with the mark it proves that the copy is ours."""
    created_at = fields.DatetimeField(auto_now_add=True)
    updated_at = fields.DatetimeField(auto_now=True)

    class Meta:
        table = "replicas"
        unique_together = (("template_id", "node"),)
