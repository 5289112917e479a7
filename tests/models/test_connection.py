"""A database that is busy elsewhere: what could not begin leaves nothing behind."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncIterator, Iterator

import pytest
from tortoise.exceptions import OperationalError

from vmlab.models import Role, connected
from vmlab.models.connection import transaction

WITHIN_S = 10


@pytest.fixture
async def impatient(sqlite_url: str) -> AsyncIterator[str]:
    """An open database that waits a fifth of a second for others; its path."""
    async with connected(f"{sqlite_url}?busy_timeout=200"):
        assert not await Role.exists()
        yield sqlite_url.removeprefix("sqlite://")


@contextlib.contextmanager
def somebody_writes(path: str) -> Iterator[None]:
    """Another program holds the database."""
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()


def roles_seen_by_others(path: str) -> set[str]:
    with contextlib.closing(sqlite3.connect(path)) as other:
        return {name for (name,) in other.execute("SELECT name FROM roles")}


async def test_a_transaction_that_cannot_begin_is_in_nobodys_way(impatient: str):
    with somebody_writes(impatient), pytest.raises(OperationalError):
        async with transaction():
            raise AssertionError("it has begun")
    async with asyncio.timeout(WITHIN_S):
        async with transaction():
            await Role.create(name="guest")
        assert await Role.exists(name="guest")


async def test_a_transaction_that_is_cancelled_while_it_begins_is_in_nobodys_way(impatient: str):
    begun = False
    with somebody_writes(impatient), pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05), transaction():
            begun = True
    assert not begun
    async with asyncio.timeout(WITHIN_S):
        await Role.create(name="guest")
        assert roles_seen_by_others(impatient) == {"guest"}
        async with transaction():
            await Role.create(name="ghost")
    assert roles_seen_by_others(impatient) == {"guest", "ghost"}


async def test_a_begin_that_comes_true_after_its_cancellation_is_taken_back(impatient: str):
    async def begin() -> None:
        async with transaction():
            await Role.create(name="never")

    for _ in range(20):
        beginning = asyncio.create_task(begin())
        await asyncio.sleep(0)
        beginning.cancel()
        with pytest.raises(asyncio.CancelledError):
            await beginning
    async with asyncio.timeout(WITHIN_S):
        await Role.create(name="guest")
    assert roles_seen_by_others(impatient) == {"guest"}
