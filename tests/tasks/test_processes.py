"""Several worker processes on one PostgreSQL: shared out, never doubled, and killed."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.tasks.process import KIND
from tests.tasks.waiting import until
from vmlab.models import Task, TaskStatus, Worker, connected
from vmlab.tasks import NewTask, lanes, submit

ROOT = Path(__file__).parents[2]


@pytest.fixture
async def database(postgres_url: str) -> AsyncIterator[str]:
    """SQLite serves one process, so here there is PostgreSQL only."""
    async with connected(postgres_url):
        yield postgres_url


@contextlib.asynccontextmanager
async def workers(
    count: int, url: str, log: Path
) -> AsyncIterator[list[asyncio.subprocess.Process]]:
    """Run worker processes; whoever is left at the end is asked to go, and does."""
    command = [sys.executable, "-m", "tests.tasks.process", url, str(log)]
    running = [await asyncio.create_subprocess_exec(*command, cwd=ROOT) for _ in range(count)]
    try:
        yield running
        for process in running:
            if process.returncode is None:
                process.terminate()
        codes = [await asyncio.wait_for(process.wait(), 10) for process in running]
        assert set(codes) <= {0, -signal.SIGKILL}
    finally:
        for process in running:
            if process.returncode is None:
                process.kill()
                await process.wait()


async def put(count: int, seconds: float, lane: str) -> None:
    """Put tasks in line, a new one for each target."""
    for target_id in range(count):
        await submit(
            NewTask(
                kind=KIND,
                target_type="line",
                target_id=target_id,
                params={"seconds": seconds},
                lanes=[lane],
            )
        )


async def all_ended() -> None:
    """Wait until no task is left."""

    async def none_left() -> bool:
        left = Task.filter(status__in=[TaskStatus.PENDING, TaskStatus.RUNNING])
        return not await left.exists()

    await until(none_left, 60)


async def seen(count: int) -> None:
    """Wait until so many workers have signed in."""

    async def there() -> bool:
        return await Worker.all().count() == count

    await until(there)


def read(log: Path) -> list[tuple[str, int, int]]:
    """The lines: word, target, process."""
    lines = [line.split() for line in log.read_text().splitlines()]
    return [(word, int(target), int(pid)) for word, target, pid in lines]


async def test_three_processes_share_the_work_within_the_lane(
    database: str, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    async with workers(3, database, log):
        await seen(3)
        await put(48, 0.05, lanes.linked_clones("s"))
        await all_ended()
    lines = read(log)
    assert Counter(target for word, target, _ in lines if word == "begin") == Counter(range(48))
    assert Counter(target for word, target, _ in lines if word == "end") == Counter(range(48))
    assert len({pid for _, _, pid in lines}) > 1
    # Four at once is the limit of such a lane: see config.Lanes.
    at_once = most = 0
    for word, _, _ in lines:
        at_once += 1 if word == "begin" else -1
        most = max(most, at_once)
    assert most == 4
    assert not await Task.exclude(status=TaskStatus.SUCCEEDED).exists()
    assert not await Worker.all().exists()


async def test_a_killed_process_loses_nothing(database: str, tmp_path: Path) -> None:
    log = tmp_path / "log"
    async with workers(2, database, log) as processes:
        await seen(2)
        await put(8, 1.0, lanes.node("pve1"))

        async def at_work() -> bool:
            return log.exists() and bool(read(log))

        await until(at_work)
        first_at_work = read(log)[0][2]
        [victim] = [process for process in processes if process.pid == first_at_work]
        victim.kill()
        await all_ended()
    lines = read(log)
    begun_by = {target: pid for word, target, pid in lines if word == "begin"}
    assert victim.pid not in begun_by.values()
    assert sorted(target for word, target, _ in lines if word == "end") == list(range(8))
    tasks = await Task.all().order_by("target_id")
    assert {task.status for task in tasks} == {TaskStatus.SUCCEEDED}
    begun = Counter(target for word, target, _ in lines if word == "begin")
    # What the victim had claimed, and perhaps begun, was claimed once more and no oftener.
    assert {task.attempts for task in tasks} <= {1, 2}
    assert all(begun[task.target_id] <= task.attempts for task in tasks)
    assert max(begun.values()) == 2
