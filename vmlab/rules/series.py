"""Fewer points of a series of measurements, without making any up. Pure.

A grid lies over the asked-for time, as fine as the measurements or, to give no more points than
asked for, a whole number of times coarser. What falls into one place of the grid is averaged, or
its maximum taken; where nothing was measured there is None.

A time stands for what was before it, up to the time before: so rrdtool tells the time of its rows
(rrdtool 1.7: RRDs.xs gives `start + step` for the first one), and so the thinned ones go on.
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

    They are multiples of the step, so that without thinning each is a measurement's own time. The
    last one is the latest that there is, for that is what is looked at most.
    """
    first = -int(-start_s // step_s) * step_s
    steps = max(0, int((end_s - first) // step_s) + 1)
    each = max(1, -(-steps // max_points))
    last = first + (steps - 1) * step_s
    points = -(-steps // each)
    return range(last - (points - 1) * each * step_s, last + 1, each * step_s)


def resample(
    points: Sequence[tuple[int, Values]], places: range, names: Sequence[str], how: Aggregate
) -> list[dict[str, float | None]]:
    """One row of values for each place of a grid.

    Args:
        points: time and values of each measurement, oldest first, with those that found nothing:
            where they are further apart than the grid is fine (after an upgrade from Proxmox VE 8
            the older ones are), one stands in all places that it was measured over.
        names: of the values.
    """
    found: list[list[Values]] = [[] for _ in places]
    spans = [later - sooner for (sooner, _), (later, _) in pairwise(points)]
    for (time, values), span in zip(points, [*(spans[:1] or [0]), *spans], strict=False):
        last = -((places.start - time) // places.step)
        first = last if span <= places.step else (time - span - places.start) // places.step + 1
        for n in range(max(0, first), min(last + 1, len(places))):
            found[n].append(values)
    return [{name: how.of(each[name] for each in rows) for name in names} for rows in found]
