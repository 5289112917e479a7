"""Removes what is of no use any more, a little at a time, so that nobody waits for it.

| what                                        | goes when                                       |
|---------------------------------------------|-------------------------------------------------|
| events, from which streams are resumed      | there are 50,000 newer ones                     |
| logins and their refresh tokens             | a day after they have expired or were ended     |
| refresh tokens of logins that go on         | they have expired                               |
| tokens for a new password                   | they have expired                               |
| answers kept for idempotency keys           | they are a day old                              |
| steps of tasks                              | the task ended 90 days ago, and is not stuck    |

Everything else is history and stays: tasks themselves, machines that were, what happened to them,
console sessions, hours of use, and the audit log, which nobody but the database's owner can prune.
Several processes may do this at a time: a row is deleted by one of them.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

from tortoise.expressions import Q
from tortoise.models import Model
from tortoise.queryset import QuerySet

from vmlab.models import (
    AuthSession,
    Event,
    IdempotencyKey,
    PasswordReset,
    RefreshToken,
    Step,
    StepStatus,
    Task,
)
from vmlab.tasks.clock import database_now

KEEP_EVENTS = 50_000
"""Those of some thousand creations: who was away for longer loads everything anew."""

KEEP_STEPS = timedelta(days=90)
DAY = timedelta(days=1)

PERIOD_S = 60.0
BATCH = 500
"""Rows that are deleted at once: SQLite has one writer, and PostgreSQL's rows stay locked."""

PAUSE_S = 0.05
"""Between two batches, for everybody else."""

_log = logging.getLogger(__name__)


class Housekeeping:
    """Does it once a minute."""

    def __init__(self, *, period_s: float = PERIOD_S, batch: int = BATCH) -> None:
        """Look once a period, and delete so many rows at a time."""
        self._period_s = period_s
        self._batch = batch
        self._stopped = asyncio.Event()

    def stop(self) -> None:
        """Let `run` end."""
        self._stopped.set()

    async def run(self) -> None:
        """Look once a period until `stop`; no failure ends it."""
        while not self._stopped.is_set():
            try:
                await self.tick()
            except Exception:  # the database may be back the next time
                _log.exception("old rows are still there")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopped.wait(), self._period_s)

    async def tick(self) -> int:
        """Remove what is old now; how many rows that was, events aside."""
        await Event.forget(KEEP_EVENTS)
        now = await database_now()
        removed = 0
        for model, old in self._old(now):
            removed += await self._remove(model, old)
        if removed:
            _log.info("removed %d rows that are of no use any more", removed)
        return removed

    def _old(
        self, now: datetime
    ) -> list[tuple[type[Model], Callable[[int], Awaitable[list[Any]]]]]:
        """What to look for, and how: each gives up to so many ids of old rows."""
        over = Q(expires_at__lt=now - DAY) | Q(revoked_at__lt=now - DAY)
        return [
            (AuthSession, _keys(AuthSession.filter(over))),
            (RefreshToken, _keys(RefreshToken.filter(expires_at__lt=now))),
            (PasswordReset, _keys(PasswordReset.filter(expires_at__lt=now))),
            (IdempotencyKey, _keys(IdempotencyKey.filter(created_at__lt=now - DAY))),
            (Step, lambda limit: _old_steps(now - KEEP_STEPS, limit)),
        ]

    async def _remove(self, model: type[Model], old: Callable[[int], Awaitable[list[Any]]]) -> int:
        removed = 0
        while keys := await old(self._batch):
            await model.filter(id__in=keys).delete()
            removed += len(keys)
            if len(keys) < self._batch or self._stopped.is_set():
                break
            await asyncio.sleep(PAUSE_S)
        return removed


def _keys(rows: QuerySet[Any]) -> Callable[[int], Awaitable[list[Any]]]:
    async def find(limit: int) -> list[Any]:
        return [row["id"] for row in await rows.limit(limit).values("id")]

    return find


async def _old_steps(before: datetime, limit: int) -> list[Any]:
    """Steps of tasks that ended before then, the oldest first.

    Only the oldest steps are looked at, and not all that there are: tasks end about in the order in
    which they began. A task that is stuck keeps its steps, for a person has yet to look.
    """
    steps = await Step.all().order_by("id").limit(10 * limit).values("id", "task_id", "status")
    stuck = {step["task_id"] for step in steps if step["status"] is StepStatus.STUCK}
    ids = {step["task_id"] for step in steps} - stuck
    ended = Task.filter(id__in=list(ids), finished_at__lt=before)
    over = {row["id"] for row in await ended.values("id")}
    return [step["id"] for step in steps if step["task_id"] in over][:limit]
