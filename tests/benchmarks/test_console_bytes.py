"""What a console's bytes cost: CPU seconds a GB and bytes a second, against the floor and a peer.

The floor is a relay of bytes in asyncio, the peer websockify, which noVNC comes with. All three
carry the same payload between the same ends in one run, plain to the viewer and with TLS to the
screen, as VMLab does it for real; VMLab is `vmlab serve` itself.

| measure                                | goal                                             |
|----------------------------------------|--------------------------------------------------|
| CPU to the browser                     | at most 1.5 times the relay's, below websockify's |
| CPU from the browser, which is parsed  | below websockify's                               |
"""

from __future__ import annotations

import contextlib
import struct
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from tests.benchmarks.consoles.contestants import Arena, Contestant, arena
from tests.benchmarks.consoles.viewer import Viewer
from tests.benchmarks.cost import cpu_s
from tests.benchmarks.table import Table

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(900)]

TURNS = 3
SIZES_KB = (1, 16, 64)
DOWN_MB, UP_MB, KEYS_MB = 256, 64, 2
KEY = struct.pack(">BBHI", 4, 1, 0, 0x61)


@dataclass(frozen=True)
class Cost:
    """Of the best of several turns."""

    cpu_s_per_gb: float
    mb_per_s: float


async def measure(
    contestants: list[Contestant], total_mb: int, carry: Callable[[Viewer], float]
) -> dict[str, Cost]:
    """Let everybody carry the same in turns."""
    turns: dict[str, list[tuple[float, float]]] = {each.name: [] for each in contestants}
    with contextlib.ExitStack() as opened:
        viewers = [opened.enter_context(await each.open()) for each in contestants]
        for _ in range(TURNS):
            for each, viewer in zip(contestants, viewers, strict=True):
                before = cpu_s(each.pid)
                wall_s = carry(viewer)
                turns[each.name].append((cpu_s(each.pid) - before, wall_s))
    best = {name: [min(of) for of in zip(*took, strict=True)] for name, took in turns.items()}
    return {
        name: Cost(busy_s / total_mb * 1024, total_mb / wall_s)
        for name, (busy_s, wall_s) in best.items()
    }


def contestants_of(everybody: Arena) -> list[Contestant]:
    """Those that carry."""
    return [everybody.relay, everybody.vmlab, everybody.websockify]


def show(table: Table, what: str, costs: dict[str, Cost]) -> None:
    """A row of the report."""
    table.row(
        what,
        *(f"{cost.cpu_s_per_gb:.2f} s/GB, {cost.mb_per_s:.0f} MB/s" for cost in costs.values()),
        f"{costs['VMLab'].cpu_s_per_gb / costs['raw relay'].cpu_s_per_gb:.2f}",
        f"{costs['VMLab'].cpu_s_per_gb / costs['websockify'].cpu_s_per_gb:.2f}",
    )


COLUMNS = ("", "raw relay", "VMLab", "websockify", "to relay", "to websockify")


async def test_to_the_browser(tmp_path: Path, sqlite_url: str, table: Table) -> None:
    table.begin("VNC to the browser: CPU and speed by size of message", *COLUMNS)
    async with arena(tmp_path, sqlite_url) as everybody:
        for size_kb in SIZES_KB:
            costs = await measure(
                contestants_of(everybody),
                DOWN_MB,
                partial(Viewer.flooded, message_kb=size_kb, total_mb=DOWN_MB),
            )
            show(table, f"{size_kb} KB", costs)
            ours = costs["VMLab"].cpu_s_per_gb
            assert ours <= 1.5 * costs["raw relay"].cpu_s_per_gb
            assert ours < costs["websockify"].cpu_s_per_gb


def clipboard(size_kb: int) -> bytes:
    """A text that is put on the guest's clipboard: one message of so many KB."""
    size = (size_kb << 10) - 8
    return struct.pack(">BxxxI", 6, size) + bytes(size)


UP = {
    "a key": (KEY, KEYS_MB),
    "1 KB of keys": (KEY * 128, UP_MB),
    **{f"{size_kb} KB of clipboard": (clipboard(size_kb), UP_MB) for size_kb in SIZES_KB},
}


async def test_from_the_browser(tmp_path: Path, sqlite_url: str, table: Table) -> None:
    table.begin("VNC from the browser: CPU and speed by what a frame holds", *COLUMNS)
    async with arena(tmp_path, sqlite_url) as everybody:
        for what, (message, total_mb) in UP.items():
            costs = await measure(
                contestants_of(everybody),
                total_mb,
                partial(Viewer.sunk, message=message, total_mb=total_mb),
            )
            show(table, what, costs)
            assert costs["VMLab"].cpu_s_per_gb < costs["websockify"].cpu_s_per_gb
