"""What became of a course, in numbers: usage, activity, statistics; as JSON and as CSV."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.handlers.conftest import Client
from tests.handlers.lab import API, ask
from tests.handlers.people import People, Person
from tests.handlers.rows import make_task, make_template, make_vm
from tests.handlers.world import World, build
from vmlab.handlers.schemas.base import rfc3339
from vmlab.handlers.tables import csv_table
from vmlab.models import (
    ConsoleSession,
    Course,
    CourseRole,
    Membership,
    TaskStatus,
    User,
    Vm,
    VmEvent,
    VmEventKind,
    VmStatus,
)
from vmlab.operations.console_record import NewConsole, opened, placed
from vmlab.rules.access import Actor

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
WINDOW = {"start_time": rfc3339(NOON - 36 * HOUR), "end_time": rfc3339(NOON + 12 * HOUR)}


@pytest.fixture
def store(database: str) -> str:
    """SQLite and PostgreSQL: the queries differ."""
    return database


@pytest.fixture
async def world(people: People) -> World:
    """Two courses that have nothing to do with each other."""
    return await build(people)


async def lived(
    owner: Person, course: Course, *states: tuple[VmStatus, float, int], **columns: Any
) -> Vm:
    """A machine with a past: its states, hours from noon, and processors."""
    vm = await make_vm(owner, course, status=states[-1][0], **columns)
    await VmEvent.filter(vm_id=vm.id).delete()
    for status, hours, cores in states:
        await VmEvent.create(
            vm_id=vm.id,
            at=NOON + hours * HOUR,
            kind=VmEventKind.STATE,
            message="",
            status=status,
            cpu_cores=cores,
        )
    return vm


async def report(client: Client, who: Person, course: Course, what: str, **query: Any) -> Any:
    answer = await ask(client, who, "GET", f"courses/{course.id}/{what}/", **query)
    assert answer.status == 200, answer
    return answer.data


async def table(
    client: Client, who: Person, course: Course, what: str, **query: Any
) -> list[dict[str, str]]:
    answer = await client.get(
        f"{API}courses/{course.id}/{what}/",
        params=query,
        headers={**who.headers, "Accept": "text/csv"},
    )
    assert answer.status == 200
    assert answer.content_type == "text/csv"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{what}.csv"'
    return list(csv.DictReader(io.StringIO(await answer.text())))


RUNNING, STOPPED = VmStatus.RUNNING, VmStatus.STOPPED


async def test_hours_in_all_by_day_and_by_machine(client: Client, world: World):
    web = await lived(
        world.student,
        world.course,
        (STOPPED, -100, 1),
        (RUNNING, -40, 1),  # began before the window
        (RUNNING, -34, 2),  # more processors
        (VmStatus.PAUSED, -30, 2),
        (RUNNING, -2, 2),
        (STOPPED, 1, 2),
    )
    db = await lived(world.student, world.course, (RUNNING, 11, 4), name="db")  # runs on
    gone = await lived(
        world.student,
        world.course,
        (RUNNING, 0, 1),
        (VmStatus.DELETING, 0.5, 1),
        name="gone",
        deleted_at=NOON,
    )
    await lived(world.other_student, world.other_course, (RUNNING, -10, 8))
    found = await report(client, world.teacher, world.course, "vm-usage", **WINDOW)
    hours = {row["vm"]["id"]: (row["running_hours"], row["core_hours"]) for row in found["by_vm"]}
    assert hours == {web.id: (9, 16), db.id: (1, 4), gone.id: (0.5, 0.5)}
    assert found["total"] == {"running_hours": 10.5, "core_hours": 20.5}
    assert found["by_day"] == [
        {"date": "2026-03-01", "running_hours": 6, "core_hours": 10},
        {"date": "2026-03-02", "running_hours": 4.5, "core_hours": 10.5},
        {"date": "2026-03-03", "running_hours": 0, "core_hours": 0},
    ]
    rows = await table(client, world.teacher, world.course, "vm-usage", **WINDOW)
    assert [(row["vm_name"], row["owner"], float(row["core_hours"])) for row in rows] == [
        ("db", "student", 4),
        ("gone", "student", 0.5),
        ("web", "student", 16),
    ]


async def test_what_is_noted_by_the_database_itself(client: Client, world: World):
    vm = await make_vm(world.student, world.course)
    await Vm.filter(id=vm.id).update(status=RUNNING)
    await VmEvent.filter(vm_id=vm.id, status="running").update(at=datetime.now(UTC) - HOUR)
    await VmEvent.filter(vm_id=vm.id, status="stopped").update(at=datetime.now(UTC) - 2 * HOUR)
    found = await report(client, world.teacher, world.course, "vm-usage")
    assert found["total"]["running_hours"] == pytest.approx(1, abs=0.05)
    later = rfc3339(datetime.now(UTC) + 10 * HOUR)
    found = await report(client, world.teacher, world.course, "vm-usage", end_time=later)
    assert found["total"]["running_hours"] == pytest.approx(1, abs=0.05)


async def test_what_students_did(client: Client, world: World):
    vm = await lived(world.student, world.course, (RUNNING, -1, 1), (STOPPED, 1, 1))
    for begun, seconds in ((-36.01, 60.5), (0, 30), (1, 0), (100, 5)):
        moment = NOON + begun * HOUR
        await ConsoleSession.create(
            vm_id=vm.id,
            user_id=world.student.id,
            protocol="vnc",
            mode="control",
            process="",
            chain="",
            opened_at=moment,
            seen_at=moment + timedelta(seconds=seconds),
        )
    task = await make_task(
        world.student,
        "vm.start",
        ("vm", vm.id),
        status=TaskStatus.SUCCEEDED,
        course=world.course,
    )
    task.created_at = NOON
    await task.save()
    await User.filter(id=world.student.id).update(last_login=NOON)
    idle = await world.people.add("idle", "student")
    await Membership.create(course=world.course, user=idle.user, role=CourseRole.STUDENT)
    found = await report(client, world.teacher, world.course, "student-activity", **WINDOW)
    assert found["students"] == [
        {
            "student": {"id": idle.id, "username": "idle"},
            "last_login": None,
            "console_sessions": 0,
            "console_seconds": 0,
            "vm_running_seconds": 0,
            "actions": 0,
        },
        {
            "student": {"id": world.student.id, "username": "student"},
            "last_login": "2026-03-02T12:00:00Z",
            "console_sessions": 2,
            "console_seconds": 54.5,
            "vm_running_seconds": 7200,
            "actions": 1,
        },
    ]
    rows = await table(client, world.teacher, world.course, "student-activity", **WINDOW)
    assert rows[1] == {
        "student": "student",
        "last_login": "2026-03-02T12:00:00Z",
        "console_sessions": "2",
        "console_seconds": "54.5",
        "vm_running_seconds": "7200.0",
        "actions": "1",
    }


async def test_a_console_is_recorded(client: Client, world: World):
    vm = await make_vm(world.student, world.course)
    student = world.student
    actor = Actor(student.id, "student", frozenset({"student"}), student.session_id)
    new = NewConsole(
        vm_id=vm.id, actor=actor, protocol="vnc", mode="control", process="here", chain=""
    )

    async def fail() -> None:
        async with placed(new, per_node=1) as session:
            await opened(session, actor)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail()
    [row] = (await report(client, world.teacher, world.course, "student-activity"))["students"]
    assert row["console_sessions"] == 1
    closed = await VmEvent.get(kind=VmEventKind.CONSOLE_CLOSED)
    assert closed.seconds is not None
    assert closed.message.startswith("VNC console of student closed after ")


async def test_a_course_in_numbers(client: Client, world: World):
    await make_vm(world.student, world.course, status=RUNNING)
    await make_vm(world.student, world.course, status=VmStatus.MISSING, reserved=False)
    await make_vm(world.student, world.course, deleted_at=NOON, reserved=False)
    await make_vm(world.other_student, world.other_course)
    await make_template(world.course, world.teacher)
    parent = await make_task(
        world.teacher, "course.start", ("course", world.course.id), course=world.course
    )
    await make_task(world.teacher, "vm.start", ("vm", 1), course=world.course, parent=parent)
    found = await report(client, world.teacher, world.course, "statistics")
    assert (found["students"], found["teachers"], found["templates"]) == (1, 1, 2)
    assert {name: n for name, n in found["vms"].items() if n} == {
        "total": 2,
        "running": 1,
        "missing": 1,
    }
    assert found["allocated"] == {"cpu_cores": 1, "memory_mb": 1024, "disk_gb": 10}
    assert {name: n for name, n in found["tasks"].items() if n} == {"total": 1, "pending": 1}
    [row] = await table(client, world.teacher, world.course, "statistics")
    assert (row["vms.running"], row["allocated.disk_gb"]) == ("1", "10")


async def test_who_prefers_what(client: Client, world: World):
    for accept, kind in (
        ("text/csv, */*;q=0.1", "text/csv"),
        ("application/json, text/csv;q=0.5", "application/json"),
        ("text/csv;q=0", "application/json"),
        ("text/csv;q=x", "application/json"),
        ("*/*", "application/json"),
    ):
        headers = {**world.teacher.headers, "Accept": accept}
        answer = await client.get(f"{API}courses/{world.course.id}/statistics/", headers=headers)
        assert answer.content_type == kind, accept


def test_a_spreadsheet_takes_no_text_for_a_formula():
    answer = csv_table("x", ["name", "n"], [{"name": "=HYPERLINK(1)", "n": -1}])
    assert answer.text == "name,n\r\n'=HYPERLINK(1),-1\r\n"


async def test_windows_that_make_no_sense(client: Client, world: World):
    for what in ("vm-usage", "student-activity"):
        for query in (
            {"start_time": "2026-01-02T00:00:00Z", "end_time": "2026-01-01T00:00:00Z"},
            {"start_time": "2024-01-01T00:00:00Z", "end_time": "2026-01-01T00:00:00Z"},
            {"start_time": "yesterday"},
        ):
            path = f"courses/{world.course.id}/{what}/"
            answer = await ask(client, world.teacher, "GET", path, **query)
            assert answer.refusal == (400, "VALIDATION_001")
            assert list(answer.details) == ["start_time"]


async def test_the_ends_of_time(client: Client, world: World):
    for end in ("0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"):
        found = await report(client, world.teacher, world.course, "vm-usage", end_time=end)
        assert found["total"]["running_hours"] == 0
