"""Files that people upload, and the uploads under way.

A file's row is there before its first byte, so that what was promised to an upload counts in
everybody's limits and nothing ever lies on the disk that no row knows.
"""

from __future__ import annotations

from enum import StrEnum

from tortoise import fields
from tortoise.models import Model

from vmlab.models.user import User
from vmlab.rules.images import Purpose


class FileStatus(StrEnum):
    """Whether all of a file is here."""

    UPLOADING = "uploading"
    READY = "ready"


class File(Model):
    """A file, or one that is being uploaded."""

    id = fields.IntField(primary_key=True)
    key = fields.CharField(32, unique=True)
    """Random hexadecimal digits: its name on the disk, which nobody outside learns."""
    owner: fields.ForeignKeyRelation[User] = fields.ForeignKeyField(
        "models.User", related_name="files", on_delete=fields.RESTRICT
    )
    owner_id: int
    name = fields.CharField(255)
    """As its owner calls it; never part of a path."""
    purpose = fields.CharEnumField(Purpose, max_length=16)
    status = fields.CharEnumField(FileStatus, max_length=16, default=FileStatus.UPLOADING)
    content_type = fields.CharField(127, default="application/octet-stream")
    size_bytes = fields.BigIntField()
    """While uploading: what it will have, or may have at most."""
    sha256 = fields.CharField(64, null=True)
    format = fields.CharField(16, null=True)
    """Of an image, as the inspection found it."""
    virtual_size_bytes = fields.BigIntField(null=True)
    created_at = fields.DatetimeField(auto_now_add=True)
    expires_at = fields.DatetimeField(null=True)
    """When an upload that is not gone on with is given up; null for a file that is ready."""

    class Meta:
        table = "files"
        indexes = (("owner_id", "status"), ("status", "expires_at"))


class Upload(Model):
    """How a file comes in pieces: numbered chunks in any order, or (tus) one after the other."""

    id = fields.IntField(primary_key=True)
    file: fields.OneToOneRelation[File] = fields.OneToOneField(
        "models.File", related_name="upload", on_delete=fields.CASCADE
    )
    file_id: int
    total_size = fields.BigIntField()
    chunk_size = fields.IntField(null=True)
    """Bytes of every chunk but the last; null where bytes come one after the other."""
    expected_sha256 = fields.CharField(64, null=True)
    """What the client said at the beginning that the whole file will have."""
    received_bytes = fields.BigIntField(default=0)
    """How far the bytes that came one after the other are safe on the disk."""

    class Meta:
        table = "uploads"
