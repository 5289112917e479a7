"""Templates: taken from Proxmox, looked at again, described and forgotten."""

from __future__ import annotations

from typing import Any

import pytest

from tests.handlers.conftest import Client
from tests.handlers.lab import ServedLab, ask
from tests.handlers.people import People, Person
from tests.handlers.rows import make_template, make_vm
from vmlab.models import Course, Task, Template, TemplateStatus, Vm, VmStatus

FIELDS = {
    "id", "name", "description", "course", "owner", "status", "os_type", "is_public",
    "default_cpu_cores", "default_memory_mb", "default_disk_gb", "ssh_username",
    "ssh_certificates", "node", "vmid", "size_bytes", "format", "sha256", "validation",
    "version", "replaces", "replaced_by", "is_current", "vm_count", "created_at", "updated_at",
}  # fmt: skip

SAID = {
    "name": "Debian",
    "description": "With a compiler",
    "os_type": "linux",
    "is_public": True,
    "default_cpu_cores": 2,
    "default_memory_mb": 2048,
    "default_disk_gb": 20,
    "ssh_username": "student",
    "ssh_certificates": True,
}


@pytest.fixture
async def course(people: People, teacher: Person) -> Course:
    """What templates are in."""
    return await people.course("Networks", [teacher], [])


async def names(client: Client, who: Person, course: Course, **query: Any) -> list[str]:
    """The names that a list has."""
    answer = await ask(client, who, "GET", f"courses/{course.id}/templates/", **query)
    assert answer.status == 200, answer
    return [template["name"] for template in answer.data["results"]]


async def test_a_template_of_proxmox_is_taken_and_found_good(worked_lab: ServedLab):
    lab = worked_lab
    await lab.template.delete()
    path = f"courses/{lab.course.id}/templates/"
    begun = await lab.ask(lab.teacher, "POST", path, SAID | {"source": {"vmid": 9000}})
    assert begun.status == 202
    assert set(begun.data) == FIELDS | {"task"}
    assert begun.data["status"] == "validating"
    assert begun.data["validation"] is None
    assert begun.data["task"]["target"] == {"type": "template", "id": begun.data["id"]}
    task = await lab.ended(begun.data["task"])
    assert (task["kind"], task["status"]) == ("template.register", "succeeded")
    shown = await lab.ask(lab.student, "GET", f"templates/{begun.data['id']}/")
    template = shown.data
    assert set(template) == FIELDS
    assert {key: template[key] for key in SAID} == SAID
    assert template["course"] == {"id": lab.course.id, "name": "Networks"}
    assert template["owner"] == {"id": lab.teacher.id, "username": "teacher"}
    assert (template["status"], template["node"], template["vmid"]) == ("ready", "pve1", 9000)
    assert (template["size_bytes"], template["format"], template["sha256"]) == (
        8 << 30,
        "qcow2",
        None,
    )
    validation = template["validation"]
    assert validation.pop("checked_at").endswith("Z")
    assert validation == {
        "valid": True,
        "format": "qcow2",
        "virtual_size_bytes": 8 << 30,
        "issues": [],
    }
    listed = await lab.ask(lab.student, "GET", path)
    assert listed.data["results"] == [
        (await lab.ask(lab.student, "GET", f"templates/{begun.data['id']}/")).data
    ]


async def test_what_is_no_template_is_found_invalid(worked_lab: ServedLab):
    lab = worked_lab
    path = f"courses/{lab.course.id}/templates/"
    begun = await lab.ask(
        lab.teacher, "POST", path, {"name": "Nothing", "source": {"vmid": 424_242}}
    )
    await lab.ended(begun.data["task"])
    template = (await lab.ask(lab.teacher, "GET", f"templates/{begun.data['id']}/")).data
    assert template["status"] == "invalid"
    assert template["validation"]["valid"] is False
    (issue,) = template["validation"]["issues"]
    assert set(issue) == {"severity", "code", "message"}
    assert (issue["severity"], issue["code"]) == ("error", "missing")
    refused = await lab.ask(
        lab.student, "POST", "vms/", {"name": "web", "template_id": template["id"]}
    )
    assert refused.refusal == (409, "RESOURCE_002")


async def test_a_template_is_looked_at_again(worked_lab: ServedLab):
    lab = worked_lab
    await Template.filter(id=lab.template.id).update(disk_gb=1, size_bytes=None)
    begun = await lab.ask(lab.teacher, "POST", f"templates/{lab.template.id}/validate/")
    assert (begun.status, list(begun.data)) == (202, ["task"])
    await lab.ended(begun.data["task"])
    template = (await lab.ask(lab.teacher, "GET", f"templates/{lab.template.id}/")).data
    assert template["size_bytes"] == 8 << 30
    assert template["validation"]["valid"] is True


async def test_a_look_under_way_is_named(lab: ServedLab):
    first = await lab.ask(lab.teacher, "POST", f"templates/{lab.template.id}/validate/")
    second = await lab.ask(lab.teacher, "POST", f"templates/{lab.template.id}/validate/")
    assert second.refusal == (409, "VM_002")
    assert second.details == {"status": "ready", "task_id": first.data["task"]["id"]}
    deleted = await lab.ask(lab.teacher, "DELETE", f"templates/{lab.template.id}/")
    assert deleted.refusal == (409, "RESOURCE_002")
    assert deleted.details == {"task_id": first.data["task"]["id"]}


