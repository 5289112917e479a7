"""Two workers share twenty tasks, and one is killed in the middle: all end right, none twice."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp

from tests.e2e.processes import Client, Site, make_class
from tests.e2e.test_killed import guests_of_ours
from tests.support.servers import RedisServer
from vmlab.proxmox.client import Connection, connect

TASKS = 20


async def once(ask: Callable[[], Any], within_s: float = 60) -> Any:
    """What `ask` answers as soon as it is something."""
    async with asyncio.timeout(within_s):
        while not (answer := await ask()):  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    return answer


async def carried_out(pve: dict[str, Any], kind: str) -> int:
    """How many tasks of a kind have ended well, as root sees it in Proxmox."""
    connection = Connection(
        hosts=tuple(pve["hosts"].values()),
        token_id=pve["root_token_id"],
        token_secret=pve["root_token_secret"],
        fingerprint=pve["fingerprint"],
    )
    async with connect(connection) as api:
        listed = [
            await api.nodes(node).tasks.get(source="all", limit=1000, typefilter=kind)
            for node in pve["hosts"]
        ]
    return sum(row.get("status") == "OK" for rows in listed for row in rows)


async def test_the_other_one_takes_over(
    tmp_path: Path,
    pve: dict[str, Any],
    postgres_url: str,
    redis_server: RedisServer,
    http: aiohttp.ClientSession,
    record_property: Callable[[str, object], None],
):
    site = Site(tmp_path, pve, postgres_url, redis_server.url)
    await site.prepare()
    try:
        await site.serve("--no-tasks")
        processes = [await site.start("worker") for _ in range(2)]
        admin = await Client(http, site.base).sign_in("admin")
        course_id, template_id = await make_class(admin, pve["templates"][0], TASKS)

        async def both_at_work(least: int = 2) -> list[dict[str, Any]]:
            workers: list[dict[str, Any]] = await admin.get("tasks/workers/")
            busy = [row for row in workers if len(row["running"]) >= least]
            return busy if len(busy) == len(processes) else []

        await once(lambda: both_at_work(least=0))
        order = {"template_id": template_id, "students": "all", "start": True}
        parent = (await admin.post(f"courses/{course_id}/vms/", order))["task"]
        seen = await once(both_at_work)
        assert [row["state"] for row in seen] == ["running", "running"]
        assert {row["pid"] for row in seen} == {process.pid for process in processes}

        victim = next(row for row in seen if row["pid"] == processes[0].pid)
        processes[0].kill()
        killed_at = time.monotonic()
        await processes[0].wait()

        async def lost() -> bool:
            states = {row["id"]: row["state"] for row in await admin.get("tasks/workers/")}
            return sorted(states.values()) == ["lost", "running"] and states[victim["id"]] == "lost"

        async def picked_up() -> bool:
            tasks = [await admin.get(f"tasks/{id_}/") for id_ in victim["running"]]
            return all(task["worker"] != victim["id"] or task["finished_at"] for task in tasks)

        await once(picked_up)
        seconds = time.monotonic() - killed_at
        record_property("picked_up_after_s", round(seconds, 2))
        print(f"{len(victim['running'])} tasks of the dead were picked up after {seconds:.2f} s")
        await once(lost)

        done = await admin.ended(parent["id"], within_s=90)
        assert done["status"] == "succeeded", done
        tasks = (await admin.get("tasks/", parent_id=parent["id"], page_size=100))["results"]
        assert Counter(task["status"] for task in tasks) == {"succeeded": TASKS}
        assert {task["attempts"] for task in tasks} <= {1, 2}
        assert max(task["attempts"] for task in tasks) == 2
        machines = (await admin.get("vms/", page_size=100))["results"]
        assert {vm["status"] for vm in machines} == {"running"}
        assert len({vm["owner"]["id"] for vm in machines}) == len(machines) == TASKS
        assert await guests_of_ours(pve) == Counter({vm["name"]: 1 for vm in machines})
        assert await carried_out(pve, "qmclone") == await carried_out(pve, "qmstart") == TASKS
    finally:
        await site.end_all()
