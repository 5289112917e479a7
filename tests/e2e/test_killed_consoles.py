"""`kill -9` of one of two servers: its consoles are nobody's any more, and its places are free."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.e2e.processes import PASSWORD, Client, Site, make_class
from tests.handlers.console_page import ConsolePage
from tests.support.servers import RedisServer

PLACES = "\n[console]\nper_node = 2\n"


@dataclass(frozen=True)
class Sockets:
    """Opens WebSockets at one of the servers."""

    http: aiohttp.ClientSession
    base: str

    async def ws_connect(self, path: str, /, **options: Any) -> Any:
        """As a test's client does."""
        return await self.http.ws_connect(f"{self.base}{path}", **options)


@contextlib.asynccontextmanager
async def page(client: Client, vm: dict[str, Any], mode: str) -> AsyncIterator[ConsolePage]:
    """A console at the server that the client talks to."""
    granted = await client.post(f"vms/{vm['id']}/console/vnc/token/", {"mode": mode})
    sockets = Sockets(client.session, client.base)
    async with ConsolePage.opened(sockets, granted["token"]) as opened:
        await opened.screen()
        yield opened


@pytest.fixture
async def sites(
    tmp_path: Path, pve: dict[str, Any], postgres_url: str, redis_server: RedisServer
) -> AsyncIterator[list[Site]]:
    """Two servers' configurations for one installation."""
    made = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        site = Site(tmp_path / name, pve, postgres_url, redis_server.url)
        site.config.write_text(site.config.read_text(encoding="utf-8") + PLACES, encoding="utf-8")
        made.append(site)
    await made[0].prepare()
    yield made
    for site in made:
        await site.end_all()


async def test_a_server_dies_while_a_teacher_watches(
    sites: list[Site], pve: dict[str, Any], http: aiohttp.ClientSession
):
    one, two = sites
    await one.serve()
    killed = await two.serve("--no-tasks")
    teacher = await Client(http, two.base).sign_in("admin")
    admin = await Client(http, one.base).sign_in("admin")
    course_id, template_id = await make_class(admin, pve["templates"][0], 1)
    order = {"template_id": template_id, "students": "all", "start": True}
    parent = (await admin.post(f"courses/{course_id}/vms/", order))["task"]
    assert (await admin.ended(parent["id"]))["status"] == "succeeded"
    student = await Client(http, one.base).sign_in("student1")
    [vm] = (await student.get("vms/"))["results"]

    async with page(student, vm, "control") as screen, page(teacher, vm, "view"):
        await screen.sees(("admin", "view"))
        # Both places of the node are taken, one by each server.
        token = f"{one.base}/api/v1/vms/{vm['id']}/console/vnc/token/"
        login = {"username": "student1", "password": PASSWORD}
        access = (await student.post("auth/login/", login))["access_token"]
        headers = {"Authorization": f"Bearer {access}"}
        async with http.post(token, json={}, headers=headers) as answer:
            assert (answer.status, "Retry-After" in answer.headers) == (503, True)
        killed.kill()
        await killed.wait()
        await screen.sees()

        async def free() -> bool:
            async with http.post(token, json={}, headers=headers) as answer:
                return answer.status == 201

        async with asyncio.timeout(60):
            while not await free():  # noqa: ASYNC110
                await asyncio.sleep(0.2)
        assert not screen.socket.closed
    logs = (await admin.get(f"vms/{vm['id']}/logs/", source="event"))["results"]
    assert len([row for row in logs if "console of admin closed" in row["message"]]) == 1
