"""What a claim costs: as a ratio to the barest queue that PostgreSQL can be.

The bare loop takes one row a transaction by `FOR UPDATE SKIP LOCKED` and marks it. A claim also
counts lanes, shares between courses, keeps leases and fences; and it takes several tasks at once,
as a worker with room for them does.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable

import asyncpg
import pytest

from tests.tasks.conftest import NOWHERE, parts_for, with_lanes
from vmlab import config
from vmlab.models import Course, Task, connected
from vmlab.tasks import Parts, lanes
from vmlab.tasks.claim import claim
from vmlab.tasks.clock import database_now

pytestmark = pytest.mark.benchmark

TASKS, COURSES = 192, 6
BARE = "SELECT id FROM tasks WHERE status = 'pending' ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED"


@pytest.fixture
async def url(postgres_url: str) -> AsyncIterator[str]:
    """A database with a line of tasks of several courses."""
    async with connected(postgres_url):
        yield postgres_url


async def fill() -> None:
    """Put the tasks in line anew."""
    await Task.all().delete()
    courses = [await Course.create(name=f"Course {n}") for n in range(COURSES)]
    now = await database_now()
    await Task.bulk_create(
        Task(
            kind="k",
            target_type="t",
            target_id=number,
            lock=f"t:{number}",
            course_id=courses[number * number % COURSES].id,
            lanes=lanes.with_cluster([lanes.node(f"pve{number % 8}")]),
            run_at=now,
        )
        for number in range(TASKS)
    )


async def a_second(take: Callable[[], Awaitable[int]]) -> float:
    """How many tasks a second are taken, best of two emptied lines."""
    best = 0.0
    for _ in range(2):
        await fill()
        taken, begun = 0, time.perf_counter()
        while got := await take():
            taken += got
        best = max(best, taken / (time.perf_counter() - begun))
        assert taken == TASKS
    return best


async def bare(url: str) -> float:
    """The bare loop."""
    connection = await asyncpg.connect(url)

    async def take() -> int:
        async with connection.transaction():
            id_ = await connection.fetchval(BARE)
            if id_ is not None:
                await connection.execute("UPDATE tasks SET status = 'running' WHERE id = $1", id_)
        return int(id_ is not None)

    try:
        return await a_second(take)
    finally:
        await connection.close()


async def ours(parts: Parts, wanted: int) -> float:
    """The engine's claim."""

    async def take() -> int:
        return len(await claim("worker", wanted, parts.settings))

    return await a_second(take)


async def test_claims_a_second_against_the_bare_loop(url: str) -> None:
    async with parts_for(NOWHERE, config.Tasks(lease_s=3600.0)) as quick:
        parts = with_lanes(quick, per_node=10**6, cluster=10**6)
        floor = await bare(url)
        ratios = {wanted: await ours(parts, wanted) / floor for wanted in (1, 16)}
    shown = ", ".join(f"{wanted} at once {ratio:.2f}" for wanted, ratio in ratios.items())
    print(f"\nbare loop {floor:.0f} claims/s = 1; ours: {shown}")
    assert ratios[1] > 0.02
    assert ratios[16] > 0.3
