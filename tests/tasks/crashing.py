"""A worker that dies at a chosen boundary, and the next one that finds what it left.

A boundary lies after every write of the journal and after every change of the outside world.
Between two boundaries nothing happens that would outlive a crash, so dying at each of them is dying
everywhere.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

from vmlab.models import Step as StepRow
from vmlab.models import Task, TaskStatus
from vmlab.tasks.claim import claim
from vmlab.tasks.journal import Journal
from vmlab.tasks.operation import Operation, Step
from vmlab.tasks.parts import Parts
from vmlab.tasks.run import Run
from vmlab.tasks.walk import walk

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
NEVER = 10**9


class Crash(BaseException):
    """The process is gone: no `except Exception` may notice."""


class Boundaries:
    """Counts boundaries, and crashes at one of them."""

    def __init__(self, crash_at: int = NEVER) -> None:
        self.passed: list[str] = []
        self.crash_at = crash_at

    def __call__(self, point: str) -> None:
        self.passed.append(point)
        if len(self.passed) - 1 == self.crash_at:
            raise Crash(point)


class CrashingJournal(Journal):
    """The journal of a worker that may die after each of its writes."""

    def __init__(self, task: Task, rows: dict[str, StepRow], boundary: Boundaries) -> None:
        super().__init__(task, rows)
        self._boundary = boundary

    async def _write_all(self, changes: Any) -> None:
        await super()._write_all(changes)
        self._boundary(f"wrote {changes}")

    async def end(
        self,
        status: TaskStatus,
        error: dict[str, Any] | None,
        settle: Callable[[], Awaitable[None]],
    ) -> None:
        async def settle_and_die() -> None:
            await settle()
            self._boundary("settled, not committed")

        await super().end(status, error, settle_and_die)
        self._boundary("ended")


async def take(task_id: int, parts: Parts) -> Task:
    """Claim a task as the next worker does once the last one's lease is over."""
    await Task.filter(id=task_id, status=TaskStatus.RUNNING).update(lease_until=LONG_AGO)
    [task] = await claim("worker", 1, parts.settings)
    assert task.id == task_id
    return task


async def work(operation: Operation, parts: Parts, task_id: int, boundary: Boundaries) -> bool:
    """One worker's life: claim the task and walk it; False if it died before the end."""
    task = await take(task_id, parts)
    rows = {row.name: row for row in await StepRow.filter(task_id=task_id)}
    run = Run(operation, CrashingJournal(task, rows, boundary), parts)
    try:
        await walk(run)
    except Crash:
        return False
    return True


async def ended(task_id: int) -> bool:
    """Whether a task has come to its end; a worker may die right after that."""
    return (await Task.get(id=task_id)).status.ended


def doubled(operation: Operation) -> Operation:
    """The same operation with every step, and every undo, executed twice in a row."""
    return dataclasses.replace(operation, steps=tuple(map(_doubled, operation.steps)))


def _doubled(step: Step) -> Step:
    async def do(run: Run) -> Any:
        await step.do(run)
        return await step.do(run)

    async def undo(run: Run) -> str | None:
        assert step.undo is not None
        await step.undo(run)
        return await step.undo(run)

    return dataclasses.replace(step, do=do, undo=undo if step.undo else None)
