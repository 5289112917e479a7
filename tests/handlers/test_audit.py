"""The audit log: what is in it, what is not, and who reads it."""

from __future__ import annotations

import csv
import io
import logging
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from tests.handlers.conftest import Client
from tests.handlers.lab import ask
from tests.handlers.people import PASSWORD, People
from tests.handlers.rows import make_vm
from tests.handlers.world import ABSENT_ID, World, build
from vmlab.app import make_app
from vmlab.handlers.endpoint import Call, Endpoints
from vmlab.handlers.mount import mount
from vmlab.handlers.parts import ApiParts
from vmlab.handlers.trail import STRANGERS_LIMIT
from vmlab.models import AuditEntry, User, Vm
from vmlab.rules.access import Permission

ENGLISH = {"Accept-Language": "en"}
NOTHING: dict[str, Any] = {}


@pytest.fixture
async def world(people: People) -> World:
    return await build(people)


@pytest.fixture
async def vm(world: World) -> Vm:
    return await make_vm(world.student, world.course)


async def log_in(client: Client, username: str, password: str) -> int:
    body = {"username": username, "password": password}
    async with client.post("/api/v1/auth/login/", json=body, headers=ENGLISH) as answer:
        return answer.status


async def entries(**wanted: Any) -> list[dict[str, Any]]:
    columns = ("username", "action", "target_type", "target_id", "result", "status", "code")
    return await AuditEntry.filter(**wanted).order_by("id").values(*columns)


def entry(username: str, action: str, *rest: Any) -> dict[str, Any]:
    target_type, target_id, result, status, code = rest
    return {
        "username": username,
        "action": action,
        "target_type": target_type,
        "target_id": target_id,
        "result": result,
        "status": status,
        "code": code,
    }


async def test_who_did_what_to_what_from_where_and_when(client: Client, world: World):
    path = f"/api/v1/courses/{world.course.id}/"
    headers = world.teacher.headers | {"X-Request-ID": "the-request"}
    async with client.patch(path, json={"description": "New"}, headers=headers) as answer:
        assert answer.status == 200
    (row,) = await AuditEntry.all()
    assert (row.user_id, row.username) == (world.teacher.id, "teacher")
    assert (row.action, row.method) == ("patch_course", "PATCH")
    assert (row.target_type, row.target_id) == ("course", world.course.id)
    assert (row.address, row.request_id) == ("127.0.0.1", "the-request")
    assert (row.result, row.status, row.code, row.details) == ("success", 200, "", {})


async def test_what_was_made_is_the_target(client: Client, world: World):
    made = await ask(client, world.teacher, "POST", "courses/", {"name": "Databases"})
    assert await entries() == [
        entry("teacher", "post_course", "course", made.data["id"], "success", 201, "")
    ]


async def test_reading_is_not_recorded(client: Client, world: World, vm: Vm):
    for path in (f"vms/{vm.id}/", "vms/", "auth/user/profile/"):
        assert (await ask(client, world.student, "GET", path)).status == 200
    assert await entries() == []


async def test_strangers_who_look_around_are_not_recorded(client: Client):
    for path in ("/avatars/nobody.webp", "/api/v1/vms/1/", "/api/v1/nowhere/"):
        async with client.get(path) as answer:
            assert answer.status in (401, 404)
    assert await entries() == []


async def test_it_costs_one_insert(client: Client, world: World, caplog: pytest.LogCaptureFixture):
    with caplog.at_level(logging.DEBUG, "tortoise.db_client"):
        await ask(client, world.teacher, "POST", "courses/", {"name": "Databases"})
        await ask(client, world.student, "GET", f"users/{ABSENT_ID}/")
    on_it = [line for line in caplog.messages if "audit_entries" in line]
    assert len(on_it) == 2
    assert all(line.startswith("INSERT") for line in on_it)


async def test_a_password_cannot_be_guessed_unseen_by_way_of_the_mail(
    client: Client, people: People
):
    body = {"token": "guessed", "new_password": "correct horse"}
    async with client.post("/api/v1/auth/password/reset/confirm/", json=body) as answer:
        assert answer.status == 400
    assert await entries() == [
        entry("", "confirm_reset", "", None, "refused", 400, "VALIDATION_001")
    ]


async def test_what_is_not_valid_is_not_recorded(client: Client, world: World):
    assert (await ask(client, world.teacher, "POST", "courses/", NOTHING)).status == 400
    assert await entries() == []


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
async def test_others_things_and_absent_ones_leave_the_same_trace(
    client: Client, world: World, vm: Vm, method: str
):
    for vm_id in (vm.id, ABSENT_ID):
        assert (await ask(client, world.other_student, method, f"vms/{vm_id}/")).status == 404
    first, second = await entries()
    assert (first["username"], first["target_type"], first["target_id"]) == (
        "other-student",
        "vm",
        vm.id,
    )
    assert second == first | {"target_id": ABSENT_ID}
    assert (first["result"], first["status"], first["code"]) == ("refused", 404, "RESOURCE_001")


