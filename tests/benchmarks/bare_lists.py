"""The floor of a list: the same SQL by asyncpg, answered with orjson, and nothing else.

`python -m tests.benchmarks.bare_lists PORT DATABASE_URL STATEMENTS` serves `/NAME`, where
STATEMENTS is a file of JSON: for each name the statements that VMLab itself executes for that list,
with their parameters, the one that finds out who asks among them. They are executed one after the
other on one connection; nobody looks at what is found, and rows go out as they come.
"""

from __future__ import annotations

import json
import sys
from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import asyncpg
import orjson
from aiohttp import web

POOL = web.AppKey("pool", asyncpg.Pool)
Statements = list[tuple[str, list[Any]]]


def to_text(lists: Mapping[str, Statements]) -> str:
    """What the file has in it."""
    return json.dumps(lists, default=lambda moment: {"time": moment.isoformat()})


def from_text(text: str) -> dict[str, Statements]:
    """The same again, with times among the parameters as such."""

    def _moment(item: dict[str, Any]) -> Any:
        return datetime.fromisoformat(item["time"]) if "time" in item else item

    found: dict[str, Statements] = json.loads(text, object_hook=_moment)
    return found


def answering(statements: Statements) -> Any:
    """A handler that executes these."""

    async def answer(request: web.Request) -> web.Response:
        found = []
        async with request.app[POOL].acquire() as connection:
            for sql, parameters in statements:
                found.append([dict(row) for row in await connection.fetch(sql, *parameters)])
        body = orjson.dumps(found, default=str)
        return web.Response(body=body, content_type="application/json")

    return answer


def make_app(url: str, lists: dict[str, Statements]) -> web.Application:
    """An application with a pool as large as VMLab's."""

    async def pooled(app: web.Application) -> AsyncIterator[None]:
        async with asyncpg.create_pool(url, min_size=1, max_size=5) as app[POOL]:
            yield

    app = web.Application()
    app.cleanup_ctx.append(pooled)
    for name, statements in lists.items():
        app.router.add_get(f"/{name}", answering(statements))
    return app


if __name__ == "__main__":
    port, url, file = sys.argv[1:]
    lists = from_text(Path(file).read_text(encoding="utf-8"))
    web.run_app(make_app(url, lists), host="127.0.0.1", port=int(port), print=None, access_log=None)
