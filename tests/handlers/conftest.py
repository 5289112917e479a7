"""A served API and people to call it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from tests.handlers.lab import ServedLab, served
from tests.handlers.people import People, Person
from vmlab.app import make_app, open_parts, working
from vmlab.config import Proxmox, Security, Settings, Storage
from vmlab.handlers.parts import ApiParts
from vmlab.simulator import Simulator

Client = TestClient[web.Request, web.Application]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of the served API; a test module overrides this to change them."""
    return Settings(
        security=Security(secret_key="a-secret-key-of-more-than-32-bytes!"),
        proxmox=Proxmox(
            hosts=("127.0.0.1:1",),
            token_id="vmlab@pve!api",
            token_secret="none",
            fingerprint=":".join(["AB"] * 32),  # the system's authorities take long to be read
        ),
        storage=Storage(directory=str(tmp_path / "files")),
    )


@pytest.fixture
def store(sqlite: str) -> str:
    """The open database; a test module overrides this to take PostgreSQL, or both."""
    return sqlite


@pytest.fixture
async def parts(settings: Settings, store: str) -> AsyncIterator[ApiParts]:
    """The API's parts over an empty database."""
    async with open_parts(settings) as opened:
        yield opened


@pytest.fixture
async def client(parts: ApiParts) -> AsyncIterator[Client]:
    """A client without credentials, of an API served on a port of its own."""
    async with TestClient(TestServer(make_app(parts))) as served:
        yield served


@pytest.fixture
async def people(parts: ApiParts) -> People:
    """Makes people and signs them in."""
    return await People.prepared(parts)


@pytest.fixture
async def teacher(people: People) -> Person:
    """Somebody who teaches."""
    return await people.add("tom", "teacher")


@pytest.fixture
async def ann(people: People) -> Person:
    """A student."""
    return await people.add("ann", "student")


@pytest.fixture
async def sim() -> AsyncIterator[Simulator]:
    """A cluster of three nodes whose waits are a thousand times shorter."""
    async with Simulator(auth_delay_s=0.0, speed=1000.0) as simulator:
        yield simulator


@pytest.fixture
async def lab(store: str, settings: Settings, sim: Simulator) -> AsyncIterator[ServedLab]:
    """The API over that cluster, with a course in it; nobody works on its tasks."""
    async with served(settings, sim) as opened:
        yield opened


@pytest.fixture
async def worked_lab(lab: ServedLab) -> AsyncIterator[ServedLab]:
    """The same with a worker and the reconciler."""
    async with working(lab.parts):
        yield lab
