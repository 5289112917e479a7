"""Parts that belong to no cluster, for operations that do not go to Proxmox."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from vmlab import config, storage
from vmlab.bus import MemoryBus
from vmlab.proxmox.client import Connection, connect
from vmlab.proxmox.cluster import Cluster
from vmlab.proxmox.guests import Guests
from vmlab.proxmox.pve_tasks import PveTasks
from vmlab.proxmox.storage import Storages
from vmlab.tasks import Parts

QUICK = config.Tasks(lease_s=1.5, beat_s=0.2, poll_s=0.1, back_off_s=0.0)
NOWHERE = Connection(hosts=("127.0.0.1:1",), token_id="a@b!c", token_secret="none")


@asynccontextmanager
async def parts_for(connection: Connection, tasks: config.Tasks = QUICK) -> AsyncIterator[Parts]:
    """Parts as the application makes them, for this connection."""
    settings = config.Settings(tasks=tasks, proxmox=config.Proxmox(token_id=connection.token_id))
    async with connect(connection) as api, storage.opened(settings.storage.directory) as files:
        pve_tasks = PveTasks(api, first_tick_s=0.02, longest_tick_s=0.1)
        yield Parts(
            settings, Guests(api), pve_tasks, Cluster(api), Storages(api), files, MemoryBus()
        )
        await pve_tasks.aclose()


@pytest.fixture
async def parts() -> AsyncIterator[Parts]:
    """Parts whose cluster nobody may need."""
    async with parts_for(NOWHERE) as parts:
        yield parts


def with_lanes(parts: Parts, **limits: int) -> Parts:
    """The same parts with other limits of the lanes."""
    lanes = dataclasses.replace(parts.settings.lanes, **limits)
    return dataclasses.replace(parts, settings=dataclasses.replace(parts.settings, lanes=lanes))
