"""The bus over Redis, for several processes and machines.

Redis may go away at any time. Publishing then does nothing (the listeners' own looking is the
safety net), listeners reconnect by themselves, and one-time grants answer `ServiceUnavailable`.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator

import orjson
import structlog
from redis import asyncio as aioredis
from redis.asyncio.client import PubSub
from redis.exceptions import RedisError

from vmlab.bus.interface import Message
from vmlab.errors import ServiceUnavailable

PREFIX = "vmlab:"
RECONNECT_S = 1.0
ANSWER_TIMEOUT_S = 3.0

log = structlog.get_logger(__name__)


class RedisBus:
    """Publish and subscribe, and keys that expire."""

    def __init__(self, client: aioredis.Redis) -> None:
        self._client = client
        self._away = False

    @classmethod
    @contextlib.asynccontextmanager
    async def opened(cls, url: str) -> AsyncIterator[RedisBus]:
        """Keep the connections for the time of the block; Redis need not be there yet."""
        client = aioredis.Redis.from_url(
            url, socket_connect_timeout=ANSWER_TIMEOUT_S, socket_keepalive=True
        )
        try:
            yield cls(client)
        finally:
            await client.aclose()

    async def publish(self, channel: str, message: Message) -> None:
        """Tell everybody, if Redis is there."""
        try:
            async with asyncio.timeout(ANSWER_TIMEOUT_S):
                await self._client.publish(PREFIX + channel, orjson.dumps(message))
        except (RedisError, OSError, TimeoutError) as error:
            log.warning("bus_publish_failed", channel=channel, error=str(error))

    @contextlib.asynccontextmanager
    async def subscribe(self, channel: str) -> AsyncIterator[AsyncIterator[Message]]:
        """Listen for the time of the block, through reconnections."""
        listener = self._client.pubsub(ignore_subscribe_messages=True)
        with contextlib.suppress(RedisError, OSError):
            await listener.subscribe(PREFIX + channel)
        try:
            yield self._each(listener, PREFIX + channel)
        finally:
            await listener.aclose()  # type: ignore[no-untyped-call]

    async def _each(self, listener: PubSub, channel: str) -> AsyncIterator[Message]:
        while True:
            try:
                if not listener.subscribed:
                    await listener.subscribe(channel)
                self._tell(None)
                received = await listener.get_message(timeout=None)
            except (RedisError, OSError) as error:
                self._tell(error)
                await asyncio.sleep(RECONNECT_S)
                continue
            if received is not None and received["type"] == "message":
                yield orjson.loads(received["data"])

    def _tell(self, error: Exception | None) -> None:
        """Say once that Redis is away, and once that it is back."""
        if self._away is (error is None):
            self._away = error is not None
            if error is None:
                log.info("redis_is_back")
            else:
                log.warning("redis_cannot_be_reached", error=str(error))

    async def put_once(self, key: str, value: Message, ttl_s: float) -> None:
        """Keep the value under a key that expires by itself."""
        async with _unavailable():
            await self._client.set(PREFIX + key, orjson.dumps(value), px=int(ttl_s * 1000))

    async def take_once(self, key: str) -> Message | None:
        """GETDEL is one operation: of two who come at once, one gets it."""
        async with _unavailable():
            raw = await self._client.getdel(PREFIX + key)
        return None if raw is None else orjson.loads(raw)

    async def ping(self) -> float:
        """Seconds that a PING takes."""
        started = time.monotonic()
        async with _unavailable():
            await self._client.ping()
        return time.monotonic() - started


@contextlib.asynccontextmanager
async def _unavailable() -> AsyncIterator[None]:
    """Wait no longer than an answer may take.

    Raises:
        ServiceUnavailable: there was none.
    """
    try:
        async with asyncio.timeout(ANSWER_TIMEOUT_S):
            yield
    except (RedisError, OSError, TimeoutError) as error:
        raise ServiceUnavailable("Redis cannot be reached at the moment") from error
