"""Registration open, by invitation, or closed."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.handlers.conftest import Client
from tests.handlers.people import People, Person
from vmlab.config import Settings
from vmlab.models import Invitation, User

INVITATIONS = "/api/v1/auth/invitations/"
REGISTER = "/api/v1/auth/register/"
ENGLISH = {"Accept-Language": "en"}
REFUSED = (400, {"invitation": ["This invitation is not valid (any more)."]})


@pytest.fixture
def store(database: str) -> str:
    """SQLite and PostgreSQL in turn: what happens at the same moment differs between them."""
    return database


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Who has no invitation stays outside."""
    return replace(settings, security=replace(settings.security, registration="invitation"))


@pytest.fixture
async def admin(people: People) -> Person:
    """The one who invites."""
    return await people.add("admin", "admin")


async def invite(client: Client, admin: Person, **body: Any) -> dict[str, Any]:
    """What comes of inviting."""
    answer = await client.post(INVITATIONS, json=body, headers=admin.headers)
    assert answer.status == 201, await answer.text()
    data: dict[str, Any] = (await answer.json())["data"]
    return data


async def register(client: Client, name: str, code: str | None) -> tuple[int, Any]:
    """Status, and the new user or the error's details."""
    body = {"username": name, "email": f"{name}@example.edu", "password": "long enough to do"}
    answer = await client.post(
        REGISTER, json=body | ({} if code is None else {"invitation": code}), headers=ENGLISH
    )
    content = await answer.json()
    return answer.status, content["data"] if content["success"] else content["error"]["details"]


async def listed(client: Client, admin: Person) -> list[dict[str, Any]]:
    """The invitations that there are."""
    answer = await client.get(INVITATIONS, headers=admin.headers)
    results: list[dict[str, Any]] = (await answer.json())["data"]["results"]
    return results


async def test_an_invitation_makes_one_account_with_its_role(client: Client, admin: Person):
    invitation = await invite(client, admin, role="teacher")
    status, user = await register(client, "tom", invitation["code"])
    assert (status, user["roles"]) == (201, ["teacher"])
    assert await register(client, "tim", invitation["code"]) == REFUSED
    assert not await User.filter(username="tim").exists()


async def test_without_one_nobody_comes_in(client: Client, admin: Person):
    assert (await register(client, "ann", None))[0] == 403
    assert await register(client, "ann", "made-up") == REFUSED


async def test_the_code_is_shown_once_and_not_stored(client: Client, admin: Person):
    invitation = await invite(client, admin, email="Ann@Example.edu", max_uses=3)
    code = invitation.pop("code")
    assert invitation["email"] == "ann@example.edu"
    assert await listed(client, admin) == [invitation]
    assert code not in str(await Invitation.all().values())


async def test_an_invitation_of_an_address_is_for_nobody_else(client: Client, admin: Person):
    code = (await invite(client, admin, email="ann@example.edu"))["code"]
    assert await register(client, "bob", code) == REFUSED
    assert (await register(client, "ann", code))[0] == 201


async def test_the_last_use_goes_to_one_of_many_at_the_same_moment(client: Client, admin: Person):
    code = (await invite(client, admin, max_uses=2))["code"]
    results = await asyncio.gather(*(register(client, f"user{n}", code) for n in range(6)))
    assert sorted(status for status, _ in results) == [201, 201, 400, 400, 400, 400]
    [invitation] = await listed(client, admin)
    assert (invitation["uses"], invitation["max_uses"]) == (2, 2)


async def test_a_registration_that_fails_uses_nothing_up(client: Client, admin: Person):
    code = (await invite(client, admin))["code"]
    assert (await register(client, "admin", code))[0] == 409
    assert (await register(client, "ann", code))[0] == 201


async def test_an_invitation_expires(client: Client, admin: Person):
    soon = datetime.now(UTC) + timedelta(hours=1)
    code = (await invite(client, admin, expires_at=soon.isoformat()))["code"]
    await Invitation.all().update(expires_at=datetime.now(UTC) - timedelta(seconds=1))
    assert await register(client, "ann", code) == REFUSED


async def test_an_invitation_lasts_two_weeks_where_nobody_says(client: Client, admin: Person):
    expires_at = datetime.fromisoformat((await invite(client, admin))["expires_at"])
    days = (expires_at - datetime.now(UTC)) / timedelta(days=1)
    assert 13.9 < days <= 14


async def test_an_invitation_that_has_expired_cannot_be_made(client: Client, admin: Person):
    past = {"expires_at": "2020-01-01T00:00:00Z"}
    answer = await client.post(INVITATIONS, json=past, headers=admin.headers)
    details = (await answer.json())["error"]["details"]
    assert (answer.status, details) == (400, {"expires_at": ["This time has passed."]})


async def test_a_withdrawn_invitation_is_good_for_nothing(client: Client, admin: Person):
    invitation = await invite(client, admin)
    path = f"{INVITATIONS}{invitation['id']}/"
    assert (await client.delete(path, headers=admin.headers)).status == 200
    assert await register(client, "ann", invitation["code"]) == REFUSED
    assert await listed(client, admin) == []


@pytest.mark.parametrize("max_uses", [0, -1, 10_001, "2", 1.5])
async def test_odd_numbers_of_uses_are_refused(client: Client, admin: Person, max_uses: Any):
    answer = await client.post(INVITATIONS, json={"max_uses": max_uses}, headers=admin.headers)
    assert (await answer.json())["error"]["details"].keys() == {"max_uses"}
