"""What a process costs, and what else the machine was doing: for the benchmarks."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

PROC = Path("/proc")


def cpu_s(pid: int) -> float:
    """CPU seconds of a process and its children so far, to the microsecond.

    `schedstat` counts in nanoseconds, where `stat` has ticks of ten milliseconds. Threads and
    children that have ended are not in it.
    """
    total_ns = 0
    for member in _family(pid):
        for task in (PROC / str(member) / "task").iterdir():
            with contextlib.suppress(OSError):  # it has ended meanwhile
                total_ns += int((task / "schedstat").read_text(encoding="ascii").split()[0])
    return total_ns / 1e9


def _family(pid: int) -> Iterator[int]:
    yield pid
    for entry in PROC.iterdir():
        if entry.name.isdecimal() and _parent(entry) == pid:
            yield from _family(int(entry.name))


def _parent(entry: Path) -> int:
    try:
        stat = (entry / "stat").read_text(encoding="utf-8", errors="replace")
    except OSError:  # it has ended meanwhile
        return 0
    return int(stat.rpartition(")")[2].split()[1])


def load() -> float:
    """How many processes wanted to run in the last minute, for each core."""
    return os.getloadavg()[0] / (os.cpu_count() or 1)
