"""`vms/{id}/status/` and `metrics/`: what one machine does and has done, asked of Proxmox."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from vmlab.errors import Invalid, ProxmoxFailed, ProxmoxUnavailable
from vmlab.handlers.current_usage import guest_of, seen_lately, usage
from vmlab.handlers.endpoint import API, Call, Endpoints
from vmlab.handlers.machines import uptime_s
from vmlab.handlers.objects import VmObject
from vmlab.handlers.observation import (
    MEASUREMENTS,
    finest_history,
    history,
    look,
    measurement,
)
from vmlab.handlers.schemas.vms import (
    HistoryQuery,
    HistorySchema,
    MetricsQuery,
    MetricsSchema,
    VmStatusSchema,
)
from vmlab.handlers.task_rows import under_way
from vmlab.models import Vm
from vmlab.proxmox.history import RrdPoint
from vmlab.rules.access import Permission
from vmlab.rules.series import Aggregate, grid, resample, step_s
from vmlab.rules.vm_state import VmStatus, from_proxmox

vm_status = Endpoints(f"{API}/vms/{{id}}", tag="vms")

FRESH = timedelta(minutes=3)
"""A record older than this is not current any more; Proxmox makes one a minute."""

USUAL_WINDOW = timedelta(minutes=30)
"""What is looked back on where only the end is named; Proxmox's finest series holds an hour."""

EARLIEST = datetime.min.replace(tzinfo=UTC)

_OWN_STATES = frozenset({VmStatus.CREATING, VmStatus.DELETING})
"""States that only VMLab knows, whatever QEMU does meanwhile."""


@vm_status.get("/status/", on=VmObject, needs=Permission.VM_READ, returns=VmStatusSchema())
async def get_vm_status(call: Call, vm: Vm) -> dict[str, Any]:
    """What the machine does at this moment.

    If Proxmox does not answer in time, what it did when it was last seen (`observed_at`).
    """
    seen = await look(call.parts.work, vm)
    now = datetime.now(UTC)
    task = (await under_way([vm.id])).get(vm.id)
    if seen is None:
        return {
            "status": vm.status,
            "qmp_status": None,
            "uptime_s": uptime_s(vm.status, vm.started_at, now),
            "node": vm.node,
            "vmid": vm.vmid,
            "ip_addresses": vm.ip_addresses,
            "lock": None,
            "task": task,
            "agent": {"running": False},
            "observed_at": vm.observed_at,
        }
    agent = await call.parts.agents.ask(vm, seen)
    status = None if vm.status in _OWN_STATES else from_proxmox(seen.qmpstatus)
    return {
        "status": status or vm.status,
        "qmp_status": seen.qmpstatus,
        "uptime_s": seen.uptime_s,
        "node": vm.node,
        "vmid": vm.vmid,
        "ip_addresses": agent.addresses,
        "lock": seen.lock,
        "task": task,
        "agent": {"running": agent.running},
        "observed_at": now,
    }


@vm_status.get(
    "/metrics/",
    on=VmObject,
    needs=Permission.VM_READ,
    query=MetricsQuery,
    returns=MetricsSchema(),
    errors=(ProxmoxFailed, ProxmoxUnavailable),
)
async def get_vm_metrics(call: Call, vm: Vm) -> dict[str, Any]:
    """What the machine uses now, and, if a time is named, in that time.

    What it uses now is up to ten seconds old, and null of a machine that does not run; the rest is
    from Proxmox's own records, and null is what they do not have.
    """
    now = datetime.now(UTC)
    work = call.parts.work
    window = _window(call.query, now)
    series: list[RrdPoint] = []
    if window is not None:
        start, end = window
        points = await history(work, vm, start)
        series = [p for p in points if start.timestamp() <= p.time <= end.timestamp()]
    return {
        "current": await _current(call, vm, now),
        "series": [measurement(point) for point in series],
    }


async def _current(call: Call, vm: Vm, now: datetime) -> dict[str, Any] | None:
    """What the machine uses now; None if it does not run.

    How fast it reads and sends this process knows only once it has looked at the cluster twice; it
    is the records' newest point until then.

    Raises:
        ProxmoxFailed, ProxmoxUnavailable: nobody can say.
    """
    if vm.node is None or vm.vmid is None:
        return None
    view = await seen_lately(call.parts)
    guest = guest_of(view, vm.vmid, vm.status)
    if guest is None or not guest.uptime_s:
        return None
    if rates := call.parts.work.cluster.rates.of(vm.vmid):
        return {"timestamp": view.seen_at, **usage(guest, rates)}
    recent = await history(call.parts.work, vm, now)
    fresh = [p for p in recent if p.cpu is not None and p.time > (now - FRESH).timestamp()]
    return measurement(fresh[-1]) if fresh else None


@vm_status.get(
    "/metrics/history/",
    on=VmObject,
    needs=Permission.VM_READ,
    query=HistoryQuery,
    returns=HistorySchema(),
    errors=(ProxmoxFailed, ProxmoxUnavailable),
)
async def get_vm_metrics_history(call: Call, vm: Vm) -> dict[str, Any]:
    """What the machine used over a time, by default the last half hour.

    From Proxmox's records at the finest resolution that reaches back so far: a minute for the last
    hour (on Proxmox VE 9 for a day), coarser further back. Where they have nothing there is null.
    """
    how: Aggregate = call.query["aggregate"]
    now = datetime.now(UTC)
    start, end = _span(call.query, now)
    points = await finest_history(
        call.parts.work,
        vm,
        max(start, vm.created_at),
        "MAX" if how is Aggregate.MAX else "AVERAGE",
    )
    until = min(end, now).timestamp()
    step = step_s([point.time for point in points])
    places = grid(start.timestamp(), until, step, call.query["max_points"])
    measured = [(p.time, measurement(p)) for p in points if p.time <= until]
    rows = resample(measured, places, MEASUREMENTS, how)
    return {
        "interval_s": places.step,
        "points": [
            {**row, "timestamp": datetime.fromtimestamp(place, UTC)}
            for place, row in zip(places, rows, strict=True)
        ],
    }


def _window(query: Mapping[str, Any], now: datetime) -> tuple[datetime, datetime] | None:
    """From when to when to look back, if that was asked for."""
    return _span(query, now) if query else None


def _span(query: Mapping[str, Any], now: datetime) -> tuple[datetime, datetime]:
    """From when to when to look back.

    Raises:
        Invalid: it would end before it begins.
    """
    end = query.get("end_time", now)
    start = query.get("start_time") or max(end, EARLIEST + USUAL_WINDOW) - USUAL_WINDOW
    if start > end:
        raise Invalid(details={"start_time": ["Must not be later than end_time."]})
    return start, end
