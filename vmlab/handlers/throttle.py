"""Slows down guessing: a limit on failures an account, and ten times that an address.

Counters live in Redis where there is one, so that several processes count together, else in memory.
An attempt counts before it is checked, and counts no more once it has succeeded: attempts made at
the same moment cannot slip through.
"""

from __future__ import annotations

import math
import time

from limits import RateLimitItem, parse
from limits.aio.storage import MemoryStorage, RedisStorage, Storage
from limits.aio.strategies import FixedWindowRateLimiter

from vmlab.errors import TooManyRequests

ADDRESS_FACTOR = 10
"""A classroom may share one address."""


class Throttle:
    """Counts failed attempts."""

    def __init__(self, limit: str, redis_url: str = "") -> None:
        """Allow so many failures.

        Args:
            limit: `10/minute` and the like.
            redis_url: where to count together with other processes; empty: here.
        """
        self._storage: Storage = (
            RedisStorage(f"async+{redis_url}", implementation="redispy")
            if redis_url
            else MemoryStorage()
        )
        self._limiter = FixedWindowRateLimiter(self._storage)
        self._by_account = parse(limit)
        self._by_address = type(self._by_account)(
            self._by_account.amount * ADDRESS_FACTOR, self._by_account.multiples
        )

    async def begin(self, account: str, address: str) -> None:
        """Count an attempt on an account from an address.

        Raises:
            TooManyRequests: one of them has had enough for now.
        """
        if not await self._limiter.test(self._by_address, "address", address):
            raise await self._refusal(self._by_address, "address", address)
        if not await self._limiter.hit(self._by_account, "account", account):
            raise await self._refusal(self._by_account, "account", account)

    async def failed(self, address: str) -> None:
        """The attempt was wrong: it counts for the address too."""
        await self._limiter.hit(self._by_address, "address", address)

    async def succeeded(self, account: str) -> None:
        """The attempt was right: the account starts afresh."""
        await self._limiter.clear(self._by_account, "account", account)

    async def _refusal(self, item: RateLimitItem, *key: str) -> TooManyRequests:
        window = await self._limiter.get_window_stats(item, *key)
        wait_s = max(1, math.ceil(window.reset_time - time.time()))
        return TooManyRequests(retry_after_s=wait_s)
