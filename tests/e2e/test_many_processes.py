"""Several servers and workers on one database: they share the work and know of each other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import aiohttp

from tests.e2e.processes import Client, Site, end, make_class
from tests.support.servers import RedisServer


async def test_servers_and_workers_share_the_work(
    tmp_path: Path,
    pve: dict[str, Any],
    postgres_url: str,
    redis_server: RedisServer,
    http: aiohttp.ClientSession,
):
    site = Site(tmp_path, pve, postgres_url, redis_server.url)
    await site.prepare()
    try:
        server = await site.serve("--workers", "2", "--no-tasks")
        workers = [await site.start("worker") for _ in range(2)]
        admin = await Client(http, site.base).sign_in("admin")
        course_id, template_id = await make_class(admin, pve["templates"][0], 4)
        order = {"template_id": template_id, "students": "all"}
        parent = (await admin.post(f"courses/{course_id}/vms/", order))["task"]
        assert (await admin.ended(parent["id"]))["status"] == "succeeded"
        # In good order: everybody ends when asked to.
        assert [await end(process) for process in (server, *workers)] == [0, 0, 0]
    finally:
        await site.end_all()


async def test_work_goes_on_without_redis(
    tmp_path: Path, pve: dict[str, Any], postgres_url: str, http: aiohttp.ClientSession
):
    redis = RedisServer(tmp_path)
    redis.start()
    site = Site(tmp_path, pve, postgres_url, redis.url)
    await site.prepare()
    try:
        await site.serve("--no-tasks")
        await site.start("worker")
        admin = await Client(http, site.base).sign_in("admin")
        redis.stop()
        course_id, template_id = await make_class(admin, pve["templates"][0], 2)
        order = {"template_id": template_id, "students": "all"}
        parent = (await admin.post(f"courses/{course_id}/vms/", order))["task"]
        assert (await admin.ended(parent["id"]))["status"] == "succeeded"
    finally:
        redis.stop()
        await site.end_all()
