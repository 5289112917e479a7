"""Attempts are counted in memory, or in Redis together with other processes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.support.cable import Cable
from tests.support.servers import RedisServer
from vmlab.errors import TooManyRequests
from vmlab.handlers.throttle import Throttle

LIMIT = "3/hour"


@pytest.fixture(params=["memory", "redis"])
async def throttle(request: pytest.FixtureRequest) -> AsyncIterator[Throttle]:
    """A throttle that counts in each way."""
    url = "" if request.param == "memory" else request.getfixturevalue("redis_server").url
    async with Throttle.opened("login", LIMIT, url) as opened:
        yield opened


async def let_through(throttle: Throttle, count: int, account: str) -> int:
    """How many of so many attempts at the same moment are let through."""
    tries = (throttle.begin(account, "10.1.0.1") for _ in range(count))
    results = await asyncio.gather(*tries, return_exceptions=True)
    unexpected = [r for r in results if r is not None and not isinstance(r, TooManyRequests)]
    assert unexpected == []
    return results.count(None)


async def test_attempts_at_the_same_moment_do_not_slip_through(throttle: Throttle):
    assert await let_through(throttle, 10, "moment") == 3
    assert await let_through(throttle, 10, "other") == 3


async def test_success_starts_the_account_afresh(throttle: Throttle):
    for _ in range(5):
        await throttle.begin("afresh", "10.2.0.1")
        await throttle.succeeded("afresh")


async def test_an_address_has_ten_times_as_many_failures(throttle: Throttle):
    for number in range(30):
        await throttle.begin(f"address{number}", "10.3.0.1")
        await throttle.failed("10.3.0.1")
    with pytest.raises(TooManyRequests) as refusal:
        await throttle.begin("address30", "10.3.0.1")
    assert refusal.value.retry_after_s is not None
    assert 1 <= refusal.value.retry_after_s <= 3600
    await throttle.begin("address30", "10.3.0.2")


async def test_processes_count_together_in_redis(redis_server: RedisServer):
    async with (
        Throttle.opened("login", LIMIT, redis_server.url) as first,
        Throttle.opened("login", LIMIT, redis_server.url) as second,
    ):
        assert await let_through(first, 2, "together") == 2
        assert await let_through(second, 2, "together") == 1


async def test_purposes_do_not_count_for_each_other(redis_server: RedisServer):
    async with (
        Throttle.opened("login", LIMIT, redis_server.url) as login,
        Throttle.opened("reset", LIMIT, redis_server.url) as reset,
    ):
        assert await let_through(login, 10, "two purposes") == 3
        assert await let_through(reset, 10, "two purposes") == 3


async def test_a_process_counts_for_itself_while_redis_is_away():
    async with Throttle.opened("login", LIMIT, "redis://127.0.0.1:1/0") as alone:
        assert await let_through(alone, 10, "alone") == 3


async def test_a_process_counts_for_itself_while_redis_says_nothing(
    redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("vmlab.handlers.throttle.ANSWER_S", 0.05)
    async with (
        Cable.laid(redis_server.url) as (cable, url),
        Throttle.opened("login", LIMIT, url) as alone,
    ):
        cable.freeze()
        assert await let_through(alone, 4, "frozen") == 3
