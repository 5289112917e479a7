"""A cluster that takes connections and says nothing: every request is answered all the same."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator

import pytest

from tests.handlers.conftest import Client
from tests.handlers.people import People
from tests.handlers.surface import Public, Reach
from tests.handlers.test_surface import ROWS, Asker, Case
from tests.handlers.world import build
from vmlab.app import all_endpoints
from vmlab.config import Settings
from vmlab.handlers.parts import ApiParts
from vmlab.models import Vm

LONGEST_S = 60
"""Far above what any request may take, for a busy machine; below what would be a hang."""


@pytest.fixture
async def frozen() -> AsyncIterator[str]:
    """Where nobody answers."""

    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
    yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    server.close()


@pytest.fixture
def settings(settings: Settings, frozen: str) -> Settings:
    proxmox = dataclasses.replace(settings.proxmox, hosts=(frozen,))
    return dataclasses.replace(settings, proxmox=proxmox)


async def test_nobody_waits_for_it(client: Client, parts: ApiParts, people: People):
    statuses: dict[str, int] = {}

    async def ask(name: str, asker: Asker, reach: Reach) -> None:
        statuses[name] = await asker.ask(Case("admin", "student", reach.admin))

    async with asyncio.timeout(LONGEST_S), asyncio.TaskGroup() as group:
        for number, endpoint in enumerate(all_endpoints()):
            reach = ROWS[endpoint.name]
            if isinstance(reach, Public) or endpoint.produces == "text/event-stream":
                continue
            world = await build(people, f"-{number}")
            asker = Asker(client, parts, world, endpoint, reach)
            group.create_task(ask(endpoint.name, asker, reach))
    unavailable = {name for name, status in statuses.items() if status == 503}
    assert {"list_nodes", "list_storages", "list_cluster_templates"} <= unavailable
    assert not [name for name, status in statuses.items() if status == 500]


async def test_machines_are_shown_as_they_were_seen_last(client: Client, people: People):
    world = await build(people)
    vm = await Vm.create(
        owner=world.student.user,
        uuid="0" * 32,
        name="web",
        status="running",
        node="pve1",
        vmid=10_001,
        cpu_cores=1,
        memory_mb=512,
        disk_gb=8,
    )

    async def ask(what: str) -> tuple[str, int]:
        path = f"/api/v1/vms/{vm.id}/{what}"
        async with client.get(path, headers=world.student.headers) as answer:
            return what, answer.status

    asked = ("", "status/", "logs/", "snapshots/", "metrics/", "metrics/history/")
    async with asyncio.timeout(LONGEST_S):
        found = dict(await asyncio.gather(*map(ask, asked)))
    assert found == {
        "": 200,
        "status/": 200,
        "logs/": 200,
        "snapshots/": 503,
        "metrics/": 503,
        "metrics/history/": 503,
    }
