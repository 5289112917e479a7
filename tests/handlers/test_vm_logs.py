"""A machine's log: tasks, events and Proxmox's own lines in one list."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.handlers.conftest import Client
from tests.handlers.lab import ServedLab, ask
from tests.handlers.people import Person
from tests.handlers.rows import make_task, make_vm
from vmlab.handlers.schemas.base import rfc3339
from vmlab.models import LogLevel, PveLogLine, Task, TaskStatus, Vm, VmEvent, VmStatus
from vmlab.reconcile.pve_logs import PveLogs


@pytest.fixture
def store(database: str) -> str:
    """SQLite and PostgreSQL: the queries differ."""
    return database


async def logs(client: Client, who: Person, vm_id: int, **query: Any) -> list[dict[str, Any]]:
    answer = await ask(client, who, "GET", f"vms/{vm_id}/logs/", **query)
    assert answer.status == 200, answer
    return list(answer.data["results"])


async def test_a_machine_and_what_proxmox_did_for_it(worked_lab: ServedLab):
    lab = worked_lab
    vm = await lab.make_vm(start=True)
    await PveLogs(lab.parts.work).keep()
    found = await logs(lab.client, lab.student, vm["id"], page_size=100, ordering="timestamp")
    messages = [entry["message"] for entry in found]
    assert "status: creating" in messages
    assert "vm.create: accepted, asked for by student" in messages
    assert "vm.create: step clone done" in messages
    assert "vm.create: succeeded" in messages
    assert any(message.startswith("status: creating → running") for message in messages)
    lines = [entry for entry in found if entry["source"] == "proxmox"]
    assert {entry["upid"].split(":")[5] for entry in lines} == {"qmclone", "qmstart"}
    assert [entry["message"] for entry in lines].count("TASK OK") == 2
    assert {entry["task_id"] for entry in lines} == {
        entry["task_id"] for entry in found if entry["source"] == "task"
    }
    assert await PveLogs(lab.parts.work).keep() == 0


async def test_what_failed_says_why(worked_lab: ServedLab):
    lab = worked_lab
    vm = await lab.make_vm()
    lab.sim.faults.add("task_fails", path="/qmstart/", text="no such bridge")
    begun = await lab.ask(lab.student, "POST", f"vms/{vm['id']}/start/")
    await lab.ended(begun.data["task"])
    await PveLogs(lab.parts.work).keep()
    errors = await logs(lab.client, lab.student, vm["id"], level="error")
    assert {entry["source"] for entry in errors} == {"task", "proxmox"}
    assert "TASK ERROR: no such bridge" in [entry["message"] for entry in errors]
    assert {entry["task_id"] for entry in errors} == {begun.data["task"]["id"]}


async def test_filters_order_and_pages(client: Client, ann: Person):
    vm = await make_vm(ann, None)
    task = await make_task(
        ann,
        "vm.start",
        ("vm", vm.id),
        status=TaskStatus.FAILED,
        finished_at=datetime.now(UTC),
        error={"code": "TASK_001", "message": "It failed.", "details": {}},
    )
    # SQLite's own clock, by which states are noted, knows nothing below the millisecond.
    earlier = datetime.now(UTC) - timedelta(seconds=1)
    await Task.filter(id=task.id).update(created_at=earlier, finished_at=earlier)
    await Vm.filter(id=vm.id).update(status=VmStatus.MISSING)
    since = datetime.now(UTC) + timedelta(minutes=1)
    await PveLogLine.create(
        vm_id=vm.id,
        task_id=task.id,
        upid="UPID:x",
        line=1,
        at=since,
        level=LogLevel.INFO,
        message="TASK OK",
    )
    every = await logs(client, ann, vm.id)
    assert [(entry["source"], entry["level"], entry["message"]) for entry in every[:2]] == [
        ("proxmox", "info", "TASK OK"),
        ("event", "warning", "status: stopped → missing"),
    ]
    assert {entry["message"] for entry in every[2:]} == {
        "vm.start: failed: It failed.",
        "vm.start: accepted, asked for by ann",
        "status: stopped",
    }
    assert await logs(client, ann, vm.id, ordering="timestamp") == every[::-1]
    pages = [await logs(client, ann, vm.id, page=n, page_size=2) for n in (1, 2, 3)]
    assert [entry for page in pages for entry in page] == every
    for query, count in (
        ({"source": "task"}, 2),
        ({"source": "event"}, 2),
        ({"source": "proxmox"}, 1),
        ({"level": "error"}, 1),
        ({"level": "info", "source": "task"}, 1),
        ({"since": rfc3339(since)}, 1),
        ({"since": rfc3339(since + timedelta(seconds=1))}, 0),
    ):
        assert len(await logs(client, ann, vm.id, **query)) == count, query


async def test_another_machines_log_is_another(client: Client, ann: Person):
    mine, other = await make_vm(ann, None), await make_vm(ann, None)
    await Vm.filter(id=mine.id).update(status=VmStatus.RUNNING, cpu_cores=4)
    [entry] = await logs(client, ann, other.id)
    assert entry["message"] == "status: stopped"
    newest = (await logs(client, ann, mine.id))[0]["message"]
    assert newest == "status: stopped → running, cpu_cores: 1 → 4"


async def test_what_nobody_is_shown_is_not_noted(client: Client, ann: Person):
    vm = await make_vm(ann, None)
    await Vm.filter(id=vm.id).update(observed_at=datetime.now(UTC))
    assert await VmEvent.filter(vm_id=vm.id).count() == 1


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"source": "kernel"}, "source"),
        ({"level": "debug"}, "level"),
        ({"since": "yesterday"}, "since"),
        ({"ordering": "message"}, "ordering"),
        ({"search": "x"}, "search"),
    ],
)
async def test_what_is_wrong_is_named(
    client: Client, ann: Person, query: dict[str, str], field: str
):
    vm = await make_vm(ann, None)
    answer = await ask(client, ann, "GET", f"vms/{vm.id}/logs/", **query)
    assert answer.refusal == (400, "VALIDATION_001")
    assert list(answer.details) == [field]
