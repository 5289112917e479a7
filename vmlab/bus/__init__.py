"""Wake-ups, events and one-time grants between tasks and processes.

In process by default; over Redis (`redis.asyncio`, what aioredis became) where several processes
work together. Nothing here may be relied on to last: the database is the truth, a lost message
costs at most the time until somebody looks by themselves. Fourth floor, beside `models`.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator

from vmlab.bus.interface import Bus, Message
from vmlab.bus.memory import MemoryBus
from vmlab.bus.over_redis import RedisBus

__all__ = ["Bus", "MemoryBus", "Message", "RedisBus", "open_bus"]


@contextlib.asynccontextmanager
async def open_bus(url: str) -> AsyncIterator[Bus]:
    """The bus for a Redis URL, or one inside this process where the URL is empty."""
    if not url:
        yield MemoryBus()
        return
    async with RedisBus.opened(url) as bus:
        yield bus
