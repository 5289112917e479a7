"""A POST that is repeated with its key does nothing twice, on both databases."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from tests.handlers.conftest import Client
from tests.handlers.people import People
from vmlab.models import IdempotencyKey, User

USERS = "/api/v1/users/"
BODY = {"username": "new", "email": "new@example.edu", "password": "long enough to do"}


@pytest.fixture
def store(database: str) -> str:
    """SQLite and PostgreSQL: the guarantee rests on their transactions."""
    return database


async def test_the_first_answer_comes_again_and_nothing_happens_twice(
    client: Client, people: People
):
    admin = await people.add("admin", "admin")
    headers = admin.headers | {"Idempotency-Key": "once"}
    first = await client.post(USERS, json=BODY, headers=headers)
    again = await client.post(USERS, json=BODY, headers=headers)
    assert (first.status, again.status) == (201, 201)
    assert await first.json() == await again.json()
    assert again.headers["Idempotency-Replayed"] == "true"
    assert await User.filter(username="new").count() == 1


async def test_many_at_the_same_moment_all_get_the_one_answer(client: Client, people: People):
    admin = await people.add("admin", "admin")
    headers = admin.headers | {"Idempotency-Key": "once"}
    answers = await asyncio.gather(
        *(client.post(USERS, json=BODY, headers=headers) for _ in range(6))
    )
    assert {answer.status for answer in answers} == {201}
    assert len({await answer.text() for answer in answers}) == 1
    assert await User.filter(username="new").count() == 1


async def test_the_same_key_for_another_request_is_a_conflict(client: Client, people: People):
    admin = await people.add("admin", "admin")
    headers = admin.headers | {"Idempotency-Key": "once"}
    await client.post(USERS, json=BODY, headers=headers)
    other = BODY | {"username": "newer", "email": "newer@example.edu"}
    answer = await client.post(USERS, json=other, headers=headers)
    assert answer.status == 409
    assert (await answer.json())["error"]["code"] == "RESOURCE_002"
    assert not await User.filter(username="newer").exists()


async def test_keys_of_different_users_are_different(client: Client, people: People):
    for name in "first", "second":
        admin = await people.add(name, "admin")
        body = BODY | {"username": f"by-{name}", "email": f"{name}-made@example.edu"}
        headers = admin.headers | {"Idempotency-Key": "same"}
        assert (await client.post(USERS, json=body, headers=headers)).status == 201


async def test_an_error_may_be_tried_again_with_the_same_key(client: Client, people: People):
    admin = await people.add("admin", "admin")
    headers = admin.headers | {"Idempotency-Key": "once"}
    in_the_way = await people.add("new", "student")
    assert (await client.post(USERS, json=BODY, headers=headers)).status == 409
    assert not await IdempotencyKey.all().exists()
    await in_the_way.user.delete()
    assert (await client.post(USERS, json=BODY, headers=headers)).status == 201


async def test_a_key_is_forgotten_after_a_day(client: Client, people: People):
    admin = await people.add("admin", "admin")
    headers = admin.headers | {"Idempotency-Key": "once"}
    await client.post(USERS, json=BODY, headers=headers)
    await IdempotencyKey.all().update(created_at=datetime.now(UTC) - timedelta(hours=25))
    other = BODY | {"username": "newer", "email": "newer@example.edu"}
    assert (await client.post(USERS, json=other, headers=headers)).status == 201


@pytest.mark.parametrize("key", ["", "x" * 129, "with space"])
async def test_a_key_must_be_short_and_printable(client: Client, people: People, key: str):
    admin = await people.add("admin", "admin")
    answer = await client.post(USERS, json=BODY, headers=admin.headers | {"Idempotency-Key": key})
    assert answer.status == 400
    assert "Idempotency-Key" in (await answer.json())["error"]["details"]
