"""What the functions of a step are given: the task, what came before, and patience.

A run is the time that one worker spends on one task. It can be told to cancel (the walk turns
round) or to leave (the worker goes; another one takes up the task where it stands). Both are heard
at once in `wait` and `sleep`, and otherwise between two steps.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from vmlab.models import Task
from vmlab.proxmox.faults import StillRunning, of_task
from vmlab.tasks import progress
from vmlab.tasks.journal import Fenced, Journal
from vmlab.tasks.parts import Parts
from vmlab.tasks.places import Places

if TYPE_CHECKING:
    from vmlab.tasks.operation import Operation, Step


T = TypeVar("T")


class Cancelled(Exception):
    """Somebody asked for the task to be cancelled."""


class Leaving(Exception):
    """The worker is about to stop; the task stays as it is for the next one."""


class Run:
    """One worker's work on one task.

    Attributes:
        parts: what steps work with.
        error: why the task is being undone, as it will be shown; None if it was cancelled.
        stuck: name of the step that needs a person, if one does.
    """

    def __init__(
        self, operation: Operation, journal: Journal, parts: Parts, places: Places | None = None
    ) -> None:
        """Take up the task that this journal belongs to, next to those that share the `places`."""
        self.operation = operation
        self.journal = journal
        self.parts = parts
        self.error: dict[str, Any] | None = journal.task.error
        self.stuck: str | None = None
        self.step: Step | None = None
        self._places = places or Places(parts.settings)
        self._cancelled = journal.task.cancel_requested_at is not None
        self._leaving = False
        self._wake = asyncio.Event()

    @property
    def task(self) -> Task:
        """The task's row, as this worker last wrote it."""
        return self.journal.task

    @property
    def params(self) -> dict[str, Any]:
        """What the operation was asked for when it was admitted."""
        return self.task.params

    def output(self, step: str) -> Any:
        """What a step returned, even if it has been undone since.

        Raises:
            KeyError: the step was never begun.
        """
        return self.journal.rows[step].output

    async def wait(self, upid: str, *, stoppable: bool = False) -> None:
        """Wait until a Proxmox task has ended well.

        Args:
            upid: the task.
            stoppable: stop it there if this task is cancelled meanwhile.

        Raises:
            ProxmoxFault: it failed; the class tells how.
            StillRunning: it took longer than `tasks.step_timeout_s`, and was stopped.
            Leaving: the worker goes; the task in Proxmox goes on.
        """
        pve_tasks = self.parts.pve_tasks
        timeout_s = self.parts.settings.tasks.step_timeout_s
        ended = asyncio.ensure_future(pve_tasks.wait(upid, timeout_s))
        try:
            while not ended.done():
                if self._leaving:
                    raise Leaving
                if stoppable and self.cancelled:
                    stoppable = False
                    await pve_tasks.stop(upid)
                    continue
                await self._until(ended)
            result = await ended
        except StillRunning:
            await pve_tasks.stop(upid)
            raise
        finally:
            ended.cancel()
        if not result.ok:
            raise of_task(upid, result.exitstatus)

    async def sleep(self, seconds: float) -> None:
        """Let time pass, unless the task is cancelled or the worker has to go.

        Raises:
            Cancelled: the task is to be undone (never while that is being done).
            Leaving: the worker goes.
        """
        await self.interruptible(asyncio.sleep(seconds))

    async def interruptible(self, work: Coroutine[Any, Any, T]) -> T:
        """Wait for something long that may be broken off at any point, as `sleep` is.

        Raises:
            Cancelled, Leaving: as in `sleep`; the work has ended then.
        """
        working = asyncio.ensure_future(work)
        try:
            while not working.done():
                self.check()
                await self._until(working)
            return await working
        finally:
            working.cancel()
            await asyncio.wait([working])

    async def take_places(self, wanted: Sequence[str]) -> None:
        """Wait until the task has a place in each of these lanes, and in no others.

        Raises:
            Fenced: another worker has the task.
            Cancelled, Leaving: as in `sleep`.
        """
        if set(wanted) == set(self.task.lanes):
            return
        taken = asyncio.ensure_future(self._places.take(self.task, wanted))
        try:
            while not taken.done():
                self.check()
                await self._until(taken)
            if not await taken:
                raise Fenced
        finally:
            taken.cancel()
        self.task.lanes = list(wanted)
        # What it stood in before is free.
        await self.parts.bus.publish("tasks", {"id": self.task.id})

    async def note_progress(self, percent: int) -> None:
        """Tell how far the step under way is, in percent of the step."""
        done = self.journal.done_steps()
        await self.journal.progress(
            progress.of_steps(self.operation.steps, done, self.step, percent)
        )

    def check(self) -> None:
        """Raise what the run was told to do meanwhile: the place between two steps.

        Raises:
            Cancelled, Leaving: as in `sleep`.
        """
        if self._leaving:
            raise Leaving
        if self.cancelled:
            raise Cancelled

    @property
    def cancelled(self) -> bool:
        """Whether to turn round; what is on its way back already cannot be cancelled."""
        return self._cancelled and not self.task.unwinding

    def cancel(self) -> None:
        """Turn round at the next opportunity."""
        self._cancelled = True
        self._wake.set()

    def leave(self) -> None:
        """Let go of the task at the next opportunity."""
        self._leaving = True
        self._wake.set()

    async def _until(self, future: asyncio.Future[Any]) -> None:
        """Wait for the future, or for word from outside, whichever comes first."""
        self._wake.clear()
        woken = asyncio.ensure_future(self._wake.wait())
        try:
            await asyncio.wait({future, woken}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            woken.cancel()
