"""A small school: two courses that have nothing to do with each other, and an admin."""

from __future__ import annotations

from dataclasses import dataclass

from tests.handlers.people import People, Person
from vmlab.models import Course, Template, TemplateStatus

CALLERS = ("student", "other_student", "teacher", "other_teacher", "admin")
ABSENT_ID = 999_999
"""The id of nothing."""


@dataclass(frozen=True, kw_only=True)
class World:
    """The people, by what they are to the student's things."""

    people: People
    student: Person
    other_student: Person
    teacher: Person
    """Of the student's course."""
    other_teacher: Person
    """Of the other student's course."""
    admin: Person
    course: Course
    other_course: Course
    public_template: Template
    """Of the course; machines outside courses may be made from it, by anybody."""

    def course_of(self, owner: Person) -> Course:
        """The course that a student is in."""
        return self.course if owner.id == self.student.id else self.other_course


async def build(people: People, suffix: str = "") -> World:
    """Make everybody; where there are several worlds, a suffix tells their people apart."""
    student = await people.add(f"student{suffix}", "student")
    other_student = await people.add(f"other-student{suffix}", "student")
    teacher = await people.add(f"teacher{suffix}", "teacher")
    other_teacher = await people.add(f"other-teacher{suffix}", "teacher")
    admin = await people.add(f"admin{suffix}", "admin")
    await people.add(f"second-admin{suffix}", "admin")
    course = await people.course("Networks", [teacher], [student])
    public_template = await Template.create(
        name="Alpine",
        course=course,
        owner=teacher.user,
        status=TemplateStatus.READY,
        is_public=True,
        node="pve1",
        vmid=9001,
        storage="vmdisks",
    )
    return World(
        people=people,
        student=student,
        other_student=other_student,
        teacher=teacher,
        other_teacher=other_teacher,
        admin=admin,
        course=course,
        other_course=await people.course("Compilers", [other_teacher], [other_student]),
        public_template=public_template,
    )
