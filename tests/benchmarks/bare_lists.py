"""The floor of a list: the same SQL by asyncpg, answered with orjson, and nothing else.

`python -m tests.benchmarks.bare_lists PORT DATABASE_URL STATEMENTS` serves `/NAME`, where
STATEMENTS is a file of JSON: for each name the statements that VMLab itself executes for that list,
with their parameters. Nobody is asked who they are, and rows go out as they come.
"""

from __future__ import annotations

import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import orjson
from aiohttp import web

POOL = web.AppKey("pool", asyncpg.Pool)
Statements = list[tuple[str, list[Any]]]


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
    lists = json.loads(Path(file).read_text(encoding="utf-8"))
    web.run_app(make_app(url, lists), host="127.0.0.1", port=int(port), print=None, access_log=None)