async def test_what_is_forbidden(client: Client, world: World):
    await ask(client, world.student, "GET", "users/")
    await ask(client, world.student, "DELETE", f"courses/{world.course.id}/")
    assert await entries() == [
        entry("student", "list_users", "", None, "refused", 403, "AUTH_002"),
        entry("student", "delete_course", "course", world.course.id, "refused", 403, "AUTH_002"),
    ]


async def test_conflicts_and_quotas(client: Client, world: World, vm: Vm):
    await ask(client, world.student, "POST", f"vms/{vm.id}/pause/", NOTHING)
    body = {"name": "web", "template_id": world.public_template.id, "cpu_cores": 64}
    await ask(client, world.student, "POST", "vms/", body)
    assert await entries() == [
        entry("student", "pause_vm", "vm", vm.id, "refused", 409, "VM_002"),
        entry("student", "create_machine", "", None, "refused", 400, "QUOTA_001"),
    ]


async def test_signing_in_and_failing_to(client: Client, world: World):
    assert await log_in(client, "student", PASSWORD) == 200
    assert await log_in(client, "student@example.edu", "wrong") == 401
    await User.filter(id=world.student.id).update(is_active=False)
    assert await log_in(client, "student", PASSWORD) == 401
    refused = entry("student", "login", "", None, "refused", 401, "AUTH_001")
    success = entry("student", "login", "", None, "success", 200, "")
    assert await entries() == [success, refused, refused]


async def test_names_that_are_nobodys_are_not_kept(client: Client, people: People):
    """Somebody typed their password into the wrong field."""
    assert await log_in(client, "correct horse battery", "ann") == 401
    (row,) = await AuditEntry.all()
    assert (row.username, row.user_id, row.status) == ("", None, 401)


async def test_no_secret_and_no_body_gets_into_it(client: Client, people: People):
    secret = "a password of my own"
    body = {"username": "new", "email": "new@example.edu", "password": secret, "first_name": "Zoe"}
    async with client.post("/api/v1/auth/register/", json=body) as answer:
        made = (await answer.json())["data"]
    assert await log_in(client, "new", secret) == 200
    person = await people.signed_in(await User.get(id=made["id"]))
    change = {"old_password": "wrong-secret", "new_password": "another-secret-of-mine"}
    assert (await ask(client, person, "POST", "auth/password/change/", change)).status == 400
    assert [(row["username"], row["action"], row["status"]) for row in await entries()] == [
        ("new", "register", 201),
        ("new", "login", 200),
        ("new", "change_password", 400),
    ]
    written = str(await AuditEntry.all().values())
    for private in (secret, "Zoe", "new@example.edu", "wrong-secret", "another-secret"):
        assert private not in written


async def test_refresh_tokens_that_come_twice(client: Client, people: People):
    await people.add("ann", "student")
    body = {"username": "ann", "password": PASSWORD}
    async with client.post("/api/v1/auth/login/", json=body) as answer:
        spent = {"refresh_token": (await answer.json())["data"]["refresh_token"]}
    for expected in (200, 401):
        async with client.post("/api/v1/auth/refresh/", json=spent) as answer:
            assert answer.status == expected
    rows = await entries(action="refresh")
    assert [(row["username"], row["status"]) for row in rows] == [("ann", 200), ("ann", 401)]


async def test_throttled_guesses_are_recorded_and_cannot_fill_the_disk(
    client: Client, people: People
):
    await people.add("ann", "student")
    guesses = STRANGERS_LIMIT.amount + 20
    statuses = [await log_in(client, "ann", "wrong") for _ in range(11)]
    assert statuses == [401] * 10 + [429]
    for _ in range(guesses - 11):
        assert await log_in(client, "ann", "wrong") == 429
    rows = await entries(username="ann", action="login")
    assert (rows[10]["status"], rows[10]["code"]) == (429, "RATE_001")
    # The window may have turned once meanwhile.
    assert STRANGERS_LIMIT.amount <= len(rows) <= guesses


async def test_a_repeated_request_is_recorded_once(client: Client, world: World):
    world.teacher.headers["Idempotency-Key"] = "once"
    for _ in range(2):
        assert (await ask(client, world.teacher, "POST", "courses/", {"name": "A"})).status == 201
    assert len(await entries()) == 1


async def test_a_browser_without_its_csrf_token(client: Client, people: People):
    await people.add("ann", "student")
    body = {"username": "ann", "password": PASSWORD, "session": True}
    async with client.post("/api/v1/auth/login/", json=body) as answer:
        cookie = answer.headers["Set-Cookie"].partition(";")[0]
    async with client.post("/api/v1/auth/logout/", headers={"Cookie": cookie}) as answer:
        assert answer.status == 403
    assert await entries(action="logout") == [
        entry("ann", "logout", "", None, "refused", 403, "AUTH_002")
    ]


async def test_it_outlives_what_it_tells_of(client: Client, world: World):
    await ask(client, world.student, "PUT", f"vms/{ABSENT_ID}/")
    await ask(client, world.admin, "DELETE", f"users/{world.student.id}/")
    assert [row["username"] for row in await entries()] == ["student", "admin"]


