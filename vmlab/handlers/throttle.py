"""Slows down guessing: a limit on failures an account, and ten times that an address.

Each purpose (signing in, asking for a password mail) counts for itself.

Counters live in Redis where there is one, so that several processes count together, else in memory.
While Redis cannot be reached each process counts for itself. An attempt counts for its account
before it is checked, and no more once it has succeeded: attempts made at the same moment cannot
slip through. For its address it counts when it has failed, since a classroom may share one.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TypeVar

from limits import RateLimitItem, parse
from limits.aio.storage import MemoryStorage, RedisStorage
from limits.aio.strategies import FixedWindowRateLimiter
from limits.errors import StorageError
from redis.asyncio import ConnectionPool

from vmlab.errors import TooManyRequests

ADDRESS_FACTOR = 10
"""How many times an account's failures an address may have."""

ANSWER_S = 1.0
"""How long Redis may take; each process counts for itself while it says nothing."""

T = TypeVar("T")


class Throttle:
    """Counts failed attempts."""

    def __init__(
        self, purpose: str, limit: str, shared: FixedWindowRateLimiter | None = None
    ) -> None:
        """Allow so many failures.

        Args:
            purpose: tells these counters from others in the same place.
            limit: `10/minute` and the like.
            shared: where to count together with other processes.
        """
        self._purpose = purpose
        self._own = FixedWindowRateLimiter(MemoryStorage())
        self._shared = shared or self._own
        self._by_account = parse(limit)
        self._by_address = type(self._by_account)(
            self._by_account.amount * ADDRESS_FACTOR, self._by_account.multiples
        )

    @classmethod
    @contextlib.asynccontextmanager
    async def opened(cls, purpose: str, limit: str, redis_url: str) -> AsyncIterator[Throttle]:
        """A throttle that counts in Redis, or in this process where the URL is empty."""
        if not redis_url:
            yield cls(purpose, limit)
            return
        pool: ConnectionPool = ConnectionPool.from_url(redis_url)
        storage = RedisStorage(
            f"async+{redis_url}",
            wrap_exceptions=True,
            implementation="redispy",
            connection_pool=pool,  # type: ignore[arg-type]  # handed on to redis-py as it is
        )
        try:
            yield cls(purpose, limit, FixedWindowRateLimiter(storage))
        finally:
            await pool.aclose()

    async def begin(self, account: str, address: str) -> None:
        """Count an attempt on an account from an address.

        Raises:
            TooManyRequests: one of them has had enough for now.
        """
        of_address, of_account = self._key("address", address), self._key("account", account)
        if not await self._ask(lambda limiter: limiter.test(self._by_address, *of_address)):
            raise await self._refusal(self._by_address, *of_address)
        if not await self._ask(lambda limiter: limiter.hit(self._by_account, *of_account)):
            raise await self._refusal(self._by_account, *of_account)

    async def failed(self, address: str) -> None:
        """The attempt was wrong: it counts for the address too."""
        key = self._key("address", address)
        await self._ask(lambda limiter: limiter.hit(self._by_address, *key))

    async def succeeded(self, account: str) -> None:
        """The attempt was right: the account starts afresh."""
        key = self._key("account", account)
        await self._ask(lambda limiter: limiter.clear(self._by_account, *key))

    def _key(self, kind: str, value: str) -> tuple[str, str, str]:
        return self._purpose, kind, value

    async def _refusal(self, item: RateLimitItem, *key: str) -> TooManyRequests:
        window = await self._ask(lambda limiter: limiter.get_window_stats(item, *key))
        wait_s = max(1, math.ceil(window.reset_time - time.time()))
        return TooManyRequests(retry_after_s=wait_s)

    async def _ask(self, question: Callable[[FixedWindowRateLimiter], Awaitable[T]]) -> T:
        try:
            async with asyncio.timeout(ANSWER_S):
                return await question(self._shared)
        except (StorageError, TimeoutError):
            return await question(self._own)
