"""A worker: claims tasks, walks them, gives signs of life, and goes in good order.

Any number of workers, in any number of processes, may run at once; the database decides who has
what. A worker that is killed needs no help: its leases end, and the ordinary claim of another
takes its tasks over.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import secrets
import socket
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from vmlab import __version__
from vmlab.models import Task
from vmlab.models import Worker as WorkerRow
from vmlab.tasks.claim import claim, release, renew
from vmlab.tasks.clock import database_now
from vmlab.tasks.journal import Fenced, Journal
from vmlab.tasks.operation import Operations
from vmlab.tasks.parts import Parts
from vmlab.tasks.places import Places
from vmlab.tasks.run import Leaving, Run
from vmlab.tasks.walk import walk

_log = logging.getLogger(__name__)

_FORGOTTEN_AFTER = timedelta(hours=1)
"""Rows of workers that were killed are shown for this long."""

_LONGEST_RELEASE_S = 60.0


@dataclass(frozen=True)
class _Holding:
    """A task in this worker's hands."""

    run: Run
    walking: asyncio.Task[None]


class Worker:
    """One process's share of the work; `run` it inside an open database.

    Attributes:
        name: unique for each start of a process, as it stands in `tasks.worker`.
    """

    def __init__(self, operations: Operations, parts: Parts) -> None:
        """Work on these kinds of operation with these parts."""
        self.name = f"{socket.gethostname()[:40]}-{os.getpid()}-{secrets.token_hex(3)}"
        self._operations = operations
        self._parts = parts
        self._tasks = parts.settings.tasks
        self._holding: dict[int, _Holding] = {}
        self._places = Places(parts.settings)
        self._woken = asyncio.Event()
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        """Claim nothing more, and let go of what is held; `run` then returns."""
        self._stopping.set()
        self._woken.set()

    async def run(self) -> None:
        """Work until `stop` is called."""
        await self._sign_in()
        try:
            async with asyncio.TaskGroup() as group:
                # If one of these ends by an error the group ends with it: no worker lives on deaf.
                sides = [
                    group.create_task(self._beat(), name="beat"),
                    group.create_task(self._listen("tasks", lambda _: self._woken.set())),
                    group.create_task(self._listen("cancel", self._cancel)),
                ]
                await self._work(group)
                await self._let_go()
                for side in sides:
                    side.cancel()
        finally:
            await WorkerRow.filter(id=self.name).delete()

    async def _work(self, group: asyncio.TaskGroup) -> None:
        while not self._stopping.is_set():
            self._woken.clear()
            # Who waits for a place is ready to go on, and so comes before all that is new.
            await self._places.serve(self._room())
            if (room := self._room()) > 0:
                await self._take(room, group)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), self._tasks.poll_s)

    def _room(self) -> int:
        """How many more tasks can be worked on; those that wait for a place are not."""
        return self._tasks.concurrency - len(self._holding) + self._places.waiting

    async def _take(self, room: int, group: asyncio.TaskGroup) -> None:
        """Claim and begin up to so many tasks."""
        try:
            claimed = await claim(self.name, room, self._parts.settings)
        except Exception:
            # The database may be back at the next look.
            _log.exception("worker %s cannot claim", self.name)
            return
        for task in claimed:
            try:
                await self._begin(task, group)
            except Exception:
                await self._give_up(task)

    async def _begin(self, task: Task, group: asyncio.TaskGroup) -> None:
        before = self._holding.pop(task.id, None)
        if before is not None:
            # This process stood still for longer than its own lease: only one may go on.
            before.walking.cancel()
            await asyncio.wait({before.walking})
        run = Run(
            self._operations[task.kind], await Journal.opened(task), self._parts, self._places
        )
        walking = group.create_task(self._walk(run), name=f"task {task.id}")
        self._holding[task.id] = _Holding(run, walking)

    async def _walk(self, run: Run) -> None:
        """Walk one task; whatever happens is this task's affair and not the worker's."""
        task = run.task
        try:
            status = await walk(run)
            _log.info("task %d (%s) %s", task.id, task.kind, status.value)
        except Fenced:
            _log.warning("task %d was taken over from worker %s", task.id, self.name)
        except Leaving:
            await self._release(task, 0.0, counts=False)
        except Exception:
            await self._give_up(task)
        finally:
            if (held := self._holding.get(task.id)) is not None and held.run is run:
                del self._holding[task.id]
            self._woken.set()

    async def _give_up(self, task: Task) -> None:
        """Leave a task to a later attempt, here or elsewhere, after an error of our own."""
        _log.exception("task %d (%s) cannot go on here", task.id, task.kind)
        await self._release(task, min(2.0**task.attempts, _LONGEST_RELEASE_S), counts=True)

    async def _release(self, task: Task, after_s: float, *, counts: bool) -> None:
        try:
            await release(task, after_s, counts=counts)
            await self._parts.bus.publish("tasks", {"id": task.id})
        except Exception:
            _log.exception("task %d stays with worker %s until its lease ends", task.id, self.name)

    async def _beat(self) -> None:
        clock = asyncio.get_running_loop().time
        beat_s, lease_s = self._tasks.beat_s, self._tasks.lease_s
        last = clock()
        while True:
            await asyncio.sleep(beat_s)
            now = clock()
            try:
                async with asyncio.timeout(beat_s):
                    await self._renew()
                last = now
            except Exception:
                _log.exception("worker %s gives no sign of life", self.name)
                if clock() + 2 * beat_s > last + lease_s:
                    # Before the next sign of life could be given, others may have these tasks.
                    for holding in self._holding.values():
                        holding.walking.cancel()

    async def _renew(self) -> None:
        # What is claimed or ends in the meantime is not to be judged by this answer.
        before = dict(self._holding)
        answer = await renew(self.name, before, self._tasks.lease_s)
        await self._sign_in()
        for id_, holding in before.items():
            if self._holding.get(id_) is not holding:
                continue
            held = answer.get(id_)
            if held is None or held.fence != holding.run.task.fence:
                holding.walking.cancel()
            elif held.cancel_requested:
                holding.run.cancel()

    async def _listen(self, channel: str, hear: Callable[[dict[str, object]], None]) -> None:
        async with self._parts.bus.subscribe(channel) as messages:
            async for message in messages:
                hear(message)

    def _cancel(self, message: dict[str, object]) -> None:
        id_ = message.get("id")
        if isinstance(id_, int) and id_ in self._holding:
            self._holding[id_].run.cancel()
        self._woken.set()

    async def _let_go(self) -> None:
        """Ask all walks to stop where the next worker can go on; those that do not, are cut."""
        await self._sign_in()
        for holding in self._holding.values():
            holding.run.leave()
        walking = {holding.walking for holding in self._holding.values()}
        if walking:
            _, late = await asyncio.wait(walking, timeout=self._tasks.lease_s)
            for task in late:
                task.cancel()

    async def _sign_in(self) -> None:
        """Be seen in the list of workers."""
        now = await database_now()
        values: dict[str, Any] = {
            "host": socket.gethostname(),
            "pid": os.getpid(),
            "version": __version__,
            "state": "stopping" if self._stopping.is_set() else "running",
            "concurrency": self._tasks.concurrency,
            "last_seen_at": now,
        }
        if not await WorkerRow.filter(id=self.name).update(**values):
            await WorkerRow.create(id=self.name, started_at=now, **values)
            await WorkerRow.filter(last_seen_at__lt=now - _FORGOTTEN_AFTER).delete()
