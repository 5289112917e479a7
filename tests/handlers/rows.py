"""Rows of machines, templates and tasks, where a test needs no cluster behind them."""

from __future__ import annotations

import itertools
import uuid
from datetime import UTC, datetime
from typing import Any

from tests.handlers.people import Person
from vmlab.models import Course, Task, TaskStatus, Template, TemplateStatus, Vm, VmStatus

_VMIDS = itertools.count(500_000)
"""Outside VMLab's range."""


async def make_vm(owner: Person, course: Course | None, **columns: Any) -> Vm:
    """A stopped machine that was in Proxmox, but is not where the test looks."""
    usual = {
        "uuid": uuid.uuid4(),
        "vmid": next(_VMIDS),
        "name": "web",
        "status": VmStatus.STOPPED,
        "cpu_cores": 1,
        "memory_mb": 1024,
        "disk_gb": 10,
    }
    return await Vm.create(owner=owner.user, course=course, **{**usual, **columns})


async def make_template(course: Course, owner: Person, **columns: Any) -> Template:
    """A template that is ready; nobody has looked whether it is in Proxmox."""
    usual = {
        "name": "Debian",
        "status": TemplateStatus.READY,
        "node": "pve1",
        "vmid": 9000,
        "storage": "vmdisks",
        "disk_gb": 8,
    }
    return await Template.create(course=course, owner=owner.user, **{**usual, **columns})


async def make_task(by: Person, kind: str, target: tuple[str, int], **columns: Any) -> Task:
    """A task; while it has not ended it holds the lock on its target."""
    status = columns.get("status", TaskStatus.PENDING)
    usual = {
        "status": status,
        "params": {},
        "lock": None if status.ended else f"{target[0]}:{target[1]}",
        "run_at": datetime.now(UTC),
    }
    return await Task.create(
        kind=kind,
        target_type=target[0],
        target_id=target[1],
        created_by=by.user,
        **{**usual, **columns},
    )
