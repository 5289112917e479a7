"""Courses and who is in them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from tortoise import fields
from tortoise.models import Model

from vmlab.models.user import User


class CourseRole(StrEnum):
    """What somebody is in a course."""

    TEACHER = "teacher"
    STUDENT = "student"


class Course(Model):
    """A class that is taught with machines."""

    id = fields.IntField(primary_key=True)
    name = fields.CharField(128)
    code = fields.CharField(32, null=True, unique=True)
    description = fields.TextField(default="")
    starts_at = fields.DatetimeField(null=True)
    ends_at = fields.DatetimeField(null=True)
    is_active = fields.BooleanField(default=True)
    created_at = fields.DatetimeField(auto_now_add=True)
    updated_at = fields.DatetimeField(auto_now=True)

    class Meta:
        table = "courses"

    def is_open(self, now: datetime) -> bool:
        """Whether people may join it by a code, and its students make machines in it.

        A closed course takes nothing new from students; all that is in it stays usable.
        """
        return self.is_active and (self.ends_at is None or self.ends_at > now)


class Membership(Model):
    """A user's place in a course."""

    id = fields.IntField(primary_key=True)
    course: fields.ForeignKeyRelation[Course] = fields.ForeignKeyField(
        "models.Course", related_name="memberships", on_delete=fields.CASCADE
    )
    course_id: int
    user: fields.ForeignKeyRelation[User] = fields.ForeignKeyField(
        "models.User", related_name="memberships", on_delete=fields.CASCADE
    )
    user_id: int
    role = fields.CharEnumField(CourseRole, max_length=16)
    joined_at = fields.DatetimeField(auto_now_add=True)

    class Meta:
        table = "memberships"
        unique_together = (("course", "user", "role"),)
        indexes = (("user_id", "role"),)
