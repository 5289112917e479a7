"""What both kinds of bus can do; one suite of tests runs over both.

Channels in use:
    tasks     there may be work: `{"id"}`
    cancel    a running task is to stop: `{"id"}`
    events    a machine or a task has changed: `{"type", "id", ...}`
    sessions  somebody's rights have changed: `{"user_id"}`
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

Message = dict[str, Any]
"""What JSON can carry."""

QUEUE_LIMIT = 1000
"""Messages kept for a listener that is slow; the oldest go first, for a wake-up is only a hint."""


class Bus(Protocol):
    """Publish and listen; leave a thing that can be taken once."""

    async def publish(self, channel: str, message: Message) -> None:
        """Tell all listeners of a channel. Never fails: nobody may depend on being told."""

    def subscribe(self, channel: str) -> AbstractAsyncContextManager[AsyncIterator[Message]]:
        """Listen from the moment the block is entered."""

    async def put_once(self, key: str, value: Message, ttl_s: float) -> None:
        """Leave a value under a secret key for `ttl_s` seconds.

        Raises:
            ServiceUnavailable: it could not be stored.
        """

    async def take_once(self, key: str) -> Message | None:
        """Take the value away; whoever comes second, or too late, gets None.

        Raises:
            ServiceUnavailable: it could not be looked for.
        """

    async def ping(self) -> float:
        """Seconds that a round trip takes.

        Raises:
            ServiceUnavailable: there is no answer.
        """
