"""Fixtures of all rings: a migrated database of either kind, a Redis, a bus."""

from __future__ import annotations

import asyncio
import os
import shutil
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest

from tests.support import matrix, servers
from vmlab.bus import Bus, open_bus
from vmlab.models import connected
from vmlab.models.migrate import migrate


def pytest_xdist_auto_num_workers() -> int:
    """Twice as many processes as processors: half of the time tests wait for others' processes."""
    return 2 * (os.cpu_count() or 1)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Show who reaches what, where it was asked."""
    matrix.show(terminalreporter)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """URL of a real PostgreSQL server's `postgres` database."""
    with servers.postgres() as url:
        yield url


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the shipped migrations applied and nothing in it."""
    path = tmp_path_factory.mktemp("template") / "empty.db"
    asyncio.run(migrate(f"sqlite://{path}"))
    return path


@pytest.fixture(scope="session")
def migrated_postgres(postgres_server: str) -> str:
    """Name of a PostgreSQL database with the shipped migrations applied, to be copied."""
    asyncio.run(administer(postgres_server, "CREATE DATABASE empty"))
    asyncio.run(migrate(named(postgres_server, "empty")))
    return "empty"


@pytest.fixture
def sqlite_url(migrated_sqlite: Path, tmp_path: Path) -> str:
    """URL of a SQLite database of this test's own, migrated and empty."""
    path = tmp_path / "vmlab.db"
    shutil.copyfile(migrated_sqlite, path)
    return f"sqlite://{path}"


@pytest.fixture
async def postgres_url(postgres_server: str, migrated_postgres: str) -> AsyncIterator[str]:
    """URL of a PostgreSQL database of this test's own, migrated and empty."""
    name = f"test_{uuid.uuid4().hex}"
    await administer(postgres_server, f"CREATE DATABASE {name} TEMPLATE {migrated_postgres}")
    yield named(postgres_server, name)
    await administer(postgres_server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The test runs twice: on SQLite and on PostgreSQL."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[str]:
    """An open, migrated, empty database; the test runs on SQLite and on PostgreSQL."""
    async with connected(database_url):
        yield database_url


@pytest.fixture
async def sqlite(sqlite_url: str) -> AsyncIterator[str]:
    """An open, migrated, empty SQLite database, where one kind of database is enough."""
    async with connected(sqlite_url):
        yield sqlite_url


@pytest.fixture(scope="session")
def redis_server() -> Iterator[servers.RedisServer]:
    """A real Redis."""
    with servers.redis() as server:
        yield server


@pytest.fixture(params=["memory", "redis"])
async def bus(request: pytest.FixtureRequest) -> AsyncIterator[Bus]:
    """A bus of each kind."""
    url = "" if request.param == "memory" else request.getfixturevalue("redis_server").url
    async with open_bus(url) as opened:
        yield opened


def named(url: str, database: str) -> str:
    """The URL of another database on the same server."""
    return url.rsplit("/", 1)[0] + f"/{database}"


async def administer(url: str, statement: str) -> None:
    """Execute one statement outside any transaction."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
