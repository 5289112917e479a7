"""`events/`: machines and tasks as they change, sent by the server (SSE).

What is sent is the state at that moment, read through the same condition as the lists; so nothing
is shown that may not be seen now, and a task that moves fast is told of in few steps.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable
from typing import Any

import structlog
from aiohttp import hdrs, web
from aiohttp_sse import EventSourceResponse, sse_response

from vmlab.errors import TooManyRequests, Unauthenticated
from vmlab.handlers import machines, task_rows
from vmlab.handlers.auth import actor_of
from vmlab.handlers.endpoint import API, Call, Endpoints
from vmlab.handlers.envelope import to_json
from vmlab.handlers.event_hub import Subscription
from vmlab.handlers.objects import TaskObject, VmObject
from vmlab.models import Cursor, Event, EventType, Task, Vm
from vmlab.rules.access import Actor, Permission

LAST_EVENT_ID = "Last-Event-ID"
HEARTBEAT_S = 15.0
LOOK_AGAIN_S = 30.0
"""How long a stream may outlive a right whose end nobody announced."""
RETRY_MS = 3000
MOST_AT_ONCE = 200

log = structlog.get_logger(__name__)

events = Endpoints(f"{API}/events", tag="service")


@events.get("/", needs=Permission.VM_READ, produces="text/event-stream", errors=(TooManyRequests,))
async def follow_events(call: Call) -> web.StreamResponse:
    """Follow one's machines and tasks as they change (server-sent events).

    `event: vm` and `event: task` carry the object as its own address shows it, `event: gone` the
    `{type, id}` of what is no longer there for the caller. `event: reset` says that something may
    have been missed, at the beginning of a stream for instance: load the lists then. After a
    break, send the last id as `Last-Event-ID`, to any process: what happened meanwhile follows.
    The stream ends with the login.
    """
    if call.request.method == hdrs.METH_HEAD:
        return web.Response(content_type="text/event-stream")
    after = Cursor.parsed(call.request.headers.get(LAST_EVENT_ID, ""))
    hub = call.parts.events
    async with (
        hub.subscribed(call.actor, after) as subscription,
        sse_response(
            call.request, send_timeout=hub.send_timeout_s, ping_interval=HEARTBEAT_S
        ) as response,
    ):
        try:
            await _Stream(subscription, response).run()
        except (ConnectionResetError, TimeoutError, Unauthenticated):
            pass  # the client is gone or too slow, or its login has ended
        except Exception:  # the answer has begun, so there is no other way to say so
            log.exception("event_stream_failed")
    return response


class _Stream:
    """One client's connection."""

    def __init__(self, subscription: Subscription, response: EventSourceResponse) -> None:
        self._subscription = subscription
        self._response = response
        self._told = subscription.cursor
        self._looked_at = asyncio.get_running_loop().time()

    async def run(self) -> None:
        """Tell what happens until the client goes, the login ends or the server goes down.

        Raises:
            Unauthenticated: the login has ended.
            ConnectionResetError: the client is gone.
            TimeoutError: it was too slow.
        """
        subscription = self._subscription
        while not subscription.ended and self._response.is_connected():
            await self._look_again()
            if subscription.missed_to is not None:
                await self._reset(subscription.missed_to)
            if batch := subscription.take(MOST_AT_ONCE):
                await self._tell(batch)
                continue
            await self._note_place()
            subscription.news.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(subscription.news.wait(), HEARTBEAT_S)

    async def _look_again(self) -> None:
        """See whether the login still holds, where that is in doubt."""
        subscription = self._subscription
        now = asyncio.get_running_loop().time()
        if not subscription.doubted and now - self._looked_at < LOOK_AGAIN_S:
            return
        subscription.doubted = False
        self._looked_at = now
        before = subscription.actor
        subscription.actor = await actor_of(before.session_id)
        if subscription.actor != before:
            await self._reset(self._told)

    async def _reset(self, place: Cursor) -> None:
        """Say that the client has to look for itself, and from where on it is told."""
        self._subscription.missed_to = None
        self._told = place
        await self._response.send("{}", event="reset", id=str(self._told), retry=RETRY_MS)

    async def _tell(self, batch: list[Event]) -> None:
        shown = await _shown(self._subscription.actor, batch)
        for event in batch:
            self._told = event.cursor
            key = event.type, event.object_id
            name = event.type.value if key in shown else "gone"
            content = shown.get(key, {"type": event.type, "id": event.object_id})
            await self._response.send(to_json(content).decode(), event=name, id=str(self._told))

    async def _note_place(self) -> None:
        """Let the client know how far the history has come that was not about it.

        Without it, a client to whom nothing has happened for long could not be told any more
        whether something has. A block without data is no event (HTML: server-sent events, 9.2.6).
        """
        if self._told < self._subscription.cursor:
            self._told = self._subscription.cursor
            await self._response.write(f"id: {self._told}\r\n\r\n".encode())


async def _shown(actor: Actor, batch: Iterable[Event]) -> dict[tuple[EventType, int], Any]:
    """The things that have changed, as they are now; those that the caller may not see are not."""
    ids: dict[EventType, list[int]] = {type_: [] for type_ in EventType}
    for event in batch:
        ids[event.type].append(event.object_id)
    found: dict[tuple[EventType, int], Any] = {}
    if vm_ids := ids[EventType.VM]:
        vms = Vm.filter(VmObject.visible(actor), id__in=vm_ids)
        for row in await machines.complete(await vms.values(*machines.VM_COLUMNS)):
            found[EventType.VM, row["id"]] = row
    if task_ids := ids[EventType.TASK]:
        tasks = Task.filter(TaskObject.visible(actor), id__in=task_ids)
        for row in await task_rows.complete(await tasks.values(*task_rows.TASK_COLUMNS)):
            found[EventType.TASK, row["id"]] = row
    return found
