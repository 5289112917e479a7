"""What a QEMU process uses: processor time, memory, disks. The guest's view where it tells."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from vmlab.simulator.machines.qmp import QmpError

BALLOON = "/machine/peripheral/balloon0"
POLLING_S = 2
_TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")

Control = Callable[..., Awaitable[Any]]


@dataclass(frozen=True)
class Gauges:
    """One look at a machine; counters are since its start, sizes in bytes.

    `drives` has QEMU's own statistics by drive; `free` and `total` are what the balloon driver
    inside says, None until it does.
    """

    cpu_s: float
    resident: int
    drives: dict[str, dict[str, Any]] = field(default_factory=dict)
    free: int | None = None
    total: int | None = None

    def bytes_of(self, counter: str) -> int:
        """The sum of `rd_bytes` or `wr_bytes` over all drives."""
        return sum(int(stats[counter]) for stats in self.drives.values())


async def look(control: Control, pid: int) -> Gauges:
    """Read all gauges of a running machine. Raises QmpError or OSError if it ends meanwhile."""
    stats = {
        entry["device"].removeprefix("drive-"): entry["stats"]
        for entry in await control("query-blockstats")
        if entry.get("device", "").startswith("drive-")
    }
    free, total = await _balloon(control)
    cpu_s, resident = _process(pid)
    return Gauges(cpu_s, resident, stats, free, total)


def _process(pid: int) -> tuple[float, int]:
    """Seconds of processor time and bytes of memory that a process has used and has."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS_A_SECOND, int(fields[21]) * _PAGE


async def watch_memory(control: Control) -> None:
    """Have the balloon driver inside tell of the guest's memory from now on."""
    property_of = {"path": BALLOON, "property": "guest-stats-polling-interval"}
    with contextlib.suppress(QmpError):  # a machine without a balloon
        await control("qom-set", **property_of, value=POLLING_S)


async def _balloon(control: Control) -> tuple[int | None, int | None]:
    try:
        said = await control("qom-get", path=BALLOON, property="guest-stats")
    except QmpError:
        return None, None
    stats = said["stats"]
    known = said["last-update"] and stats["stat-total-memory"] < 2**63
    return (stats["stat-free-memory"], stats["stat-total-memory"]) if known else (None, None)
