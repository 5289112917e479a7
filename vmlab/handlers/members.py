"""`courses/{id}/students/` and `teachers/`: who is in a course."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tortoise.expressions import Q, Subquery
from tortoise.queryset import QuerySet

from vmlab.errors import Conflict, WrongState
from vmlab.handlers.endpoint import API, Call, Endpoints, Options, Reply
from vmlab.handlers.objects import CourseObject
from vmlab.handlers.paging import Page, page_of
from vmlab.handlers.schemas.courses import (
    MemberListQuery,
    MembersAdded,
    MembersBody,
    MemberSchema,
    RemoveStudentQuery,
)
from vmlab.handlers.schemas.tasks import TaskAnswer
from vmlab.handlers.task_rows import task_answer
from vmlab.models import Course, CourseRole, Membership, User
from vmlab.operations.members import add_members, remove_student, remove_teacher
from vmlab.rules.access import Permission
from vmlab.tasks import announce

members = Endpoints(f"{API}/courses/{{id}}", tag="courses")

_COLUMNS = ("id", "username", "first_name", "last_name")

_LIST: Options = {"on": CourseObject, "query": MemberListQuery, "lists": MemberSchema()}
_ADD: Options = {"on": CourseObject, "accepts": MembersBody, "returns": MembersAdded()}


@members.get("/students/", needs=Permission.MEMBER_READ, **_LIST)
async def list_students(call: Call, course: Course) -> Page:
    """List the students of a course."""
    return await _members(call, course, CourseRole.STUDENT)


@members.get("/teachers/", needs=Permission.MEMBER_READ, **_LIST)
async def list_teachers(call: Call, course: Course) -> Page:
    """List the teachers of a course."""
    return await _members(call, course, CourseRole.TEACHER)


async def _members(call: Call, course: Course, role: CourseRole) -> Page:
    return await page_of(_listed, course.id, role, query=call.query, columns=_COLUMNS)


def _listed(course_id: int, role: CourseRole, query: Mapping[str, Any]) -> QuerySet[User]:
    ids = Membership.filter(course_id=course_id, role=role).values("user_id")
    rows = User.filter(id__in=Subquery(ids))
    if text := query.get("search"):
        names = ("username", "first_name", "last_name")
        found = [Q(**{f"{name}__icontains": text}) for name in names]
        rows = rows.filter(Q(*found, join_type=Q.OR))
    return rows


@members.post("/students/", needs=Permission.MEMBER_CHANGE, **_ADD)
async def add_students(call: Call, course: Course) -> dict[str, Any]:
    """Add students, named by id or by username; who is in the course already is left alone."""
    return await _add(call, course, CourseRole.STUDENT)


@members.post("/teachers/", needs=Permission.MEMBER_CHANGE, **_ADD)
async def add_teachers(call: Call, course: Course) -> dict[str, Any]:
    """Add teachers, named by id or by username; all of them have to have the role of one."""
    return await _add(call, course, CourseRole.TEACHER)


async def _add(call: Call, course: Course, role: CourseRole) -> dict[str, Any]:
    [(key, value)] = call.body.items()
    named = [value] if key == "user_id" else value
    return vars(await add_members(course, role, named, field=key))


@members.delete(
    "/students/{user_id}/",
    on=CourseObject,
    needs=Permission.MEMBER_CHANGE,
    query=RemoveStudentQuery,
    also={202: TaskAnswer()},
    errors=(Conflict, WrongState),
)
async def remove_one_student(call: Call, course: Course) -> Reply | None:
    """Take a student out of a course.

    One who has machines in it stays, unless `?vms=delete` deletes them: then the answer is 202.
    """
    user_id = int(call.path["user_id"])
    task = await remove_student(
        course,
        user_id,
        delete_vms=call.query.get("vms") == "delete",
        removed_by_id=call.actor.user_id,
    )
    await call.parts.bus.publish("sessions", {"user_id": user_id})
    if task is None:
        return None
    await announce(call.parts.bus, task)
    return Reply(data=await task_answer(task.id), status=202)


@members.delete(
    "/teachers/{user_id}/",
    on=CourseObject,
    needs=Permission.MEMBER_CHANGE,
    errors=(Conflict,),
)
async def remove_one_teacher(call: Call, course: Course) -> None:
    """Take a teacher out of a course, which keeps at least one."""
    user_id = int(call.path["user_id"])
    await remove_teacher(course, user_id)
    await call.parts.bus.publish("sessions", {"user_id": user_id})
