"""Who is in a course: listed, added, and taken out with or without their machines."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.handlers.conftest import Client
from tests.handlers.lab import ServedLab, ask
from tests.handlers.people import People, Person
from tests.handlers.rows import make_task, make_vm
from vmlab.models import Course, CourseRole, Membership, Task, User, Vm, VmStatus


@pytest.fixture
def store(database: str) -> str:
    """SQLite and PostgreSQL: who leaves with machines leaves in transactions within another."""
    return database


@pytest.fixture
async def course(people: People, teacher: Person, ann: Person) -> Course:
    """What they are in."""
    return await people.course("Networks", [teacher], [ann])


async def usernames(client: Client, who: Person, path: str, **query: Any) -> list[str]:
    """The usernames that a list has."""
    answer = await ask(client, who, "GET", path, **query)
    assert answer.status == 200, answer
    return [member["username"] for member in answer.data["results"]]


async def test_members_are_listed_without_their_addresses(
    client: Client, course: Course, teacher: Person, ann: Person
):
    answer = await ask(client, teacher, "GET", f"courses/{course.id}/students/")
    assert answer.data["results"] == [
        {"id": ann.id, "username": "ann", "first_name": "", "last_name": ""}
    ]
    assert answer.data["pagination"]["total"] == 1
    assert await usernames(client, teacher, f"courses/{course.id}/teachers/") == ["tom"]


async def test_members_are_searched_and_ordered(
    client: Client, people: People, course: Course, teacher: Person
):
    path = f"courses/{course.id}/students/"
    for name in "bob", "cid":
        person = await people.add(name, "student")
        await User.filter(id=person.id).update(last_name="Smith")
        await Membership.create(course=course, user=person.user, role=CourseRole.STUDENT)
    assert await usernames(client, teacher, path, ordering="-username") == ["cid", "bob", "ann"]
    assert await usernames(client, teacher, path, search="smi") == ["bob", "cid"]
    assert await usernames(client, teacher, path, search="AN") == ["ann"]
    assert await usernames(client, teacher, path, search="example.edu") == []
    assert await usernames(client, teacher, path, page_size=2, page=2) == ["cid"]
    wrong = await ask(client, teacher, "GET", path, ordering="email")
    assert (wrong.refusal, list(wrong.details)) == ((400, "VALIDATION_001"), ["ordering"])


@pytest.mark.parametrize("role", ["students", "teachers"])
async def test_people_are_added_by_id_by_ids_and_by_name(
    client: Client, people: People, course: Course, teacher: Person, role: str
):
    path = f"courses/{course.id}/{role}/"
    bob, cid, dan = [await people.add(name, role[:-1]) for name in ("bob", "cid", "dan")]
    away = await people.add("away", "student", is_active=False)
    one = await ask(client, teacher, "POST", path, {"user_id": bob.id})
    assert (one.status, one.data) == (200, {"added": [bob.id], "already": [], "unknown": []})
    ids = [cid.id, bob.id, cid.id, 999_999, away.id]
    several = await ask(client, teacher, "POST", path, {"user_ids": ids})
    assert several.data == {
        "added": [cid.id],
        "already": [bob.id],
        "unknown": [999_999, away.id],
    }
    named = await ask(client, teacher, "POST", path, {"usernames": ["dan", "nobody", "bob"]})
    assert named.data == {"added": ["dan"], "already": ["bob"], "unknown": ["nobody"]}
    found = await usernames(client, teacher, path)
    assert set(found) >= {"bob", "cid", "dan"}
    assert len(found) == 4
    assert dan.user.username in found


async def test_who_is_to_teach_has_the_role_of_a_teacher(
    client: Client, people: People, course: Course, teacher: Person, ann: Person
):
    path = f"courses/{course.id}/teachers/"
    tim, root = await people.add("tim", "teacher"), await people.add("root", "admin")
    body = {"usernames": ["tim", "nobody", "ann"]}
    refused = await ask(client, teacher, "POST", path, body)
    assert refused.refusal == (400, "VALIDATION_001")
    assert refused.details == {"usernames": ["These users are not teachers: ann."]}
    assert await usernames(client, teacher, path) == ["tom"]
    alone = await ask(client, teacher, "POST", path, {"user_id": ann.id})
    assert (alone.refusal, list(alone.details)) == ((400, "VALIDATION_001"), ["user_id"])
    added = await ask(client, teacher, "POST", path, {"user_ids": [tim.id, root.id]})
    assert added.data["added"] == [tim.id, root.id]
    assert (await ask(client, tim, "GET", f"courses/{course.id}/")).status == 200


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"user_id": 1, "usernames": ["ann"]},
        {"user_ids": []},
        {"user_ids": ["1"]},
        {"user_id": True},
        {"usernames": [""]},
        {"usernames": "ann"},
        {"email": "ann@example.edu"},
    ],
)
async def test_people_are_named_in_one_way(
    client: Client, course: Course, teacher: Person, body: dict[str, Any]
):
    answer = await ask(client, teacher, "POST", f"courses/{course.id}/students/", body)
    assert answer.refusal == (400, "VALIDATION_001")


async def test_who_is_added_sees_the_course_and_who_is_removed_does_not(
    client: Client, people: People, course: Course, teacher: Person
):
    bob = await people.add("bob", "student")
    path = f"courses/{course.id}/"
    assert (await ask(client, bob, "GET", path)).status == 404
    await ask(client, teacher, "POST", f"{path}students/", {"user_id": bob.id})
    assert (await ask(client, bob, "GET", path)).status == 200
    gone = await ask(client, teacher, "DELETE", f"{path}students/{bob.id}/")
    assert (gone.status, gone.data) == (200, None)
    assert (await ask(client, bob, "GET", path)).status == 404
    again = await ask(client, teacher, "DELETE", f"{path}students/{bob.id}/")
    assert again.refusal == (404, "RESOURCE_001")


async def test_a_course_keeps_a_teacher(
    client: Client, people: People, course: Course, teacher: Person
):
    path = f"courses/{course.id}/teachers/"
    last = await ask(client, teacher, "DELETE", f"{path}{teacher.id}/")
    assert last.refusal == (409, "RESOURCE_002")
    second = await people.add("tim", "teacher")
    await ask(client, teacher, "POST", path, {"user_id": second.id})
    assert (await ask(client, teacher, "DELETE", f"{path}{teacher.id}/")).status == 200
    assert (await ask(client, teacher, "GET", path)).status == 404
    assert await usernames(client, second, path) == ["tim"]
    assert (await ask(client, second, "DELETE", f"{path}{teacher.id}/")).status == 404


async def test_who_has_machines_in_the_course_stays(
    client: Client, people: People, course: Course, teacher: Person, ann: Person
):
    path = f"courses/{course.id}/students/{ann.id}/"
    vm = await make_vm(ann, course)
    answer = await ask(client, teacher, "DELETE", path)
    assert answer.refusal == (409, "RESOURCE_002")
    owner = {"user_id": ann.id, "username": "ann", "vms": [{"id": vm.id, "name": "web"}]}
    assert answer.details == {"vms": [vm.id], "students": [owner]}
    wrong = await ask(client, teacher, "DELETE", path, vms="keep")
    assert (wrong.refusal, list(wrong.details)) == ((400, "VALIDATION_001"), ["vms"])
    other = await people.course("Compilers", [], [ann])
    await Vm.filter(id=vm.id).update(course_id=other.id)
    assert (await ask(client, teacher, "DELETE", path)).status == 200


async def test_a_busy_machine_keeps_its_owner_and_all_their_machines(
    client: Client, course: Course, teacher: Person, ann: Person
):
    await make_vm(ann, course)
    busy = await make_vm(ann, course)
    task = await make_task(ann, "vm.start", ("vm", busy.id))
    path = f"courses/{course.id}/students/{ann.id}/"
    answer = await ask(client, teacher, "DELETE", path, vms="delete")
    assert answer.refusal == (409, "VM_002")
    assert (answer.details["status"], answer.details["task_id"]) == ("stopped", task.id)
    assert [one["vm_id"] for one in answer.details["skipped"]] == [busy.id]
    assert await Task.all().count() == 1
    assert not await Vm.filter(status=VmStatus.DELETING).exists()
    assert await Membership.exists(user_id=ann.id)


async def test_a_machine_that_is_going_already_is_in_nobodys_way(
    client: Client, course: Course, teacher: Person, ann: Person
):
    vm = await make_vm(ann, course, status=VmStatus.DELETING)
    await make_task(ann, "vm.delete", ("vm", vm.id))
    path = f"courses/{course.id}/students/{ann.id}/"
    answer = await ask(client, teacher, "DELETE", path, vms="delete")
    assert (answer.status, answer.data) == (200, None)
    assert not await Membership.exists(user_id=ann.id)


async def test_who_leaves_with_their_machines_leaves_none(worked_lab: ServedLab):
    lab = worked_lab
    vm = await lab.make_vm(start=True)
    path = f"courses/{lab.course.id}/students/{lab.student.id}/"
    answer = await lab.ask(lab.teacher, "DELETE", path, vms="delete")
    assert answer.status == 202
    assert answer.data["task"]["kind"] == "course.delete"
    task = await lab.ended(answer.data["task"])
    assert task["status"] == "succeeded"
    assert vm["vmid"] not in lab.sim.cluster.guests
    assert (await lab.row(vm)).deleted_at is not None
    assert (await lab.ask(lab.student, "GET", f"vms/{vm['id']}/")).status == 404


@pytest.mark.parametrize("who", ["student", "teacher"])
@pytest.mark.parametrize("first", ["makes", "leaves"])
async def test_nobody_leaves_while_a_machine_of_theirs_is_accepted(
    lab: ServedLab, who: str, first: str
):
    one = {"name": "web", "template_id": lab.template.id, "course_id": lab.course.id}
    everybody = {"template_id": lab.template.id, "students": "all"}
    path = f"courses/{lab.course.id}/"
    makes = {
        "student": lab.ask(lab.student, "POST", "vms/", one),
        "teacher": lab.ask(lab.teacher, "POST", f"{path}vms/", everybody),
    }
    makes.pop({"student": "teacher", "teacher": "student"}[who]).close()
    leaves = lab.ask(lab.teacher, "DELETE", f"{path}students/{lab.student.id}/")
    if first == "makes":
        made, left = await asyncio.gather(makes[who], leaves)
    else:
        left, made = await asyncio.gather(leaves, makes[who])
    stays = await Membership.exists(course=lab.course, user_id=lab.student.id)
    assert left.status == (409 if stays else 200)
    assert await Vm.exists(course_id=lab.course.id) is stays
    assert (made.status == 202) is stays
