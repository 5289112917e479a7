"""`courses/{id}/metrics/`: what the machines of a class use now, from one look at the cluster."""

from __future__ import annotations

import asyncio
from typing import Any

from vmlab.errors import ProxmoxFailed, ProxmoxUnavailable
from vmlab.handlers.endpoint import API, Call, Endpoints
from vmlab.handlers.objects import CourseObject
from vmlab.handlers.observation import LIMIT_S, MIB
from vmlab.handlers.schemas.reports import ClassMetrics
from vmlab.models import Course, Vm, VmStatus
from vmlab.proxmox.rates import Rates
from vmlab.proxmox.shapes import GuestRow
from vmlab.rules.access import Permission

class_metrics = Endpoints(f"{API}/courses/{{id}}", tag="class")

_COLUMNS = ("id", "name", "status", "vmid", "owner_id", "owner__username")
_NO_RATES = dict.fromkeys(Rates.__dataclass_fields__)


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
    cluster = call.parts.work.cluster
    try:
        async with asyncio.timeout(LIMIT_S):
            view = await cluster.recent(call.parts.settings.reconcile.tick_s)
    except TimeoutError:
        raise ProxmoxUnavailable from None
    rows = Vm.filter(course_id=course.id, deleted_at__isnull=True).order_by("name", "id")
    return {
        "machines": [
            _machine(row, _guest(row, view.guests.get(row["vmid"])), cluster.rates.of(row["vmid"]))
            for row in await rows.values(*_COLUMNS)
        ],
        "observed_at": view.seen_at,
    }


def _guest(row: dict[str, Any], guest: GuestRow | None) -> GuestRow | None:
    """The machine's guest; under the number of one that is missing may be a stranger's."""
    missing = row["status"] is VmStatus.MISSING
    return None if guest is None or missing or not guest.reported else guest


def _machine(row: dict[str, Any], guest: GuestRow | None, rates: Rates | None) -> dict[str, Any]:
    return {
        "vm": {"id": row["id"], "name": row["name"], "status": row["status"]},
        "owner": {"id": row["owner_id"], "username": row["owner__username"]},
        "cpu_percent": round(100 * guest.cpu, 2) if guest and guest.cpu is not None else None,
        "memory_used_mb": _mib(guest.memory_bytes if guest else None),
        "memory_total_mb": _mib(guest.max_memory_bytes if guest else None),
        **(_shown(rates) if guest and rates else _NO_RATES),
    }


def _shown(rates: Rates) -> dict[str, float]:
    return {name: round(getattr(rates, name), 1) for name in _NO_RATES}


def _mib(size_bytes: int | None) -> float | None:
    return None if size_bytes is None else round(size_bytes / MIB, 1)
