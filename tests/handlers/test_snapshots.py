"""Snapshots over HTTP: a tree that grows, going back, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from tests.handlers.conftest import Client
from tests.handlers.lab import Answer, ServedLab, ask
from tests.handlers.people import Person
from tests.handlers.rows import make_task, make_vm
from vmlab.models import VmStatus


async def done(lab: ServedLab, begun: Answer) -> None:
    """See that it was accepted, and wait for its success."""
    assert begun.status == 202, begun
    task = await lab.ended(begun.data["task"])
    assert task["status"] == "succeeded", task


async def test_a_tree_and_the_way_back(worked_lab: ServedLab):
    lab = worked_lab
    vm = await lab.make_vm()
    path = f"vms/{vm['id']}/snapshots/"
    assert (await lab.ask(lab.student, "GET", path)).data == []
    body = {"name": "base", "description": "as it came"}
    await done(lab, await lab.ask(lab.student, "POST", path, body))
    await done(lab, await lab.ask(lab.student, "POST", path, {"name": "later"}))
    await done(lab, await lab.ask(lab.student, "POST", f"{path}base/rollback/"))
    first, second = (await lab.ask(lab.student, "GET", path)).data
    assert first.pop("taken_at").endswith("Z")
    assert first == {
        "name": "base",
        "description": "as it came",
        "parent": None,
        "current": True,
        "with_memory": False,
        "incomplete": False,
    }
    assert (second["name"], second["parent"], second["current"]) == ("later", "base", False)
    await done(lab, await lab.ask(lab.student, "DELETE", f"{path}base/"))
    [left] = (await lab.ask(lab.student, "GET", path)).data
    assert (left["name"], left["parent"]) == ("later", None)


async def test_what_is_not_there_is_told_by_the_task(worked_lab: ServedLab):
    lab = worked_lab
    vm = await lab.make_vm()
    begun = await lab.ask(lab.student, "POST", f"vms/{vm['id']}/snapshots/nosuch/rollback/")
    error = (await lab.ended(begun.data["task"]))["error"]
    assert (error["code"], error["details"]["cause"]) == ("TASK_001", "RESOURCE_001")
    assert error["message"] == "The virtual machine has no snapshot of this name."


async def test_a_class_with_a_baseline(worked_lab: ServedLab):
    lab = worked_lab
    vm = await lab.make_vm()
    path = f"courses/{lab.course.id}/vms/"
    await done(lab, await lab.ask(lab.teacher, "POST", f"{path}snapshot/", {"name": "week1"}))
    assert list(lab.guest(vm).snapshots) == ["week1"]
    body = {"name": "week1", "students": [lab.student.id]}
    begun = await lab.ask(lab.teacher, "POST", f"{path}rollback/", body)
    assert begun.data["task"]["kind"] == "course.rollback"
    await done(lab, begun)


@pytest.mark.parametrize("name", ["x", "1st", "current", "two words", "a" * 41])
async def test_names_that_no_snapshot_can_have(client: Client, ann: Person, name: str):
    vm = await make_vm(ann, None)
    path = f"vms/{vm.id}/snapshots/"
    refused = await ask(client, ann, "POST", path, {"name": name})
    assert refused.refusal == (400, "VALIDATION_001")
    assert list(refused.details) == ["name"]
    assert (await ask(client, ann, "DELETE", f"{path}{name}/")).status == 404
    assert (await ask(client, ann, "POST", f"{path}{name}/rollback/")).status == 404


@pytest.mark.parametrize("status", [VmStatus.CREATING, VmStatus.MISSING, VmStatus.ERROR])
async def test_states_in_which_nothing_can_be_done(client: Client, ann: Person, status: VmStatus):
    vm = await make_vm(ann, None, status=status, node="pve1", vmid=10_000)
    path = f"vms/{vm.id}/snapshots/"
    refused: dict[str, Any] = {"status": status, "task_id": None}
    assert (await ask(client, ann, "POST", path, {"name": "base"})).details == refused
    assert (await ask(client, ann, "POST", f"{path}base/rollback/")).details == refused
    assert (await ask(client, ann, "DELETE", f"{path}base/")).details == refused


async def test_a_busy_machine_says_with_what(client: Client, ann: Person):
    vm = await make_vm(ann, None, node="pve1", vmid=10_000)
    task = await make_task(ann, "vm.start", ("vm", vm.id))
    answer = await ask(client, ann, "POST", f"vms/{vm.id}/snapshots/", {"name": "base"})
    assert answer.refusal == (409, "VM_002")
    assert answer.details["task_id"] == task.id


async def test_a_missing_machines_number_may_be_a_strangers(client: Client, ann: Person):
    vm = await make_vm(ann, None, node="pve1", vmid=10_000, status=VmStatus.MISSING)
    assert (await ask(client, ann, "GET", f"vms/{vm.id}/snapshots/")).data == []


async def test_without_proxmox_there_is_no_answer(client: Client, ann: Person):
    vm = await make_vm(ann, None, node="pve1", vmid=10_000)
    answer = await ask(client, ann, "GET", f"vms/{vm.id}/snapshots/")
    assert answer.refusal == (503, "PROXMOX_001")
