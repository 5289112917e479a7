"""Fixtures of whole installations."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from playwright.async_api import Browser

from tests.e2e.pages import chromium
from tests.e2e.processes import Client, Site, cluster
from tests.support.servers import RedisServer


@pytest.fixture
async def pve() -> AsyncIterator[dict[str, Any]]:
    """A simulated cluster with drawn guests."""
    async with cluster("--guests", "synthetic") as said:
        yield said


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    """A client session."""
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture(params=["sqlite", "postgres_redis"])
def stores(request: pytest.FixtureRequest) -> tuple[str, str]:
    """URLs of database and Redis: SQLite alone, and PostgreSQL with Redis."""
    if request.param == "sqlite":
        return str(request.getfixturevalue("sqlite_url")), ""
    redis_server: RedisServer = request.getfixturevalue("redis_server")
    return str(request.getfixturevalue("postgres_url")), redis_server.url


@pytest.fixture
async def site(stores: tuple[str, str], tmp_path: Path, pve: dict[str, Any]) -> AsyncIterator[Site]:
    """A prepared installation on either kind of store."""
    made = Site(tmp_path, pve, *stores)
    await made.prepare()
    yield made
    await made.end_all()


@pytest.fixture
def admin(site: Site, http: aiohttp.ClientSession) -> Client:
    """An administrator who has yet to sign in."""
    return Client(http, site.base)


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """Debian's Chromium."""
    async with chromium() as running:
        yield running