async def test_an_accident_is_recorded(parts: ApiParts, world: World):
    """It may have done half of what it was to do."""
    stumbling = Endpoints("/stumble", tag="test")

    @stumbling.post("/", needs=Permission.PROFILE_CHANGE)
    async def stumble(_call: Call) -> None:
        """Fall over."""
        raise RuntimeError("the secret of /etc/shadow")

    app = make_app(parts)
    mount(app, stumbling, parts)
    async with TestClient(TestServer(app)) as client:
        answer = await client.post("/stumble/", headers=world.student.headers)
        assert answer.status == 500
    assert await entries() == [entry("student", "stumble", "", None, "failed", 500, "SERVER_001")]
    assert "shadow" not in str(await AuditEntry.all().values())


@pytest.fixture
async def acted(client: Client, world: World, vm: Vm) -> None:
    """Four entries: two refusals of one student, an admin's change and a teacher's."""
    await ask(client, world.other_student, "GET", f"vms/{vm.id}/")
    await ask(client, world.other_student, "DELETE", f"vms/{vm.id}/")
    await ask(client, world.admin, "PATCH", f"users/{world.student.id}/", {"first_name": "Ada"})
    await ask(client, world.teacher, "POST", "courses/", {"name": "Databases"})


@pytest.mark.parametrize(
    ("query", "actions"),
    [
        ({}, ["post_course", "patch_user", "delete_machine", "get_machine"]),
        ({"ordering": "id", "page_size": "2"}, ["get_machine", "delete_machine"]),
        ({"action": "patch_user"}, ["patch_user"]),
        ({"result": "refused"}, ["delete_machine", "get_machine"]),
        ({"target_type": "vm", "ordering": "action"}, ["delete_machine", "get_machine"]),
        ({"search": "OTHER-stu"}, ["delete_machine", "get_machine"]),
        ({"search": "127.0.0.1", "result": "success"}, ["post_course", "patch_user"]),
        ({"since": "2999-01-01T00:00:00Z"}, []),
        ({"until": "2000-01-01T00:00:00Z"}, []),
    ],
)
async def test_filters(
    client: Client, world: World, acted: None, query: dict[str, str], actions: list[str]
):
    found = await ask(client, world.admin, "GET", "audit/", **query)
    assert [row["action"] for row in found.data["results"]] == actions


async def test_filters_by_people_things_and_time(client: Client, world: World, vm: Vm, acted: None):
    async def total(**query: Any) -> int:
        found = await ask(client, world.admin, "GET", "audit/", **query)
        return int(found.data["pagination"]["total"])

    assert await total(user=world.other_student.id) == 2
    assert await total(target_type="vm", target_id=vm.id) == 2
    assert await total(target_type="user", target_id=world.student.id) == 1
    (first, *_, last) = await AuditEntry.all().order_by("id")
    assert await total(since=last.created_at.isoformat()) == 1
    assert await total(until=last.created_at.isoformat(), since=first.created_at.isoformat()) == 3


async def test_an_entry_is_shown_completely(client: Client, world: World, vm: Vm, acted: None):
    found = await ask(client, world.admin, "GET", "audit/", action="get_machine")
    (row,) = found.data["results"]
    assert row.pop("created_at").endswith("Z")
    assert len(row.pop("request_id")) == 32
    assert row.pop("id") > 0
    assert row == {
        "user_id": world.other_student.id,
        "username": "other-student",
        "action": "get_machine",
        "method": "GET",
        "target_type": "vm",
        "target_id": vm.id,
        "address": "127.0.0.1",
        "result": "refused",
        "status": 404,
        "code": "RESOURCE_001",
        "details": {},
    }


async def csv_of(client: Client, world: World, **query: str) -> list[dict[str, str]]:
    headers = world.admin.headers | {"Accept": "text/csv"}
    async with client.get("/api/v1/audit/", params=query, headers=headers) as answer:
        assert answer.status == 200
        assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
        return list(csv.DictReader(io.StringIO(await answer.text())))


async def test_as_a_file(client: Client, world: World, acted: None):
    rows = await csv_of(client, world)
    assert [row["action"] for row in rows][0::3] == ["post_course", "get_machine"]
    assert (rows[0]["result"], rows[0]["status"], rows[0]["details"]) == ("success", "201", "{}")
    assert [row["target_id"] for row in await csv_of(client, world, action="login")] == []


async def test_a_file_of_more_rows_than_are_read_at_once(client: Client, world: World):
    many = [
        AuditEntry(username=f"={n}", action="login", method="POST", result="success", status=200)
        for n in range(2500)
    ]
    await AuditEntry.bulk_create(many, batch_size=500)
    rows = await csv_of(client, world)
    # No spreadsheet takes a name for a formula.
    assert [row["username"] for row in rows] == [f"'={n}" for n in reversed(range(2500))]


async def test_head_of_the_file(client: Client, world: World, acted: None):
    headers = world.admin.headers | {"Accept": "text/csv"}
    async with client.head("/api/v1/audit/", headers=headers) as answer:
        assert (answer.status, await answer.read()) == (200, b"")
