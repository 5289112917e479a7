"""Schemas of courses, their members and templates."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from vmlab.handlers.paging import ListQuery, Ordering
from vmlab.handlers.schemas.base import Flag, FormFlag, Input, Output, Time
from vmlab.handlers.schemas.files import SHA256, file_part
from vmlab.handlers.schemas.references import NamedRef, PersonRef
from vmlab.handlers.schemas.tasks import TaskSchema
from vmlab.handlers.schemas.vms import (
    CPU_CORES,
    DESCRIPTION,
    DISK_GB,
    ID,
    MEMORY_MB,
    whole,
)
from vmlab.models import TemplateStatus

_NAME = validate.Length(1, 128)
_CODE = validate.Length(1, 32)
MEMBERS_AT_ONCE = 1000


class MemberSchema(Output):
    """Somebody in a course."""

    id = fields.Integer()
    username = fields.String()
    first_name = fields.String()
    last_name = fields.String()


class CourseSchema(Output):
    """A course."""

    id = fields.Integer()
    name = fields.String()
    code = fields.String(allow_none=True)
    description = fields.String()
    starts_at = Time(allow_none=True)
    ends_at = Time(allow_none=True)
    is_active = fields.Boolean()
    teachers = fields.List(fields.Nested(MemberSchema))
    student_count = fields.Integer()
    template_count = fields.Integer()
    vm_count = fields.Integer()
    created_at = Time()
    updated_at = Time()


class _CourseTimes(Input):
    @validates_schema
    def ends_after_it_starts(self, data: dict[str, Any], **_: Any) -> None:
        """A course takes some time."""
        start, end = data.get("starts_at"), data.get("ends_at")
        if start is not None and end is not None and end <= start:
            raise ValidationError("Must be later than starts_at.", "ends_at")


class CourseBody(_CourseTimes):
    """A course as it is to be."""

    name = fields.String(required=True, validate=_NAME)
    code = fields.String(
        load_default=None,
        allow_none=True,
        validate=_CODE,
        metadata={"description": "Unique, e.g. of the university's own list."},
    )
    description = fields.String(load_default="", validate=DESCRIPTION)
    starts_at = Time(load_default=None, allow_none=True)
    ends_at = Time(load_default=None, allow_none=True)
    is_active = Flag(load_default=True)


class CoursePatch(_CourseTimes):
    """What is to change about a course."""

    name = fields.String(validate=_NAME)
    code = fields.String(allow_none=True, validate=_CODE)
    description = fields.String(validate=DESCRIPTION)
    starts_at = Time(allow_none=True)
    ends_at = Time(allow_none=True)
    is_active = Flag()


class CourseListQuery(ListQuery):
    """Which courses."""

    ordering = Ordering("id", "name", "code", "starts_at", "created_at", default="name")
    teacher = fields.Integer(validate=ID)
    student = fields.Integer(validate=ID)
    is_active = fields.Boolean()


class MemberListQuery(ListQuery):
    """Which members."""

    ordering = Ordering("username", "first_name", "last_name", default="username")


class MembersBody(Input):
    """Who is to be added, named in one of three ways."""

    user_id = whole(ID)
    user_ids = fields.List(whole(ID), validate=validate.Length(1, MEMBERS_AT_ONCE))
    usernames = fields.List(
        fields.String(validate=validate.Length(1, 64)),
        validate=validate.Length(1, MEMBERS_AT_ONCE),
    )

    @validates_schema
    def names_somebody_in_one_way(self, data: dict[str, Any], **_: Any) -> None:
        """One of the three."""
        if len(data) != 1:
            raise ValidationError("Name one of user_id, user_ids and usernames.", "user_id")


class MembersAdded(Output):
    """What came of it: ids, or the names that were given."""

    added = fields.List(fields.Raw())
    already = fields.List(fields.Raw())
    unknown = fields.List(fields.Raw())  # type: ignore[assignment]


class RemoveStudentQuery(Input):
    """What becomes of the student's machines in the course."""

    vms = fields.String(validate=validate.OneOf(["delete"]))


class IssueSchema(Output):
    """Something that was noticed about a template."""

    severity = fields.String(validate=validate.OneOf(["error", "warning", "info"]))
    code = fields.String()
    message = fields.String()


class ValidationSchema(Output):
    """What the last look at a template found."""

    valid = fields.Boolean()
    format = fields.String(allow_none=True)
    virtual_size_bytes = fields.Integer(allow_none=True)
    issues = fields.List(fields.Nested(IssueSchema))
    checked_at = Time()


