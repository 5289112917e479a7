"""Power: each verb is a task, no work is no task, and what makes no sense is refused."""

from __future__ import annotations

from typing import Any

import pytest

from tests.handlers.conftest import Client
from tests.handlers.lab import ServedLab, ask
from tests.handlers.people import Person
from tests.handlers.rows import make_task, make_vm
from vmlab.models import Task, VmStatus

VERBS = ("start", "stop", "restart", "pause", "resume", "reset")


async def test_a_day_in_the_life(worked_lab: ServedLab):
    lab = worked_lab
    vm = await lab.make_vm()
    path = f"vms/{vm['id']}/"
    for verb, status, running in (
        ("start", "running", True),
        ("pause", "paused", True),
        ("resume", "running", True),
        ("reset", "running", True),
        ("restart", "running", True),
        ("stop", "stopped", False),
    ):
        begun = await lab.ask(lab.student, "POST", f"{path}{verb}/")
        assert begun.status == 202, (verb, begun)
        assert begun.data["id"] == vm["id"]
        assert begun.data["task"]["kind"] == f"vm.{verb}"
        assert (await lab.ended(begun.data["task"]))["status"] == "succeeded", verb
        shown = (await lab.ask(lab.student, "GET", path)).data
        assert (shown["status"], shown["task"]) == (status, None)
        assert lab.guest(vm).running is running


@pytest.mark.parametrize(
    ("verb", "status"),
    [
        ("start", VmStatus.RUNNING),
        ("stop", VmStatus.STOPPED),
        ("pause", VmStatus.PAUSED),
        ("resume", VmStatus.RUNNING),
    ],
)
async def test_what_is_so_already_is_no_task(
    client: Client, ann: Person, verb: str, status: VmStatus
):
    vm = await make_vm(ann, None, status=status)
    answer = await ask(client, ann, "POST", f"vms/{vm.id}/{verb}/")
    assert (answer.status, answer.data["status"], answer.data["task"]) == (200, status, None)
    assert not await Task.exists()


@pytest.mark.parametrize("status", [VmStatus.CREATING, VmStatus.DELETING, VmStatus.MISSING])
@pytest.mark.parametrize("verb", VERBS)
async def test_what_makes_no_sense_is_refused(
    client: Client, ann: Person, verb: str, status: VmStatus
):
    vm = await make_vm(ann, None, status=status)
    answer = await ask(client, ann, "POST", f"vms/{vm.id}/{verb}/")
    assert answer.refusal == (409, "VM_002")
    assert answer.details == {"status": status, "task_id": None}
    assert not await Task.exists()


@pytest.mark.parametrize("verb", VERBS)
async def test_a_machine_that_is_busy_is_left_alone(client: Client, ann: Person, verb: str):
    vm = await make_vm(ann, None, status=VmStatus.RUNNING)
    task = await make_task(ann, "vm.change", ("vm", vm.id))
    answer = await ask(client, ann, "POST", f"vms/{vm.id}/{verb}/")
    assert answer.refusal == (409, "VM_002")
    assert answer.details == {"status": "running", "task_id": task.id}


async def test_how_to_stop_is_what_the_task_does(client: Client, ann: Person):
    for body, expected in (
        (None, {"force": False, "timeout_s": 60}),
        ({}, {"force": False, "timeout_s": 60}),
        ({"force": True}, {"force": True, "timeout_s": 60}),
        ({"timeout_s": 5}, {"force": False, "timeout_s": 5}),
    ):
        vm = await make_vm(ann, None, status=VmStatus.RUNNING)
        begun = await ask(client, ann, "POST", f"vms/{vm.id}/stop/", body)
        assert begun.status == 202
        assert (await Task.get(id=begun.data["task"]["id"])).params == expected


@pytest.mark.parametrize(
    ("verb", "body", "field"),
    [
        ("stop", {"timeout_s": 0}, "timeout_s"),
        ("stop", {"timeout_s": 601}, "timeout_s"),
        ("stop", {"force": 1}, "force"),
        ("stop", {"delay": 1}, "delay"),
        ("start", {"force": True}, "force"),
    ],
)
async def test_what_is_wrong_with_a_body_is_named(
    client: Client, ann: Person, verb: str, body: dict[str, Any], field: str
):
    vm = await make_vm(ann, None, status=VmStatus.RUNNING)
    answer = await ask(client, ann, "POST", f"vms/{vm.id}/{verb}/", body)
    assert answer.refusal == (400, "VALIDATION_001")
    assert list(answer.details) == [field]


async def test_force_pulls_the_plug_at_once(worked_lab: ServedLab):
    lab = worked_lab
    vm = await lab.make_vm(start=True)
    begun = await lab.ask(lab.student, "POST", f"vms/{vm['id']}/stop/", {"force": True})
    assert (await lab.ended(begun.data["task"]))["status"] == "succeeded"
    kinds = {job.kind for job in lab.sim.jobs.on(vm["node"]) if job.id == str(vm["vmid"])}
    assert "qmstop" in kinds
    assert "qmshutdown" not in kinds


async def test_a_verb_is_accepted_while_proxmox_is_down(worked_lab: ServedLab):
    lab = worked_lab
    vm = await lab.make_vm()
    for name in lab.sim.cluster.nodes:
        await lab.sim.node_down(name)
    begun = await lab.ask(lab.student, "POST", f"vms/{vm['id']}/start/")
    assert begun.status == 202
    for name in lab.sim.cluster.nodes:
        await lab.sim.node_up(name)
    assert (await lab.ended(begun.data["task"]))["status"] == "succeeded"
    assert lab.guest(vm).running


async def test_a_failure_carries_proxmoxs_own_words(worked_lab: ServedLab):
    lab = worked_lab
    vm = await lab.make_vm()
    lab.sim.faults.add("task_fails", path=f"qmstart/{vm['vmid']}$", text="no space left")
    begun = await lab.ask(lab.student, "POST", f"vms/{vm['id']}/start/")
    task = await lab.ended(begun.data["task"])
    assert task["status"] == "failed"
    assert task["error"]["details"]["reason"] == "no space left"
    assert (await lab.ask(lab.student, "GET", f"vms/{vm['id']}/")).data["status"] == "stopped"


async def test_a_key_that_is_repeated_starts_once(lab: ServedLab):
    vm = await make_vm(lab.student, lab.course)
    headers = lab.student.headers | {"Idempotency-Key": "start"}
    path = f"/api/v1/vms/{vm.id}/start/"
    first = await lab.client.post(path, headers=headers)
    again = await lab.client.post(path, headers=headers)
    assert (first.status, again.status) == (202, 202)
    assert await first.text() == await again.text()
    assert await Task.all().count() == 1
