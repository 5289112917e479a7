"""What `vmlab serve` costs while nothing happens, and what it costs to tell of what does.

It runs as for real: server, worker and reconciler in one process, with PostgreSQL and a simulated
cluster of a thousand guests, each a process of its own.

| measure                                                      | goal                        |
|--------------------------------------------------------------|-----------------------------|
| CPU at rest with 1,000 machines and 200 event streams        | at most 5 % of a core       |
| CPU for each change of a machine that one of 200 is told of  | at most 10 ms               |
"""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from pathlib import Path

import aiohttp
import pytest

from tests.benchmarks.cost import cpu_s
from tests.benchmarks.table import Table
from tests.e2e.processes import Site, cluster
from tests.handlers.people import People, Person
from vmlab import config
from vmlab.app import open_parts
from vmlab.models import Vm, VmStatus, connected

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(300)]

MACHINES, STREAMS = 1000, 200
REST_S = 20.0
WITHIN_S = 60
EVENTS = "/api/v1/events/"


async def fill(people: People) -> tuple[list[Person], list[Vm]]:
    """Two hundred students with machines, of which Proxmox knows nothing yet."""
    students = [await people.add(f"student{n}", "student") for n in range(STREAMS)]
    await Vm.bulk_create(
        Vm(
            uuid=uuid.uuid4(),
            name=f"vm{n}",
            status=VmStatus.STOPPED,
            owner_id=students[n % STREAMS].id,
            cpu_cores=1,
            memory_mb=1024,
            disk_gb=8,
        )
        for n in range(MACHINES)
    )
    return students, await Vm.all().order_by("id").limit(STREAMS)


async def rest(pid: int) -> float:
    """The share of a core that a process takes, in a while in which nothing happens."""
    before = cpu_s(pid)
    await asyncio.sleep(REST_S)
    return (cpu_s(pid) - before) / REST_S


async def told(answer: aiohttp.ClientResponse, name: str) -> None:
    """Wait until a stream tells of a machine."""
    async for line in answer.content:
        if name.encode() in line:
            return
    raise AssertionError("the stream has ended")


async def test_at_rest_and_told(tmp_path: Path, postgres_url: str, table: Table) -> None:
    table.begin(f"`vmlab serve` with {MACHINES} machines on PostgreSQL", "measure", "CPU")
    async with cluster("--vms", str(MACHINES)) as said, contextlib.AsyncExitStack() as stack:
        site = Site(tmp_path, said, postgres_url)
        async with connected(postgres_url), open_parts(config.load(site.config, {})) as parts:
            students, vms = await fill(await People.prepared(parts))
            server = await site.serve()
            stack.push_async_callback(site.end_all)
            await asyncio.sleep(3)  # the first look at the cluster
            table.row("at rest", f"{await rest(server.pid):.1%} of a core")
            session = await stack.enter_async_context(
                aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
            )
            streams = [
                await stack.enter_async_context(
                    session.get(site.base + EVENTS, headers=student.headers)
                )
                for student in students
            ]
            share = await rest(server.pid)
            table.row(f"at rest, {STREAMS} event streams", f"{share:.1%} of a core")
            waiting = [
                asyncio.create_task(told(stream, f'"changed{n}"'))
                for n, stream in enumerate(streams)
            ]
            before = cpu_s(server.pid)
            for n, vm in enumerate(vms):
                await Vm.filter(id=vm.id).update(name=f"changed{n}")
            async with asyncio.timeout(WITHIN_S):
                await asyncio.gather(*waiting)
            each_ms = (cpu_s(server.pid) - before) / STREAMS * 1000
            table.row("a change told to one of them", f"{each_ms:.1f} ms")
    assert share < 0.05
    assert each_ms < 10
