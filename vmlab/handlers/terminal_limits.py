"""How long a console may stay open: for some time unused, and for some time at all.

Each limit is announced before it is reached. A console in use never reaches the first.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Literal

WARN_S = 60.0
"""How long before a limit it is announced; half of the limit if that is shorter."""

Limit = Literal["idle", "too_long"]

_SENTENCES: dict[Limit, str] = {
    "idle": "This console closes in {seconds} s, since nobody uses it: press a key to keep it.",
    "too_long": "This console closes in {seconds} s: it may stay open no longer.",
}


@dataclass(frozen=True)
class Announcement:
    """What to say, and when it comes true."""

    sentence: str
    seconds: int
    limit: Limit


class TimeLimits:
    """The limits of one console, which begin now."""

    def __init__(self, *, idle_s: float, max_s: float) -> None:
        """Start the clock.

        Args:
            idle_s: seconds without use; infinite for who only watches.
            max_s: seconds in all.
        """
        self.reached: Limit = "idle"
        """Which one it was, once `announced` is over."""
        self._idle_s = idle_s
        self._loop = asyncio.get_running_loop()
        self._used_at = self._loop.time()
        self._last_at = self._used_at + max_s
        self._warn_s: dict[Limit, float] = {
            "idle": min(WARN_S, idle_s / 2),
            "too_long": min(WARN_S, max_s / 2),
        }

    def used(self) -> None:
        """Somebody is there: something was typed or, in a terminal, shown."""
        self._used_at = self._loop.time()

    async def announced(self) -> AsyncIterator[Announcement]:
        """Announce each limit that comes near; over when one is reached."""
        warned_of = 0.0
        while True:
            limit: Limit = "idle"
            at = self._used_at + self._idle_s
            if self._last_at < at:
                limit, at = "too_long", self._last_at
            left_s = at - self._loop.time()
            if left_s <= 0:
                self.reached = limit
                return
            if left_s > self._warn_s[limit]:
                await asyncio.sleep(left_s - self._warn_s[limit])
            elif at != warned_of:
                warned_of = at
                yield Announcement(_SENTENCES[limit], max(1, round(left_s)), limit)
            else:
                await asyncio.sleep(left_s)
