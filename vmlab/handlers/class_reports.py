"""`courses/{id}/statistics/`, `vm-usage/` and `student-activity/`: what became of a course.

Each is JSON, or with `Accept: text/csv` a table.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import web

from vmlab.errors import Invalid
from vmlab.handlers.endpoint import API, Call, Endpoints, Options
from vmlab.handlers.objects import CourseObject
from vmlab.handlers.schemas.base import rfc3339
from vmlab.handlers.schemas.reports import (
    ClassActivity,
    ClassStatistics,
    ClassUsage,
    ReportQuery,
)
from vmlab.handlers.tables import csv_table, prefers_csv
from vmlab.models import Course, CourseRole, Membership, TaskStatus, Template, Vm, VmStatus
from vmlab.models import usage as noted
from vmlab.rules.access import Permission
from vmlab.rules.usage import Span, Usage, by_day, day_of, summed

class_reports = Endpoints(f"{API}/courses/{{id}}", tag="class")

USUAL_WINDOW = timedelta(days=30)
LONGEST_WINDOW = timedelta(days=366)
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
"""Nothing was noted before."""

_USAGE: Options = {"on": CourseObject, "query": ReportQuery, "returns": ClassUsage()}
_ACTIVITY: Options = {"on": CourseObject, "query": ReportQuery, "returns": ClassActivity()}


@class_reports.get(
    "/statistics/",
    on=CourseObject,
    needs=Permission.COURSE_STATISTICS,
    returns=ClassStatistics(),
)
async def get_class_statistics(call: Call, course: Course) -> dict[str, Any] | web.Response:
    """A course in numbers, as it is now; as CSV one row."""
    members = Membership.filter(course_id=course.id)
    vms = await noted.vms_by_status(course.id)
    tasks = await noted.tasks_by_status(course.id)
    found = {
        "students": await members.filter(role=CourseRole.STUDENT).count(),
        "teachers": await members.filter(role=CourseRole.TEACHER).count(),
        "templates": await Template.filter(course_id=course.id).count(),
        "vms": _counts(vms, VmStatus),
        "allocated": await noted.allocated(course.id),
        "tasks": _counts(tasks, TaskStatus),
    }
    return csv_table("statistics", *_flat(found)) if prefers_csv(call.request) else found


def _counts(counted: Mapping[str, int], states: type[VmStatus | TaskStatus]) -> dict[str, int]:
    by_state = {state.value: counted.get(state.value, 0) for state in states}
    return {"total": sum(by_state.values()), **by_state}


def _flat(found: Mapping[str, Any]) -> tuple[list[str], list[dict[str, Any]]]:
    """One row, `vms.running` for what is nested."""
    row: dict[str, Any] = {}
    for name, value in found.items():
        if isinstance(value, dict):
            row |= {f"{name}.{inner}": number for inner, number in value.items()}
        else:
            row[name] = value
    return list(row), [row]


@class_reports.get("/vm-usage/", needs=Permission.COURSE_STATISTICS, **_USAGE)
async def get_class_usage(call: Call, course: Course) -> dict[str, Any] | web.Response:
    """How long the machines of a course ran: in all, by day and by machine; as CSV by machine.

    From the changes of their states that VMLab has noted, also those made in the Proxmox interface.
    """
    start, end = _window(call.query)
    spans = await noted.running_spans(course.id, start, end)
    by_vm = await _by_vm(course, spans)
    if prefers_csv(call.request):
        columns = ("vm_id", "vm_name", "owner", "running_hours", "core_hours")
        return csv_table("vm-usage", columns, [_usage_row(each) for each in by_vm])
    days = summed(by_day(spans), day_of)
    return {
        "start_time": start,
        "end_time": end,
        "total": _hours(sum((Usage.of(span) for span in spans), Usage())),
        "by_day": [
            {"date": day, **_hours(days.get(day, Usage()))}
            for n in range((end.date() - start.date()).days + 1)
            for day in [start.date() + timedelta(days=n)]
        ],
        "by_vm": by_vm,
    }


async def _by_vm(course: Course, spans: list[Span]) -> list[dict[str, Any]]:
    """All machines of a course, and what each has used."""
    used = summed(spans, lambda span: span.vm_id)
    columns = ("id", "name", "status", "deleted_at", "owner_id", "owner__username")
    vms = Vm.filter(course_id=course.id).order_by("name", "id")
    return [
        {
            "vm": {"id": row["id"], "name": row["name"], "status": row["status"]},
            "owner": {"id": row["owner_id"], "username": row["owner__username"]},
            **_hours(used.get(row["id"], Usage())),
        }
        for row in await vms.values(*columns)
        if row["deleted_at"] is None or row["id"] in used
    ]


def _usage_row(each: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "vm_id": each["vm"]["id"],
        "vm_name": each["vm"]["name"],
        "owner": each["owner"]["username"],
        "running_hours": each["running_hours"],
        "core_hours": each["core_hours"],
    }


def _hours(usage: Usage) -> dict[str, float]:
    return {
        "running_hours": round(usage.running_s / 3600, 4),
        "core_hours": round(usage.core_s / 3600, 4),
    }


@class_reports.get("/student-activity/", needs=Permission.COURSE_STATISTICS, **_ACTIVITY)
async def get_student_activity(call: Call, course: Course) -> dict[str, Any] | web.Response:
    """What the students of a course did with its machines; as CSV by student."""
    start, end = _window(call.query)
    running = summed(await noted.running_spans(course.id, start, end), lambda span: span.owner_id)
    consoles = await noted.console_use(course.id, start, end)
    actions = await noted.actions(course.id, start, end)
    students = Membership.filter(course_id=course.id, role=CourseRole.STUDENT)
    people = await students.order_by("user__username").values(
        id="user_id", username="user__username", last_login="user__last_login"
    )
    rows = [
        {
            "student": {"id": person["id"], "username": person["username"]},
            "last_login": person["last_login"],
            "console_sessions": consoles.get(person["id"], (0, 0.0))[0],
            "console_seconds": round(consoles.get(person["id"], (0, 0.0))[1], 1),
            "vm_running_seconds": round(running.get(person["id"], Usage()).running_s, 1),
            "actions": actions.get(person["id"], 0),
        }
        for person in people
    ]
    if prefers_csv(call.request):
        return csv_table("student-activity", _COLUMNS, [_activity_row(row) for row in rows])
    return {"start_time": start, "end_time": end, "students": rows}


_COLUMNS = (
    "student",
    "last_login",
    "console_sessions",
    "console_seconds",
    "vm_running_seconds",
    "actions",
)


def _activity_row(row: Mapping[str, Any]) -> dict[str, Any]:
    last_login = row["last_login"]
    return {
        **row,
        "student": row["student"]["username"],
        "last_login": rfc3339(last_login) if last_login else None,
    }


def _window(query: Mapping[str, Any]) -> tuple[datetime, datetime]:
    """From when to when is reported on; what is to come cannot be.

    Raises:
        Invalid: it would end before it begins, or is too long.
    """
    end = max(query.get("end_time", datetime.now(UTC)), EARLIEST)
    start = max(query.get("start_time", end - USUAL_WINDOW), EARLIEST)
    if start > end:
        raise Invalid(details={"start_time": ["Must not be later than end_time."]})
    if end - start > LONGEST_WINDOW:
        raise Invalid(details={"start_time": ["Must be within 366 days before end_time."]})
    now = datetime.now(UTC)
    return min(start, now), min(end, now)
