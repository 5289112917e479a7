"""What administrators do with accounts, and what teachers see of them."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any

import pytest

from tests.handlers.conftest import Client
from tests.handlers.people import PASSWORD, People, Person
from vmlab.handlers.parts import ApiParts
from vmlab.models import Role, User, Vm

USERS = "/api/v1/users/"
PROFILE = "/api/v1/auth/user/profile/"


@pytest.fixture
async def admin(people: People) -> Person:
    """The one who asks."""
    return await people.add("admin", "admin")


async def names(client: Client, who: Person, **query: Any) -> list[str]:
    """The usernames that a list has."""
    answer = await client.get(USERS, params=query, headers=who.headers)
    assert answer.status == 200, await answer.text()
    return [user["username"] for user in (await answer.json())["data"]["results"]]


async def make_vm(owner: Person, **columns: Any) -> Vm:
    """A machine's row."""
    amounts = {"cpu_cores": 2, "memory_mb": 2048, "disk_gb": 20}
    return await Vm.create(uuid=uuid.uuid4(), name="web", owner=owner.user, **amounts | columns)


async def test_an_admin_sees_users_completely(client: Client, people: People, admin: Person):
    await people.add("ann", "student", "teacher")
    answer = await client.get(USERS, params={"search": "ann"}, headers=admin.headers)
    (ann,) = (await answer.json())["data"]["results"]
    assert ann["roles"] == ["student", "teacher"]
    assert ann["email"] == "ann@example.edu"
    shown = await client.get(f"{USERS}{ann['id']}/", headers=admin.headers)
    assert (await shown.json())["data"] == ann


async def test_a_teacher_sees_no_more_than_names_of_active_users(
    client: Client, people: People, admin: Person
):
    teacher = await people.add("tom", "teacher")
    await people.add("ann", "student")
    await people.add("gone", "student", is_active=False)
    answer = await client.get(USERS, headers=teacher.headers)
    results = (await answer.json())["data"]["results"]
    assert [user["username"] for user in results] == ["admin", "ann", "tom"]
    assert {frozenset(user) for user in results} == {
        frozenset({"id", "username", "first_name", "last_name"})
    }
    assert await names(client, teacher, search="example.edu") == []
    assert await names(client, teacher, is_active="false") == []


async def test_users_are_filtered(client: Client, people: People, admin: Person):
    ann = await people.add("ann", "student")
    tom = await people.add("tom", "teacher")
    await people.add("gone", "student", is_active=False)
    course = await people.course("Networks", [tom], [ann])
    assert await names(client, admin, role="student") == ["ann", "gone"]
    assert await names(client, admin, is_active="false") == ["gone"]
    assert await names(client, admin, course=course.id) == ["ann", "tom"]
    assert await names(client, admin, search="EXAMPLE", role="teacher") == ["tom"]
    assert await names(client, admin, search="%") == []
    assert await names(client, tom, course=course.id) == ["ann", "tom"]
    other = await people.course("Compilers", [], [ann])
    answer = await client.get(USERS, params={"course": other.id}, headers=tom.headers)
    assert answer.status == 404


async def test_lists_have_pages_and_an_order(client: Client, people: People, admin: Person):
    for number in range(5):
        await people.add(f"user{number}", "student")
    query: dict[str, str | int] = {"page": 2, "page_size": 2, "role": "student"}
    query["ordering"] = "-username"
    answer = await client.get(USERS, params=query, headers=admin.headers)
    data = (await answer.json())["data"]
    assert [user["username"] for user in data["results"]] == ["user2", "user1"]
    assert data["pagination"] == {
        "page": 2,
        "page_size": 2,
        "total": 5,
        "total_pages": 3,
        "has_next": True,
        "has_previous": True,
    }
    assert await names(client, admin, page=9) == []


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ({"page": 0}, "page"),
        ({"page_size": 101}, "page_size"),
        ({"page": "x"}, "page"),
        ({"ordering": "password_hash"}, "ordering"),
        ({"colour": "red"}, "colour"),
        ({"role": "king"}, "role"),
        ({"course": 10**12}, "course"),
        ({"search": "a\x00"}, "search"),
    ],
)
async def test_wrong_and_unknown_parameters_are_named(
    client: Client, admin: Person, query: dict[str, Any], named: str
):
    answer = await client.get(USERS, params=query, headers=admin.headers)
    error = (await answer.json())["error"]
    assert (answer.status, error["code"]) == (400, "VALIDATION_001")
    assert error["details"].keys() == {named}


