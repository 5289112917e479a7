"""PVE's worker tasks: what a POST starts, names by a UPID, and a client then waits for.

Called jobs here because `task` is asyncio's word; on the wire they are tasks.
"""

from __future__ import annotations

import asyncio
import itertools
import re
from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from vmlab.simulator.clock import Clock

TICKS_A_SECOND = 100
TERM_PATIENCE_S = 5.0
UPID = re.compile(
    r"^UPID:([a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?):([0-9A-F]{8}):([0-9A-F]{8,9}):"
    r"([0-9A-F]{8}):([^:\s/]+):([^:\s/]*):([^:\s/]+):$",
    re.IGNORECASE,
)

Work = Callable[["Job"], Awaitable[None]]


@dataclass
class Job:
    """One worker: its identity, its log, and how it ended.

    `user` is the full identity (`user@realm` or `user@realm!token`); `status` is None while it
    runs, then "OK", "WARNINGS: n" or the error's text. `pid` and `pstart` are the process's.
    """

    node: str
    pid: int
    pstart: int
    starttime: int
    kind: str
    id: str
    user: str
    lines: list[str] = field(default_factory=list)
    warnings: int = 0
    status: str | None = None
    endtime: int | None = None
    worker: asyncio.Task[None] | None = None
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def upid(self) -> str:
        """The unique process id, as pve-common's UPID.pm writes it."""
        head = f"UPID:{self.node}:{self.pid:08X}:{self.pstart:08X}:{self.starttime:08X}"
        return f"{head}:{self.kind}:{self.id}:{self.user}:"

    @property
    def running(self) -> bool:
        """Whether the worker has not ended."""
        return self.status is None

    def log(self, text: str) -> None:
        """Write a line (or several) to the task's log."""
        self.lines += text.splitlines()

    def warn(self, text: str) -> None:
        """Write a warning; it makes the task end as "WARNINGS: n"."""
        self.warnings += 1
        self.log(f"WARN: {text}")

    def row(self) -> dict[str, Any]:
        """The fields that every listing of the task has in common."""
        userid, _, tokenid = self.user.partition("!")
        row: dict[str, Any] = {
            "upid": self.upid,
            "node": self.node,
            "pid": self.pid,
            "pstart": self.pstart,
            "starttime": self.starttime,
            "type": self.kind,
            "id": self.id,
            "user": userid,
        }
        if tokenid:
            row["tokenid"] = tokenid
        return row


class Jobs:
    """The workers of all nodes, running and ended, oldest first."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._booted_at = clock.time() - 3600
        self._pids = itertools.count(16_000)
        self._last_tick = 0
        self._jobs: dict[str, Job] = {}

    def fork(self, node: str, user: str, kind: str, id: str, work: Work) -> Job:
        """Start a worker on `node`; `id` is what the UPID names, often the VMID as text."""
        now = self._clock.time()
        tick = int((now - self._booted_at) * TICKS_A_SECOND)
        self._last_tick = max(tick, self._last_tick + 1)
        job = Job(node, next(self._pids), self._last_tick, int(now), kind, id, user)
        self._jobs[job.upid] = job
        job.worker = asyncio.create_task(self._run(job, work), name=job.upid)
        return job

    async def _run(self, job: Job, work: Work) -> None:
        try:
            await work(job)
        except asyncio.CancelledError:
            self._end(job, "interrupted by signal")
        except Exception as error:
            # Whatever a worker dies of is its exit status, as Perl's `die` makes it.
            self._end(job, " ".join(str(error).split("\n")).strip() or type(error).__name__)
        else:
            self._end(job, f"WARNINGS: {job.warnings}" if job.warnings else "OK")

    def _end(self, job: Job, status: str) -> None:
        if job.status is not None:
            return
        good = status == "OK" or status.startswith("WARNINGS: ")
        job.lines.append(f"TASK {status}" if good else f"TASK ERROR: {status}")
        job.status = status
        job.endtime = int(self._clock.time())
        job.ended.set()

    async def stop(self, job: Job) -> None:
        """End a worker as DELETE does: TERM, five seconds to clean up, then KILL."""
        if job.worker is None or not job.running:
            return
        job.worker.cancel()
        await self.wait_at_most(job, TERM_PATIENCE_S)
        if job.running:
            self.kill(job)

    def kill(self, job: Job) -> None:
        """End a worker without leave to clean up: KILL, or its node lost power.

        Work that is cancelled while `job.running` is False must leave everything as it is.
        """
        if job.running:
            job.status = "unexpected status"
            job.endtime = int(self._clock.time())
            job.ended.set()
        if job.worker is not None:
            job.worker.cancel()

    def find(self, upid: str) -> Job | None:
        """The job of a UPID, running or ended."""
        return self._jobs.get(upid)

    def on(self, node: str) -> Iterator[Job]:
        """The jobs of one node, newest first."""
        return (job for job in reversed(self._jobs.values()) if job.node == node)

    def __iter__(self) -> Iterator[Job]:
        return iter(list(self._jobs.values()))

    async def wait(self, upid: str) -> Job:
        """Wait for a job's end (for tests and for `Simulator.admin`)."""
        job = self._jobs[upid]
        await job.ended.wait()
        return job

    async def wait_at_most(self, job: Job, seconds: float) -> None:
        """Wait for a job's end, but no longer than that."""
        ended = asyncio.ensure_future(job.ended.wait())
        patience = asyncio.ensure_future(self._clock.patience(seconds))
        await asyncio.wait({ended, patience}, return_when=asyncio.FIRST_COMPLETED)
        ended.cancel()
        patience.cancel()

    async def close(self) -> None:
        """End everything; the simulator stops."""
        for job in self:
            self.kill(job)
        await cancel_all(job.worker for job in self if job.worker is not None)


async def cancel_all(tasks: Iterable[asyncio.Future[Any]]) -> None:
    """Cancel until all have ended; work that waits while it cleans up is cancelled again."""
    pending = {task for task in tasks if not task.done()}
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=0.1)
