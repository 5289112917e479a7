"""The queue in numbers, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.handlers.conftest import Client
from tests.handlers.lab import ServedLab, ask
from tests.handlers.people import People, Person
from tests.handlers.rows import make_task
from vmlab.handlers.schemas.base import rfc3339
from vmlab.models import Task, TaskStatus, Worker

NOW = datetime.now(UTC)


@pytest.fixture
def store(database: str) -> str:
    """SQLite and PostgreSQL: they reckon with times differently."""
    return database


@pytest.fixture
async def admin(people: People) -> Person:
    """Sees all."""
    return await people.add("admin", "admin")


async def task(by: Person, kind: str, status: TaskStatus, **columns: Any) -> Task:
    """A task with its times set afterwards, since its creation is stamped."""
    made = await make_task(by, kind, ("vm", await Task.all().count() + 1), status=status)
    await Task.filter(id=made.id).update(**columns)
    return made


async def test_an_empty_queue_is_all_nothing(client: Client, admin: Person):
    answer = await ask(client, admin, "GET", "tasks/status/")
    assert answer.data == {
        "pending": 0,
        "running": 0,
        "failed_24h": 0,
        "succeeded_24h": 0,
        "oldest_pending_s": None,
        "by_kind": {},
    }
    statistics = (await ask(client, admin, "GET", "tasks/statistics/")).data
    assert set(statistics) == {"start_time", "end_time", "by_kind"}
    assert statistics["by_kind"] == {}
    assert (await ask(client, admin, "GET", "tasks/workers/")).data == []


async def test_the_queue_is_counted_by_what_tasks_do(client: Client, people: People, admin: Person):
    recently, long_ago = NOW - timedelta(hours=23), NOW - timedelta(hours=25)
    await task(admin, "vm.start", TaskStatus.PENDING, created_at=NOW - timedelta(seconds=90))
    await task(admin, "vm.start", TaskStatus.PENDING)
    await task(admin, "vm.start", TaskStatus.RUNNING)
    for ended in recently, long_ago:
        for status in TaskStatus.FAILED, TaskStatus.SUCCEEDED, TaskStatus.CANCELLED:
            await task(admin, "vm.create", status, finished_at=ended)
    student = await people.add("ann", "student")
    found = (await ask(client, student, "GET", "tasks/status/")).data
    assert 90 <= found.pop("oldest_pending_s") < 600
    counts = {"pending": 2, "running": 1, "failed_24h": 1, "succeeded_24h": 1}
    nothing = dict.fromkeys(counts, 0)
    assert found == {
        **counts,
        "by_kind": {
            "vm.create": nothing | {"failed_24h": 1, "succeeded_24h": 1},
            "vm.start": nothing | {"pending": 2, "running": 1},
        },
    }


async def test_statistics_are_of_a_span_of_time(client: Client, admin: Person):
    start = NOW - timedelta(days=2)
    for seconds in range(1, 21):
        created = start + timedelta(minutes=seconds)
        begun = created + timedelta(seconds=seconds)
        await task(
            admin,
            "vm.create",
            TaskStatus.SUCCEEDED,
            created_at=created,
            started_at=begun,
            finished_at=begun + timedelta(seconds=10 * seconds),
            attempts=1 + seconds % 2,
        )
    await task(admin, "vm.create", TaskStatus.FAILED, created_at=start + timedelta(hours=1))
    await task(admin, "vm.stop", TaskStatus.CANCELLED, created_at=start)
    await task(admin, "vm.stop", TaskStatus.FAILED, created_at=start - timedelta(days=9))
    asked = {
        "start_time": rfc3339(start - timedelta(hours=1)),
        "end_time": rfc3339(start + timedelta(hours=2)),
    }
    found = (await ask(client, admin, "GET", "tasks/statistics/", **asked)).data
    assert {key: found[key] for key in asked} == asked
    nothing = {"p50": None, "p95": None}
    assert found["by_kind"] == {
        "vm.create": {
            "total": 21,
            "succeeded": 20,
            "failed": 1,
            "cancelled": 0,
            "retried": 10,
            "wait_s": {"p50": 10, "p95": 19},
            "run_s": {"p50": 100, "p95": 190},
        },
        "vm.stop": {
            "total": 1,
            "succeeded": 0,
            "failed": 0,
            "cancelled": 1,
            "retried": 0,
            "wait_s": nothing,
            "run_s": nothing,
        },
    }
    last_week = (await ask(client, admin, "GET", "tasks/statistics/")).data
    assert last_week["by_kind"] == found["by_kind"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"start_time": "soon"}, "start_time"),
        ({"start_time": "2026-01-02T00:00:00Z", "end_time": "2026-01-01T00:00:00Z"}, "start_time"),
        ({"kind": "vm.create"}, "kind"),
    ],
)
async def test_what_is_wrong_with_a_query_is_named(
    client: Client, admin: Person, query: dict[str, str], field: str
):
    answer = await ask(client, admin, "GET", "tasks/statistics/", **query)
    assert answer.refusal == (400, "VALIDATION_001")
    assert list(answer.details) == [field]


async def test_the_beginning_of_time_is_a_time(client: Client, admin: Person):
    answer = await ask(client, admin, "GET", "tasks/statistics/", end_time="0001-01-02T00:00:00Z")
    assert (answer.status, answer.data["by_kind"]) == (200, {})


async def test_tasks_in_line_say_what_to_expect(client: Client, admin: Person):
    done = await task(admin, "vm.start", TaskStatus.SUCCEEDED)
    waiting = [await task(admin, "vm.start", TaskStatus.PENDING) for _ in range(2)]
    listed = (await ask(client, admin, "GET", "tasks/", ordering="id")).data["results"]
    places = [{"position": n, "starts_in_s": None, "ends_in_s": None} for n in (1, 2)]
    assert [row["id"] for row in listed] == [done.id, *(each.id for each in waiting)]
    assert [row["queue"] for row in listed] == [None, *places]


async def test_workers_are_shown_with_their_tasks(client: Client, admin: Person):
    usual: dict[str, Any] = {"host": "lab1", "version": "1.0", "concurrency": 16, "started_at": NOW}
    soon = NOW + timedelta(hours=1)
    await Worker.create(id="a", pid=1, state="running", last_seen_at=soon, **usual)
    await Worker.create(id="b", pid=2, state="stopping", last_seen_at=soon, **usual)
    await Worker.create(id="c", pid=3, last_seen_at=NOW - timedelta(minutes=5), **usual)
    held = [await task(admin, "vm.start", TaskStatus.RUNNING, worker="a") for _ in range(2)]
    await task(admin, "vm.start", TaskStatus.SUCCEEDED, worker="b")
    answer = await ask(client, admin, "GET", "tasks/workers/")
    assert [(row["id"], row["state"], row["running"]) for row in answer.data] == [
        ("a", "running", [one.id for one in held]),
        ("b", "stopping", []),
        ("c", "lost", []),
    ]
    first = answer.data[0]
    assert set(first) == {
        "id", "host", "pid", "version", "started_at", "last_seen_at", "state", "concurrency",
        "running",
    }  # fmt: skip
    assert (first["host"], first["pid"], first["version"]) == ("lab1", 1, "1.0")
    assert (first["concurrency"], first["started_at"]) == (16, rfc3339(NOW))


async def test_a_real_worker_is_seen(worked_lab: ServedLab):
    lab = worked_lab
    await lab.make_vm()
    [worker] = (await lab.ask(lab.admin, "GET", "tasks/workers/")).data
    assert (worker["state"], worker["concurrency"]) == ("running", 16)
    statistics = (await lab.ask(lab.admin, "GET", "tasks/statistics/")).data["by_kind"]
    assert statistics["vm.create"]["succeeded"] == 1
    assert statistics["vm.create"]["run_s"]["p50"] > 0
