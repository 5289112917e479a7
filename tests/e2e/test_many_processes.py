"""Several servers and workers on one database: they share the work and know of each other."""

from __future__ import annotations

import contextlib
import re
from pathlib import Path
from typing import Any

import aiohttp

from tests.e2e.processes import Client, Site, end, make_class
from tests.support.servers import RedisServer, free_port
from tests.tasks.waiting import until


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


async def test_prometheus_meets_each_process(
    tmp_path: Path, pve: dict[str, Any], postgres_url: str, http: aiohttp.ClientSession
):
    site = Site(tmp_path, pve, postgres_url)
    await site.prepare()
    first = free_port()
    with site.config.open("a", encoding="utf-8") as config:
        config.write(f'[metrics]\nnetworks = ["127.0.0.1"]\nfirst_port = {first}\n')

    async def docs_asked(port: int) -> int:
        """How often a process says that it was asked."""
        async with http.get(f"http://127.0.0.1:{port}/metrics") as answer:
            assert answer.status == 200
            text = await answer.text()
        counted = re.search(r'^vmlab_requests_total{endpoint="/docs".*} (\d+)', text, re.MULTILINE)
        return int(counted[1]) if counted else 0

    async def both_listen() -> bool:
        with contextlib.suppress(aiohttp.ClientError):
            return [await docs_asked(first + n) for n in (0, 1)] == [0, 0]
        return False

    try:
        await site.serve("--workers", "2", "--no-tasks")
        await until(both_listen, 60)
        for _ in range(3):
            async with http.get(f"http://127.0.0.1:{first + 1}/docs") as answer:
                assert answer.status == 200
        assert [await docs_asked(first + n) for n in (0, 1)] == [0, 3]
    finally:
        await site.end_all()
