"""The work that goes on behind a UPID: waiting for its end, finding it again, its log, stopping it.

Any number of steps may wait at once; each node is asked with one list call a tick for all of them
together. The list is asked `since` the oldest start that stands in the UPIDs waited for, so no
clocks have to agree.
"""

from __future__ import annotations

import asyncio
import dataclasses
import logging
from collections import Counter
from dataclasses import dataclass

from vmlab.proxmox.client import Api
from vmlab.proxmox.faults import (
    PermissionMissing,
    ProxmoxFault,
    StillRunning,
    TaskUnknown,
    of_task,
)
from vmlab.proxmox.history import TaskRow
from vmlab.proxmox.upid import Upid

_log = logging.getLogger(__name__)

# A fresh UPID can be missing from the list for a moment; after that it is asked for by itself.
_MISSES = 2
_LIST_LIMIT = 1000


@dataclass(frozen=True, slots=True)
class TaskResult:
    """How a task ended.

    Attributes:
        ok: it succeeded, perhaps with warnings. What counts in the end is the observed state.
        exitstatus: `OK`, `WARNINGS: n` or the text of its error.
        warnings: how many, 0 if it failed.
    """

    upid: str
    ok: bool
    exitstatus: str
    warnings: int

    @classmethod
    def of(cls, upid: str, exitstatus: str) -> TaskResult:
        """Judge an exit status (pve-common 9.2: PVE/UPID.pm)."""
        word, _, count = exitstatus.partition(": ")
        warned = word == "WARNINGS"
        return cls(
            upid=upid,
            ok=exitstatus == "OK" or warned,
            exitstatus=exitstatus,
            warnings=int(count) if warned and count.isdigit() else int(warned),
        )

    def raise_if_failed(self) -> None:
        """Turn a failure into its error.

        Raises:
            ProxmoxFault: of the class that the exit status tells.
        """
        if not self.ok:
            raise of_task(self.upid, self.exitstatus)


class PveTasks:
    """The tasks of one cluster."""

    def __init__(self, api: Api, *, first_tick_s: float = 0.5, longest_tick_s: float = 2.0) -> None:
        """Ask through this API.

        Args:
            first_tick_s: how long after a task is waited for its node is asked at the latest.
            longest_tick_s: how long the ticks become while nothing new is waited for.
        """
        self._api = api
        self._first_tick_s = first_tick_s
        self._longest_tick_s = longest_tick_s
        self._watches: dict[str, _Watch] = {}

    async def wait(self, upid: str, timeout_s: float) -> TaskResult:
        """Wait for a task's end, however it ends. Many may wait for the same one.

        While the node cannot be reached the wait goes on: nobody knows the task's fate then.

        Args:
            timeout_s: the longest wait; the task itself goes on after that.

        Raises:
            TaskUnknown: the node does not know it, or not any more: look at the guest.
            PermissionMissing: it is somebody else's: look at the guest.
            StillRunning: the time is over.
            ValueError: this is no UPID.
        """
        node = Upid.parse(upid).node
        watch = self._watches.get(node)
        if watch is None:
            watch = self._watches[node] = _Watch(
                self._api, node, self._first_tick_s, self._longest_tick_s
            )
        try:
            async with asyncio.timeout(timeout_s):
                return await watch.wait(upid)
        except TimeoutError:
            raise StillRunning(
                f"not ended within {timeout_s:g} s", upid=upid, outcome_unknown=True
            ) from None

    async def find(
        self, node: str, *, type: str, vmid: int | None, since: float, limit: int = _LIST_LIMIT
    ) -> list[TaskRow]:
        """Look for tasks that may be ours, running and ended, the youngest first.

        Args:
            type: `qmclone`, `qmstart` …
            vmid: that they are about; of a clone, the source's. None: whatever they are about.
            since: earliest start, in seconds since the epoch on the node's own clock
                (`Api.server_time`).
        """
        rows = await self._api.nodes(node).tasks.get(
            source="all", typefilter=type, vmid=vmid, since=int(since), limit=limit
        )
        # What has just ended can stand in both halves of the list; its end is the later news.
        found: dict[str, TaskRow] = {}
        for row in map(TaskRow.from_json, rows):
            if row.upid not in found or found[row.upid].ended_at is None:
                found[row.upid] = row
        return sorted(found.values(), key=lambda row: (row.started_at, row.upid), reverse=True)

    async def recent(self) -> list[TaskRow]:
        """All nodes' tasks in one call: those that run, and of each node some that ended lately.

        With an API token everybody's if it has Sys.Audit on `/`, else none at all.
        """
        return [TaskRow.from_json(row) for row in await self._api.cluster.tasks.get()]

    async def ended(self, node: str, since: float) -> list[TaskRow]:
        """A node's tasks that have ended and began since then (seconds, by the node's clock)."""
        rows = await self._api.nodes(node).tasks.get(
            source="archive", since=int(since), limit=_LIST_LIMIT
        )
        return [TaskRow.from_json(row) for row in rows]

    async def row(self, upid: str) -> TaskRow | None:
        """One task, without the time of its end; None if its node does not know it any more."""
        node = Upid.parse(upid).node
        try:
            status = await self._api.nodes(node).tasks(upid).status.get()
        except (TaskUnknown, PermissionMissing):
            return None
        row = TaskRow.from_json({**status, "upid": upid, "status": None})
        if status["status"] != "stopped":
            return row
        return dataclasses.replace(row, exitstatus=status.get("exitstatus", "unexpected status"))

    def server_time(self, node: str) -> float | None:
        """The clock that `find` goes by, see `Api.server_time`."""
        return self._api.server_time(node)

    async def log(self, upid: str) -> list[str]:
        """Read all lines of a task's log.

        Raises:
            TaskUnknown: the node does not know it any more.
        """
        lines = await self._api.nodes(Upid.parse(upid).node).tasks(upid).log.get(start=0, limit=0)
        return [str(line.get("t") or "") for line in lines]

    async def stop(self, upid: str) -> None:
        """Stop a task; no error if it has ended. Takes up to five seconds.

        A clone that is stopped clears away what it made, unless it takes longer than that.
        """
        await self._api.nodes(Upid.parse(upid).node).tasks(upid).delete()

    async def aclose(self) -> None:
        """Stop asking; whoever still waits is cancelled."""
        for watch in self._watches.values():
            await watch.aclose()


