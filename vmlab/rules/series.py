"""Fewer points of a series of measurements, without making any up. Pure.

A grid lies over the asked-for time, as fine as the measurements or, to give no more points than
asked for, a whole number of times coarser. What falls into one place of the grid is averaged, or
its maximum taken; where nothing was measured there is None.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from itertools import pairwise

USUAL_STEP_S = 60
"""What Proxmox's finest series has."""

Values = Mapping[str, float | None]


class Aggregate(StrEnum):
    """What one point tells of the measurements that it stands for."""

    AVERAGE = "average"
    MAX = "max"

    def of(self, values: Iterable[float | None]) -> float | None:
        """One value for many; None if nothing was measured."""
        measured = [value for value in values if value is not None]
        if not measured:
            return None
        return max(measured) if self is Aggregate.MAX else sum(measured) / len(measured)


def step_s(times: Sequence[int]) -> int:
    """The distance of a series' points in seconds: the smallest, should it change on the way."""
    return min((later - sooner for sooner, later in pairwise(times)), default=USUAL_STEP_S)


def grid(start_s: float, end_s: float, step_s: int, max_points: int) -> range:
    """The places of the points from start to end, both included, in seconds since the epoch.

    They are multiples of the step, so that without thinning each is a measurement's own time. Each
    stands for the time from itself to the next one.
    """
    first = -int(-start_s // step_s) * step_s
    steps = int((end_s - first) // step_s) + 1
    width = step_s * max(1, -(-steps // max_points))
    return range(first, first + max(0, steps) * step_s, width)


def resample(
    points: Iterable[tuple[int, Values]], places: range, names: Sequence[str], how: Aggregate
) -> list[dict[str, float | None]]:
    """One row of values for each place of a grid.

    Args:
        points: time and values of each measurement; those outside the grid are left out.
        names: of the values.
    """
    found: list[list[Values]] = [[] for _ in places]
    end = places.start + len(places) * places.step
    for time, values in points:
        if places.start <= time < end:
            found[(time - places.start) // places.step].append(values)
    return [{name: how.of(each[name] for each in rows) for name in names} for rows in found]
