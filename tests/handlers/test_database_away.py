"""A database that is away while people ask: 503 and when to try again, and then all is well."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest
from structlog.testing import capture_logs
from tortoise import connections

from tests.handlers.conftest import Client
from tests.handlers.people import People
from tests.support.cable import Cable
from tests.tasks.waiting import until
from vmlab.models import connected

BODY = {"name": "Networks"}
REFUSED = (503, "SERVER_001", "5")


async def refusal(client: Client, method: str, path: str, **sent: Any) -> tuple[int, str, str]:
    """Status, code and advice of an error."""
    async with client.request(method, path, **sent) as answer:
        content = await answer.json()
        return answer.status, content["error"]["code"], answer.headers["Retry-After"]


async def test_another_program_has_sqlites_lock(client: Client, people: People, store: str):
    teacher = await people.add("teacher", "teacher")
    await connections.get("default").execute_query("PRAGMA busy_timeout = 50")
    with sqlite3.connect(store.removeprefix("sqlite://")) as other, capture_logs() as logs:
        other.execute("BEGIN IMMEDIATE")
        sent: dict[str, Any] = {"json": BODY, "headers": teacher.headers}
        assert await refusal(client, "POST", "/api/v1/courses/", **sent) == REFUSED
        other.rollback()
    other.close()
    assert [line["event"] for line in logs] == ["request_refused"]
    async with client.post("/api/v1/courses/", **sent) as answer:
        assert answer.status == 201


class TestPostgres:
    @pytest.fixture
    async def laid(self, postgres_url: str) -> AsyncIterator[tuple[Cable, str]]:
        """A way to the database that may break."""
        async with Cable.laid(postgres_url) as laid:
            yield laid

    @pytest.fixture
    def cable(self, laid: tuple[Cable, str]) -> Cable:
        return laid[0]

    @pytest.fixture
    async def store(self, laid: tuple[Cable, str]) -> AsyncIterator[str]:
        """The database at the end of the cable."""
        async with connected(laid[1], answers_within_s=0.5):
            yield laid[1]

    async def test_it_goes_and_comes_back(self, client: Client, people: People, cable: Cable):
        teacher = await people.add("teacher", "teacher")
        asked: dict[str, Any] = {"headers": teacher.headers}
        async with client.get("/api/v1/courses/", **asked) as answer:
            assert answer.status == 200
        cable.cut()
        for method, sent in ("GET", asked), ("POST", {"json": BODY, **asked}):
            for _ in range(6):  # as many connections as there may be in the pool, and one more
                assert await refusal(client, method, "/api/v1/courses/", **sent) == REFUSED
        await cable.mend()
        async with client.post("/api/v1/courses/", json=BODY, **asked) as answer:
            assert answer.status == 201

    @pytest.mark.parametrize("trouble", ["cut", "freeze"])
    async def test_it_goes_in_the_middle_of_a_statement(
        self, client: Client, people: People, cable: Cable, postgres_url: str, trouble: str
    ):
        teacher = await people.add("teacher", "teacher")
        asked: dict[str, Any] = {"json": BODY, "headers": teacher.headers}
        admin = await asyncpg.connect(postgres_url)
        async with admin.transaction():
            await admin.execute("LOCK TABLE courses IN ACCESS EXCLUSIVE MODE")
            waiting = asyncio.create_task(refusal(client, "POST", "/api/v1/courses/", **asked))

            async def waits() -> bool:
                return bool(await admin.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted"))

            await until(waits)
            getattr(cable, trouble)()
            assert await waiting == REFUSED
        await admin.close()
