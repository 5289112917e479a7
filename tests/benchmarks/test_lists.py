"""What a list costs: twenty rows of ten thousand, against a handler that only executes the SQL.

The floor (`tests.benchmarks.bare_lists`) executes the very statements that VMLab does for the
request on PostgreSQL, that which finds out who asks included, one after the other on one
connection, and turns what comes into JSON. VMLab is `vmlab serve`; beyond that it verifies the
token, checks the query, shapes rows, names and measures. Both are one process, asked over as many
connections in turns. The best turn counts.

| measure                      | goal                        |
|------------------------------|-----------------------------|
| requests a second, `vms/`    | at least half the floor's   |

CPU time says the same and is steadier on a machine that does other things as well: it is what is
asserted, for `vms/`, `tasks/` and `users/`, with some room for noise.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sys
import uuid
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from tests.benchmarks.bare_lists import Statements, to_text
from tests.benchmarks.cost import cpu_s
from tests.benchmarks.load import requests_a_second
from tests.benchmarks.table import Table
from tests.conftest import administer
from tests.e2e.processes import Site
from tests.handlers.people import PASSWORD_HASH, People, Person
from tests.support.servers import free_port
from vmlab import config
from vmlab.app import make_app, open_parts
from vmlab.models import Step, Task, TaskStatus, User, Vm, VmStatus, connected

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(600)]

ROWS, LISTS = 10_000, ("vms", "tasks", "users")
NOT_THE_LISTS = ("console_sessions", "clock_timestamp")
"""Statements that have these look after consoles meanwhile."""
TURNS, REQUESTS, CONNECTIONS = 4, 150, 8


async def fill(people: People) -> Person:
    """A large school; gives an administrator."""
    admin = await people.add("admin", "admin")
    course = await people.course("Networks", [], [])
    await User.bulk_create(
        User(username=f"u{n}", email=f"u{n}@example.edu", password_hash=PASSWORD_HASH)
        for n in range(ROWS)
    )
    await Vm.bulk_create(
        Vm(
            uuid=uuid.uuid4(),
            name=f"vm{n}",
            status=VmStatus.RUNNING,
            owner_id=admin.id,
            course_id=course.id,
            cpu_cores=1,
            memory_mb=1024,
            disk_gb=8,
            node=f"pve{n % 8}",
            vmid=100_000 + n,
            ip_addresses=["10.0.0.1"],
        )
        for n in range(ROWS)
    )
    now = datetime.now(UTC)
    await Task.bulk_create(
        Task(
            kind="start_vm",
            status=TaskStatus.SUCCEEDED,
            target_type="vm",
            target_id=n,
            created_by_id=admin.id,
            run_at=now,
        )
        for n in range(ROWS)
    )
    ids = await Task.all().values_list("id", flat=True)
    await Step.bulk_create(
        Step(task_id=id_, position=n, name=f"step{n}", status="done")
        for id_ in ids
        for n in range(2)
    )
    return admin


class Heard(logging.Handler):
    """The statements that Tortoise tells of."""

    def __init__(self) -> None:
        super().__init__()
        self.statements: Statements = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep it."""
        if isinstance(record.args, tuple) and len(record.args) == 2:
            sql, parameters = record.args
            self.statements.append((str(sql), list(parameters or [])))  # type: ignore[call-overload]


async def statements_of(client: TestClient[Any, Any], path: str, who: Person) -> Statements:
    """What VMLab executes for a list."""
    log, heard = logging.getLogger("tortoise.db_client"), Heard()
    before = log.level
    log.addHandler(heard)
    log.setLevel(logging.DEBUG)
    try:
        async with client.get(path, headers=who.headers) as answer:
            assert answer.status == 200
    finally:
        log.removeHandler(heard)
        log.setLevel(before)
    return [one for one in heard.statements if not any(word in one[0] for word in NOT_THE_LISTS)]


@dataclass(frozen=True)
class Sides:
    """Both servers."""

    vmlab_pid: int
    vmlab_port: int
    bare_pid: int
    bare_port: int
    headers: dict[str, str]


@contextlib.asynccontextmanager
async def sides(folder: Path, url: str) -> AsyncIterator[Sides]:
    """Fill the database, find out the statements, and start both."""
    said = {"hosts": {"pve1": "127.0.0.1:1"}, "token_id": "vmlab@pve!api", "token_secret": "none"}
    site = Site(folder, {**said, "ca_file": ""}, url)
    settings = config.load(site.config, {})
    async with connected(url), open_parts(settings) as parts:
        admin = await fill(await People.prepared(parts))
        async with TestClient(TestServer(make_app(parts))) as client:
            lists = {name: await statements_of(client, path_of(name), admin) for name in LISTS}
    await administer(url, "VACUUM ANALYZE")
    file = folder / "statements.json"
    file.write_text(to_text(lists), encoding="utf-8")
    port = free_port()
    bare = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.benchmarks.bare_lists", str(port), url, str(file)),
        stdin=PIPE,
    )
    try:
        server = await site.serve("--no-tasks")
        yield Sides(server.pid, site.port, bare.pid, port, admin.headers)
    finally:
        bare.kill()
        await bare.wait()
        await site.end_all()


def path_of(name: str) -> str:
    """The address of a list."""
    return f"/api/v1/{name}/"


async def measured(pid: int, port: int, path: str, headers: dict[str, str]) -> tuple[float, float]:
    """Milliseconds of CPU time a request, and requests a second, of one turn."""
    before = cpu_s(pid)
    a_second = await asyncio.to_thread(
        requests_a_second, port, path, headers, connections=CONNECTIONS, requests=REQUESTS
    )
    return (cpu_s(pid) - before) / REQUESTS * 1000, a_second


async def test_twenty_of_ten_thousand(tmp_path: Path, postgres_url: str, table: Table) -> None:
    heads = ("bare handler", "VMLab", "CPU, bare to VMLab", "speed to bare")
    table.begin("GET of 20 of 10,000 rows on PostgreSQL: CPU and speed of one process", "", *heads)
    async with sides(tmp_path, postgres_url) as both:
        for name in LISTS:
            bare, ours = [], []
            for _ in range(TURNS):
                bare.append(await measured(both.bare_pid, both.bare_port, f"/{name}", {}))
                ours.append(
                    await measured(both.vmlab_pid, both.vmlab_port, path_of(name), both.headers)
                )
            (floor_ms, _), floor = min(bare), max(a_second for _, a_second in bare)
            (ours_ms, _), fast = min(ours), max(a_second for _, a_second in ours)
            table.row(
                f"{name}/",
                f"{floor_ms:.2f} ms, {floor:.0f}/s",
                f"{ours_ms:.2f} ms, {fast:.0f}/s",
                f"{floor_ms / ours_ms:.2f}",
                f"{fast / floor:.2f}",
            )
            assert floor_ms / ours_ms > 0.3