class _Watch:
    """All that is waited for on one node, and the one asyncio task that asks for it."""

    def __init__(self, api: Api, node: str, first_tick_s: float, longest_tick_s: float) -> None:
        self._tasks = api.nodes(node).tasks
        self._node = node
        self._first_tick_s = first_tick_s
        self._longest_tick_s = longest_tick_s
        self._ends: dict[str, asyncio.Future[str]] = {}
        self._waiters: Counter[str] = Counter()
        self._misses: Counter[str] = Counter()
        self._poller: asyncio.Task[None] | None = None
        self._joined = asyncio.Event()

    async def wait(self, upid: str) -> TaskResult:
        end = self._ends.get(upid)
        if end is None:
            end = self._ends[upid] = asyncio.get_running_loop().create_future()
            self._joined.set()
        if self._poller is None or self._poller.done():
            self._poller = asyncio.create_task(self._poll(), name=f"tasks of {self._node}")
            self._poller.add_done_callback(self._pass_on)
        self._waiters[upid] += 1
        try:
            return TaskResult.of(upid, await asyncio.shield(end))
        finally:
            self._waiters[upid] -= 1
            if not self._waiters[upid]:
                self._forget(upid)

    async def aclose(self) -> None:
        for end in self._ends.values():
            end.cancel()
        if self._poller is not None:
            self._poller.cancel()
            await asyncio.gather(self._poller, return_exceptions=True)

    def _forget(self, upid: str) -> None:
        end = self._ends.pop(upid)
        if end.done() and not end.cancelled():
            end.exception()  # seen, even if the last waiter had gone when it came
        del self._waiters[upid]
        del self._misses[upid]

    def _pass_on(self, poller: asyncio.Task[None]) -> None:
        """Nobody may wait for ever because the asking broke."""
        if poller.cancelled() or (fault := poller.exception()) is None:
            return
        for end in self._ends.values():
            if not end.done():
                end.set_exception(fault)

    async def _poll(self) -> None:
        """Ask at growing distances until nothing is waited for any more."""
        loop = asyncio.get_running_loop()
        tick_s = self._first_tick_s
        next_at = loop.time() + tick_s
        while self._open():
            try:
                async with asyncio.timeout_at(next_at):
                    await self._joined.wait()
            except TimeoutError:
                await self._ask()
                tick_s = min(tick_s * 1.5, self._longest_tick_s)
                next_at = loop.time() + tick_s
            else:
                # Something new: the next call comes soon, but each node keeps its one call a tick.
                self._joined.clear()
                tick_s = self._first_tick_s
                next_at = min(next_at, loop.time() + tick_s)

    def _open(self) -> list[str]:
        return [upid for upid, end in self._ends.items() if not end.done()]

    async def _ask(self) -> None:
        waited_for = self._open()
        if not waited_for:
            return
        since = min(Upid.parse(upid).started_at for upid in waited_for)
        try:
            rows = await self._tasks.get(source="all", since=since, limit=_LIST_LIMIT)
        except ProxmoxFault as fault:
            _log.warning("tasks of node %s cannot be read: %s", self._node, fault.reason)
            return
        running: set[str] = set()
        for row in map(TaskRow.from_json, rows):
            if row.exitstatus is None:
                running.add(row.upid)
            else:
                self._ended(row.upid, row.exitstatus)
        for upid in waited_for:
            if upid in running:
                self._misses[upid] = 0
            elif not self._done(upid):
                await self._missed(upid)

    async def _missed(self, upid: str) -> None:
        """A task is in no list: too young, too old, or not known at all."""
        self._misses[upid] += 1
        if self._misses[upid] < _MISSES:
            return
        try:
            status = await self._tasks(upid).status.get()
        except (TaskUnknown, PermissionMissing) as fault:
            if not self._done(upid):
                self._ends[upid].set_exception(
                    type(fault)(fault.reason, status_code=fault.status_code, upid=upid)
                )
        except ProxmoxFault as fault:
            _log.warning("task %s cannot be read: %s", upid, fault.reason)
        else:
            if status["status"] == "stopped":
                self._ended(upid, status.get("exitstatus", "unexpected status"))

    def _done(self, upid: str) -> bool:
        end = self._ends.get(upid)
        return end is None or end.done()

    def _ended(self, upid: str, exitstatus: str) -> None:
        if not self._done(upid):
            self._ends[upid].set_result(exitstatus)
