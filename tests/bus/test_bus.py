"""What every bus must do, in process and over a real Redis; and what happens when Redis goes."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from tests.support.cable import Cable
from tests.support.servers import RedisServer
from tests.tasks.waiting import until
from vmlab.bus import Bus, MemoryBus, open_bus, over_redis
from vmlab.bus.interface import QUEUE_LIMIT
from vmlab.errors import ServiceUnavailable


async def test_every_listener_hears_what_is_published(bus: Bus):
    async with bus.subscribe("tasks") as first, bus.subscribe("tasks") as second:
        await bus.publish("tasks", {"id": 7})
        async with asyncio.timeout(5):
            assert [await anext(first), await anext(second)] == [{"id": 7}, {"id": 7}]


async def test_channels_are_apart(bus: Bus):
    async with bus.subscribe("cancel") as listener:
        await bus.publish("tasks", {"id": 1})
        await bus.publish("cancel", {"id": 2})
        async with asyncio.timeout(5):
            assert await anext(listener) == {"id": 2}


async def test_publishing_to_nobody_is_no_error(bus: Bus):
    await bus.publish("events", {"type": "vm", "id": 1})


async def test_of_many_takers_exactly_one_gets_the_grant(bus: Bus):
    await bus.put_once("grant:a", {"vm": 3}, ttl_s=30)
    taken = await asyncio.gather(*(bus.take_once("grant:a") for _ in range(20)))
    assert [value for value in taken if value is not None] == [{"vm": 3}]


async def test_a_grant_expires(bus: Bus):
    await bus.put_once("grant:b", {"vm": 3}, ttl_s=0.05)
    await asyncio.sleep(0.1)
    assert await bus.take_once("grant:b") is None


async def test_an_unknown_grant_is_none(bus: Bus):
    assert await bus.take_once("grant:never") is None


async def test_ping_takes_some_seconds_or_none(bus: Bus):
    assert await bus.ping() >= 0


async def test_a_slow_listener_keeps_the_newest():
    bus = MemoryBus()
    async with bus.subscribe("events") as listener:
        for number in range(QUEUE_LIMIT + 5):
            await bus.publish("events", {"id": number})
        assert await anext(listener) == {"id": 5}


async def test_without_redis_wakes_are_dropped_and_grants_refused(tmp_path: Path):
    server = RedisServer(tmp_path)
    async with open_bus(server.url) as bus:
        await bus.publish("tasks", {"id": 1})
        with pytest.raises(ServiceUnavailable):
            await bus.put_once("grant:c", {}, ttl_s=30)
        with pytest.raises(ServiceUnavailable):
            await bus.ping()


async def test_listeners_come_back_with_redis(tmp_path: Path):
    server = RedisServer(tmp_path)
    server.start()
    try:
        async with open_bus(server.url) as bus, bus.subscribe("tasks") as listener:
            heard = asyncio.ensure_future(anext(listener))
            server.stop()
            await bus.publish("tasks", {"id": 1})
            server.start()
            async with asyncio.timeout(20):
                while not heard.done():
                    await bus.publish("tasks", {"id": 2})
                    await asyncio.sleep(0.1)
            assert await heard == {"id": 2}
    finally:
        server.stop()


async def test_a_redis_that_says_nothing_keeps_nobody(
    redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(over_redis, "ANSWER_TIMEOUT_S", 0.2)
    async with Cable.laid(redis_server.url) as (cable, url), open_bus(url) as bus:
        await bus.put_once("grant:d", {}, ttl_s=30)
        cable.freeze()
        await bus.publish("tasks", {"id": 1})
        for asked in (bus.put_once("grant:e", {}, ttl_s=30), bus.take_once("grant:d"), bus.ping()):
            with pytest.raises(ServiceUnavailable):
                await asked
        cable.thaw()
        assert await bus.ping() >= 0


async def test_it_is_told_once_that_redis_is_away(tmp_path: Path):
    server = RedisServer(tmp_path)
    with capture_logs() as logs:
        async with (
            open_bus(server.url) as bus,
            bus.subscribe("tasks") as tasks,
            bus.subscribe("cancel") as cancelled,
        ):
            listening = [asyncio.ensure_future(anext(each)) for each in (tasks, cancelled)]

            async def told() -> bool:
                return bool(logs)

            await until(told)
            for each in listening:
                each.cancel()
            await asyncio.wait(listening)
    assert [line["event"] for line in logs] == ["redis_cannot_be_reached"]