async def test_what_is_not_in_proxmox_yet_cannot_be_looked_at(
    client: Client, course: Course, teacher: Person
):
    template = await make_template(course, teacher, vmid=None, status=TemplateStatus.PENDING)
    answer = await ask(client, teacher, "POST", f"templates/{template.id}/validate/")
    assert answer.refusal == (409, "RESOURCE_002")


async def test_a_course_has_a_template_once(client: Client, course: Course, teacher: Person):
    path = f"courses/{course.id}/templates/"
    body = {"name": "Debian", "source": {"vmid": 9000}}
    assert (await ask(client, teacher, "POST", path, body)).status == 202
    again = await ask(client, teacher, "POST", path, body)
    assert again.refusal == (409, "RESOURCE_002")
    assert await Task.all().count() == 1


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": ""}, "name"),
        ({"source": None}, "source"),
        ({"source": {}}, "source"),
        ({"source": {"vmid": 99}}, "source"),
        ({"source": {"vmid": 9000, "path": "/etc"}}, "source"),
        ({"default_disk_gb": 0}, "default_disk_gb"),
        ({"default_memory_mb": "1024"}, "default_memory_mb"),
        ({"ssh_username": "Root User"}, "ssh_username"),
        ({"status": "ready"}, "status"),
    ],
)
async def test_what_is_wrong_with_a_body_is_named(
    client: Client, course: Course, teacher: Person, wrong: dict[str, Any], field: str
):
    body = {"name": "Debian", "source": {"vmid": 9000}} | wrong
    answer = await ask(client, teacher, "POST", f"courses/{course.id}/templates/", body)
    assert answer.refusal == (400, "VALIDATION_001")
    assert list(answer.details) == [field]
    assert not await Template.exists()


async def test_a_course_lists_its_own_templates_and_public_ones(
    client: Client, people: People, course: Course, teacher: Person
):
    other = await people.course("Compilers", [teacher], [])
    ann = await people.add("ann", "student")
    third = await people.course("Logic", [], [ann])
    await make_template(course, teacher, name="own")
    await make_template(other, teacher, name="other")
    await make_template(other, teacher, name="public", is_public=True)
    await make_template(course, teacher, name="bad", status=TemplateStatus.INVALID)
    assert await names(client, teacher, course) == ["bad", "own", "public"]
    assert await names(client, teacher, course, status="invalid") == ["bad"]
    assert await names(client, teacher, course, search="PUB") == ["public"]
    assert await names(client, teacher, course, ordering="-id", page_size=1) == ["bad"]
    assert await names(client, ann, third) == ["public"]


async def test_public_templates_are_seen_by_all_and_others_by_the_course(
    client: Client, people: People, course: Course, teacher: Person
):
    ann = await people.add("ann", "student")
    own = await make_template(course, teacher)
    public = await make_template(course, teacher, is_public=True)
    assert (await ask(client, ann, "GET", f"templates/{own.id}/")).status == 404
    assert (await ask(client, ann, "GET", f"templates/{public.id}/")).status == 200
    for method, path in ("DELETE", ""), ("POST", "validate/"):
        answer = await ask(client, ann, method, f"templates/{public.id}/{path}")
        assert answer.refusal == (403, "AUTH_002")


async def test_put_replaces_what_is_said(client: Client, course: Course, teacher: Person):
    template = await make_template(course, teacher, **SAID)
    path = f"templates/{template.id}/"
    put = await ask(client, teacher, "PUT", path, SAID | {"name": "Other", "is_public": False})
    assert put.status == 200
    assert (put.data["name"], put.data["is_public"]) == ("Other", False)
    least = await ask(client, teacher, "PUT", path, {"name": "Least", "default_disk_gb": 1})
    said = {key: least.data[key] for key in SAID}
    assert said == {
        "name": "Least",
        "description": "",
        "os_type": "other",
        "is_public": False,
        "default_cpu_cores": 1,
        "default_memory_mb": 1024,
        "default_disk_gb": template.disk_gb,
        "ssh_username": "",
        "ssh_certificates": False,
    }
    wrong = await ask(client, teacher, "PUT", path, {"name": "x", "vmid": 9001})
    assert (wrong.refusal, list(wrong.details)) == ((400, "VALIDATION_001"), ["vmid"])


async def test_a_template_with_machines_stays_and_one_without_goes(
    client: Client, people: People, course: Course, teacher: Person
):
    template = await make_template(course, teacher)
    vm = await make_vm(teacher, course, template=template, status=VmStatus.MISSING)
    path = f"templates/{template.id}/"
    assert (await ask(client, teacher, "GET", path)).data["vm_count"] == 1
    answer = await ask(client, teacher, "DELETE", path)
    assert answer.refusal == (409, "RESOURCE_002")
    assert answer.details == {"vm_count": 1}
    await Vm.filter(id=vm.id).update(deleted_at=vm.created_at)
    gone = await ask(client, teacher, "DELETE", path)
    assert (gone.status, gone.data) == (200, None)
    assert (await ask(client, teacher, "GET", path)).status == 404
