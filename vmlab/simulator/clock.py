"""Time of the simulated cluster: runs by itself (auto), or only when a test says so (explicit).

Everything that takes time in the cluster waits with `Clock.sleep`, so that a test decides how long
a clone lasts without waiting for it.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import time

SETTLE_ROUNDS = 50
SETTLE_S = 0.001
LEAST_PATIENCE_S = 0.25


class Clock:
    """The only clock of a simulator.

    Auto: `time` is the machine's own, `sleep` lasts its length divided by `speed`. The calendar is
    never sped up, so tickets live as long as they say and timestamps agree with the client's.
    Explicit: nothing moves until `advance`.

    Args:
        explicit: stand still until told to move.
        speed: how many times shorter a sleep is than asked for (auto only).
        skew_s: seconds that this clock is ahead of the machine's (auto only).
        start: epoch seconds to begin at (explicit only); default now.
    """

    def __init__(
        self,
        *,
        explicit: bool = False,
        speed: float = 1.0,
        skew_s: float = 0.0,
        start: float | None = None,
    ) -> None:
        self.explicit = explicit
        self.speed = speed
        self.skew_s = skew_s
        self._now = time.time() if start is None else start
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._order = itertools.count()

    def time(self) -> float:
        """Epoch seconds."""
        return self._now if self.explicit else time.time() + self.skew_s

    async def sleep(self, seconds: float) -> None:
        """Let `seconds` of the cluster's time pass."""
        if self.explicit:
            await self._sleep_until_told(seconds)
        else:
            await asyncio.sleep(seconds / self.speed)

    async def grace(self, seconds: float) -> None:
        """Wait out the time that a client is given to act: `speed` does not shorten it."""
        if self.explicit:
            await self._sleep_until_told(seconds)
        else:
            await asyncio.sleep(seconds)

    async def patience(self, seconds: float) -> None:
        """Wait as long as the cluster would before it gives something up.

        As `sleep`, but at high speed not below LEAST_PATIENCE_S, or a busy machine would look like
        a dead one.
        """
        if self.explicit:
            await self._sleep_until_told(seconds)
        else:
            await asyncio.sleep(max(seconds / self.speed, min(seconds, LEAST_PATIENCE_S)))

    async def _sleep_until_told(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._now + seconds, next(self._order), woken))
        await woken

    async def advance(self, seconds: float) -> None:
        """Move an explicit clock; everything that becomes due runs, in order, before it returns."""
        await self.settle()
        target = self._now + seconds
        while self._sleepers and self._sleepers[0][0] <= target:
            due, _, woken = heapq.heappop(self._sleepers)
            self._now = max(self._now, due)
            if not woken.done():
                woken.set_result(None)
                await self.settle()
        self._now = target
        await self.settle()

    async def settle(self) -> None:
        """Let everything run that can run without time passing, requests under way included."""
        for _ in range(SETTLE_ROUNDS):
            await asyncio.sleep(0)
        await asyncio.sleep(SETTLE_S)
