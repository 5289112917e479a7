"""Which failures pass by themselves, and how long to wait before the next try.

A step is tried again in place: its worker keeps the task and its place in the lanes meanwhile.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Awaitable, Callable
from typing import TypeVar

from vmlab.errors import ProxmoxUnavailable
from vmlab.proxmox.faults import (
    ConfigChanged,
    GuestLocked,
    GuestMissing,
    LockTimeout,
    NotStarted,
    ProxmoxFault,
    StillRunning,
    TaskUnknown,
)
from vmlab.tasks.run import Run

_log = logging.getLogger(__name__)
T = TypeVar("T")

LONGEST_PAUSE_S = 30.0
"""Waits double, but not beyond this."""

_CHANCE = random.SystemRandom()

_PASSING = (ProxmoxUnavailable, ConfigChanged, GuestLocked, LockTimeout, NotStarted, TaskUnknown)


def passes(error: Exception) -> bool:
    """Whether another try makes sense, after a look at what has become of the first."""
    if isinstance(error, StillRunning):
        return False
    if isinstance(error, GuestMissing):
        # Moved to another node between the call and its work; the next try finds it, or its end.
        return error.upid is not None
    return isinstance(error, _PASSING) or (
        isinstance(error, ProxmoxFault) and error.outcome_unknown
    )


def pause_s(tries: int, first_s: float) -> float:
    """Seconds to wait after so many tries: doubling, and spread so that not all come at once."""
    longest = min(first_s * 2.0 ** (tries - 1), LONGEST_PAUSE_S)
    return longest * _CHANCE.uniform(0.5, 1.0)


async def patiently(
    run: Run,
    attempt: Callable[[int], Awaitable[T]],
    worth_repeating: Callable[[Exception], bool] = passes,
) -> T:
    """Call `attempt` with 1, 2, … until it succeeds or there is no sense in going on.

    Raises:
        Exception: what the last attempt raised.
    """
    tries = 1
    while True:
        try:
            return await attempt(tries)
        except Exception as error:
            if tries >= run.task.max_attempts or not worth_repeating(error):
                raise
            _log.info("task %d: try %d of a step: %s", run.task.id, tries, error)
        await run.sleep(pause_s(tries, run.parts.settings.tasks.back_off_s))
        tries += 1
