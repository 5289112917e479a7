"""`health/`, `/healthz`, `/readyz`: whether the service lives, and whether work can be done."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

from marshmallow import fields, validate
from tortoise import connections

from vmlab import __version__
from vmlab.errors import ServiceUnavailable
from vmlab.handlers.endpoint import API, PUBLIC, Call, Endpoints
from vmlab.handlers.parts import ApiParts
from vmlab.handlers.schemas.base import Output

LIMIT_S = 3.0
"""How long each part has to answer."""

RETRY_S = 5
"""After how long it makes sense to ask again."""


class PartSchema(Output):
    """One part of the service."""

    ok = fields.Boolean()
    latency_ms = fields.Float(allow_none=True, metadata={"description": "null: no answer"})


class PartsSchema(Output):
    """All parts; Redis is null where none is configured."""

    process = fields.Nested(PartSchema)
    database = fields.Nested(PartSchema)
    redis = fields.Nested(PartSchema, allow_none=True)
    proxmox = fields.Nested(PartSchema)


class HealthSchema(Output):
    """How the service is."""

    status = fields.String(validate=validate.OneOf(["ok", "degraded"]))
    version = fields.String()
    checks = fields.Nested(PartsSchema)


health = Endpoints("", tag="service")


@health.get(f"{API}/health/", needs=PUBLIC, returns=HealthSchema())
async def get_health(call: Call) -> dict[str, Any]:
    """How each part of the service is; always 200 while this process can answer."""
    return await _health(call.parts)


@health.get("/healthz", needs=PUBLIC)
async def get_liveness(_call: Call) -> None:
    """The process lives."""


@health.get("/readyz", needs=PUBLIC, returns=HealthSchema(), errors=(ServiceUnavailable,))
async def get_readiness(call: Call) -> dict[str, Any]:
    """Whether work can be done: 503 while a part that is needed does not answer.

    `details` then names each part, as `health/` does.
    """
    found = await _health(call.parts)
    if found["status"] != "ok":
        raise ServiceUnavailable(details=found, retry_after_s=RETRY_S)
    return found


async def _health(parts: ApiParts) -> dict[str, Any]:
    has_redis = bool(parts.settings.redis.url)
    database, proxmox, redis = await asyncio.gather(
        _check(_ask_database),
        _check(parts.work.cluster.version),
        _check(parts.bus.ping),
    )
    checks = {
        "process": {"ok": True, "latency_ms": 0.0},
        "database": database,
        "redis": redis if has_redis else None,
        "proxmox": proxmox,
    }
    ok = all(check["ok"] for check in checks.values() if check is not None)
    return {"status": "ok" if ok else "degraded", "version": __version__, "checks": checks}


async def _ask_database() -> None:
    await connections.get("default").execute_query("SELECT 1")


async def _check(ask: Callable[[], Awaitable[Any]]) -> dict[str, Any]:
    started = time.monotonic()
    try:
        async with asyncio.timeout(LIMIT_S):
            await ask()
    except Exception:  # whatever is wrong with a part, this endpoint answers
        return {"ok": False, "latency_ms": None}
    return {"ok": True, "latency_ms": round(1000 * (time.monotonic() - started), 1)}
