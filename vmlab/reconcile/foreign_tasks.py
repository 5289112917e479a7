"""Finds the tasks that others ran on VMLab's guests in Proxmox, once they have ended.

`cluster/tasks` is one call for all nodes, but shows only the latest of each: where something may
have been missed since the last look, that node is asked for its own list. Without the right to see
others' tasks (Sys.Audit on `/`, docs/proxmox.md) there is nothing to be found.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from vmlab.models import Vm, VmStatus
from vmlab.proxmox.faults import ProxmoxFault
from vmlab.proxmox.history import TaskRow
from vmlab.proxmox.upid import Upid
from vmlab.tasks.parts import Parts

_log = logging.getLogger(__name__)

LOOK_BACK = timedelta(hours=24)
"""How far back a process looks that has just begun: Proxmox rarely knows more."""

_LONGEST_VMID = 9
"""Digits: a longer number is the id of something else, and more than the database holds."""


@dataclass(frozen=True)
class ForeignTask:
    """A task on a machine's guest that was not VMLab's.

    Attributes:
        user: who ran it, as far as Proxmox says; with the name of the token, if it was one.
    """

    upid: str
    vm_id: int
    type: str
    user: str
    exitstatus: str


class ForeignTasks:
    """Looks again and again, and finds each task at least once."""

    def __init__(self, parts: Parts) -> None:
        """Look through these parts."""
        self._parts = parts
        self._ended: dict[str, set[str]] = {}
        self._running: dict[str, TaskRow] = {}

    async def look(self) -> list[ForeignTask]:
        """The foreign tasks on our guests that Proxmox tells of now.

        Raises:
            ProxmoxFault: Proxmox cannot be asked; the next look finds what this one has not.
        """
        rows = {row.upid: row for row in await self._parts.pve_tasks.recent()}
        ended = _ended(rows.values())
        for node in ended:
            if ended[node].isdisjoint(self._ended.get(node, ())):
                try:
                    rows |= await self._overlooked(node)
                except ProxmoxFault as fault:
                    _log.warning("tasks of node %s cannot be listed: %s", node, fault.reason)
                    ended[node] = self._ended.get(node, set())
        rows |= await self._no_longer_shown(rows)
        foreign = [row for row in rows.values() if self._is_foreign(row)]
        found = await _on_our_guests(row for row in foreign if row.exitstatus is not None)
        self._ended |= ended
        self._running = {row.upid: row for row in foreign if row.exitstatus is None}
        return found

    async def _overlooked(self, node: str) -> dict[str, TaskRow]:
        """What a node lists by itself, where what is shown may not go on from the last look."""
        rows = await self._parts.pve_tasks.ended(node, self._since(node))
        return {row.upid: row for row in rows}

    async def _no_longer_shown(self, shown: Mapping[str, TaskRow]) -> dict[str, TaskRow]:
        """What ran at the last look and has ended among too many others to be shown."""
        found: dict[str, TaskRow] = {}
        for upid in self._running.keys() - shown.keys():
            try:
                row = await self._parts.pve_tasks.row(upid)
            except ProxmoxFault:
                row = self._running[upid]  # to be asked for again
            if row is not None:
                found[upid] = row
        return found

    def _since(self, node: str) -> float:
        """From when on the tasks of a node have to be listed, by its own clock."""
        if before := self._ended.get(node):
            return min(Upid.parse(upid).started_at for upid in before)
        now = self._parts.pve_tasks.server_time(node) or time.time()
        return now - LOOK_BACK.total_seconds()

    def _is_foreign(self, row: TaskRow) -> bool:
        own = Upid.parse(row.upid).user == self._parts.settings.proxmox.token_id
        return row.id.isdecimal() and len(row.id) <= _LONGEST_VMID and not own


def _ended(rows: Iterable[TaskRow]) -> dict[str, set[str]]:
    """The ended ones among these, by node."""
    ended: dict[str, set[str]] = {}
    for row in rows:
        if row.exitstatus is not None:
            ended.setdefault(Upid.parse(row.upid).node, set()).add(row.upid)
    return ended


async def _on_our_guests(rows: Iterable[TaskRow]) -> list[ForeignTask]:
    """Those that were on one of our machines' guests while it was that machine's."""
    by_vmid: dict[int, list[TaskRow]] = {}
    for row in rows:
        by_vmid.setdefault(int(row.id), []).append(row)
    vms = Vm.filter(vmid__in=list(by_vmid), deleted_at__isnull=True)
    return [
        ForeignTask(row.upid, vm.id, row.type, Upid.parse(row.upid).user, row.exitstatus or "")
        for vm in (await vms if by_vmid else [])
        for row in _of_machine(vm, by_vmid[vm.vmid or 0])
    ]


def _of_machine(vm: Vm, rows: list[TaskRow]) -> Iterable[TaskRow]:
    """A number may have been another guest's before, and may be a stranger's afterwards."""
    made_at = int(vm.created_at.timestamp())  # Proxmox tells whole seconds
    missing_since = vm.updated_at.timestamp() if vm.status is VmStatus.MISSING else math.inf
    for row in sorted(rows, key=lambda row: (row.started_at, row.upid)):
        if not made_at <= row.started_at <= missing_since:
            continue
        yield row
        if row.type == "qmdestroy" and row.exitstatus == "OK":
            return
