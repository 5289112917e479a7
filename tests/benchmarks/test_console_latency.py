"""What a console adds to the time from a key to the picture, with few and many people typing.

Each person sends 16 bytes 30 times a second and gets 1 KB for them: straight from the screen over
TLS, through a bare relay, and through `vmlab serve`, in turns. The person's end and the screen's
share the machine with whoever is between, so with several hundred all of them are short of it; the
bare relay shows how much of it is that, and where it is slow itself nothing is asserted. Of several
turns the best counts.

| measure                        | goal                                    |
|--------------------------------|-----------------------------------------|
| 99th percentile at 200 people  | within 5 ms of that without a proxy     |
"""

from __future__ import annotations

import asyncio
import contextlib
import statistics
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.benchmarks.consoles.contestants import Contestant, arena
from tests.benchmarks.consoles.typing import PER_SECOND, Typist, round_trips
from tests.benchmarks.cost import cpu_s
from tests.benchmarks.table import Table

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(900)]

PEOPLE = (1, 50, 200, 400)
TURNS, SECONDS = 5, 2.0
GOAL_AT, BOUND_MS = 200, 15.0
"""Reached are 7 ms on two cores (docs/benchmarks.md); more than the bound is a step back."""


class Trip(NamedTuple):
    """What one turn measured."""

    p99_ms: float
    p50_ms: float
    core_share: float

    def __str__(self) -> str:
        return f"{self.p50_ms:.2f} / {self.p99_ms:.1f} ({self.core_share:.0%})"


async def turn(contestant: Contestant, typists: list[Typist]) -> Trip:
    """Let people type by one way."""
    before = cpu_s(contestant.pid)
    took = await asyncio.to_thread(round_trips, typists, SECONDS)
    share = (cpu_s(contestant.pid) - before) / SECONDS
    cuts = statistics.quantiles(took, n=100)
    return Trip(cuts[98] * 1000, cuts[49] * 1000, share)


async def best_of(contestants: list[Contestant], people: int) -> list[Trip]:
    """The best turn of each with so many people."""
    turns: list[list[Trip]] = [[] for _ in contestants]
    with contextlib.ExitStack() as opened:
        typists = []
        for each in contestants:
            viewers = [opened.enter_context(await each.open()) for _ in range(people)]
            typists.append([Typist(viewer) for viewer in viewers])
        for _ in range(TURNS):
            for number, each in enumerate(contestants):
                turns[number].append(await turn(each, typists[number]))
    return [min(found) for found in turns]


async def test_from_a_key_to_the_picture(tmp_path: Path, sqlite_url: str, table: Table) -> None:
    title = f"VNC round trip, {PER_SECOND} a second each: p50 / p99 in ms (share of a core)"
    table.begin(title, "people", "direct", "raw relay", "VMLab", "p99 added by VMLab")
    async with arena(tmp_path, sqlite_url) as everybody:
        for people in PEOPLE:
            contestants = [everybody.direct, everybody.relay, everybody.vmlab]
            direct, relay, ours = await best_of(contestants, people)
            added_ms = ours.p99_ms - direct.p99_ms
            table.row(str(people), str(direct), str(relay), str(ours), f"{added_ms:+.1f}")
            # Where not even the bare relay is quick, the machine has no time for the question.
            if people == GOAL_AT and relay.p99_ms < 10:
                assert added_ms < BOUND_MS
