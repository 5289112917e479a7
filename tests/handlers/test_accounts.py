"""Registering, profile, password: what people do about themselves."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from tests.handlers.conftest import Client
from tests.handlers.people import PASSWORD, PASSWORD_HASH, People
from vmlab.app import make_app
from vmlab.config import Security
from vmlab.handlers.parts import ApiParts
from vmlab.handlers.passwords import LANES, MEMORY_KIB, PASSES
from vmlab.models import Quota, User

REGISTER = "/api/v1/auth/register/"
PROFILE = "/api/v1/auth/user/profile/"
CHANGE = "/api/v1/auth/password/change/"
ENGLISH = {"Accept-Language": "en"}
ACCOUNT = {"username": "ann", "email": "Ann@Example.edu", "password": "long enough to do"}


async def refused(client: Client, **changes: Any) -> dict[str, Any]:
    """The complaints about a registration."""
    answer = await client.post(REGISTER, json=ACCOUNT | changes, headers=ENGLISH)
    error = (await answer.json())["error"]
    assert (answer.status, error["code"]) == (400, "VALIDATION_001")
    assert not await User.all().exists()
    details: dict[str, Any] = error["details"]
    return details


async def test_registering_makes_a_student_with_a_quota(client: Client, people: People):
    answer = await client.post(REGISTER, json=ACCOUNT | {"password2": ACCOUNT["password"]})
    data = (await answer.json())["data"]
    assert answer.status == 201
    assert data["roles"] == ["student"]
    assert data["email"] == "ann@example.edu"
    assert "password" not in data
    quota = await Quota.get(user_id=data["id"])
    assert (quota.cpu_cores, quota.memory_mb, quota.disk_gb, quota.vm_limit) == (8, 16384, 200, 5)
    body = {"username": "ann", "password": ACCOUNT["password"]}
    assert (await client.post("/api/v1/auth/login/", json=body)).status == 200


@pytest.mark.parametrize("again", [{"username": "bob"}, {"email": "bob@example.edu"}])
async def test_a_name_or_address_is_taken_once(
    client: Client, people: People, again: dict[str, str]
):
    await client.post(REGISTER, json=ACCOUNT)
    answer = await client.post(REGISTER, json=ACCOUNT | again, headers=ENGLISH)
    error = (await answer.json())["error"]
    assert (answer.status, error["code"]) == (409, "RESOURCE_002")
    assert error["message"] == "This name or e-mail address is taken."


async def test_a_closed_registration_is_forbidden(parts: ApiParts, people: People):
    security = replace(parts.settings.security, registration="closed")
    closed = replace(parts, settings=replace(parts.settings, security=security))
    async with TestClient(TestServer(make_app(closed))) as client:
        answer = await client.post(REGISTER, json=ACCOUNT)
        assert answer.status == 403


@pytest.mark.parametrize(
    ("password", "complaint"),
    [
        ("short", "A password needs at least 8 characters."),
        ("password123", "This password is among the first that anybody would try."),
        ("zzzzzzzzzz", "This password is among the first that anybody would try."),
        ("Ann@example.edu", "A password may not be the name or the e-mail address."),
    ],
)
async def test_the_password_policy_is_named(
    client: Client, people: People, password: str, complaint: str
):
    assert await refused(client, password=password) == {"password": [complaint]}


async def test_passwords_that_differ_are_refused(client: Client, people: People):
    details = await refused(client, password2="another")
    assert details == {"password2": ["The two passwords differ."]}


async def test_unknown_fields_are_named_and_not_ignored(client: Client, people: People):
    assert await refused(client, is_admin=True) == {"is_admin": ["Unknown field."]}


@pytest.mark.parametrize("username", ["", "with space", "a@b", "-dash", "new\nline\n", "x" * 65])
async def test_odd_usernames_are_refused(client: Client, people: People, username: str):
    assert (await refused(client, username=username)).keys() == {"username"}


async def test_text_with_nul_is_refused_before_the_database_does(client: Client, people: People):
    details = await refused(client, first_name="a\x00b")
    assert details == {"first_name": ["Text may not contain NUL."]}


async def test_a_profile_is_replaced(client: Client, people: People):
    ann = await people.add("ann", "student")
    body = {"email": "new@example.edu", "first_name": "Ann", "last_name": "Lee"}
    answer = await client.put(PROFILE, json=body, headers=ann.headers)
    assert answer.status == 200
    shown = (await (await client.get(PROFILE, headers=ann.headers)).json())["data"]
    assert {name: shown[name] for name in body} == body
    await client.put(PROFILE, json={"email": "new@example.edu"}, headers=ann.headers)
    shown = (await (await client.get(PROFILE, headers=ann.headers)).json())["data"]
    assert (shown["first_name"], shown["last_name"]) == ("", "")


async def test_a_profile_cannot_take_somebody_elses_address(client: Client, people: People):
    ann = await people.add("ann", "student")
    await people.add("bob", "student")
    answer = await client.put(PROFILE, json={"email": "bob@example.edu"}, headers=ann.headers)
    assert answer.status == 409


async def test_a_changed_password_ends_all_other_logins(client: Client, people: People):
    ann = await people.add("ann", "student")
    elsewhere = await people.signed_in(ann.user)
    body = {"old_password": PASSWORD, "new_password": "quite another one"}
    assert (await client.post(CHANGE, json=body, headers=ann.headers)).status == 200
    assert (await client.get(PROFILE, headers=ann.headers)).status == 200
    assert (await client.get(PROFILE, headers=elsewhere.headers)).status == 401
    login = {"username": "ann", "password": "quite another one"}
    assert (await client.post("/api/v1/auth/login/", json=login)).status == 200


async def test_a_password_is_changed_by_who_knows_it_only(client: Client, people: People):
    ann = await people.add("ann", "student")
    body = {"old_password": "wrong", "new_password": "quite another one"}
    answer = await client.post(CHANGE, json=body, headers=ann.headers)
    assert answer.status == 400
    details = (await answer.json())["error"]["details"]
    assert details == {"old_password": ["This is not your password."]}


async def test_the_old_password_cannot_be_guessed_here_either(parts: ApiParts, people: People):
    ann = await people.add("ann", "student")
    body = {"old_password": "wrong", "new_password": "quite another one"}
    limit = int(Security().login_limit.partition("/")[0])
    async with TestClient(TestServer(make_app(parts))) as client:
        for _ in range(limit):
            assert (await client.post(CHANGE, json=body, headers=ann.headers)).status == 400
        assert (await client.post(CHANGE, json=body, headers=ann.headers)).status == 429


async def test_a_hash_of_former_parameters_is_renewed_at_login(client: Client, people: People):
    person = await people.add("ann", "student")
    assert person.user.password_hash == PASSWORD_HASH
    body = {"username": "ann", "password": PASSWORD}
    for _ in range(2):
        answer = await client.post("/api/v1/auth/login/", json=body)
        assert answer.status == 200
        renewed = (await User.get(id=person.id)).password_hash
        assert f"m={MEMORY_KIB},t={PASSES},p={LANES}" in renewed
