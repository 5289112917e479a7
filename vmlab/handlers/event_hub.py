"""Follows the history of changes for all event streams of this process.

One reader for any number of streams: woken by the bus, and by its own beat in case nobody called,
it reads what is new in the `events` table and leaves it with each stream whom it concerns. A
stream that has not yet told of an earlier change of the same thing tells of both at once, since
what it sends is the state then.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator

import structlog

from vmlab.bus import Bus
from vmlab.errors import TooManyRequests
from vmlab.models import Cursor, Event, EventType
from vmlab.rules.access import Actor, Permission, Scope, scopes

BEAT_S = 1.0
"""How soon a change is seen that nobody called out."""
PAUSE_S = 0.1
"""Least time between two looks, however many call."""
AT_ONCE = 1000
"""Events read in one look."""
STREAMS_PER_USER = 20

_READS = {EventType.VM: Permission.VM_READ, EventType.TASK: Permission.TASK_READ}
_AFTER_RETRY_S = 30

log = structlog.get_logger(__name__)


class Subscription:
    """What one stream has still to tell.

    Attributes:
        missed_to: up to here the stream does not tell all that has happened, and has to say so.
        cursor: up to where the history is either told or pending.
        news: set when there is something to do.
        doubted: the caller's rights may have changed.
        ended: the stream is to end, for the server goes down.
    """

    def __init__(self, actor: Actor, start: Cursor, *, missed: bool, most_pending: int) -> None:
        self.missed_to = start if missed else None
        self.cursor = start
        self.news = asyncio.Event()
        self.doubted = False
        self.ended = False
        self._pending: dict[tuple[EventType, int], Event] = {}
        self._most_pending = most_pending
        self.actor = actor

    @property
    def actor(self) -> Actor:
        """Whose rights count."""
        return self._actor

    @actor.setter
    def actor(self, actor: Actor) -> None:
        self._actor = actor
        self._held = {type_: scopes(actor, permission) for type_, permission in _READS.items()}

    def add(self, event: Event) -> None:
        """Take a change up, if it is the caller's business."""
        if event.cursor <= self.cursor:
            return
        self.cursor = event.cursor
        if not self._concerns(event):
            return
        key = event.type, event.object_id
        # The last one counts, and stands where it was made: what is before it has been told then.
        self._pending.pop(key, None)
        self._pending[key] = event
        if len(self._pending) > self._most_pending:
            self._pending.clear()
            self.missed_to = event.cursor
        self.news.set()

    def _concerns(self, event: Event) -> bool:
        related = {Scope.ANY}
        if self._actor.user_id in (event.owner_id, event.created_by_id):
            related.add(Scope.OWN)
        if event.course_id in self._actor.taught:
            related.add(Scope.TAUGHT)
        return not self._held[event.type].isdisjoint(related)

    def take(self, most: int) -> list[Event]:
        """Take out the oldest of what is pending."""
        keys = list(self._pending)[:most]
        return [self._pending.pop(key) for key in keys]

    def end(self) -> None:
        """Let the stream end."""
        self.ended = True
        self.news.set()

    def doubt(self) -> None:
        """Let the stream look again at whose it is."""
        self.doubted = True
        self.news.set()


class EventHub:
    """All event streams of this process.

    Attributes:
        send_timeout_s: a client that takes nothing for so long is dropped.
    """

    def __init__(self, bus: Bus, *, most_pending: int = 2000, send_timeout_s: float = 20.0) -> None:
        """Follow the history, woken by this bus.

        Args:
            bus: where changes are called out.
            most_pending: changed things that may wait for one client; if there are more, it has
                to load the lists instead.
            send_timeout_s: see above.
        """
        self.send_timeout_s = send_timeout_s
        self._bus = bus
        self._most_pending = most_pending
        self._subscriptions: set[Subscription] = set()
        self._of_user: Counter[int] = Counter()
        self._cursor: Cursor | None = None
        self._woken = asyncio.Event()
        self._reading = asyncio.Lock()

    def __len__(self) -> int:
        return len(self._subscriptions)

    @contextlib.asynccontextmanager
    async def subscribed(self, actor: Actor, after: Cursor | None) -> AsyncIterator[Subscription]:
        """Collect changes for a stream for the time of the block.

        Args:
            actor: for whom.
            after: where their last stream ended; None to begin now, as is done where the history
                does not reach back so far.

        Raises:
            TooManyRequests: they have as many streams open as they may.
        """
        if self._of_user[actor.user_id] >= STREAMS_PER_USER:
            raise TooManyRequests(retry_after_s=_AFTER_RETRY_S)
        self._of_user[actor.user_id] += 1
        subscription: Subscription | None = None
        try:
            subscription = await self._begun(actor, after)
            yield subscription
        finally:
            self._of_user[actor.user_id] -= 1
            if subscription is not None:
                self._subscriptions.discard(subscription)

    async def _begun(self, actor: Actor, after: Cursor | None) -> Subscription:
        async with self._reading:
            if not self._subscriptions or self._cursor is None:
                self._cursor = await Event.newest()
            now = self._cursor
            missing = after is None or not await Event.oldest() <= after <= now
            start = now if after is None or missing else after
            subscription = Subscription(
                actor, start, missed=missing, most_pending=self._most_pending
            )
            more = start < now
            while more:
                events = await Event.after(subscription.cursor, AT_ONCE)
                for event in events:
                    subscription.add(event)
                more = bool(events) and subscription.cursor < now
            self._subscriptions.add(subscription)
        return subscription

    @contextlib.asynccontextmanager
    async def following(self) -> AsyncIterator[None]:
        """Follow the history for the time of the block, and end all streams after it."""
        work = [
            asyncio.create_task(self._wake("events")),
            asyncio.create_task(self._wake("tasks")),
            asyncio.create_task(self._doubt()),
            asyncio.create_task(self._follow()),
        ]
        try:
            yield
        finally:
            self.end_all()
            for each in work:
                each.cancel()
            await asyncio.wait(work)

    def end_all(self) -> None:
        """The server goes down."""
        for subscription in self._subscriptions:
            subscription.end()

    async def _wake(self, channel: str) -> None:
        async with self._bus.subscribe(channel) as news:
            async for _ in news:
                self._woken.set()

    async def _doubt(self) -> None:
        async with self._bus.subscribe("sessions") as news:
            async for message in news:
                for subscription in self._subscriptions:
                    if subscription.actor.user_id == message.get("user_id"):
                        subscription.doubt()

    async def _follow(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), BEAT_S)
            self._woken.clear()
            if not self._subscriptions:
                continue
            try:
                await self._read()
            except Exception:  # the database may be back at the next look
                log.exception("events_unreadable")
            await asyncio.sleep(PAUSE_S)

    async def _read(self) -> None:
        async with self._reading:
            more = self._cursor is not None
            while more and self._cursor is not None:
                events = await Event.after(self._cursor, AT_ONCE)
                for event in events:
                    for subscription in self._subscriptions:
                        subscription.add(event)
                    self._cursor = event.cursor
                more = len(events) == AT_ONCE
