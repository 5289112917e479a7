"""Round-robin data: how many rows of which step each version gives, and figures to fill them.

8.4 keeps 70 points for every timeframe; 9.x far more, and drops an unfinished last one.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

Figures = Callable[[float], dict[str, float | int]]

# timeframe -> seconds a row, rows
_FRAMES = {
    8: {
        "hour": (60, 70),
        "day": (1800, 70),
        "week": (10_800, 70),
        "month": (43_200, 70),
        "year": (604_800, 70),
    },
    9: {
        "hour": (60, 59),
        "day": (60, 1439),
        "week": (1800, 335),
        "month": (1800, 1439),
        "year": (21_600, 1439),
        "decade": (604_800, 569),
    },
}


def rows(
    major: int, timeframe: str, now: float, born_at: float, figures: Figures
) -> list[dict[str, Any]]:
    """The rows of a timeframe, oldest first; those before `born_at` hold only their time.

    Args:
        major: Proxmox's major version.
        timeframe: hour, day, week, month, year; decade on 9.x.
        now: epoch seconds.
        born_at: epoch seconds from which on there are figures.
        figures: what to put into a row, by its epoch seconds.
    """
    step, count = _FRAMES[major][timeframe]
    last = int(now) // step * step
    if major >= 9:
        last -= step
    times = (last - step * back for back in reversed(range(count)))
    return [{"time": time, **(figures(time) if time >= born_at else {})} for time in times]


def wave(time: float, period_s: float, phase: float = 0.0) -> float:
    """A smooth figure between 0 and 1, the same whenever it is asked for."""
    return (1 + math.sin(time / period_s + phase)) / 2
