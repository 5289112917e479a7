"""`courses/{id}/join-codes/` and `courses/join/`: people make themselves students of a course."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tortoise.queryset import QuerySet

from vmlab.errors import Invalid, TooManyRequests
from vmlab.handlers import trail
from vmlab.handlers.courses import course_view
from vmlab.handlers.endpoint import API, Call, Endpoints
from vmlab.handlers.objects import CourseObject
from vmlab.handlers.origin import address_of
from vmlab.handlers.paging import Page, page_of
from vmlab.handlers.schemas.courses import CourseSchema
from vmlab.handlers.schemas.join_codes import (
    JoinBody,
    JoinCodeBody,
    JoinCodeListQuery,
    JoinCodeSchema,
)
from vmlab.models import Course, JoinCode
from vmlab.operations.join_codes import join, make_code, read_codes, withdraw_code
from vmlab.rules.access import Permission

join_codes = Endpoints(f"{API}/courses", tag="courses")

_COLUMNS = ("max_uses", "uses", "created_at", "expires_at")


@join_codes.get(
    "/{id}/join-codes/",
    on=CourseObject,
    needs=Permission.MEMBER_CHANGE,
    query=JoinCodeListQuery,
    lists=JoinCodeSchema(),
)
async def list_join_codes(call: Call, course: Course) -> Page:
    """List the codes of a course, those that are used up or expired too."""
    columns = (*_COLUMNS, "sealed", "created_by_id", "created_by__username")
    page = await page_of(_listed, course.id, query=call.query, columns=columns)
    sealed = [row.pop("sealed") for row in page.results]
    codes = await read_codes(sealed, call.parts.settings.security)
    for row, code in zip(page.results, codes, strict=True):
        maker_id, username = row.pop("created_by_id"), row.pop("created_by__username")
        row["created_by"] = maker_id and {"id": maker_id, "username": username}
        row["code"] = code
    return page


def _listed(course_id: int, _query: Mapping[str, Any]) -> QuerySet[JoinCode]:
    return JoinCode.filter(course_id=course_id)


@join_codes.post(
    "/{id}/join-codes/",
    on=CourseObject,
    needs=Permission.MEMBER_CHANGE,
    accepts=JoinCodeBody,
    returns=JoinCodeSchema(),
    status=201,
)
async def create_join_code(call: Call, course: Course) -> dict[str, Any]:
    """Make a code with which people make themselves students of a course."""
    actor = call.actor
    row, code = await make_code(
        course, call.parts.settings.security, created_by_id=actor.user_id, **call.body
    )
    maker = {"id": actor.user_id, "username": actor.username}
    return {name: getattr(row, name) for name in _COLUMNS} | {"code": code, "created_by": maker}


@join_codes.delete("/{id}/join-codes/{code}/", on=CourseObject, needs=Permission.MEMBER_CHANGE)
async def delete_join_code(call: Call, course: Course) -> None:
    """Withdraw a code; who came with it stays."""
    await withdraw_code(course, call.path["code"], call.parts.settings.security)


@join_codes.post(
    "/join/",
    needs=Permission.COURSE_JOIN,
    accepts=JoinBody,
    returns=CourseSchema(),
    errors=(TooManyRequests,),
)
async def join_course(call: Call) -> dict[str, Any]:
    """Become a student of the course that a code is for.

    Who is in it already stays what they are, and no use is counted. A code that is wrong, used up,
    expired or of a closed course gets one and the same answer, and who tries many has to wait.
    """
    actor, address = call.actor, address_of(call.request)
    trail.by(actor.user_id, actor.username, is_attempt=True)
    throttle = call.parts.join_throttle
    # Right ones count as well: with one that is known to be good, others could be tried for ever.
    await throttle.begin(actor.username, address)
    try:
        course_id = await join(call.body["code"], actor.user_id, call.parts.settings.security)
    except Invalid:
        await throttle.failed(address)
        raise
    trail.on(CourseObject.name, course_id)
    return await course_view(course_id)