async def test_a_repeated_parameter_is_refused(client: Client, admin: Person):
    answer = await client.get(f"{USERS}?page=1&page=2", headers=admin.headers)
    assert answer.status == 400
    assert (await answer.json())["error"]["details"] == {"page": ["Given more than once."]}


async def test_an_admin_makes_an_account_with_roles(client: Client, people: People, admin: Person):
    body = {
        "username": "tom",
        "email": "tom@example.edu",
        "password": "long enough to do",
        "roles": ["teacher", "student"],
        "is_active": False,
    }
    answer = await client.post(USERS, json=body, headers=admin.headers)
    data = (await answer.json())["data"]
    assert answer.status == 201
    assert (data["roles"], data["is_active"]) == (["student", "teacher"], False)


async def test_patch_changes_what_is_named_and_put_replaces(
    client: Client, people: People, admin: Person
):
    ann = await people.add("ann", "student")
    address = f"{USERS}{ann.id}/"
    body = {"first_name": "Ann", "last_name": "Lee"}
    await client.patch(address, json=body, headers=admin.headers)
    answer = await client.patch(address, json={"last_name": "Ng"}, headers=admin.headers)
    data = (await answer.json())["data"]
    assert (data["first_name"], data["last_name"]) == ("Ann", "Ng")
    body = {"username": "anna", "email": "anna@example.edu"}
    answer = await client.put(address, json=body, headers=admin.headers)
    data = (await answer.json())["data"]
    assert (data["username"], data["first_name"], data["last_name"]) == ("anna", "", "")
    assert (data["roles"], data["is_active"]) == (["student"], True)
    assert (await client.put(address, json={}, headers=admin.headers)).status == 400


@pytest.mark.parametrize("change", [{"password": "quite another one"}, {"is_active": False}])
async def test_a_new_password_or_deactivation_ends_all_logins(
    client: Client, people: People, admin: Person, parts: ApiParts, change: dict[str, Any]
):
    ann = await people.add("ann", "student")
    async with parts.bus.subscribe("sessions") as messages:
        answer = await client.patch(f"{USERS}{ann.id}/", json=change, headers=admin.headers)
        assert answer.status == 200
        assert await anext(messages) == {"user_id": ann.id}
    assert (await client.get(PROFILE, headers=ann.headers)).status == 401
    await client.patch(f"{USERS}{ann.id}/", json={"is_active": True}, headers=admin.headers)
    assert (await client.get(PROFILE, headers=ann.headers)).status == 401


async def test_roles_are_given_and_taken_and_hold_at_once(
    client: Client, people: People, admin: Person
):
    ann = await people.add("ann", "student")
    address = f"{USERS}{ann.id}/roles/"
    assert (await client.get(USERS, headers=ann.headers)).status == 403
    answer = await client.post(address, json={"role": "teacher"}, headers=admin.headers)
    held = {role["name"]: role["id"] for role in (await answer.json())["data"]}
    assert answer.status == 201
    assert held.keys() == {"student", "teacher"}
    assert (await client.get(USERS, headers=ann.headers)).status == 401
    ann = await people.signed_in(ann.user)
    assert (await client.get(USERS, headers=ann.headers)).status == 200
    again = await client.post(address, json={"role": "teacher"}, headers=admin.headers)
    assert again.status == 201
    assert (await client.get(USERS, headers=ann.headers)).status == 200
    gone = await client.delete(f"{address}{held['teacher']}/", headers=admin.headers)
    assert gone.status == 200
    assert (await client.get(USERS, headers=ann.headers)).status == 401
    ann = await people.signed_in(ann.user)
    assert (await client.get(USERS, headers=ann.headers)).status == 403
    again = await client.delete(f"{address}{held['teacher']}/", headers=admin.headers)
    assert again.status == 404
    by_id = {"role_id": held["teacher"]}
    assert (await client.post(address, json=by_id, headers=admin.headers)).status == 201


@pytest.mark.parametrize(
    "body", [{}, {"role": "king"}, {"role_id": 999}, {"role": "teacher", "role_id": 1}]
)
async def test_one_role_that_exists_must_be_named(
    client: Client, people: People, admin: Person, body: dict[str, Any]
):
    ann = await people.add("ann", "student")
    answer = await client.post(f"{USERS}{ann.id}/roles/", json=body, headers=admin.headers)
    assert answer.status == 400


