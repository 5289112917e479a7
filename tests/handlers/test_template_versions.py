"""Versions of a template: which is current, who may not use the others, and what follows whom."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from tests.handlers.conftest import Client
from tests.handlers.lab import ServedLab, ask
from tests.handlers.people import People, Person
from tests.handlers.rows import make_template, make_vm
from vmlab.models import Course, Task, Template, TemplateStatus, Vm


@pytest.fixture
async def course(people: People, teacher: Person, ann: Person) -> Course:
    """What templates are in."""
    return await people.course("Networks", [teacher], [ann])


async def make_versions(course: Course, owner: Person, *statuses: str) -> list[Template]:
    """Versions of one template from 1 on."""
    series = uuid.uuid4()
    return [
        await make_template(
            course,
            owner,
            name=f"v{number}",
            status=TemplateStatus(status),
            series=series,
            version=number,
            vmid=9000 + number,
        )
        for number, status in enumerate(statuses, 1)
    ]


async def standing(client: Client, who: Person, course: Course) -> dict[str, tuple[Any, ...]]:
    """By name, what a list says of each version."""
    answer = await ask(client, who, "GET", f"courses/{course.id}/templates/")
    return {
        row["name"]: (row["version"], row["replaces"], row["replaced_by"], row["is_current"])
        for row in answer.data["results"]
    }


async def renew(client: Client, who: Person, course: Course, replaces: Any, vmid: int = 9005):
    """Put up a new version."""
    body = {"name": "new", "source": {"vmid": vmid}, "replaces": replaces}
    return await ask(client, who, "POST", f"courses/{course.id}/templates/", body)


async def provision(client: Client, who: Person, course: Course, template: Template):
    """Ask for what a class would get."""
    body = {"template_id": template.id, "students": "all"}
    return await ask(client, who, "POST", f"courses/{course.id}/vms/", body)


async def test_a_new_version_takes_over_once_it_is_ready(worked_lab: ServedLab):
    lab = worked_lab
    old = lab.template
    await Template.filter(id=old.id).update(vmid=424_242)
    vm = await Vm.create(
        uuid=uuid.uuid4(),
        name="old",
        owner_id=lab.student.id,
        course=lab.course,
        template=old,
        cpu_cores=1,
        memory_mb=512,
        disk_gb=8,
    )
    begun = await renew(lab.client, lab.teacher, lab.course, old.id, 9000)
    assert (begun.status, begun.data["version"], begun.data["replaces"]) == (202, 2, old.id)
    assert (begun.data["is_current"], begun.data["replaced_by"]) == (False, None)
    await lab.ended(begun.data["task"])
    new_id = begun.data["id"]
    assert await standing(lab.client, lab.student, lab.course) == {
        "Debian 13": (1, None, new_id, False),
        "new": (2, old.id, None, True),
    }
    # Who has a machine of the old version keeps it, and is told of.
    assert (await lab.ask(lab.student, "GET", f"vms/{vm.id}/")).data["template"]["id"] == old.id
    made = await provision(lab.client, lab.teacher, lab.course, await Template.get(id=new_id))
    assert made.data["skipped"] == [
        {
            "user_id": lab.student.id,
            "username": "student",
            "vm_id": vm.id,
            "template_id": old.id,
            "version": 1,
            "status": "creating",
        }
    ]


@pytest.mark.parametrize("status", ["pending", "validating", "importing", "invalid", "error"])
async def test_what_is_not_ready_replaces_nothing(
    client: Client, course: Course, teacher: Person, status: str
):
    first, _ = await make_versions(course, teacher, "ready", status)
    assert await standing(client, teacher, course) == {
        "v1": (1, None, None, True),
        "v2": (2, first.id, None, False),
    }
    assert (await provision(client, teacher, course, first)).status == 202


async def test_a_replaced_version_makes_no_more_machines_and_names_the_current_one(
    client: Client, course: Course, teacher: Person, ann: Person
):
    first, second, third = await make_versions(course, teacher, "ready", "ready", "ready")
    wanted = {"name": "web", "template_id": first.id, "course_id": course.id}
    for refused in (
        await ask(client, ann, "POST", "vms/", wanted),
        await provision(client, teacher, course, second),
    ):
        assert refused.refusal == (409, "RESOURCE_002")
        assert refused.error["message"] == "A newer version has replaced this template."
        assert refused.details == {"replaced_by": third.id, "version": 3}
    made = await ask(client, ann, "POST", "vms/", wanted | {"template_id": third.id})
    assert made.status == 202


async def test_a_list_has_the_current_ones_or_the_others(
    client: Client, course: Course, teacher: Person
):
    await make_versions(course, teacher, "ready", "ready", "invalid")
    await make_template(course, teacher, name="alone")
    path = f"courses/{course.id}/templates/"
    for current, expected in ("true", ["alone", "v2"]), ("false", ["v1", "v3"]):
        rows = (await ask(client, teacher, "GET", path, current=current)).data["results"]
        assert [row["name"] for row in rows] == expected


async def test_without_the_newest_the_one_before_is_current_again(
    client: Client, course: Course, teacher: Person
):
    first, second, third = await make_versions(course, teacher, "ready", "ready", "ready")
    assert (await ask(client, teacher, "DELETE", f"templates/{second.id}/")).status == 200
    assert await standing(client, teacher, course) == {
        "v1": (1, None, third.id, False),
        "v3": (3, first.id, None, True),
    }
    assert (await ask(client, teacher, "DELETE", f"templates/{third.id}/")).status == 200
    assert await standing(client, teacher, course) == {"v1": (1, None, None, True)}
    assert (await provision(client, teacher, course, first)).status == 202


async def test_only_one_new_version_is_on_its_way(client: Client, course: Course, teacher: Person):
    template = await make_template(course, teacher)
    begun = await renew(client, teacher, course, template.id)
    again = await renew(client, teacher, course, template.id, 9006)
    assert again.refusal == (409, "RESOURCE_002")
    assert again.details == {"template_id": begun.data["id"], "version": 2}
    # One that came to nothing is in nobody's way.
    await Template.filter(id=begun.data["id"]).update(status=TemplateStatus.INVALID)
    await Task.all().delete()
    third = await renew(client, teacher, course, template.id, 9006)
    assert (third.data["version"], third.data["replaces"]) == (3, begun.data["id"])


async def test_what_replaces_a_public_one_is_public(
    client: Client, course: Course, teacher: Person
):
    template = await make_template(course, teacher, is_public=True)
    assert (await renew(client, teacher, course, template.id)).data["is_public"] is True


async def test_a_replaced_version_is_not_replaced_again(
    client: Client, course: Course, teacher: Person
):
    first, second = await make_versions(course, teacher, "ready", "ready")
    refused = await renew(client, teacher, course, first.id)
    assert refused.refusal == (409, "RESOURCE_002")
    assert refused.details == {"replaced_by": second.id, "version": 2}


@pytest.mark.parametrize("replaces", [999_999, "another course's", "9000", 0, True])
async def test_what_cannot_be_replaced_is_named(
    client: Client, people: People, course: Course, teacher: Person, replaces: Any
):
    if replaces == "another course's":
        other = await people.course("Compilers", [teacher], [])
        replaces = (await make_template(other, teacher, is_public=True)).id
    refused = await renew(client, teacher, course, replaces)
    assert refused.refusal == (400, "VALIDATION_001")
    assert list(refused.details) == ["replaces"]
    assert not await Template.exists(name="new")


async def test_an_older_version_of_a_machine_counts_as_having_one(
    client: Client, people: People, course: Course, teacher: Person, ann: Person
):
    first, second = await make_versions(course, teacher, "ready", "ready")
    vm = await make_vm(ann, course, template=first)
    made = await provision(client, teacher, course, second)
    assert (made.status, made.data["task"]) == (200, None)
    (skipped,) = made.data["skipped"]
    assert (skipped["vm_id"], skipped["template_id"], skipped["version"]) == (vm.id, first.id, 1)
    await Vm.filter(id=vm.id).update(deleted_at=vm.created_at)
    made = await provision(client, teacher, course, second)
    assert (made.status, made.data["skipped"]) == (202, [])
