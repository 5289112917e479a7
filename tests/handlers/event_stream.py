"""A client of server-sent events, by the rules of the HTML standard (9.2.6)."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import orjson

from tests.handlers.people import Person

PATH = "/api/v1/events/"


@dataclass(frozen=True)
class Told:
    """One event."""

    event: str
    data: Any
    id: str


@dataclass
class Stream:
    """An open stream.

    Attributes:
        last_id: what the client would send as `Last-Event-ID`.
    """

    answer: aiohttp.ClientResponse
    last_id: str = ""
    told: list[Told] = field(default_factory=list)

    async def __aiter__(self) -> AsyncIterator[Told]:
        name, data = "message", ""
        async for raw in self.answer.content:
            line = raw.decode().rstrip("\r\n")
            key, _, value = line.partition(":")
            value = value.removeprefix(" ")
            if key == "event":
                name = value
            elif key == "data":
                data += value
            elif key == "id":
                self.last_id = value
            elif not line:
                if data:
                    self.told.append(Told(name, orjson.loads(data), self.last_id))
                    yield self.told[-1]
                name, data = "message", ""

    async def until(self, event: str, **wanted: Any) -> Told:
        """Wait for an event of this name with these values in it."""
        async with asyncio.timeout(30):
            async for told in self:
                if told.event == event and wanted.items() <= told.data.items():
                    return told
        raise AssertionError(f"the stream ended without {event} {wanted}")

    async def ended(self) -> bool:
        """Wait for the end of the stream; whether it ended in good order."""
        async with asyncio.timeout(30):
            try:
                async for _ in self:
                    pass
            except aiohttp.ClientError:
                return False
        return True


@contextlib.asynccontextmanager
async def following(client: Any, who: Person, last_id: str = "") -> AsyncIterator[Stream]:
    """Keep a stream open for the time of the block.

    Args:
        client: of the server.
        who: whose stream it is.
        last_id: where the last one ended.
    """
    headers = who.headers | ({"Last-Event-ID": last_id} if last_id else {})
    async with client.get(PATH, headers=headers) as answer:
        assert answer.status == 200
        assert answer.content_type == "text/event-stream"
        yield Stream(answer)