async def test_every_role_says_what_it_grants(client: Client, people: People, admin: Person):
    answer = await client.get("/api/v1/roles/", headers=admin.headers)
    roles = {role["name"]: role for role in (await answer.json())["data"]}
    assert roles.keys() == {"student", "teacher", "admin"}
    assert "vm:provision" in roles["teacher"]["permissions"]
    assert "vm:provision" not in roles["student"]["permissions"]
    assert "user:delete" in roles["admin"]["permissions"]


async def test_the_last_active_admin_stays(client: Client, people: People, admin: Person):
    await people.add("sleeping", "admin", is_active=False)
    address = f"{USERS}{admin.id}/"
    role_id = (await Role.get(name="admin")).id
    attempts = [
        client.delete(address, headers=admin.headers),
        client.patch(address, json={"is_active": False}, headers=admin.headers),
        client.patch(address, json={"roles": ["teacher"]}, headers=admin.headers),
        client.delete(f"{address}roles/{role_id}/", headers=admin.headers),
    ]
    assert [(await attempt).status for attempt in attempts] == [409, 409, 409, 409]
    shown = (await (await client.get(address, headers=admin.headers)).json())["data"]
    assert (shown["is_active"], shown["roles"]) == (True, ["admin"])


async def test_who_owns_machines_is_not_deleted(client: Client, people: People, admin: Person):
    ann = await people.add("ann", "student")
    vm = await make_vm(ann)
    refused = await client.delete(f"{USERS}{ann.id}/", headers=admin.headers)
    assert refused.status == 409
    assert (await refused.json())["error"]["details"] == {"vms": 1, "templates": 0, "files": 0}
    await Vm.filter(id=vm.id).update(deleted_at=vm.created_at, reserved=False)
    assert (await client.delete(f"{USERS}{ann.id}/", headers=admin.headers)).status == 200
    assert not await User.filter(id=ann.id).exists()
    assert (await client.get(PROFILE, headers=ann.headers)).status == 401


async def test_quota_and_usage(client: Client, people: People, admin: Person):
    ann = await people.add("ann", "student")
    address = f"{USERS}{ann.id}/quota/"
    shown = await client.get(address, headers=ann.headers)
    assert (await shown.json())["data"]["vm_limit"] == 5
    quota = {"cpu_cores": 3, "memory_mb": 8192, "disk_gb": 100, "vm_limit": 2}
    assert (await client.put(address, json=quota, headers=admin.headers)).status == 200
    await make_vm(ann)
    await make_vm(ann, cpu_cores=2)
    await make_vm(ann, reserved=False)
    usage = await client.get(f"{address}usage/", headers=ann.headers)
    assert (await usage.json())["data"] == {
        "quota": quota,
        "used": {"cpu_cores": 4, "memory_mb": 4096, "disk_gb": 40, "vm_limit": 2},
        "available": {"cpu_cores": 0, "memory_mb": 4096, "disk_gb": 60, "vm_limit": 0},
    }


@pytest.mark.parametrize("wrong", [-1, 1.5, "4", True, 2**31, None])
async def test_a_quota_is_made_of_whole_numbers(
    client: Client, people: People, admin: Person, wrong: Any
):
    body = {"cpu_cores": wrong, "memory_mb": 1, "disk_gb": 1, "vm_limit": 1}
    answer = await client.put(f"{USERS}{admin.id}/quota/", json=body, headers=admin.headers)
    assert answer.status == 400
    assert (await answer.json())["error"]["details"].keys() == {"cpu_cores"}


class TestAtTheSameMoment:
    """Races, on both databases."""

    @pytest.fixture
    def store(self, database: str) -> str:
        """SQLite and PostgreSQL."""
        return database

    async def test_two_admins_cannot_remove_each_other(self, client: Client, people: People):
        first, second = await people.add("first", "admin"), await people.add("second", "admin")
        answers = await asyncio.gather(
            client.delete(f"{USERS}{second.id}/", headers=first.headers),
            client.delete(f"{USERS}{first.id}/", headers=second.headers),
        )
        assert 200 in {answer.status for answer in answers}
        assert await User.filter(is_active=True, roles__name="admin").count() == 1

    async def test_a_name_is_taken_once(self, client: Client, people: People):
        body = {"username": "ann", "email": "ann@example.edu", "password": PASSWORD}
        answers = await asyncio.gather(
            *(client.post("/api/v1/auth/register/", json=body) for _ in range(4))
        )
        assert sorted(answer.status for answer in answers) == [201, 409, 409, 409]
