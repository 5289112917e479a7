"""Who else looks at one's screen: told at once, over all servers, and without those that died."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from tests.handlers.conftest import Client
from tests.handlers.console_page import ConsolePage, token
from tests.handlers.lab import ServedLab, served
from tests.support.servers import RedisServer
from tests.tasks.waiting import until
from vmlab.app import make_app, open_parts
from vmlab.config import Redis, Settings
from vmlab.models import ConsoleSession, connected
from vmlab.simulator import Simulator


@pytest.fixture
async def vm(worked_lab: ServedLab) -> dict[str, Any]:
    """The student's running machine."""
    return await worked_lab.make_vm(start=True)


async def viewers(lab: ServedLab, vm: dict[str, Any]) -> list[tuple[str, str]]:
    said = await lab.ask(lab.student, "GET", f"vms/{vm['id']}/console/vnc/")
    return [(viewer["user"]["username"], viewer["mode"]) for viewer in said.data["viewers"]]


async def test_a_student_knows_while_a_teacher_watches(worked_lab: ServedLab, vm: dict[str, Any]):
    lab = worked_lab
    mine = await token(lab.client, lab.student, vm)
    theirs = await token(lab.client, lab.teacher, vm, "view")
    assert await viewers(lab, vm) == []
    async with ConsolePage.opened(lab.client, mine) as student:
        await student.screen()
        async with ConsolePage.opened(lab.client, theirs) as teacher:
            await student.sees(("teacher", "view"))
            await teacher.sees(("student", "control"))
            assert await viewers(lab, vm) == [("student", "control"), ("teacher", "view")]
        await student.sees()
        assert await viewers(lab, vm) == [("student", "control")]

    async def empty() -> bool:
        return await viewers(lab, vm) == []

    await until(empty)


async def test_other_clients_get_nothing_but_the_screen(worked_lab: ServedLab, vm: dict[str, Any]):
    lab = worked_lab
    mine = await token(lab.client, lab.student, vm)
    theirs = await token(lab.client, lab.teacher, vm, "view")
    async with ConsolePage.opened(lab.client, mine, "binary") as student:
        await student.screen()
        async with ConsolePage.opened(lab.client, theirs) as teacher:
            await teacher.sees(("student", "control"))
        assert student.notices == []
        assert student.socket.protocol == "binary"


async def test_who_died_without_a_word_looks_on_no_more(worked_lab: ServedLab, vm: dict[str, Any]):
    lab = worked_lab
    async with ConsolePage.opened(lab.client, await token(lab.client, lab.student, vm)) as student:
        await student.screen()
        now = (await ConsoleSession.get()).opened_at
        dead = await ConsoleSession.create(
            vm_id=vm["id"],
            node=vm["node"],
            user=lab.teacher.user,
            protocol="vnc",
            mode="view",
            process="elsewhere",
            chain="",
            opened_at=now,
            seen_at=now + timedelta(hours=1),
        )
        await student.sees(("teacher", "view"))
        await ConsoleSession.filter(id=dead.id).update(seen_at=now - timedelta(hours=1))
        await student.sees()

        async def swept() -> bool:
            await dead.refresh_from_db()
            return dead.ending == "lost"

        await until(swept)


async def test_who_is_taken_for_dead_hangs_up(worked_lab: ServedLab, vm: dict[str, Any]):
    """Its place is another's by now; the page comes back by itself."""
    lab = worked_lab
    async with ConsolePage.opened(lab.client, await token(lab.client, lab.student, vm)) as student:
        await student.screen()
        [row] = await ConsoleSession.all()
        await ConsoleSession.filter(id=row.id).update(closed_at=row.opened_at, ending="lost")
        assert await student.closed() == 1001


class TestSeveralServers:
    """Two, on one PostgreSQL and one Redis."""

    @pytest.fixture
    def settings(self, settings: Settings, redis_server: RedisServer) -> Settings:
        return dataclasses.replace(settings, redis=Redis(url=redis_server.url))

    @pytest.fixture
    async def lab(
        self, postgres_url: str, settings: Settings, sim: Simulator
    ) -> AsyncIterator[ServedLab]:
        async with connected(postgres_url), served(settings, sim) as opened:
            yield opened

    @contextlib.asynccontextmanager
    async def another(self, settings: Settings) -> AsyncIterator[Client]:
        async with (
            open_parts(settings) as parts,
            TestClient(TestServer(make_app(parts))) as client,
        ):
            yield client

    async def test_they_know_of_each_others_consoles(
        self, worked_lab: ServedLab, vm: dict[str, Any]
    ):
        lab = worked_lab
        async with self.another(lab.parts.settings) as elsewhere:
            mine = await token(lab.client, lab.student, vm)
            theirs = await token(lab.client, lab.teacher, vm, "view")
            async with ConsolePage.opened(lab.client, mine) as student:
                await student.screen()
                async with ConsolePage.opened(elsewhere, theirs) as teacher:
                    async with asyncio.timeout(lab.parts.settings.tasks.beat_s * 20):
                        await student.sees(("teacher", "view"))
                        await teacher.sees(("student", "control"))
                await student.sees()
