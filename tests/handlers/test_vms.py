"""Machines: made, listed, changed and deleted."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.handlers.conftest import Client
from tests.handlers.lab import API, ServedLab, ask
from tests.handlers.people import People, Person
from tests.handlers.rows import make_task, make_template, make_vm
from vmlab.models import Course, Membership, Quota, Task, Template, Vm, VmStatus

FIELDS = {
    "id", "name", "description", "status", "owner", "course", "template", "cpu_cores", "memory_mb",
    "disk_gb", "node", "vmid", "uuid", "ip_addresses", "mac_address", "uptime_s", "task",
    "created_at", "updated_at",
}  # fmt: skip


def wanted(lab: ServedLab, **more: Any) -> dict[str, Any]:
    """A machine of the lab's template in the lab's course."""
    return {"name": "web", "template_id": lab.template.id, "course_id": lab.course.id} | more


async def test_a_machine_is_there_at_once_and_soon_in_proxmox(worked_lab: ServedLab):
    lab = worked_lab
    body = wanted(lab, description="Mine", cpu_cores=2, memory_mb=2048, disk_gb=20, start=True)
    begun = await lab.ask(lab.student, "POST", "vms/", body)
    assert begun.status == 202
    vm = begun.data
    assert set(vm) == FIELDS
    assert vm["status"] == "creating"
    assert vm["task"]["kind"] == "vm.create"
    assert vm["task"]["target"] == {"type": "vm", "id": vm["id"]}
    assert {key: vm[key] for key in body if key in vm} == {
        key: body[key] for key in body if key in vm
    }
    assert vm["owner"] == {"id": lab.student.id, "username": "student"}
    assert vm["course"] == {"id": lab.course.id, "name": "Networks"}
    assert vm["template"] == {"id": lab.template.id, "name": "Debian 13"}
    assert (vm["uptime_s"], vm["ip_addresses"]) == (0, [])
    assert (await lab.ended(vm["task"]))["status"] == "succeeded"
    made = (await lab.ask(lab.student, "GET", f"vms/{vm['id']}/")).data
    assert (made["status"], made["task"]) == ("running", None)
    guest = lab.guest(made)
    assert (guest.node, guest.config["name"]) == (made["node"], "web")
    assert (int(guest.config["cores"]), int(guest.config["memory"])) == (2, 2048)
    assert made["mac_address"] in guest.config["net0"].lower()
    assert made["uuid"] in guest.config["description"]
    assert guest.running


async def test_sizes_that_are_not_named_are_the_templates(lab: ServedLab):
    await Template.filter(id=lab.template.id).update(
        default_cpu_cores=3, default_memory_mb=3000, default_disk_gb=30
    )
    vm = (await lab.ask(lab.student, "POST", "vms/", wanted(lab))).data
    assert (vm["cpu_cores"], vm["memory_mb"], vm["disk_gb"]) == (3, 3000, 30)
    small = (await lab.ask(lab.student, "POST", "vms/", wanted(lab, disk_gb=1))).data
    assert small["disk_gb"] == lab.template.disk_gb


async def test_a_repeated_key_makes_one_machine(worked_lab: ServedLab):
    lab = worked_lab
    headers = lab.student.headers | {"Idempotency-Key": "one"}
    first, second = await asyncio.gather(
        *(lab.client.post(f"{API}vms/", json=wanted(lab), headers=headers) for _ in range(2))
    )
    assert (first.status, second.status) == (202, 202)
    assert await first.text() == await second.text()
    assert await Vm.all().count() == 1
    assert (await lab.ended((await first.json())["data"]["task"]))["status"] == "succeeded"
    other = await lab.client.post(f"{API}vms/", json=wanted(lab, name="db"), headers=headers)
    assert other.status == 409
    assert (await other.json())["error"]["code"] == "RESOURCE_002"


async def test_the_answer_does_not_wait_for_proxmox(worked_lab: ServedLab):
    lab = worked_lab
    slow = lab.sim.faults.add("slow", path="resources|clone", times=2, seconds=1000)
    begun = await lab.ask(lab.student, "POST", "vms/", wanted(lab))
    assert (begun.status, begun.data["status"]) == (202, "creating")
    assert list(lab.sim.cluster.guests) == [lab.template.vmid]
    assert (await lab.ended(begun.data["task"]))["status"] == "succeeded"
    assert slow.fired == 2


async def test_the_answer_needs_no_proxmox(worked_lab: ServedLab):
    lab = worked_lab
    for name in lab.sim.cluster.nodes:
        await lab.sim.node_down(name)
    begun = await lab.ask(lab.student, "POST", "vms/", wanted(lab))
    assert (begun.status, begun.data["status"]) == (202, "creating")
    for name in lab.sim.cluster.nodes:
        await lab.sim.node_up(name)
    assert (await lab.ended(begun.data["task"]))["status"] == "succeeded"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": "under_score"}, "name"),
        ({"name": "-web"}, "name"),
        ({"name": "a.b"}, "name"),
        ({"name": ""}, "name"),
        ({"name": "x" * 64}, "name"),
        ({"template_id": 999_999}, "template_id"),
        ({"template_id": None}, "template_id"),
        ({"course_id": 999_999}, "course_id"),
        ({"cpu_cores": 0}, "cpu_cores"),
        ({"memory_mb": 15}, "memory_mb"),
        ({"disk_gb": 1.5}, "disk_gb"),
        ({"start": "yes"}, "start"),
        ({"node": "pve1"}, "node"),
    ],
)
async def test_what_is_wrong_with_a_body_is_named(
    lab: ServedLab, wrong: dict[str, Any], field: str
):
    answer = await lab.ask(lab.student, "POST", "vms/", wanted(lab, **wrong))
    assert answer.refusal == (400, "VALIDATION_001")
    assert list(answer.details) == [field]
    assert not await Vm.exists()


async def test_the_quota_is_told_with_what_lacks(lab: ServedLab):
    await Quota.filter(user_id=lab.student.id).update(cpu_cores=3, memory_mb=4096, vm_limit=1)
    assert (await lab.ask(lab.student, "POST", "vms/", wanted(lab, cpu_cores=2))).status == 202
    answer = await lab.ask(lab.student, "POST", "vms/", wanted(lab, cpu_cores=2))
    assert answer.refusal == (400, "QUOTA_001")
    cores = {"resource": "cpu_cores", "quota": 3, "used": 2, "requested": 2}
    machines = {"resource": "vm_limit", "quota": 1, "used": 1, "requested": 1}
    assert answer.details == {**cores, "lacking": [cores, machines]}
    assert await Vm.all().count() == 1


async def test_who_may_make_machines_for_whom(lab: ServedLab):
    other = await lab.people.add("other", "student")
    stranger = await lab.people.add("stranger", "teacher")
    for_other = wanted(lab, owner_id=other.id)
    assert (await lab.ask(lab.student, "POST", "vms/", for_other)).refusal == (403, "AUTH_002")
    assert (await lab.ask(stranger, "POST", "vms/", for_other)).refusal == (403, "AUTH_002")
    not_enrolled = await lab.ask(lab.teacher, "POST", "vms/", for_other)
    assert (not_enrolled.status, list(not_enrolled.details)) == (400, ["course_id"])
    assert (await lab.ask(lab.admin, "POST", "vms/", for_other)).data["owner"]["id"] == other.id
    mine = wanted(lab, owner_id=lab.student.id)
    assert (await lab.ask(lab.teacher, "POST", "vms/", mine)).status == 202
    nobody = await lab.ask(lab.admin, "POST", "vms/", wanted(lab, owner_id=999_999))
    assert (nobody.status, list(nobody.details)) == (400, ["owner_id"])
    assert (await lab.ask(other, "POST", "vms/", wanted(lab))).status == 400


async def test_a_template_is_for_its_course_unless_it_is_public(lab: ServedLab):
    elsewhere = await lab.people.course("Compilers", [lab.teacher], [lab.student])
    body = wanted(lab, course_id=elsewhere.id)
    refused = await lab.ask(lab.student, "POST", "vms/", body)
    assert (refused.status, list(refused.details)) == (400, ["template_id"])
    await Template.filter(id=lab.template.id).update(is_public=True)
    made = await lab.ask(lab.student, "POST", "vms/", body)
    assert made.data["course"] == {"id": elsewhere.id, "name": "Compilers"}
    alone = await lab.ask(lab.student, "POST", "vms/", wanted(lab, course_id=None))
    assert (alone.status, alone.data["course"]) == (202, None)
    await Membership.filter(user_id=lab.student.id).delete()
    outside = await lab.ask(lab.student, "POST", "vms/", wanted(lab))
    assert (outside.status, list(outside.details)) == (400, ["course_id"])


async def test_a_machine_is_changed_and_its_guest_with_it(worked_lab: ServedLab):
    lab = worked_lab
    vm = await lab.make_vm()
    path = f"vms/{vm['id']}/"
    body = {"name": "db", "description": "New", "cpu_cores": 2, "memory_mb": 2048, "disk_gb": 16}
    begun = await lab.ask(lab.student, "PUT", path, body)
    assert (begun.status, begun.data["task"]["kind"]) == (202, "vm.change")
    assert (await lab.ended(begun.data["task"]))["status"] == "succeeded"
    changed = (await lab.ask(lab.student, "GET", path)).data
    assert {key: changed[key] for key in body} == body
    config = lab.guest(changed).config
    assert (config["name"], int(config["cores"]), int(config["memory"])) == ("db", 2, 2048)
    assert "size=16G" in config["scsi0"]
    same = await lab.ask(lab.student, "PUT", path, body)
    assert (same.status, same.data) == (200, changed)


async def test_a_change_is_refused_with_the_reason(lab: ServedLab):
    vm = await make_vm(lab.student, lab.course, status=VmStatus.RUNNING)
    path = f"vms/{vm.id}/"
    same = {"name": "web", "description": "", "cpu_cores": 1, "memory_mb": 1024, "disk_gb": 10}
    running = await lab.ask(lab.student, "PUT", path, same | {"cpu_cores": 2})
    assert running.refusal == (409, "VM_002")
    assert running.details == {"status": "running", "task_id": None}
    shrunk = await lab.ask(lab.student, "PUT", path, same | {"disk_gb": 9})
    assert (shrunk.refusal, list(shrunk.details)) == ((400, "VALIDATION_001"), ["disk_gb"])
    named = await lab.ask(lab.student, "PUT", path, same | {"name": "not a host"})
    assert (named.refusal, list(named.details)) == ((400, "VALIDATION_001"), ["name"])
    partial = await lab.ask(lab.student, "PUT", path, {"name": "db"})
    assert partial.refusal == (400, "VALIDATION_001")
    assert set(partial.details) == {"cpu_cores", "memory_mb", "disk_gb"}
    large = await lab.ask(lab.student, "PUT", path, same | {"disk_gb": 300})
    assert large.refusal == (400, "QUOTA_001")
    assert large.details["lacking"] == [
        {"resource": "disk_gb", "quota": 200, "used": 10, "requested": 290}
    ]
    assert not await Task.exists()
    busy = await make_task(lab.student, "vm.stop", ("vm", vm.id))
    answer = await lab.ask(lab.student, "PUT", path, same | {"name": "db"})
    assert answer.refusal == (409, "VM_002")
    assert answer.details == {"status": "running", "task_id": busy.id}


async def test_a_machine_is_deleted_though_it_runs(worked_lab: ServedLab):
    lab = worked_lab
    vm = await lab.make_vm(start=True)
    begun = await lab.ask(lab.student, "DELETE", f"vms/{vm['id']}/")
    assert begun.status == 202
    assert set(begun.data) == FIELDS
    assert (begun.data["status"], begun.data["task"]["kind"]) == ("deleting", "vm.delete")
    assert (await lab.ended(begun.data["task"]))["status"] == "succeeded"
    assert vm["vmid"] not in lab.sim.cluster.guests
    for method in "GET", "DELETE":
        gone = await lab.ask(lab.student, method, f"vms/{vm['id']}/")
        assert gone.refusal == (404, "RESOURCE_001")
    usage = await lab.ask(lab.student, "GET", f"users/{lab.student.id}/quota/usage/")
    assert set(usage.data["used"].values()) == {0}


async def test_what_is_being_deleted_is_not_deleted_twice(lab: ServedLab):
    vm = await make_vm(lab.student, lab.course)
    begun = await lab.ask(lab.student, "DELETE", f"vms/{vm.id}/")
    again = await lab.ask(lab.student, "DELETE", f"vms/{vm.id}/")
    assert again.refusal == (409, "VM_002")
    assert again.details == {"status": "deleting", "task_id": begun.data["task"]["id"]}


@pytest.fixture
async def tom(people: People) -> Person:
    """Teaches."""
    return await people.add("tom", "teacher")


@pytest.fixture
async def course(people: People, tom: Person, ann: Person) -> Course:
    """Where they meet."""
    return await people.course("Networks", [tom], [ann])


async def names(client: Client, who: Person, **query: Any) -> list[str]:
    """The names that a list has."""
    answer = await ask(client, who, "GET", "vms/", **query)
    assert answer.status == 200, answer
    return [vm["name"] for vm in answer.data["results"]]


async def test_everybody_sees_the_machines_that_concern_them(
    client: Client, people: People, course: Course, tom: Person, ann: Person
):
    bob = await people.add("bob", "student")
    admin = await people.add("admin", "admin")
    first = await make_vm(ann, course, name="first")
    await make_vm(ann, None, name="second")
    third = await make_vm(bob, course, name="third")
    gone = await make_vm(ann, course, name="gone")
    await Vm.filter(id=gone.id).update(deleted_at=gone.created_at)
    assert await names(client, ann, ordering="id") == ["first", "second"]
    assert await names(client, bob, ordering="id") == ["third"]
    assert await names(client, tom, ordering="id") == ["first", "third"]
    assert await names(client, admin, ordering="id") == ["first", "second", "third"]
    assert (await ask(client, ann, "GET", f"vms/{third.id}/")).status == 404
    assert (await ask(client, tom, "GET", f"vms/{first.id}/")).status == 200


async def test_a_list_follows_what_somebody_may_see(
    client: Client, course: Course, tom: Person, ann: Person
):
    await make_vm(ann, course, name="first")
    assert await names(client, tom) == ["first"]
    teaches = await Membership.get(course_id=course.id, user_id=tom.id)
    await teaches.delete()
    assert await names(client, tom) == []
    await Membership.create(course_id=course.id, user_id=tom.id, role=teaches.role)
    await make_vm(ann, course, name="second")
    assert await names(client, tom, ordering="id") == ["first", "second"]


async def test_every_page_of_a_list(client: Client, course: Course, tom: Person, ann: Person):
    for name in ("a", "b", "c"):
        await make_vm(ann, course, name=name)
    pages = [await names(client, tom, ordering="name", page=n, page_size=2) for n in (1, 2, 3)]
    assert pages == [["a", "b"], ["c"], []]
    beyond = await ask(client, tom, "GET", "vms/", page=3, page_size=2)
    assert beyond.data["pagination"]["total"] == 3


async def test_machines_are_filtered_searched_and_ordered(
    client: Client, people: People, course: Course, tom: Person, ann: Person
):
    bob = await people.add("bob", "student")
    template = await make_template(course, tom)
    await make_vm(ann, course, name="web", status=VmStatus.RUNNING, node="pve2")
    await make_vm(bob, course, name="db", template=template)
    await make_vm(tom, None, name="own")
    assert await names(client, tom) == ["own", "db", "web"]
    assert await names(client, tom, ordering="name") == ["db", "own", "web"]
    assert await names(client, tom, ordering="-status,name", page_size=1) == ["db"]
    assert await names(client, tom, status="running") == ["web"]
    assert await names(client, tom, course=course.id, ordering="id") == ["web", "db"]
    assert await names(client, tom, owner=bob.id) == ["db"]
    assert await names(client, tom, template=template.id) == ["db"]
    assert await names(client, tom, node="pve2") == ["web"]
    assert await names(client, tom, search="BO") == ["db"]
    assert await names(client, tom, search="we") == ["web"]
    assert await names(client, tom, search="%") == []
    assert await names(client, tom, status="running", owner=bob.id) == []


@pytest.mark.parametrize(
    "query",
    [{"status": "sleeping"}, {"ordering": "uuid"}, {"course": "x"}, {"vmid": "100"}],
)
async def test_what_a_list_does_not_know_is_named(
    client: Client, ann: Person, query: dict[str, str]
):
    answer = await ask(client, ann, "GET", "vms/", **query)
    assert answer.refusal == (400, "VALIDATION_001")
    assert answer.details.keys() == query.keys()


async def test_a_list_shows_the_same_machine_with_its_task(
    client: Client, course: Course, ann: Person
):
    vm = await make_vm(ann, course)
    task = await make_task(ann, "vm.start", ("vm", vm.id))
    listed = (await ask(client, ann, "GET", "vms/")).data
    assert listed["results"] == [(await ask(client, ann, "GET", f"vms/{vm.id}/")).data]
    assert listed["results"][0]["task"]["id"] == task.id
    assert listed["pagination"] == {
        "page": 1,
        "page_size": 20,
        "total": 1,
        "total_pages": 1,
        "has_next": False,
        "has_previous": False,
    }
