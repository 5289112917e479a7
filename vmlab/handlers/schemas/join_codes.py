"""Schemas of the codes with which people join a course."""

from __future__ import annotations

from marshmallow import fields, validate

from vmlab.handlers.paging import Ordering, PageQuery
from vmlab.handlers.schemas.base import Input, Output, Time
from vmlab.handlers.schemas.references import PersonRef


class JoinCodeBody(Input):
    """How many may come with a code, and until when."""

    expires_at = Time(
        allow_none=True,
        metadata={"description": "Where it is left out: for as long as the course is open."},
    )
    max_uses = fields.Integer(
        strict=True,
        allow_none=True,
        validate=validate.Range(1, 10_000),
        metadata={"description": "Where it is left out: as many as like."},
    )


class JoinCodeSchema(Output):
    """A code for one course."""

    code = fields.String(
        allow_none=True,
        metadata={
            "description": "null: it was sealed with a secret that is not configured any more, "
            "so nobody can use it.",
            "example": "KM4T-X9QW",
        },
    )
    max_uses = fields.Integer(allow_none=True)
    uses = fields.Integer()
    created_by = fields.Nested(PersonRef, allow_none=True)
    created_at = Time()
    expires_at = Time(allow_none=True)


class JoinCodeListQuery(PageQuery):
    """Which codes."""

    ordering = Ordering("created_at", "expires_at", "uses", default="-created_at")


class JoinBody(Input):
    """What somebody was told by their teacher."""

    code = fields.String(
        required=True,
        validate=validate.Length(1, 64),
        metadata={"description": "In any case, with or without its hyphen."},
    )
