"""Looks at one machine in Proxmox at the moment of a request, within a short time limit.

Lists and machines are answered from the database; only `status/` and `metrics/` of one machine ask
Proxmox, and when it does not answer they say what was seen last, and when.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from vmlab.errors import ProxmoxFailed, ProxmoxUnavailable
from vmlab.models import Vm
from vmlab.operations.guest_identity import at_its_node
from vmlab.proxmox.guests import Consolidation, Guests, Timeframe
from vmlab.proxmox.history import RrdPoint, Snapshot
from vmlab.proxmox.shapes import GuestStatus
from vmlab.rules.addresses import believed
from vmlab.rules.series import step_s
from vmlab.rules.vm_state import VmStatus
from vmlab.tasks.parts import Parts

LIMIT_S = 3.0
"""How long a request waits for Proxmox."""

AGENT_LIMIT_S = 1.5
"""How long for the guest's agent: a dead one keeps one of the node's few workers for 3 s."""

AGENT_AGAIN = timedelta(seconds=30)
"""An agent that was asked this short a time ago is not asked again."""

MIB = 1 << 20

_REACH: Sequence[tuple[Timeframe, timedelta]] = (
    ("hour", timedelta(minutes=58)),
    ("day", timedelta(hours=23)),
    ("week", timedelta(days=6, hours=18)),
    ("month", timedelta(days=29)),
    ("year", timedelta(days=365)),
)
"""How far back each of Proxmox's series surely reaches, finest first."""

_LONGEST_REACH: Sequence[tuple[Timeframe, timedelta]] = (
    ("hour", timedelta(minutes=70)),
    ("day", timedelta(hours=35)),
    ("week", timedelta(days=9)),
    ("month", timedelta(days=35)),
    ("year", timedelta(days=490)),
)
"""How far back they reach at most: 8.4 keeps 70 points of each, 9.x finer ones for a shorter time
(pve-cluster 8.1 and 9.0: status.c)."""


@dataclass(frozen=True)
class AgentAnswer:
    """What a guest's agent said last, and when it was asked."""

    asked_at: datetime
    running: bool
    addresses: list[str]


class Agents:
    """Remembers the agents' answers, so that they are asked seldom."""

    def __init__(self, guests: Guests, networks: Sequence[str]) -> None:
        self._guests = guests
        self._networks = networks
        self._answers: dict[int, AgentAnswer] = {}

    async def ask(self, vm: Vm, status: GuestStatus) -> AgentAnswer:
        """The agent's state and the guest's addresses, at most half a minute old."""
        now = datetime.now(UTC)
        if not (status.running and status.agent and vm.node and vm.vmid):
            self._answers.pop(vm.id, None)
            return AgentAnswer(now, running=False, addresses=[])
        known = self._answers.get(vm.id)
        if known is not None and now - known.asked_at < AGENT_AGAIN:
            return known
        self._answers = {
            vm_id: answer
            for vm_id, answer in self._answers.items()
            if now - answer.asked_at < AGENT_AGAIN
        }
        claimed: list[str] | None = None
        with contextlib.suppress(ProxmoxFailed, ProxmoxUnavailable, TimeoutError):
            async with asyncio.timeout(AGENT_LIMIT_S):
                interfaces = await self._guests.agent_interfaces(vm.node, vm.vmid)
            claimed = [address for each in interfaces for address in each.addresses]
        answer = AgentAnswer(now, claimed is not None, believed(claimed or [], self._networks))
        self._answers[vm.id] = answer
        if claimed is not None and answer.addresses != vm.ip_addresses:
            await Vm.filter(id=vm.id).update(ip_addresses=answer.addresses)
        return answer


async def look(parts: Parts, vm: Vm) -> GuestStatus | None:
    """What the guest does now; None if Proxmox cannot say in time.

    A machine that is missing is not looked at: its number may be somebody else's by now.
    """
    if vm.node is None or vm.vmid is None or vm.status is VmStatus.MISSING:
        return None
    with contextlib.suppress(ProxmoxFailed, ProxmoxUnavailable, TimeoutError):
        async with asyncio.timeout(LIMIT_S):
            return await at_its_node(parts, vm, parts.guests.status)
    return None


