"""Keeps the logs of Proxmox's tasks: VMLab's own and those that others ran on its guests.

Each is fetched once, soon after VMLab's own task or the foreign one has ended. Proxmox forgets
them: a node keeps about a thousand tasks (pve-manager 8.4), and each console that is opened is one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from vmlab.models import LogLevel, PveLogLine, Step
from vmlab.proxmox.faults import Outage, PermissionMissing, ProxmoxFault, TaskUnknown
from vmlab.proxmox.pve_tasks import TaskResult
from vmlab.proxmox.upid import Upid
from vmlab.reconcile.foreign_tasks import ForeignTask, ForeignTasks
from vmlab.reconcile.notes import NOT_US
from vmlab.tasks.clock import database_now
from vmlab.tasks.parts import Parts

LOOK_BACK = timedelta(hours=24)
"""How far back a process looks that has just begun: Proxmox rarely knows more."""

MARGIN = timedelta(minutes=1)
"""By how much the clocks of workers and database may differ."""

AT_ONCE = 100
"""Logs that are fetched in one round."""

FIRST_LINES = 50
LAST_LINES = 150
"""What is kept of a long log: its beginning, and more of its end."""

LINE_LENGTH = 1000

LINES_PER_VM = 5000
"""The newest lines that are kept of one machine."""

NO_TASK = 0
"""In place of the id of a task of VMLab's, where it was somebody else's in Proxmox."""


@dataclass(frozen=True)
class _Wanted:
    """A Proxmox task, the task of VMLab's that it was a step of, and the machine.

    Attributes:
        headline: what stands before a foreign task's lines, as line 0.
    """

    upid: str
    task_id: int
    vm_id: int
    headline: str = ""
    level: LogLevel = LogLevel.INFO


class PveLogs:
    """Fetches what is new, round by round."""

    def __init__(self, parts: Parts) -> None:
        """Fetch through these parts."""
        self._parts = parts
        self._since: datetime | None = None
        self._foreign = ForeignTasks(parts)
        self._foreign_wanted: dict[str, _Wanted] = {}

    async def keep(self) -> int:
        """Fetch the logs of what has ended since the last round; returns how many.

        What cannot be fetched for an outage is fetched later.
        """
        return await self._keep_own() + await self._keep_foreign()

    async def _keep_foreign(self) -> int:
        found = {task.upid: _wanted(task) for task in await self._foreign.look()}
        kept = PveLogLine.filter(upid__in=list(found), line=0)
        for upid in await kept.values_list("upid", flat=True) if found else []:
            found.pop(str(upid))
        self._foreign_wanted |= found
        todo = list(self._foreign_wanted.values())[:AT_ONCE]
        for each in todo:
            if await self._fetch(each):
                del self._foreign_wanted[each.upid]
        for vm_id in {each.vm_id for each in todo}:
            await _shorten(vm_id)
        return len(todo)

    async def _keep_own(self) -> int:
        now = await database_now()
        wanted = await _ended_since(self._since or now - LOOK_BACK)
        todo = wanted[:AT_ONCE]
        complete = len(todo) == len(wanted)
        for each in todo:
            complete = await self._fetch(each) and complete
        for vm_id in {each.vm_id for each in todo}:
            await _shorten(vm_id)
        if complete:
            self._since = now - MARGIN
        return len(todo)

    async def _fetch(self, wanted: _Wanted) -> bool:
        """Keep one log; False if Proxmox cannot be asked at the moment."""
        try:
            lines = await self._parts.pve_tasks.log(wanted.upid)
        except Outage:
            return False
        except (TaskUnknown, PermissionMissing):
            lines = ["Proxmox has no log of this task any more"]
        except ProxmoxFault as fault:
            lines = [f"the log of this task cannot be read: {fault.reason}"]
        await _write(wanted, lines)
        return True


async def _ended_since(since: datetime) -> list[_Wanted]:
    """The Proxmox tasks of what has ended since then, without those whose logs are kept."""
    steps = Step.filter(task__target_type="vm", task__finished_at__gt=since).order_by("id")
    rows = await steps.values("upid", "undo_upid", "task_id", "task__target_id")
    found = {
        upid: _Wanted(upid, row["task_id"], row["task__target_id"])
        for row in rows
        for upid in (row["upid"], row["undo_upid"])
        if upid is not None
    }
    kept = PveLogLine.filter(upid__in=list(found), line=1)
    for upid in await kept.values_list("upid", flat=True) if found else []:
        found.pop(str(upid))
    return list(found.values())


def _wanted(task: ForeignTask) -> _Wanted:
    result = TaskResult.of(task.upid, task.exitstatus)
    level = LogLevel.WARNING if result.warnings else LogLevel.INFO if result.ok else LogLevel.ERROR
    headline = f"{task.type} by {task.user}, {NOT_US}: {task.exitstatus}"
    return _Wanted(task.upid, NO_TASK, task.vm_id, headline, level)


async def _write(wanted: _Wanted, lines: Sequence[str]) -> None:
    numbered = [(n, _level(text), text) for n, text in enumerate(_shortened(lines), start=1)]
    if wanted.headline:
        numbered.insert(0, (0, wanted.level, wanted.headline))
    began_at = datetime.fromtimestamp(Upid.parse(wanted.upid).started_at, UTC)
    await PveLogLine.bulk_create(
        (
            PveLogLine(
                vm_id=wanted.vm_id,
                task_id=wanted.task_id,
                upid=wanted.upid,
                line=number,
                at=began_at,
                level=level,
                message=text,
            )
            for number, level, text in numbered
        ),
        ignore_conflicts=True,  # another process may just have done the same
    )


def _shortened(lines: Sequence[str]) -> Iterable[str]:
    """The lines that are kept; PostgreSQL has no text with a NUL in it."""
    left_out = len(lines) - FIRST_LINES - LAST_LINES
    kept = list(lines) or [""]
    if left_out > 0:
        kept = [*lines[:FIRST_LINES], f"… {left_out} lines left out …", *lines[-LAST_LINES:]]
    return (line.replace("\x00", "")[:LINE_LENGTH] for line in kept)


def _level(line: str) -> LogLevel:
    """How serious a line is, by the words that Proxmox uses."""
    lowered = line.lower()
    if line.startswith("TASK ERROR") or lowered.startswith("error"):
        return LogLevel.ERROR
    if line.startswith("TASK WARNINGS") or lowered.startswith("warn") or "no log" in lowered:
        return LogLevel.WARNING
    return LogLevel.INFO


async def _shorten(vm_id: int) -> None:
    """Forget the oldest lines of a machine beyond what is kept of one."""
    last = await PveLogLine.filter(vm_id=vm_id).order_by("-id").offset(LINES_PER_VM).first()
    if last is not None:
        await PveLogLine.filter(vm_id=vm_id, id__lte=last.id).delete()
