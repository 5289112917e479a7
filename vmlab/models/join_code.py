"""Codes with which people make themselves students of a course."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model

from vmlab.models.course import Course
from vmlab.models.user import User


class JoinCode(Model):
    """A code that lets people into one course.

    Teachers have to be able to read it again, and a copy of the database is to let nobody in: it is
    kept sealed, and found by its fingerprint (`vmlab.operations.join_codes`).
    """

    id = fields.IntField(primary_key=True)
    course: fields.ForeignKeyRelation[Course] = fields.ForeignKeyField(
        "models.Course", related_name="join_codes", on_delete=fields.CASCADE
    )
    course_id: int
    fingerprint = fields.CharField(64, unique=True)
    """HMAC of the code, under a key that is derived from the configuration's secret."""
    sealed = fields.CharField(200)
    max_uses = fields.IntField(null=True)
    """How many may come; null for as many as like."""
    uses = fields.IntField(default=0)
    created_by: fields.ForeignKeyNullableRelation[User] = fields.ForeignKeyField(
        "models.User", related_name="join_codes", null=True, on_delete=fields.SET_NULL
    )
    created_by_id: int | None
    created_at = fields.DatetimeField(auto_now_add=True)
    expires_at = fields.DatetimeField(null=True)
    """Until when; null for as long as the course is open."""

    class Meta:
        table = "join_codes"
        indexes = (("course_id",),)
