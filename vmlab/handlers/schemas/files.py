"""Schemas of files and of uploads."""

from __future__ import annotations

from marshmallow import fields, validate

from vmlab.handlers.paging import ListQuery, Ordering
from vmlab.handlers.schemas.base import MAX_INT, Input, Output, Time
from vmlab.handlers.schemas.references import PersonRef
from vmlab.models import FileStatus
from vmlab.operations.file_limits import MIB
from vmlab.rules.images import Purpose
from vmlab.storage.chunks import MAX_CHUNKS

MAX_SIZE = 2**62
"""Beyond any configured limit, and within the database's large integers."""

_PURPOSE = validate.OneOf([purpose.value for purpose in Purpose])
_STATUS = validate.OneOf([status.value for status in FileStatus])
SHA256 = validate.Regexp(r"[0-9A-Fa-f]{64}\Z", error="A SHA-256 has 64 hexadecimal digits.")


def file_part(description: str) -> fields.String:
    """A part of a form that is a file; what is loaded is its name."""
    return fields.String(required=True, metadata={"format": "binary", "description": description})


class FileSchema(Output):
    """A file, or one that is being uploaded."""

    id = fields.Integer()
    name = fields.String()
    size_bytes = fields.Integer(
        metadata={"description": "While uploading: what it will have, or may have at most"}
    )
    content_type = fields.String(metadata={"description": "As its owner said"})
    purpose = fields.String(validate=_PURPOSE)
    sha256 = fields.String(allow_none=True)
    owner = fields.Nested(PersonRef)
    status = fields.String(validate=_STATUS)
    created_at = Time()
    expires_at = Time(
        allow_none=True,
        metadata={"description": "When an upload that is not gone on with is given up"},
    )


class FileListQuery(ListQuery):
    """Which files; `search` looks at their names."""

    ordering = Ordering("id", "name", "size_bytes", "created_at", default="-created_at")
    purpose = fields.String(validate=_PURPOSE)
    status = fields.String(validate=_STATUS)


class UploadForm(Input):
    """A whole file in one form."""

    file = file_part("The file; the fields may come before it or after it")
    purpose = fields.String(validate=_PURPOSE)
    sha256 = fields.String(validate=SHA256)


class ChunkForm(Input):
    """One chunk of a file; the first one opens the upload."""

    upload_id = fields.Integer(
        validate=validate.Range(1, MAX_INT), metadata={"description": "All but the first one"}
    )
    filename = fields.String(required=True, validate=validate.Length(1, 1000))
    total_size = fields.Integer(required=True, validate=validate.Range(0, MAX_SIZE))
    chunk_size = fields.Integer(
        required=True,
        validate=validate.Range(1, 1024 * MIB),
        metadata={"description": "Bytes of every chunk but the last"},
    )
    chunk_index = fields.Integer(
        required=True,
        validate=validate.Range(0, MAX_CHUNKS - 1),
        metadata={"description": "From 0"},
    )
    chunk = file_part("The chunk's bytes")
    chunk_sha256 = fields.String(validate=SHA256)
    purpose = fields.String(
        validate=_PURPOSE, metadata={"description": "Of the file; counts with the first chunk"}
    )


class ChunksSchema(Output):
    """What is here of an upload in chunks, as ranges of indexes: `[[first, last], …]`."""

    upload_id = fields.Integer()
    received = fields.List(fields.List(fields.Integer()))
    missing = fields.List(fields.List(fields.Integer()))


class ChunksQuery(Input):
    """Which upload."""

    upload_id = fields.Integer(required=True, validate=validate.Range(1, MAX_INT))


class MergeBody(Input):
    """Which upload has come to its end."""

    upload_id = fields.Integer(strict=True, required=True, validate=validate.Range(1, MAX_INT))
    sha256 = fields.String(validate=SHA256)


class TusSchema(Output):
    """An upload whose bytes come one after the other."""

    id = fields.Integer()
    offset = fields.Integer(metadata={"description": "How many bytes are here"})
    total_size = fields.Integer()
    file = fields.Nested(FileSchema)
