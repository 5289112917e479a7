"""What a course's machines and students did, out of what was noted of them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from tortoise import connections
from tortoise.functions import Count, Sum

from vmlab.models.console_session import ConsoleSession
from vmlab.models.task import Task
from vmlab.models.vm import Vm
from vmlab.rules.usage import Span, clipped

_RUNNING = """
SELECT vm_id, owner_id, cpu_cores, begin_at, end_at FROM (
    SELECT e.vm_id, v.owner_id, e.status, e.cpu_cores, e.at AS begin_at,
        LEAD(e.at) OVER (PARTITION BY e.vm_id ORDER BY e.at, e.id) AS end_at
    FROM vm_events e JOIN vms v ON v.id = e.vm_id
    WHERE v.course_id = {p}1 AND e.kind = 'state'
) spans
WHERE status = 'running' AND begin_at < {p}3 AND (end_at IS NULL OR end_at > {p}2)
ORDER BY vm_id, begin_at
"""


async def running_spans(course_id: int, start: datetime, end: datetime) -> list[Span]:
    """When the machines of a course ran between two moments, deleted ones included.

    Args:
        end: not later than now: what runs now is not known to run on.
    """
    connection = connections.get("default")
    mark = "$" if str(connection.capabilities.dialect) == "postgres" else "?"
    rows = await connection.execute_query_dict(_RUNNING.format(p=mark), [course_id, start, end])
    spans = (
        Span(
            row["vm_id"],
            row["owner_id"],
            row["cpu_cores"],
            _moment(row["begin_at"]),
            _moment(row["end_at"]) if row["end_at"] is not None else end,
        )
        for row in rows
    )
    return clipped(spans, start, end)


async def console_use(
    course_id: int, start: datetime, end: datetime
) -> dict[int, tuple[int, float]]:
    """How many consoles each user has opened on a course's machines, and for how many seconds.

    A console whose process was killed counts up to its last sign of life.
    """
    used = ConsoleSession.filter(vm__course_id=course_id, user_id__isnull=False)
    rows = used.filter(opened_at__lte=end, seen_at__gte=start)
    found: dict[int, tuple[int, float]] = {}
    for user_id, opened, seen in await rows.values_list("user_id", "opened_at", "seen_at"):
        count, seconds = found.get(user_id, (0, 0.0))
        within = min(seen, end) - max(opened, start)
        found[user_id] = count + (opened >= start), seconds + within.total_seconds()
    return found


async def actions(course_id: int, start: datetime, end: datetime) -> dict[int, int]:
    """How many tasks each user has asked for in a course."""
    asked = Task.filter(course_id=course_id, parent_id__isnull=True, created_by_id__isnull=False)
    within = asked.filter(created_at__gte=start, created_at__lte=end)
    counted = within.annotate(n=Count("id")).group_by("created_by_id")
    return {
        row["created_by_id"]: int(row["n"]) for row in await counted.values("created_by_id", "n")
    }


async def vms_by_status(course_id: int) -> dict[str, int]:
    """How many machines of a course are in each state."""
    present = Vm.filter(course_id=course_id, deleted_at__isnull=True)
    rows = await present.annotate(n=Count("id")).group_by("status").values("status", "n")
    return {row["status"].value: int(row["n"]) for row in rows}


async def allocated(course_id: int) -> dict[str, int]:
    """What the machines of a course take of their owners' quotas."""
    names = ("cpu_cores", "memory_mb", "disk_gb")
    counting = Vm.filter(course_id=course_id, reserved=True)
    [row] = await counting.annotate(**{f"sum_{name}": Sum(name) for name in names}).values(
        *(f"sum_{name}" for name in names)
    )
    return {name: int(row[f"sum_{name}"] or 0) for name in names}


async def tasks_by_status(course_id: int) -> dict[str, int]:
    """How many tasks of a course are in each state; of parents' children only the parents count."""
    asked = Task.filter(course_id=course_id, parent_id__isnull=True)
    rows = await asked.annotate(n=Count("id")).group_by("status").values("status", "n")
    return {row["status"].value: int(row["n"]) for row in rows}


def _moment(at: Any) -> datetime:
    """SQLite has no type for times."""
    return (at if isinstance(at, datetime) else datetime.fromisoformat(at)).astimezone(UTC)
