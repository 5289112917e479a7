"""The bus inside one process: nothing to install, and nothing left behind."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import defaultdict
from collections.abc import AsyncIterator

from vmlab.bus.interface import QUEUE_LIMIT, Message


class MemoryBus:
    """Queues and a dictionary."""

    def __init__(self) -> None:
        self._listeners: defaultdict[str, set[asyncio.Queue[Message]]] = defaultdict(set)
        self._grants: dict[str, tuple[float, Message]] = {}

    async def publish(self, channel: str, message: Message) -> None:
        """Put the message into every listener's queue."""
        for queue in self._listeners[channel]:
            if queue.full():
                queue.get_nowait()
            queue.put_nowait(message)

    @contextlib.asynccontextmanager
    async def subscribe(self, channel: str) -> AsyncIterator[AsyncIterator[Message]]:
        """Listen for the time of the block."""
        queue: asyncio.Queue[Message] = asyncio.Queue(QUEUE_LIMIT)
        self._listeners[channel].add(queue)
        try:
            yield _each(queue)
        finally:
            self._listeners[channel].discard(queue)

    async def put_once(self, key: str, value: Message, ttl_s: float) -> None:
        """Keep the value; what has expired meanwhile is dropped on the way."""
        now = time.monotonic()
        self._grants = {k: v for k, v in self._grants.items() if v[0] > now}
        self._grants[key] = (now + ttl_s, value)

    async def take_once(self, key: str) -> Message | None:
        """Hand the value out and forget it."""
        expires, value = self._grants.pop(key, (0.0, {}))
        return value if expires > time.monotonic() else None

    async def ping(self) -> float:
        """Nothing is nearer than this process."""
        return 0.0


async def _each(queue: asyncio.Queue[Message]) -> AsyncIterator[Message]:
    while True:
        yield await queue.get()
