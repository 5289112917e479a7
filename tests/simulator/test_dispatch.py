"""Calls on their way to a handler: workers of a node, and the proxy's thirty seconds."""

import asyncio
from typing import Any

import pytest

from tests.simulator.raw import Answer, RawClient
from vmlab.simulator import Clock, Simulator
from vmlab.simulator.routes import Routes


async def _play(clock: Clock, *calls: Any) -> list[Answer]:
    """Let time pass until all calls have been answered."""
    together = asyncio.gather(*calls)
    while not together.done():
        await clock.advance(1)
    answers: list[Answer] = await together
    return answers


async def test_a_node_does_three_protected_calls_at_a_time() -> None:
    clock = Clock(explicit=True)
    async with Simulator(clock=clock) as sim, RawClient(sim) as api:
        node = sim.cluster.nodes["pve1"]
        for _ in range(3):
            await node.workers.acquire()
        call = asyncio.create_task(api("POST", "/pools", {"poolid": "p1"}))
        assert (await api("GET", "/version")).status == 200, "pveproxy itself is not busy"
        assert not call.done()
        node.workers.release()
        assert (await call).status == 200


async def test_the_work_goes_on_after_the_proxy_has_given_up() -> None:
    clock = Clock(explicit=True)
    async with Simulator(clock=clock) as sim, RawClient(sim) as api:
        node = sim.cluster.nodes["pve1"]
        for _ in range(3):
            await node.workers.acquire()
        (answer,) = await _play(clock, api("POST", "/pools", {"poolid": "p1"}))
        assert (answer.status, answer.reason, answer.body) == (596, "Connection timed out", b"")
        assert "p1" not in sim.cluster.pools
        node.workers.release()
        await clock.settle()
        assert "p1" in sim.cluster.pools


async def test_any_node_is_an_entry(sim: Simulator) -> None:
    async with RawClient(sim, node=2) as client:
        assert (await client("GET", "/nodes/pve1/qemu/9000/config")).status == 200
        local = (await client("GET", "/cluster/status")).data
        assert [row["name"] for row in local if row.get("local")] == ["pve3"]
        here = await client("GET", "/nodes/localhost/tasks")
        assert here.status == 200


async def _handler(call: Any) -> None: ...


def test_routes() -> None:
    routes = Routes()
    routes.add("GET", "/nodes/{node}/content/{volume}", _handler)
    routes.add("GET", "/nodes/{node}/content", _handler)
    routes.add("PUT", "/nodes/{node}/fixed", _handler)
    found = routes.find("GET", "/nodes/n1/content/local:iso/x.iso")
    assert found is not None
    assert found[2] == {"node": "n1", "volume": "local:iso/x.iso"}
    assert routes.find("GET", "/nodes/n1/content") is not None
    assert routes.find("GET", "/nodes/n1/fixed") is None
    assert routes.find("PUT", "/nodes/n1/fixed/more") is None
    with pytest.raises(ValueError, match="registered twice"):
        routes.add("GET", "/nodes/{node}/content", _handler)