async def history(parts: Parts, vm: Vm, since: datetime) -> list[RrdPoint]:
    """Proxmox's finest series that reaches back to `since`; nothing of a machine that is missing.

    Raises:
        ProxmoxFailed, ProxmoxUnavailable: there is none to be had.
    """
    age = datetime.now(UTC) - since
    reaching: list[Timeframe] = [name for name, reach in _REACH if age <= reach]
    return await _recorded(parts, vm, reaching[:1] or ["year"], since, "AVERAGE")


async def finest_history(
    parts: Parts, vm: Vm, since: datetime, cf: Consolidation
) -> list[RrdPoint]:
    """The same for any version: what a series reaches back to is seen from its first point.

    Args:
        since: the machine's beginning, if that is later: Proxmox can have nothing before.
        cf: what a point tells of the measurements that it stands for.

    Raises:
        ProxmoxFailed, ProxmoxUnavailable: there is none to be had.
    """
    age = datetime.now(UTC) - since
    worth_asking: list[Timeframe] = [name for name, reach in _LONGEST_REACH if age <= reach]
    return await _recorded(parts, vm, worth_asking or ["year"], since, cf)


async def _recorded(
    parts: Parts, vm: Vm, timeframes: Sequence[Timeframe], since: datetime, cf: Consolidation
) -> list[RrdPoint]:
    """The first of these series that reaches back so far, else the last of them.

    Figures from before the machine belong to somebody whose number it was: Proxmox keeps them.
    """
    if vm.node is None or vm.vmid is None or vm.status is VmStatus.MISSING:
        return []
    points: list[RrdPoint] = []
    try:
        async with asyncio.timeout(LIMIT_S):
            for timeframe in timeframes:
                ask = functools.partial(parts.guests.rrddata, timeframe=timeframe, cf=cf)
                points = await at_its_node(parts, vm, ask)
                if _reaches(points, since):
                    break
    except TimeoutError:
        raise ProxmoxUnavailable from None
    return [point for point in points if point.time > vm.created_at.timestamp()]


def _reaches(points: Sequence[RrdPoint], since: datetime) -> bool:
    """Whether a series begins early enough: its first point stands for the step before it."""
    if not points:
        return False
    step = step_s([point.time for point in points])
    return points[0].time - step <= since.timestamp()


async def snapshots_of(parts: Parts, vm: Vm) -> list[Snapshot]:
    """The guest's snapshots, oldest first; none of a machine that is missing, or not there yet.

    Raises:
        ProxmoxFailed, ProxmoxUnavailable: Proxmox cannot say, or not in time.
    """
    if vm.node is None or vm.vmid is None or vm.status is VmStatus.MISSING:
        return []
    try:
        async with asyncio.timeout(LIMIT_S):
            return await at_its_node(parts, vm, parts.guests.snapshots)
    except TimeoutError:
        raise ProxmoxUnavailable from None


MEASUREMENTS = (
    "cpu_percent",
    "memory_used_mb",
    "memory_total_mb",
    "disk_read_bps",
    "disk_write_bps",
    "net_in_bps",
    "net_out_bps",
)
"""What a measurement has beside its time."""


def measurement(point: RrdPoint) -> dict[str, Any]:
    """One point of a series as the API shows it."""
    return {
        "timestamp": datetime.fromtimestamp(point.time, UTC),
        "cpu_percent": None if point.cpu is None else round(100 * point.cpu, 2),
        "memory_used_mb": mib(point.memory_bytes),
        "memory_total_mb": mib(point.max_memory_bytes),
        "disk_read_bps": point.disk_read_bps,
        "disk_write_bps": point.disk_write_bps,
        "net_in_bps": point.net_in_bps,
        "net_out_bps": point.net_out_bps,
    }


def mib(size_bytes: float | None) -> float | None:
    """A size as the API shows it."""
    return None if size_bytes is None else round(size_bytes / MIB, 1)