class TemplateSchema(Output):
    """A template."""

    id = fields.Integer()
    name = fields.String()
    description = fields.String()
    course = fields.Nested(NamedRef)
    owner = fields.Nested(PersonRef)
    status = fields.String(validate=validate.OneOf([s.value for s in TemplateStatus]))
    os_type = fields.String()
    is_public = fields.Boolean()
    default_cpu_cores = fields.Integer()
    default_memory_mb = fields.Integer()
    default_disk_gb = fields.Integer()
    ssh_username = fields.String()
    ssh_certificates = fields.Boolean()
    node = fields.String(allow_none=True)
    vmid = fields.Integer(allow_none=True)
    size_bytes = fields.Integer(allow_none=True)
    format = fields.String(allow_none=True)
    sha256 = fields.String(allow_none=True)
    validation = fields.Nested(ValidationSchema, allow_none=True)
    version = fields.Integer(metadata={"description": "Counted from 1, on from what it replaces."})
    replaces = fields.Integer(
        allow_none=True, metadata={"description": "The version before it that is still there."}
    )
    replaced_by = fields.Integer(
        allow_none=True,
        metadata={"description": "The newer version that machines are made from in its place."},
    )
    is_current = fields.Boolean(
        metadata={
            "description": "Ready, and replaced by no newer version: machines are made of it."
        }
    )
    vm_count = fields.Integer()
    created_at = Time()
    updated_at = Time()


class TemplateAnswer(TemplateSchema):
    """A template, and the task that was begun on it."""

    task = fields.Nested(TaskSchema)


class TemplateSource(Input):
    """Where a template comes from: one of these."""

    file_id = whole(ID, metadata={"description": "An uploaded image, with the purpose `template`."})
    vm_id = whole(ID, metadata={"description": "A machine that is stopped; it is copied."})
    vmid = whole(
        validate.Range(100, 999_999_999),
        metadata={"description": "A template that an administrator has made in Proxmox."},
    )

    @validates_schema
    def names_one(self, data: dict[str, Any], **_: Any) -> None:
        """A template comes from one place."""
        if len(data) != 1:
            raise ValidationError("Name one of file_id, vm_id and vmid.")


class TemplateFields(Input):
    """What people say about a template."""

    name = fields.String(required=True, validate=_NAME)
    description = fields.String(load_default="", validate=DESCRIPTION)
    os_type = fields.String(load_default="other", validate=validate.Length(1, 32))
    is_public = Flag(load_default=False)
    default_cpu_cores = fields.Integer(strict=True, load_default=1, validate=CPU_CORES)
    default_memory_mb = fields.Integer(strict=True, load_default=1024, validate=MEMORY_MB)
    default_disk_gb = fields.Integer(strict=True, load_default=10, validate=DISK_GB)
    ssh_username = fields.String(
        load_default="",
        validate=validate.Regexp(
            r"^([a-z_][a-z0-9_-]{0,31})?$(?!\n)", error="Must be a user name of the guest."
        ),
    )
    ssh_certificates = Flag(
        load_default=False,
        metadata={
            "description": "Whether its SSH server trusts the authority of `console/ssh/authority/`"
        },
    )


class NewTemplateBody(TemplateFields):
    """A template to be."""

    source = fields.Nested(TemplateSource, required=True)
    replaces = fields.Integer(
        strict=True,
        validate=ID,
        metadata={"description": "The template of this course that it is a new version of."},
    )


class NewTemplateForm(TemplateFields):
    """A template to be, and the image that it is made from."""

    file = file_part("The image; the fields may come before it or after it")
    sha256 = fields.String(validate=SHA256)
    is_public = FormFlag(load_default=False)
    default_cpu_cores = fields.Integer(load_default=1, validate=CPU_CORES)
    default_memory_mb = fields.Integer(load_default=1024, validate=MEMORY_MB)
    default_disk_gb = fields.Integer(load_default=10, validate=DISK_GB)
    ssh_certificates = FormFlag(load_default=False)
    replaces = fields.Integer(validate=ID)


class TemplateListQuery(ListQuery):
    """Which templates."""

    ordering = Ordering("id", "name", "status", "created_at", default="name")
    status = fields.String(validate=validate.OneOf([s.value for s in TemplateStatus]))
    current = fields.Boolean(
        metadata={"description": "Only those with this `is_current`: versions in use, or the rest."}
    )
