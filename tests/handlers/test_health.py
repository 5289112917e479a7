"""Whether the service lives, and whether work can be done."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from tests.handlers.conftest import Client
from tests.handlers.lab import ServedLab
from tests.support.servers import RedisServer
from vmlab import __version__
from vmlab.config import Redis, Settings

PARTS = {"process", "database", "redis", "proxmox"}


async def health(client: Any, path: str = "/api/v1/health/") -> tuple[int, dict[str, Any]]:
    """Status and data of an answer; nobody has to sign in."""
    answer = await client.get(path)
    content = await answer.json()
    assert set(content) == {"success", "data", "message", "timestamp"}
    return answer.status, content["data"]


async def test_all_is_well(lab: ServedLab):
    for path in "/api/v1/health/", "/readyz":
        status, data = await health(lab.client, path)
        assert status == 200
        assert set(data) == {"status", "version", "checks"}
        assert (data["status"], data["version"]) == ("ok", __version__)
        assert set(data["checks"]) == PARTS
        assert data["checks"]["redis"] is None
        for part in PARTS - {"redis"}:
            assert set(data["checks"][part]) == {"ok", "latency_ms"}
            assert data["checks"][part]["ok"] is True
            assert data["checks"][part]["latency_ms"] >= 0


async def test_without_proxmox_no_work_can_be_done(lab: ServedLab):
    for name in lab.sim.cluster.nodes:
        await lab.sim.node_down(name)
    status, data = await health(lab.client)
    assert (status, data["status"]) == (200, "degraded")
    assert data["checks"]["proxmox"] == {"ok": False, "latency_ms": None}
    assert data["checks"]["database"]["ok"] is True
    answer = await lab.client.get("/readyz")
    assert (answer.status, int(answer.headers["Retry-After"]) > 0) == (503, True)
    error = (await answer.json())["error"]
    assert error["details"]["checks"]["proxmox"] == {"ok": False, "latency_ms": None}
    assert (await health(lab.client, "/healthz"))[0] == 200
    for name in lab.sim.cluster.nodes:
        await lab.sim.node_up(name)
    assert (await health(lab.client, "/readyz"))[0] == 200


class TestWithRedis:
    """Where a Redis is configured."""

    @pytest.fixture
    def settings(self, settings: Settings, redis_server: RedisServer) -> Settings:
        """With its address."""
        return dataclasses.replace(settings, redis=Redis(url=redis_server.url))

    async def test_redis_is_a_part_of_it(self, client: Client, redis_server: RedisServer):
        _, data = await health(client)
        assert data["checks"]["redis"]["ok"] is True
        redis_server.stop()
        try:
            _, data = await health(client)
            assert data["checks"]["redis"] == {"ok": False, "latency_ms": None}
            assert data["status"] == "degraded"
        finally:
            redis_server.start()
        _, data = await health(client)
        assert data["checks"]["redis"]["ok"] is True
