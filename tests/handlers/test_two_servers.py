"""What ends a login ends it on every server at once: two, on one PostgreSQL and one Redis."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

import aiohttp
import pytest
from aiohttp.test_utils import TestClient, TestServer

from tests.handlers.conftest import Client
from tests.handlers.lab import ServedLab, ask, served
from tests.handlers.people import PASSWORD, Person
from tests.support.servers import RedisServer
from tests.tasks.waiting import until
from vmlab.app import make_app, open_parts
from vmlab.config import Redis, Settings
from vmlab.handlers.open_consoles import LOOK_AGAIN_S, OpenConsoles
from vmlab.models import Role, User, connected
from vmlab.simulator import Simulator

WITHIN_S = LOOK_AGAIN_S / 2
"""Well before a server would look for itself, had nobody told it."""
NEW_PASSWORD = "quite another passphrase"


@pytest.fixture
def settings(settings: Settings, redis_server: RedisServer) -> Settings:
    return dataclasses.replace(settings, redis=Redis(url=redis_server.url))


@pytest.fixture
async def lab(postgres_url: str, settings: Settings, sim: Simulator) -> AsyncIterator[ServedLab]:
    """The first server, where things are done to people."""
    async with connected(postgres_url), served(settings, sim) as opened:
        yield opened


@dataclass(frozen=True)
class Other:
    """The second server, and a student at it with a console open."""

    client: Client
    consoles: OpenConsoles
    student: Person
    socket: aiohttp.ClientWebSocketResponse
    closing: asyncio.Task[int | None]

    async def shut_out(self) -> int:
        """The status that the student's next request gets, before anything else."""
        return (await ask(self.client, self.student, "GET", "vms/")).status


@pytest.fixture
async def other(worked_lab: ServedLab) -> AsyncIterator[Other]:
    vm = await worked_lab.make_vm(start=True)
    async with (
        open_parts(worked_lab.parts.settings) as parts,
        TestClient(TestServer(make_app(parts))) as client,
    ):
        student = await worked_lab.people.signed_in(worked_lab.student.user)
        path = f"vms/{vm['id']}/console/vnc/token/"
        token = (await ask(client, student, "POST", path, {})).data["token"]
        address = f"/api/v1/console/vnc/?token={token}"
        socket = await client.ws_connect(address, protocols=("binary",))
        closing = asyncio.create_task(_closing_code(socket))

        async def is_open() -> bool:
            return len(parts.consoles) == 1

        await until(is_open)
        yield Other(client, parts.consoles, student, socket, closing)
        await socket.close()
        await asyncio.wait([closing])


async def _closing_code(socket: aiohttp.ClientWebSocketResponse) -> int | None:
    await socket.send_bytes(b"RFB 003.008\n")
    await socket.send_bytes(b"\x01\x01")
    async for _ in socket:
        pass
    return socket.close_code


async def deactivate(lab: ServedLab) -> int:
    path = f"users/{lab.student.id}/"
    return (await ask(lab.client, lab.admin, "PATCH", path, {"is_active": False})).status


async def set_password(lab: ServedLab) -> int:
    path = f"users/{lab.student.id}/"
    return (await ask(lab.client, lab.admin, "PATCH", path, {"password": NEW_PASSWORD})).status


async def change_password(lab: ServedLab) -> int:
    """The student does it, with another login."""
    password_hash = await lab.parts.passwords.hash(PASSWORD)
    await User.filter(id=lab.student.id).update(password_hash=password_hash)
    body = {"old_password": PASSWORD, "new_password": NEW_PASSWORD}
    return (await ask(lab.client, lab.student, "POST", "auth/password/change/", body)).status


async def withdraw_role(lab: ServedLab) -> int:
    role = await Role.get(name="student")
    path = f"users/{lab.student.id}/roles/{role.id}/"
    return (await ask(lab.client, lab.admin, "DELETE", path)).status


async def replace_roles(lab: ServedLab) -> int:
    body: dict[str, list[str]] = {"roles": []}
    return (await ask(lab.client, lab.admin, "PATCH", f"users/{lab.student.id}/", body)).status


@pytest.mark.parametrize(
    ("act", "status"),
    [
        (deactivate, 401),
        (set_password, 401),
        (change_password, 401),
        (withdraw_role, 401),
        (replace_roles, 401),
    ],
)
async def test_done_here_felt_there(
    worked_lab: ServedLab,
    other: Other,
    act: Callable[[ServedLab], Awaitable[int]],
    status: int,
):
    assert await other.shut_out() == 200
    assert await act(worked_lab) == 200
    assert await other.shut_out() == status
    async with asyncio.timeout(WITHIN_S):
        assert await other.closing == aiohttp.WSCloseCode.POLICY_VIOLATION


async def test_logging_out_here_ends_it_there(worked_lab: ServedLab, other: Other):
    """The same login, which the balancer has sent to both."""
    left = await ask(worked_lab.client, other.student, "POST", "auth/logout/", {})
    assert left.status == 200
    assert await other.shut_out() == 401
    async with asyncio.timeout(WITHIN_S):
        assert await other.closing == aiohttp.WSCloseCode.POLICY_VIOLATION


async def test_what_somebody_else_loses_cuts_nobody_off(worked_lab: ServedLab, other: Other):
    neighbour = await worked_lab.people.add("neighbour", "student")
    path = f"users/{neighbour.id}/"
    await ask(worked_lab.client, worked_lab.admin, "PATCH", path, {"is_active": False})
    assert (await ask(other.client, neighbour, "GET", "vms/")).status == 401
    assert await other.shut_out() == 200
    assert len(other.consoles) == 1
