"""A whole class: machines for everybody, forecasts, and one verb on all machines."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from typing import Any

import pytest

from tests.handlers.lab import ServedLab
from tests.handlers.people import Person
from tests.handlers.rows import make_task, make_vm
from vmlab.config import Guests, Settings
from vmlab.models import CourseRole, Membership, Quota, Task, TaskStatus, User, Vm, VmStatus

FORECAST = {
    "task", "fits", "students", "skipped", "reasons", "nodes", "storage", "storages", "estimate_s",
}  # fmt: skip


@pytest.fixture
def store(database: str) -> str:
    """SQLite and PostgreSQL."""
    return database


@pytest.fixture
async def others(lab: ServedLab) -> list[Person]:
    """Two more students of the course."""
    found = [await lab.people.add(name, "student") for name in ("ann", "bob")]
    for person in found:
        await Membership.create(course=lab.course, user=person.user, role=CourseRole.STUDENT)
    return found


async def provision(lab: ServedLab, **wanted: Any) -> Any:
    """Ask for machines for everybody."""
    body = {"template_id": lab.template.id, "students": "all"} | wanted
    return await lab.ask(lab.teacher, "POST", f"courses/{lab.course.id}/vms/", body)


async def forecast(lab: ServedLab, **wanted: Any) -> dict[str, Any]:
    """Ask what would come of it; nothing may."""
    tables = (Vm, Task, Quota)
    before = [await table.all().count() for table in tables]
    answer = await provision(lab, dry_run=True, **wanted)
    assert answer.status == 200, answer
    assert set(answer.data) == FORECAST
    assert answer.data["task"] is None
    assert [await table.all().count() for table in tables] == before
    return dict(answer.data)


def has_one(who: Person, vm: Vm) -> dict[str, Any]:
    """What is said of somebody who is skipped."""
    return {
        "user_id": who.id,
        "username": who.user.username,
        "vm_id": vm.id,
        "template_id": vm.template_id,
        "version": 1,
        "status": vm.status.value,
    }


async def test_everybody_gets_a_machine(worked_lab: ServedLab, others: list[Person]):
    lab = worked_lab
    begun = await provision(lab, start=True, name_pattern="{course}-{username}", memory_mb=512)
    assert (begun.status, begun.data["skipped"]) == (202, [])
    parent = begun.data["task"]
    assert (parent["kind"], parent["status"]) == ("course.provision", "running")
    assert parent["target"] == {"type": "course", "id": lab.course.id}
    children = await lab.ask(lab.teacher, "GET", "tasks/", parent_id=parent["id"])
    assert children.data["pagination"]["total"] == 3
    assert {child["kind"] for child in children.data["results"]} == {"vm.create"}
    ended = await lab.ended(parent)
    assert (ended["status"], ended["progress"]) == ("succeeded", 100)
    vms = (await lab.ask(lab.teacher, "GET", "vms/", ordering="name")).data["results"]
    assert [(vm["name"], vm["owner"]["username"]) for vm in vms] == [
        ("net-101-ann", "ann"),
        ("net-101-bob", "bob"),
        ("net-101-student", "student"),
    ]
    assert {(vm["status"], vm["memory_mb"]) for vm in vms} == {("running", 512)}
    assert all(lab.guest(vm).running for vm in vms)
    again = await provision(lab)
    assert (again.status, again.data["task"], again.data["fits"]) == (200, None, True)
    assert set(again.data) == FORECAST
    assert [one["vm_id"] for one in again.data["skipped"]] == sorted(vm["id"] for vm in vms)


async def test_some_get_one_and_who_has_one_is_skipped(lab: ServedLab, others: list[Person]):
    ann, bob = others
    vm = await make_vm(ann, lab.course, template=lab.template)
    begun = await provision(lab, students=[bob.id, ann.id, bob.id])
    assert begun.status == 202
    assert begun.data["skipped"] == [has_one(ann, vm)]
    made = await Vm.exclude(id=vm.id)
    assert [(one.owner_id, one.name) for one in made] == [(bob.id, "debian-13-bob")]


async def test_if_one_quota_lacks_nobody_gets_anything(lab: ServedLab, others: list[Person]):
    await Quota.filter(user_id=lab.student.id).update(memory_mb=512)
    answer = await provision(lab)
    assert answer.refusal == (400, "QUOTA_001")
    assert answer.details == {
        "students": [
            {
                "user_id": lab.student.id,
                "username": "student",
                "lacking": [{"resource": "memory_mb", "quota": 512, "used": 0, "requested": 1024}],
            }
        ]
    }
    assert not await Vm.exists()
    assert not await Task.exists()


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"students": "some"}, "students"),
        ({"students": []}, "students"),
        ({"students": [0]}, "students"),
        ({"students": ["1"]}, "students"),
        ({"students": None}, "students"),
        ({"students": [999_999]}, "students"),
        ({"template_id": 999_999}, "template_id"),
        ({"name_pattern": "web"}, "name_pattern"),
        ({"name_pattern": "{password}"}, "name_pattern"),
        ({"cpu_cores": 0}, "cpu_cores"),
        ({"dry_run": "yes"}, "dry_run"),
        ({"owner_id": 1}, "owner_id"),
    ],
)
@pytest.mark.parametrize("dry_run", [False, True])
async def test_what_is_wrong_with_a_body_is_named(
    lab: ServedLab, wrong: dict[str, Any], field: str, dry_run: bool
):
    answer = await provision(lab, **{"dry_run": dry_run, **wrong})
    assert answer.refusal == (400, "VALIDATION_001")
    assert list(answer.details) == [field]


async def test_a_class_is_accepted_while_proxmox_is_down(worked_lab: ServedLab):
    lab = worked_lab
    for name in lab.sim.cluster.nodes:
        await lab.sim.node_down(name)
    begun = await provision(lab)
    assert begun.status == 202
    unseen = await provision(lab, dry_run=True)
    assert unseen.refusal == (503, "PROXMOX_001")
    for name in lab.sim.cluster.nodes:
        await lab.sim.node_up(name)
    assert (await lab.ended(begun.data["task"]))["status"] == "succeeded"


async def test_a_forecast_of_what_fits(lab: ServedLab, others: list[Person]):
    ann, bob = others
    vm = await make_vm(ann, lab.course, template=lab.template, node="pve2")
    found = await forecast(lab, disk_gb=10)
    assert (found["fits"], found["reasons"]) == (True, [])
    assert found["students"] == [
        {"user_id": bob.id, "username": "bob", "name": "debian-13-bob"},
        {"user_id": lab.student.id, "username": "student", "name": "debian-13-student"},
    ]
    assert found["skipped"] == [has_one(ann, vm)]
    assert found["estimate_s"] is None
    nodes = {node.pop("node"): node for node in found["nodes"]}
    assert list(nodes) == ["pve1", "pve2", "pve3"]
    assert [node["machines"] for node in nodes.values()] == [1, 0, 1]
    assert [node["memory_mb"] for node in nodes.values()] == [1024, 0, 1024]
    assert [node["promised_mb"] for node in nodes.values()] == [0, 1024, 0]
    assert all(node["online"] and node["memory_free_mb"] > 1024 for node in nodes.values())
    storage = found["storage"]
    assert storage.pop("free_gb") > 0
    assert storage == {
        "storage": "vmdisks",
        "node": None,
        "available": True,
        "needed_gb": 0,
        "full_gb": 20,
    }
    assert [storage["node"] for storage in found["storages"]] == [None]


async def test_a_forecast_takes_one_look_at_the_cluster(lab: ServedLab, others: list[Person]):
    # A fault that changes nothing counts the calls that it is for.
    calls = lab.sim.faults.add("slow", seconds=0)
    await forecast(lab)
    assert calls.fired == 1


async def test_a_forecast_names_each_quota_that_lacks(lab: ServedLab, others: list[Person]):
    await Quota.filter(user_id=lab.student.id).update(disk_gb=1)
    found = await forecast(lab)
    assert found["fits"] is False
    [reason] = found["reasons"]
    assert (reason["code"], reason["message"]) == (
        "quota",
        "The quota of student does not allow it.",
    )
    assert reason["details"] == {
        "user_id": lab.student.id,
        "username": "student",
        "lacking": [{"resource": "disk_gb", "quota": 1, "used": 0, "requested": 8}],
    }
    lab.teacher.headers["Accept-Language"] = "zh"
    [reason] = (await forecast(lab))["reasons"]
    assert reason["message"] == "student 的配额不足"


async def test_a_forecast_names_the_nodes_that_lack_memory(lab: ServedLab, others: list[Person]):
    for node in ("pve2", "pve3"):
        await lab.sim.node_down(node)
    plenty = 10_000_000
    await Quota.all().update(memory_mb=plenty)
    for person in others:
        await Quota.create(user=person.user, cpu_cores=8, memory_mb=plenty, disk_gb=200, vm_limit=5)
    found = await forecast(lab, memory_mb=4_000_000)
    assert found["fits"] is False
    [reason] = found["reasons"]
    assert (reason["code"], reason["details"]["node"]) == ("memory", "pve1")
    assert reason["details"] == found["nodes"][0]
    assert found["nodes"][0]["memory_mb"] == 12_000_000
    assert [node["online"] for node in found["nodes"]] == [True, False, False]


async def test_a_forecast_without_a_node_to_go_to(lab: ServedLab):
    lab.template.node, lab.template.shared_storage = "pve3", False
    await lab.template.save()
    await lab.sim.node_down("pve3")
    found = await forecast(lab)
    assert found["fits"] is False
    assert [reason["code"] for reason in found["reasons"]] == ["nodes", "storage"]
    assert found["storage"]["available"] is False


async def test_a_forecast_knows_how_long_it_took_before(lab: ServedLab, others: list[Person]):
    for n, seconds in enumerate((5, 10, 1000)):
        task = await make_task(
            lab.student, "vm.create", ("vm", 100 + n), status=TaskStatus.SUCCEEDED
        )
        await Task.filter(id=task.id).update(
            started_at=task.created_at,
            finished_at=task.created_at + timedelta(seconds=seconds),
        )
    assert (await forecast(lab))["estimate_s"] == 10
    for n in range(2):
        await make_task(lab.student, "vm.create", ("vm", 200 + n))
    # Two in line and three more, in four lanes: two rounds.
    assert (await forecast(lab))["estimate_s"] == 20


async def test_a_forecast_may_carry_a_key(lab: ServedLab, others: list[Person]):
    path = f"/api/v1/courses/{lab.course.id}/vms/"
    body = {"template_id": lab.template.id, "students": "all", "dry_run": True}
    headers = lab.teacher.headers | {"Idempotency-Key": "look"}
    quotas = await Quota.all().count()
    first = await lab.client.post(path, json=body, headers=headers)
    again = await lab.client.post(path, json=body, headers=headers)
    assert (first.status, again.status) == (200, 200)
    assert await first.text() == await again.text()
    assert await Quota.all().count() == quotas
    assert not await Vm.exists()


class TestNarrowRange:
    """Where VMLab has few numbers, and copies whole disks."""

    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        """Two numbers and full clones."""
        guests = Guests(vmid_first=10_000, vmid_last=10_001, full_clone=True)
        return dataclasses.replace(settings, guests=guests)

    async def test_a_forecast_names_what_is_short(self, lab: ServedLab, others: list[Person]):
        await Quota.all().update(disk_gb=1 << 20)
        await User.filter(id__in=[person.id for person in others]).update(is_active=False)
        found = await forecast(lab, disk_gb=1 << 17)
        [reason] = found["reasons"]
        assert reason["code"] == "storage"
        assert reason["details"] == found["storage"]
        assert found["storage"]["needed_gb"] == found["storage"]["full_gb"] == 1 << 17
        await User.all().update(is_active=True)
        found = await forecast(lab)
        assert [reason["code"] for reason in found["reasons"]] == ["vmids"]
        assert found["reasons"][0]["details"] == {"free": 2, "needed": 3}
        await make_vm(lab.student, None, vmid=10_001)
        await make_vm(lab.student, None, vmid=None, status=VmStatus.CREATING)
        found = await forecast(lab)
        assert found["reasons"][0]["details"] == {"free": 0, "needed": 3}


async def test_one_verb_on_all_machines(worked_lab: ServedLab, others: list[Person]):
    lab = worked_lab
    begun = await provision(lab)
    await lab.ended(begun.data["task"])
    path = f"courses/{lab.course.id}/vms/"
    for verb, status in (
        ("start", "running"),
        ("pause", "paused"),
        ("resume", "running"),
        ("reset", "running"),
        ("restart", "running"),
        ("stop", "stopped"),
    ):
        answer = await lab.ask(lab.teacher, "POST", f"{path}{verb}/")
        assert (answer.status, answer.data["skipped"]) == (202, []), verb
        assert answer.data["task"]["kind"] == f"course.{verb}"
        assert (await lab.ended(answer.data["task"]))["status"] == "succeeded"
        vms = (await lab.ask(lab.teacher, "GET", "vms/")).data["results"]
        assert {vm["status"] for vm in vms} == {status}
    deleted = await lab.ask(lab.teacher, "POST", f"{path}delete/", {"students": "all"})
    assert (await lab.ended(deleted.data["task"]))["status"] == "succeeded"
    assert (await lab.ask(lab.teacher, "GET", "vms/")).data["results"] == []
    assert list(lab.sim.cluster.guests) == [lab.template.vmid]


async def test_machines_that_cannot_are_left_out_and_named(lab: ServedLab, others: list[Person]):
    ann, bob = others
    stopped = await make_vm(lab.student, lab.course)
    running = await make_vm(ann, lab.course, status=VmStatus.RUNNING)
    missing = await make_vm(ann, lab.course, status=VmStatus.MISSING)
    busy = await make_vm(bob, lab.course)
    await make_task(bob, "vm.start", ("vm", busy.id))
    path = f"courses/{lab.course.id}/vms/start/"
    answer = await lab.ask(lab.teacher, "POST", path)
    assert answer.status == 202
    assert answer.data["skipped"] == [
        {
            "vm_id": vm.id,
            "name": "web",
            "owner": {"id": owner.id, "username": owner.user.username},
            "status": status,
            "reason": reason,
        }
        for vm, owner, status, reason in (
            (running, ann, "running", "already"),
            (missing, ann, "missing", "state"),
            (busy, bob, "stopped", "busy"),
        )
    ]
    children = await Task.filter(parent_id=answer.data["task"]["id"])
    assert [child.target_id for child in children] == [stopped.id]
    nothing = await lab.ask(lab.teacher, "POST", path, {"students": [ann.id]})
    assert (nothing.status, nothing.data["task"]) == (200, None)
    assert len(nothing.data["skipped"]) == 2


async def test_who_is_not_in_the_course_is_named(lab: ServedLab, others: list[Person]):
    eve = await lab.people.add("eve", "student")
    vm = await make_vm(lab.teacher, lab.course)
    path = f"courses/{lab.course.id}/vms/start/"
    wrong = await lab.ask(lab.teacher, "POST", path, {"students": [others[0].id, eve.id]})
    assert wrong.refusal == (400, "VALIDATION_001")
    assert wrong.details == {"students": [f"Not members of this course: {eve.id}."]}
    # A machine that a teacher tries things on is one of the class.
    own = await lab.ask(lab.teacher, "POST", path, {"students": [lab.teacher.id]})
    assert own.status == 202
    [child] = await Task.filter(parent_id=own.data["task"]["id"])
    assert child.target_id == vm.id


@pytest.mark.parametrize("body", [{"students": "me"}, {"students": []}, {"force": True}])
async def test_what_is_wrong_with_a_verbs_body_is_named(lab: ServedLab, body: dict[str, Any]):
    answer = await lab.ask(lab.teacher, "POST", f"courses/{lab.course.id}/vms/stop/", body)
    assert answer.refusal == (400, "VALIDATION_001")
    assert answer.details.keys() == body.keys()
