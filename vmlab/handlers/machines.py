"""Machines as the API shows them; read as rows, with one more query for the tasks of all."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from vmlab.handlers.task_rows import task_view, under_way
from vmlab.models import Task, Vm
from vmlab.rules.vm_state import VmStatus

VM_COLUMNS = (
    "id",
    "name",
    "description",
    "status",
    "cpu_cores",
    "memory_mb",
    "disk_gb",
    "node",
    "vmid",
    "uuid",
    "ip_addresses",
    "mac_address",
    "created_at",
    "updated_at",
    "started_at",
    "owner_id",
    "owner__username",
    "course_id",
    "course__name",
    "template_id",
    "template__name",
)

HAS_PROCESS = frozenset({VmStatus.RUNNING, VmStatus.PAUSED})


async def complete(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Turn rows of VM_COLUMNS into machines, in place."""
    tasks = await under_way([row["id"] for row in rows])
    now = datetime.now(UTC)
    for row in rows:
        row["uuid"] = str(row["uuid"])
        row["owner"] = {"id": row.pop("owner_id"), "username": row.pop("owner__username")}
        for kind in ("course", "template"):
            other_id, name = row.pop(f"{kind}_id"), row.pop(f"{kind}__name")
            row[kind] = None if other_id is None else {"id": other_id, "name": name}
        row["uptime_s"] = uptime_s(row["status"], row.pop("started_at"), now)
        row["task"] = tasks.get(row["id"])
    return rows


def uptime_s(status: VmStatus, started_at: datetime | None, now: datetime) -> int:
    """Whole seconds since the machine was started; 0 if it does not run."""
    if started_at is None or status not in HAS_PROCESS:
        return 0
    return max(0, int((now - started_at).total_seconds()))


async def vm_view(vm_id: int, begun: Task | None = None) -> dict[str, Any]:
    """One machine, with the task under way on it.

    Args:
        begun: a task that the answer is about: shown even if it has ended by now.
    """
    row = (await complete(await Vm.filter(id=vm_id).values(*VM_COLUMNS)))[0]
    if begun is not None:
        row["task"] = await task_view(begun.id)
    return row
