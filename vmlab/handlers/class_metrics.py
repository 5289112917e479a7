"""`courses/{id}/metrics/`: what the machines of a class use now, from one look at the cluster."""

from __future__ import annotations

from typing import Any

from vmlab.errors import ProxmoxFailed, ProxmoxUnavailable
from vmlab.handlers.current_usage import guest_of, seen_lately, usage
from vmlab.handlers.endpoint import API, Call, Endpoints
from vmlab.handlers.objects import CourseObject
from vmlab.handlers.schemas.reports import ClassMetrics
from vmlab.models import Course, Vm
from vmlab.rules.access import Permission

class_metrics = Endpoints(f"{API}/courses/{{id}}", tag="class")

_COLUMNS = ("id", "name", "status", "vmid", "owner_id", "owner__username")


@class_metrics.get(
    "/metrics/",
    on=CourseObject,
    needs=Permission.COURSE_STATISTICS,
    returns=ClassMetrics(),
    errors=(ProxmoxFailed, ProxmoxUnavailable),
)
async def get_class_metrics(call: Call, course: Course) -> dict[str, Any]:
    """What all machines of a course use now.

    However many there are, Proxmox is asked once at most. Its figures are up to ten seconds old.
    """
    view = await seen_lately(call.parts)
    rates = call.parts.work.cluster.rates
    rows = Vm.filter(course_id=course.id, deleted_at__isnull=True).order_by("name", "id")
    return {
        "machines": [
            {
                "vm": {"id": row["id"], "name": row["name"], "status": row["status"]},
                "owner": {"id": row["owner_id"], "username": row["owner__username"]},
                **usage(guest_of(view, row["vmid"], row["status"]), rates.of(row["vmid"])),
            }
            for row in await rows.values(*_COLUMNS)
        ],
        "observed_at": view.seen_at,
    }
