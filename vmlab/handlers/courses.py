"""`courses/`: what is taught."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tortoise.expressions import Q, Subquery
from tortoise.functions import Count
from tortoise.queryset import QuerySet

from vmlab.errors import Conflict
from vmlab.handlers.endpoint import API, Call, Endpoints
from vmlab.handlers.objects import CourseObject
from vmlab.handlers.paging import Page, page_of
from vmlab.handlers.schemas.courses import CourseBody, CourseListQuery, CoursePatch, CourseSchema
from vmlab.models import Course, CourseRole, Membership, Template, Vm
from vmlab.operations.courses import change_course, create_course, remove_course
from vmlab.rules.access import Actor, Permission
from vmlab.tasks import announce

courses = Endpoints(f"{API}/courses", tag="courses")

COURSE_COLUMNS = (
    "id",
    "name",
    "code",
    "description",
    "starts_at",
    "ends_at",
    "is_active",
    "created_at",
    "updated_at",
)


async def complete(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Put teachers and counts into rows of COURSE_COLUMNS, in place."""
    ids = [row["id"] for row in rows]
    members = Membership.filter(course_id__in=ids)
    teachers = members.filter(role=CourseRole.TEACHER).order_by("user__username")
    people = await teachers.values(
        "course_id",
        id="user_id",
        username="user__username",
        first_name="user__first_name",
        last_name="user__last_name",
    )
    counts = {
        "student_count": await _counts(members.filter(role=CourseRole.STUDENT)),
        "template_count": await _counts(Template.filter(course_id__in=ids)),
        "vm_count": await _counts(Vm.filter(course_id__in=ids, deleted_at__isnull=True)),
    }
    for row in rows:
        row["teachers"] = [p for p in people if p["course_id"] == row["id"]]
        row.update({name: by_course.get(row["id"], 0) for name, by_course in counts.items()})
    for person in people:
        del person["course_id"]
    return rows


async def _counts(rows: Any) -> dict[int, int]:
    counted = rows.annotate(count=Count("id")).group_by("course_id")
    return {row["course_id"]: row["count"] for row in await counted.values("course_id", "count")}


async def course_view(course_id: int) -> dict[str, Any]:
    """One course."""
    return (await complete(await Course.filter(id=course_id).values(*COURSE_COLUMNS)))[0]


@courses.get("/", needs=Permission.COURSE_READ, query=CourseListQuery, lists=CourseSchema())
async def list_courses(call: Call) -> Page:
    """List the courses that one is in, or, as an admin, all."""
    page = await page_of(_listed, call.actor, query=call.query, columns=COURSE_COLUMNS)
    await complete(page.results)
    return page


def _listed(actor: Actor, query: Mapping[str, Any]) -> QuerySet[Course]:
    rows = Course.filter(CourseObject.visible(actor))
    if "is_active" in query:
        rows = rows.filter(is_active=query["is_active"])
    for role in CourseRole:
        if role.value in query:
            members = Membership.filter(role=role, user_id=query[role.value]).values("course_id")
            rows = rows.filter(id__in=Subquery(members))
    if text := query.get("search"):
        rows = rows.filter(Q(name__icontains=text) | Q(code__icontains=text))
    return rows


@courses.post(
    "/",
    needs=Permission.COURSE_CREATE,
    makes=CourseObject,
    accepts=CourseBody,
    returns=CourseSchema(),
    status=201,
    errors=(Conflict,),
)
async def post_course(call: Call) -> dict[str, Any]:
    """Make a course; whoever makes it teaches it."""
    course = await create_course(call.body, call.actor.user_id)
    return await course_view(course.id)


@courses.get("/{id}/", on=CourseObject, needs=Permission.COURSE_READ, returns=CourseSchema())
async def get_course(call: Call, course: Course) -> dict[str, Any]:
    """One course."""
    return await course_view(course.id)


@courses.put(
    "/{id}/",
    on=CourseObject,
    needs=Permission.COURSE_CHANGE,
    accepts=CourseBody,
    returns=CourseSchema(),
    errors=(Conflict,),
)
async def put_course(call: Call, course: Course) -> dict[str, Any]:
    """Replace a course's description; its members stay."""
    await change_course(course, call.body)
    return await course_view(course.id)


@courses.patch(
    "/{id}/",
    on=CourseObject,
    needs=Permission.COURSE_CHANGE,
    accepts=CoursePatch,
    returns=CourseSchema(),
    errors=(Conflict,),
)
async def patch_course(call: Call, course: Course) -> dict[str, Any]:
    """Change what is named."""
    await change_course(course, call.body)
    return await course_view(course.id)


@courses.delete("/{id}/", on=CourseObject, needs=Permission.COURSE_CHANGE, errors=(Conflict,))
async def delete_course(call: Call, course: Course) -> None:
    """Delete a course in which no machines are left; a pool that it has in Proxmox goes with it."""
    pool = await remove_course(course, call.parts.settings, removed_by_id=call.actor.user_id)
    if pool is not None:
        await announce(call.parts.bus, pool)
