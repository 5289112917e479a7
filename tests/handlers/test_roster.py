"""The list of a class decides who is in the course: first compared, then made true."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.handlers.conftest import Client
from tests.handlers.forms import form
from tests.handlers.lab import API, Answer, ServedLab
from tests.handlers.people import People, Person
from tests.handlers.rows import make_task, make_vm
from vmlab.models import Course, CourseRole, Membership, Task, Vm, VmStatus


@pytest.fixture
def store(database: str) -> str:
    """SQLite and PostgreSQL: it is one transaction."""
    return database


@pytest.fixture
async def students(people: People) -> dict[str, Person]:
    """Two of them are in the course."""
    return {name: await people.add(name, "student") for name in ("ann", "bob", "cid", "dan")}


@pytest.fixture
async def course(people: People, teacher: Person, students: dict[str, Person]) -> Course:
    """With Ann and Bob in it."""
    return await people.course("Networks", [teacher], [students["ann"], students["bob"]])


async def send(
    client: Client, who: Person, course: Course, table: str | bytes, **query: str
) -> Answer:
    """Send a list."""
    content = table.encode() if isinstance(table, str) else table
    answer = await client.post(
        f"{API}courses/{course.id}/roster/",
        data=form("file", content),
        params=query,
        headers=who.headers,
    )
    said = await answer.json()
    return Answer(answer.status, said.get("data"), said.get("error"))


async def usernames(course: Course, role: CourseRole = CourseRole.STUDENT) -> set[str]:
    """Who is in the course."""
    rows = Membership.filter(course=course, role=role)
    return {row["user__username"] for row in await rows.values("user__username")}


def outcomes(answer: Answer) -> list[tuple[int, str]]:
    """Line and outcome of each row."""
    return [(row["line"], row["outcome"]) for row in answer.data["rows"]]


EVERYTHING = (
    "username,email,first_name\n"
    "ann,,Ann\n"
    "cid,,\n"
    "\n"
    ",DAN@example.edu,Dan\n"
    "dan,dan@example.edu,\n"
    "tom,,\n"
    "root,,\n"
    "nobody,,\n"
    "gone,,\n"
)


async def test_a_dry_run_says_all_and_does_nothing(
    client: Client,
    people: People,
    course: Course,
    teacher: Person,
    students: dict[str, Person],
):
    await people.add("root", "admin")
    await people.add("gone", "student", is_active=False)
    vm = await make_vm(students["bob"], course, name="web")
    found = await send(client, teacher, course, EVERYTHING, dry_run="true", drop="true")
    assert found.status == 200, found
    assert outcomes(found) == [
        (2, "already"),
        (3, "added"),
        (5, "added"),
        (6, "duplicate"),
        (7, "staff"),
        (8, "staff"),
        (9, "unknown"),
        (10, "unknown"),
    ]
    assert found.data["counts"] == {
        "added": 2,
        "already": 1,
        "duplicate": 1,
        "staff": 2,
        "unknown": 2,
        "refused": 0,
        "dropped": 1,
    }
    assert found.data["rows"][2]["user_id"] == students["dan"].id
    assert found.data["absent"] == [
        {
            "user_id": students["bob"].id,
            "username": "bob",
            "outcome": "dropped",
            "vms": [{"id": vm.id, "name": "web"}],
        }
    ]
    assert (found.data["dry_run"], found.data["task"]) == (True, None)
    assert await usernames(course) == {"ann", "bob"}
    kept = await send(client, teacher, course, EVERYTHING, dry_run="true")
    assert kept.data["absent"][0]["outcome"] == "kept"


async def test_the_list_adds_and_drops_only_when_asked(
    client: Client, course: Course, teacher: Person
):
    table = "username\nann\ncid\nnobody\n"
    added = await send(client, teacher, course, table)
    assert (added.status, outcomes(added)) == (200, [(2, "already"), (3, "added"), (4, "unknown")])
    assert await usernames(course) == {"ann", "bob", "cid"}
    dropped = await send(client, teacher, course, table, drop="true")
    assert [one["username"] for one in dropped.data["absent"]] == ["bob"]
    assert dropped.data["counts"]["dropped"] == 1
    assert await usernames(course) == {"ann", "cid"}
    again = await send(client, teacher, course, table, drop="true")
    assert (again.data["counts"]["added"], again.data["absent"]) == (0, [])


async def test_staff_is_neither_dropped_nor_made_students(
    client: Client, people: People, course: Course, teacher: Person
):
    tim = await people.add("tim", "teacher", "student")
    await Membership.create(course=course, user=tim.user, role=CourseRole.STUDENT)
    found = await send(client, teacher, course, "username\nann\ntom\n", drop="true")
    assert {one["username"]: one["outcome"] for one in found.data["absent"]} == {
        "bob": "dropped",
        "tim": "kept",
    }
    assert await usernames(course) == {"ann", "tim"}
    assert await usernames(course, CourseRole.TEACHER) == {"tom"}


WRONG = (
    "username,email\n"
    "cid,cid@example.edu\n"
    "ann,bob@example.edu\n"
    "ann,other@example.edu\n"
    "other,ann@example.edu\n"
    "dan,not an address\n"
    "dan,dan@example.edu,surplus\n"
)


async def test_one_wrong_row_holds_up_all_and_every_one_is_named(
    client: Client, course: Course, teacher: Person
):
    answer = await send(client, teacher, course, WRONG, drop="true")
    assert answer.refusal == (400, "VALIDATION_001")
    assert answer.error["message"] == "5 of 6 rows are wrong, so nothing was changed."
    assert {row["line"]: row["errors"] for row in answer.details["rows"]} == {
        3: {"email": ["The account of this name has another address."]},
        4: {"email": ["The account of this name has another address."]},
        5: {"username": ["The account with this address has another name."]},
        6: {"email": ["Not a valid email address."]},
        7: {"row": ["There are more cells than columns."]},
    }
    assert await usernames(course) == {"ann", "bob"}
    seen = await send(client, teacher, course, WRONG, dry_run="true")
    assert (seen.status, seen.data["counts"]["refused"]) == (200, 5)
    teacher.headers["Accept-Language"] = "zh"
    said = (await send(client, teacher, course, WRONG, dry_run="true")).data["rows"][1]
    assert said["errors"] == {"email": ["该用户名对应的账号使用其他邮箱"]}
    teacher.headers["Accept-Language"] = "en"
    named = await send(client, teacher, course, "username,first_name\n,Ann\n")
    assert named.details["rows"][0]["errors"] == {"username": ["Give a username or an address."]}


async def test_who_has_machines_is_dropped_with_them_or_not_at_all(
    client: Client, course: Course, teacher: Person, students: dict[str, Person]
):
    vm = await make_vm(students["bob"], course, name="web")
    table = "username\nann\ncid\n"
    refused = await send(client, teacher, course, table, drop="true")
    assert refused.refusal == (409, "RESOURCE_002")
    assert refused.details == {
        "vms": [vm.id],
        "students": [
            {
                "user_id": students["bob"].id,
                "username": "bob",
                "vms": [{"id": vm.id, "name": "web"}],
            }
        ],
    }
    assert await usernames(course) == {"ann", "bob"}
    task = await make_task(students["bob"], "vm.start", ("vm", vm.id))
    busy = await send(client, teacher, course, table, drop="true", vms="delete")
    assert (busy.refusal, busy.details["task_id"]) == ((409, "VM_002"), task.id)
    assert await usernames(course) == {"ann", "bob"}
    await task.delete()
    done = await send(client, teacher, course, table, drop="true", vms="delete")
    assert (done.status, done.data["task"]["kind"]) == (202, "course.delete")
    assert await usernames(course) == {"ann", "cid"}
    assert (await Vm.get(id=vm.id)).status is VmStatus.DELETING


async def test_of_two_lists_at_once_none_is_half_done(
    client: Client, course: Course, teacher: Person
):
    tables = ("username\nann\ncid\n", "username\nbob\ndan\n")
    answers = await asyncio.gather(
        *(send(client, teacher, course, table, drop="true") for table in tables * 2)
    )
    assert [answer.status for answer in answers] == [200] * 4
    assert await usernames(course) in ({"ann", "cid"}, {"bob", "dan"})


@pytest.mark.parametrize(
    "table",
    [
        "\ufeffusername;email\r\ncid;cid@example.edu\r\n".encode(),
        b"username\temail\r\ncid\t\r\n",
        b"email\rcid@example.edu\r",
        b'"Username","Email",,\r\n"cid","",,\r\n',
        "username,last_name\r\ncid,王小明\r\n".encode("gb18030"),
    ],
    ids=["semicolons and a mark", "tabs", "old Mac", "empty columns", "GB 18030"],
)
async def test_tables_as_spreadsheets_write_them(
    client: Client, course: Course, teacher: Person, table: bytes
):
    answer = await send(client, teacher, course, table)
    assert (answer.status, outcomes(answer)) == (200, [(2, "added")])
    assert await usernames(course) == {"ann", "bob", "cid"}


@pytest.mark.parametrize(
    ("name", "encoding"), [("Jürgen Müller", "cp1252"), ("José", "cp1252"), ("Иванов", "cp1251")]
)
async def test_code_pages_of_windows_are_refused_and_not_guessed(
    client: Client, course: Course, teacher: Person, name: str, encoding: str
):
    table = f"username;last_name\r\ncid;{name}\r\n".encode(encoding)
    answer = await send(client, teacher, course, table)
    assert answer.refusal == (400, "FILE_002")
    assert "CSV UTF-8" in answer.error["message"]


@pytest.mark.parametrize(
    ("table", "query", "field"),
    [
        ("first_name\nAnn\n", {}, "username"),
        ("username,roles\nann,admin\n", {}, "roles"),
        ("username\n", {"drop": "true"}, "file"),
        ("username\nann\n", {"vms": "delete"}, "vms"),
        ("username\nann\n", {"drop": "true", "vms": "keep"}, "vms"),
        ("username\nann\n", {"partial": "true"}, "partial"),
    ],
)
async def test_what_will_not_do_is_named(
    client: Client,
    course: Course,
    teacher: Person,
    table: str,
    query: dict[str, str],
    field: str,
):
    answer = await send(client, teacher, course, table, **query)
    assert answer.refusal == (400, "VALIDATION_001")
    assert field in answer.details
    assert await usernames(course) == {"ann", "bob"}


async def test_rows_are_limited(client: Client, course: Course, teacher: Person):
    rows = "".join(f"student{n}\n" for n in range(2001))
    answer = await send(client, teacher, course, "username\n" + rows)
    assert (answer.refusal, answer.details) == ((413, "FILE_001"), {"max_rows": 2000})


async def test_who_is_dropped_leaves_nothing_in_proxmox(worked_lab: ServedLab):
    lab = worked_lab
    vm = await lab.make_vm(start=True)
    other = await lab.people.add("other", "student")
    done = await send(
        lab.client, lab.teacher, lab.course, "username\nother\n", drop="true", vms="delete"
    )
    assert done.status == 202
    assert (await lab.ended(done.data["task"]))["status"] == "succeeded"
    assert vm["vmid"] not in lab.sim.cluster.guests
    usage: Any = await lab.ask(lab.student, "GET", f"users/{lab.student.id}/quota/usage/")
    assert set(usage.data["used"].values()) == {0}
    assert not await Task.filter(lock__isnull=False).exists()
    assert (await lab.ask(other, "GET", f"courses/{lab.course.id}/")).status == 200
