"""What the holder of a task writes down: every intent before, every result after.

All of it is fenced. A claim raises `tasks.fence`, and each write here first touches the task's row
under the fence that this holder was given: whoever has lost the task in the meantime changes
nothing and learns it by `Fenced`.

A step's result is written in one transaction with the next step's intent. Nothing is done outside
between the two; a crash there only makes the next holder look at a step that is done.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson

from vmlab.models import Step as StepRow
from vmlab.models import StepStatus, Task, TaskStatus
from vmlab.models.connection import transaction
from vmlab.tasks import parents


class Fenced(Exception):
    """Another worker has this task now, so this one has no say in it any more."""


class NotWritten(Exception):
    """The database did not take a write: what is known stands there, and nobody may go on."""


@dataclass(frozen=True)
class _Changes:
    """Values for the task's row, and for its steps' by name."""

    task: dict[str, Any]
    steps: dict[str, dict[str, Any]]


class Journal:
    """The record of one task, open for its present holder.

    Attributes:
        task: its row.
        rows: what is known of its steps, by name.
    """

    def __init__(self, task: Task, rows: dict[str, StepRow]) -> None:
        """Use `opened` to read what is there."""
        self.task = task
        self.rows = rows
        self._result: _Changes | None = None

    @classmethod
    async def opened(cls, task: Task) -> Journal:
        """Open the record of a task that was just claimed."""
        return cls(task, {row.name: row for row in await StepRow.filter(task_id=task.id)})

    def done_steps(self) -> set[str]:
        """Names of the steps that are done."""
        return {name for name, row in self.rows.items() if row.status is StepStatus.DONE}

    async def started(
        self,
        name: str,
        position: int,
        node: str | None,
        since: int | None,
        lanes: list[str] | None = None,
    ) -> None:
        """A step is about to be done for the first time, or anew after it was undone.

        Args:
            node: where Proxmox will list its task, if it can be told.
            since: from which second on, by that node's clock.
            lanes: the places that the task keeps meanwhile; None for all that it has.
        """
        await self._write(
            name,
            {} if lanes is None else {"lanes": lanes},
            position=position,
            status=StepStatus.STARTED,
            node=node,
            since=since,
            upid=None,
            undo_upid=None,
            output=None,
            error=None,
            finished_at=None,
        )

    async def upid(self, name: str, upid: str) -> None:
        """The step's task in Proxmox has begun."""
        await self._write(name, {"strikes": 0}, upid=upid)

    def done(self, name: str, output: Any, percent: int) -> None:
        """The step has had its effect; written along with what comes next, or by `flush`.

        Args:
            percent: how far the whole task is.
        """
        # Encoded here, because Tortoise takes a plain string for JSON that is encoded already.
        encoded = None if output is None else orjson.dumps(output).decode()
        values = {
            "status": StepStatus.DONE,
            "output": encoded,
            "error": None,
            "finished_at": datetime.now(UTC),
        }
        self._result = _Changes({"progress": percent, "strikes": 0}, {name: values})
        # What later steps read is what they would read after a crash.
        self.rows[name].update_from_dict(values)
        self.rows[name].output = None if encoded is None else orjson.loads(encoded)

    async def flush(self) -> None:
        """Write the last result, where nothing else will be written soon."""
        if self._result is not None:
            await self._write_all(_Changes({}, {}))

    async def turned(self, failed: str | None, error: dict[str, Any] | None) -> None:
        """From here on the task is undone.

        Args:
            failed: the step at which it turns; marked as failed if it was begun.
            error: why, as it will be shown; None for a cancelled task.
        """
        turn = {"unwinding": True, "error": error}
        row = self.rows.get(failed) if failed is not None else None
        if row is None or row.status is not StepStatus.STARTED:
            await self._write_task(**turn)
        else:
            text = error["message"] if error else None
            await self._write(row.name, turn, status=StepStatus.FAILED, error=text)

    async def undoing(self, name: str) -> None:
        """A step is about to be undone."""
        await self._write(name, status=StepStatus.UNDOING)

    async def undo_upid(self, name: str, upid: str | None) -> None:
        """The Proxmox task that undoes a step has begun; None: it has failed."""
        await self._write(name, undo_upid=upid)

    async def undone(self, name: str) -> None:
        """Nothing is left of a step."""
        await self._write(name, status=StepStatus.UNDONE, finished_at=datetime.now(UTC))

    async def stuck(self, name: str, text: str) -> None:
        """Nobody but a person can tell what is, or should be, left of a step."""
        await self._write(name, status=StepStatus.STUCK, error=text)

    async def progress(self, percent: int) -> None:
        """How far the task is."""
        if percent != self.task.progress:
            await self._write_task(progress=percent)

    async def end(
        self,
        status: TaskStatus,
        error: dict[str, Any] | None,
        settle: Callable[[], Awaitable[None]],
    ) -> None:
        """End the task, free its lock and change the domain's rows, all in one transaction.

        Raises:
            Fenced: another worker has it.
            Exception: what `settle` raised; nothing is changed then.
        """
        ended = {
            "status": status,
            "lock": None,
            "lease_until": None,
            "finished_at": datetime.now(UTC),
            "progress": 100 if status is TaskStatus.SUCCEEDED else self.task.progress,
            "error": error,
        }
        async with transaction():
            # Everywhere: a parent's row before its children's, a task's row before the domain's,
            # and the unique lock last. Another order could wait in a circle.
            parent = await parents.locked(self.task)
            if not await self._held().select_for_update().exists():
                raise Fenced
            await settle()
            await self._held().update(**ended)
            if parent is not None:
                await parents.settle(parent)
        self.task.update_from_dict(ended)

    def _held(self) -> Any:
        """The task's row, as long as this holder's fence stands."""
        return Task.filter(id=self.task.id, fence=self.task.fence, status=TaskStatus.RUNNING)

    async def _write_task(self, **values: Any) -> None:
        await self._write_all(_Changes(values, {}))

    async def _write(
        self, name: str, task_values: dict[str, Any] | None = None, **values: Any
    ) -> None:
        await self._write_all(_Changes({"step": name, **(task_values or {})}, {name: values}))

    async def _write_all(self, changes: _Changes) -> None:
        """Write the result that was kept back, and then these changes, in one transaction."""
        result, self._result = self._result or _Changes({}, {}), None
        on_task = result.task | changes.task
        new = {}
        try:
            async with transaction():
                if not await self._held().update(**on_task):
                    raise Fenced
                for name, values in [*result.steps.items(), *changes.steps.items()]:
                    row = self.rows.get(name)
                    if row is None:
                        new[name] = await StepRow.create(task_id=self.task.id, name=name, **values)
                    else:
                        await StepRow.filter(id=row.id).update(**values)
        except Fenced:
            raise
        except Exception as error:
            raise NotWritten from error
        self.task.update_from_dict(on_task)
        self.rows |= new
        for name, values in changes.steps.items():
            self.rows[name].update_from_dict(values)
