"""Courses: made, found, changed and ended."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.handlers.conftest import Client
from tests.handlers.lab import ServedLab, ask
from tests.handlers.people import People, Person
from tests.handlers.rows import make_task, make_template, make_vm
from vmlab.models import Course, Membership, Task, Template, Vm, VmStatus

FULL = {
    "name": "Networks",
    "code": "NET-1",
    "description": "Of wires and waves",
    "starts_at": "2026-09-01T08:00:00+08:00",
    "ends_at": "2027-01-15T00:00:00Z",
    "is_active": False,
}


@pytest.fixture
async def admin(people: People) -> Person:
    """Sees all."""
    return await people.add("admin", "admin")


async def names(client: Client, who: Person, **query: Any) -> list[str]:
    """The names that a list has."""
    answer = await ask(client, who, "GET", "courses/", **query)
    assert answer.status == 200, answer
    return [course["name"] for course in answer.data["results"]]


async def test_a_course_is_as_it_was_made_and_its_maker_teaches_it(client: Client, teacher: Person):
    made = await ask(client, teacher, "POST", "courses/", FULL)
    assert made.status == 201
    course = made.data
    assert set(course) == {
        *FULL, "id", "teachers", "student_count", "template_count", "vm_count",
        "created_at", "updated_at",
    }  # fmt: skip
    assert course["starts_at"] == "2026-09-01T00:00:00Z"
    assert course["ends_at"] == "2027-01-15T00:00:00Z"
    assert course["teachers"] == [
        {"id": teacher.id, "username": "tom", "first_name": "", "last_name": ""}
    ]
    assert [course[f"{kind}_count"] for kind in ("student", "template", "vm")] == [0, 0, 0]
    shown = await ask(client, teacher, "GET", f"courses/{course['id']}/")
    assert shown.data == course
    listed = await ask(client, teacher, "GET", "courses/")
    assert listed.data["results"] == [course]


async def test_a_name_is_enough(client: Client, teacher: Person):
    made = await ask(client, teacher, "POST", "courses/", {"name": "Compilers"})
    left_out = {key: made.data[key] for key in FULL if key != "name"}
    assert left_out == {
        "code": None,
        "description": "",
        "starts_at": None,
        "ends_at": None,
        "is_active": True,
    }


async def test_counts_are_of_what_is_there(client: Client, people: People, teacher: Person):
    ann, bob = [await people.add(name, "student") for name in ("ann", "bob")]
    course = await people.course("Networks", [teacher], [ann, bob])
    other = await people.course("Compilers", [teacher], [ann])
    await make_template(course, teacher)
    await make_vm(ann, course)
    await make_vm(bob, course)
    gone = await make_vm(bob, course)
    await Vm.filter(id=gone.id).update(deleted_at=gone.created_at)
    listed = await ask(client, teacher, "GET", "courses/", ordering="id")
    assert [
        [row[f"{kind}_count"] for kind in ("student", "template", "vm")]
        for row in listed.data["results"]
    ] == [[2, 1, 2], [1, 0, 0]]
    assert [row["id"] for row in listed.data["results"]] == [course.id, other.id]


async def test_everybody_sees_their_own_courses(
    client: Client, people: People, teacher: Person, admin: Person
):
    ann = await people.add("ann", "student")
    await people.course("Networks", [teacher], [ann])
    await people.course("Compilers", [], [])
    assert await names(client, ann) == ["Networks"]
    assert await names(client, teacher) == ["Networks"]
    assert await names(client, admin) == ["Compilers", "Networks"]


async def test_courses_are_filtered_searched_and_ordered(
    client: Client, people: People, teacher: Person, admin: Person
):
    ann = await people.add("ann", "student")
    networks = await people.course("Networks", [teacher], [ann])
    await people.course("Compilers", [admin], [ann])
    await people.course("Old", [teacher], [])
    await Course.filter(id=networks.id).update(code="NET-1")
    await Course.filter(name="Old").update(is_active=False)
    assert await names(client, admin, teacher=teacher.id) == ["Networks", "Old"]
    assert await names(client, admin, student=ann.id) == ["Compilers", "Networks"]
    assert await names(client, admin, student=ann.id, teacher=teacher.id) == ["Networks"]
    assert await names(client, admin, is_active="false") == ["Old"]
    assert await names(client, admin, search="net-") == ["Networks"]
    assert await names(client, admin, search="PILE") == ["Compilers"]
    assert await names(client, admin, ordering="-name") == ["Old", "Networks", "Compilers"]
    assert await names(client, admin, page=2, page_size=2) == ["Old"]


@pytest.mark.parametrize(
    "query",
    [
        {"ordering": "secret"},
        {"colour": "red"},
        {"is_active": "perhaps"},
        {"teacher": "0"},
        {"page": "0"},
        {"page_size": "101"},
        {"search": ""},
    ],
)
async def test_what_a_list_does_not_know_is_named(
    client: Client, admin: Person, query: dict[str, str]
):
    answer = await ask(client, admin, "GET", "courses/", **query)
    assert answer.refusal == (400, "VALIDATION_001")
    assert answer.details.keys() == query.keys()


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({}, "name"),
        ({"name": ""}, "name"),
        ({"name": "x" * 129}, "name"),
        ({"name": "x", "teachers": []}, "teachers"),
        ({"name": "x", "is_active": "yes"}, "is_active"),
        ({"name": "x", "starts_at": "tomorrow"}, "starts_at"),
        ({"name": "x", "starts_at": "0001-01-01T00:00:00+14:00"}, "starts_at"),
        (FULL | {"ends_at": FULL["starts_at"]}, "ends_at"),
    ],
)
async def test_what_is_wrong_with_a_body_is_named(
    client: Client, teacher: Person, wrong: dict[str, Any], field: str
):
    answer = await ask(client, teacher, "POST", "courses/", wrong)
    assert answer.refusal == (400, "VALIDATION_001")
    assert list(answer.details) == [field]
    assert not await Course.exists()


async def test_a_code_is_of_one_course(client: Client, teacher: Person):
    assert (await ask(client, teacher, "POST", "courses/", FULL)).status == 201
    again = await ask(client, teacher, "POST", "courses/", FULL)
    assert again.refusal == (409, "RESOURCE_002")
    other = await ask(client, teacher, "POST", "courses/", {"name": "Other"})
    taken = await ask(client, teacher, "PATCH", f"courses/{other.data['id']}/", {"code": "NET-1"})
    assert taken.refusal == (409, "RESOURCE_002")
    assert (await Course.get(id=other.data["id"])).code is None


async def test_put_replaces_and_patch_changes_what_is_named(client: Client, teacher: Person):
    made = (await ask(client, teacher, "POST", "courses/", FULL)).data
    path = f"courses/{made['id']}/"
    patched = (await ask(client, teacher, "PATCH", path, {"description": "New"})).data
    assert patched == made | {"description": "New", "updated_at": patched["updated_at"]}
    assert patched["updated_at"] > made["updated_at"]
    nothing = (await ask(client, teacher, "PATCH", path, {})).data
    assert nothing == patched
    put = (await ask(client, teacher, "PUT", path, {"name": "Waves"})).data
    assert (put["name"], put["code"], put["description"]) == ("Waves", None, "")
    assert (put["starts_at"], put["is_active"], put["teachers"]) == (None, True, made["teachers"])


async def test_a_change_may_not_end_a_course_before_it_starts(client: Client, teacher: Person):
    made = (await ask(client, teacher, "POST", "courses/", FULL)).data
    answer = await ask(
        client, teacher, "PATCH", f"courses/{made['id']}/", {"ends_at": "2026-01-01T00:00:00Z"}
    )
    assert answer.refusal == (400, "VALIDATION_001")
    assert list(answer.details) == ["ends_at"]


async def test_an_empty_course_ends_with_its_templates(
    client: Client, people: People, teacher: Person
):
    ann = await people.add("ann", "student")
    course = await people.course("Networks", [teacher], [ann])
    template = await make_template(course, teacher)
    gone = await make_vm(ann, course, template=template)
    await Vm.filter(id=gone.id).update(deleted_at=gone.created_at)
    answer = await ask(client, teacher, "DELETE", f"courses/{course.id}/")
    assert (answer.status, answer.data) == (200, None)
    assert not await Membership.exists()
    assert not await Template.exists()
    gone = await Vm.get(id=gone.id)
    assert (gone.course_id, gone.template_id) == (None, None)
    assert (await ask(client, teacher, "GET", f"courses/{course.id}/")).status == 404


async def test_a_course_with_machines_stays(client: Client, people: People, teacher: Person):
    ann = await people.add("ann", "student")
    course = await people.course("Networks", [teacher], [ann])
    await make_vm(ann, course, status=VmStatus.ERROR)
    answer = await ask(client, teacher, "DELETE", f"courses/{course.id}/")
    assert answer.refusal == (409, "RESOURCE_002")
    assert answer.details == {"vm_count": 1}
    assert await Course.exists(id=course.id)


async def test_a_course_whose_template_is_used_elsewhere_stays(
    client: Client, people: People, teacher: Person
):
    course = await people.course("Networks", [teacher], [])
    template = await make_template(course, teacher, is_public=True)
    await make_vm(teacher, None, template=template)
    answer = await ask(client, teacher, "DELETE", f"courses/{course.id}/")
    assert answer.refusal == (409, "RESOURCE_002")
    assert await Template.exists(id=template.id)


async def test_a_course_whose_template_is_worked_on_stays(
    client: Client, people: People, teacher: Person
):
    course = await people.course("Networks", [teacher], [])
    template = await make_template(course, teacher)
    task = await make_task(teacher, "template.register", ("template", template.id))
    answer = await ask(client, teacher, "DELETE", f"courses/{course.id}/")
    assert answer.refusal == (409, "RESOURCE_002")
    assert answer.details == {"task_id": task.id}


async def test_two_who_move_the_ends_of_a_course_do_not_cross_them(
    client: Client, people: People, teacher: Person
):
    made = (await ask(client, teacher, "POST", "courses/", FULL)).data
    path = f"courses/{made['id']}/"
    answers = await asyncio.gather(
        ask(client, teacher, "PATCH", path, {"starts_at": "2026-12-01T00:00:00Z"}),
        ask(client, teacher, "PATCH", path, {"ends_at": "2026-10-01T00:00:00Z"}),
    )
    assert sorted(answer.status for answer in answers) == [200, 400]


@pytest.mark.parametrize(
    "closed", [{"is_active": False}, {"ends_at": "2020-01-01T00:00:00Z"}], ids=["shut", "over"]
)
async def test_a_closed_course_takes_nothing_new_from_students(
    lab: ServedLab, closed: dict[str, Any]
):
    body = {"name": "web", "template_id": lab.template.id, "course_id": lab.course.id}
    outside = {"name": "web", "template_id": lab.template.id}
    made = await lab.ask(lab.student, "POST", "vms/", body)
    assert made.status == 202
    await lab.ask(lab.teacher, "PATCH", f"courses/{lab.course.id}/", closed)
    for wanted in (body, outside):
        refused = await lab.ask(lab.student, "POST", "vms/", wanted)
        assert (refused.refusal, refused.details) == (
            (409, "RESOURCE_002"),
            {"course_id": lab.course.id},
        )
    # What is there stays theirs, and its teachers go on as before.
    assert (await lab.ask(lab.student, "GET", f"courses/{lab.course.id}/")).status == 200
    vm = await Vm.get(id=made.data["id"])
    await Task.all().delete()
    await Vm.filter(id=vm.id).update(vmid=10_000, status=VmStatus.STOPPED)
    assert (await lab.ask(lab.student, "POST", f"vms/{vm.id}/start/")).status == 202
    for wanted in (body, body | {"owner_id": lab.student.id}):
        assert (await lab.ask(lab.teacher, "POST", "vms/", wanted)).status == 202
    ann = await lab.people.add("ann", "student")
    path = f"courses/{lab.course.id}/"
    added = await lab.ask(lab.teacher, "POST", f"{path}students/", {"user_id": ann.id})
    assert added.data["added"] == [ann.id]
    everybody = {"template_id": lab.template.id, "students": "all"}
    assert (await lab.ask(lab.teacher, "POST", f"{path}vms/", everybody)).status == 202
