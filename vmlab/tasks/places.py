"""Places in lanes: who has one, and who waits for one in the middle of a task.

A task is given its first places by the claim. A step that needs others waits here for them while
its worker holds the task: what comes before such a step is done already when a place gets free, so
the lane never waits for preparations. Places are counted over all workers, in the rows of the
running tasks.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tortoise import connections

from vmlab import config
from vmlab.models import Task, TaskStatus
from vmlab.models.connection import transaction
from vmlab.tasks import lanes
from vmlab.tasks.clock import on_postgres

_log = logging.getLogger(__name__)

_ONE_AT_A_TIME = 0x766D6C6162
"""Key of the advisory lock: "vmlab"."""


async def exclude_others() -> None:
    """Be the only one, until the transaction ends, who gives away places.

    Two could take the last place of a lane otherwise. SQLite has one writer at a time anyway.
    """
    if on_postgres():
        connection = connections.get("default")
        await connection.execute_query(f"SELECT pg_advisory_xact_lock({_ONE_AT_A_TIME})")


async def by_task() -> dict[int, list[str]]:
    """The lanes in which running tasks have places; parents and idle ones have none."""
    running = Task.filter(
        status=TaskStatus.RUNNING, lease_until__isnull=False, started_at__isnull=False
    )
    return dict(await running.values_list("id", "lanes"))


def count(held: Mapping[int, Iterable[str]]) -> Counter[str]:
    """How many places are taken in each lane."""
    return Counter(lane for its_lanes in held.values() for lane in its_lanes)


@dataclass(frozen=True, eq=False)
class _Waiter:
    """A held task that can go on once it has a place in each of these lanes."""

    task: Task
    wanted: list[str]
    granted: asyncio.Future[bool]

    def lacking(self, held: Iterable[str]) -> set[str]:
        return set(self.wanted) - set(held)


class Places:
    """Those of one process's tasks that wait for places, in the order in which they get them."""

    def __init__(self, settings: config.Settings) -> None:
        """Give away as many places as these settings allow."""
        self._limits = settings.lanes
        self._waiters: set[_Waiter] = set()
        self._serving = asyncio.Lock()

    @property
    def waiting(self) -> int:
        """How many tasks wait; one that was let go on, but has not stirred yet, does not."""
        return sum(not waiter.granted.done() for waiter in self._waiters)

    async def take(self, task: Task, wanted: Sequence[str]) -> bool:
        """Wait until a task has a place in each of these lanes, and in no others.

        Until then it keeps the places that it has.

        Returns:
            False if the task belongs to another worker by now.
        """
        waiter = _Waiter(task, list(wanted), asyncio.get_running_loop().create_future())
        async with self._serving:
            # Whoever would stand behind another one of this process need not ask.
            if not self._is_behind(waiter):
                await self._grant([waiter], 1)
            self._waiters.add(waiter)
        try:
            return await waiter.granted
        finally:
            self._waiters.discard(waiter)

    async def serve(self, at_most: int) -> None:
        """See whether places have become free, and let up to so many tasks go on."""
        async with self._serving:
            waiters = [waiter for waiter in self._waiters if not waiter.granted.done()]
            waiters.sort(key=lambda waiter: (waiter.task.priority, waiter.task.id))
            if waiters and at_most > 0:
                await self._grant(waiters, at_most)

    def _is_behind(self, newcomer: _Waiter) -> bool:
        lacking = newcomer.lacking(newcomer.task.lanes)
        return any(lacking & other.lacking(other.task.lanes) for other in self._waiters)

    async def _grant(self, waiters: Sequence[_Waiter], at_most: int) -> None:
        try:
            answers = await self._given(waiters, at_most)
        except Exception:
            # They go on waiting; the database may be back at the worker's next look.
            _log.exception("places cannot be given away")
            return
        for waiter, given in answers.items():
            if not waiter.granted.done():
                waiter.granted.set_result(given)

    async def _given(self, waiters: Sequence[_Waiter], at_most: int) -> dict[_Waiter, bool]:
        """Write down who gets places; False for those who have lost their task."""
        answers: dict[_Waiter, bool] = {}
        async with transaction():
            await exclude_others()
            held = await by_task()
            taken = count(held)
            for waiter in waiters:
                # What stands in the row counts: an answer may have been lost after its commit.
                lacking = waiter.lacking(held.get(waiter.task.id, ()))
                if any(taken[lane] >= lanes.limit(lane, self._limits) for lane in lacking):
                    continue
                its = Task.filter(id=waiter.task.id, fence=waiter.task.fence)
                changed = await its.filter(status=TaskStatus.RUNNING).update(lanes=waiter.wanted)
                answers[waiter] = bool(changed)
                taken.update(lacking)
                if len(answers) == at_most:
                    break
        return answers
