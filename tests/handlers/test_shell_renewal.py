"""Coming back to a shell: where VMLab signs in by itself, and nowhere else."""

from __future__ import annotations

import asyncio
import dataclasses
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.handlers.console_page import NOTICES
from tests.handlers.lab import ServedLab
from tests.support.ssh_server import PASSWORD, SshServer, ssh_server
from tests.tasks.waiting import until
from vmlab.config import Guests, Settings, Storage
from vmlab.models import ConsoleSession
from vmlab.operations import ssh_access

WITHIN_S = 20
ADDRESS = "127.77.0.8"


@pytest.fixture
async def server() -> AsyncIterator[SshServer]:
    """The guest's."""
    async with ssh_server(ADDRESS) as running:
        yield running


@pytest.fixture
def settings(settings: Settings, server: SshServer, tmp_path: Path) -> Settings:
    return dataclasses.replace(
        settings,
        guests=Guests(lab_networks=("127.0.0.0/8",), ssh_port=server.port),
        storage=Storage(directory=str(tmp_path / "files")),
    )


@pytest.fixture
async def vm(worked_lab: ServedLab, server: SshServer, settings: Settings) -> dict[str, Any]:
    """The student's running machine, which has VMLab's key."""
    made = await worked_lab.make_vm(start=True)
    guest = worked_lab.guest(made)
    guest.config |= {"agent": "1", "ipconfig0": f"ip={ADDRESS}/16"}
    guest.agent_up = True
    row = await worked_lab.row(made)
    server.authorized.append(await ssh_access.public_key_for(row, settings.security))
    await server.stop()
    await server.start()
    return made


async def connected(lab: ServedLab, token: str) -> aiohttp.ClientWebSocketResponse:
    return await lab.client.ws_connect(f"/api/v1/console/ssh/?token={token}", protocols=(NOTICES,))


async def read(socket: aiohttp.ClientWebSocketResponse, text: str) -> list[dict[str, Any]]:
    """Read until the shell has shown a text; the notices that came before it."""
    shown, notices = b"", []
    async with asyncio.timeout(WITHIN_S):
        while text.encode() not in shown:
            message = await socket.receive()
            if message.type is aiohttp.WSMsgType.TEXT:
                notices.append(json.loads(message.data))
            else:
                assert message.type is aiohttp.WSMsgType.BINARY, (message, shown)
                shown += message.data
    return notices


async def token(lab: ServedLab, vm: dict[str, Any], **login: str) -> str:
    answer = await lab.ask(lab.student, "POST", f"vms/{vm['id']}/console/ssh/token/", login)
    assert answer.status == 201, answer
    return str(answer.data["token"])


async def test_a_shell_comes_back_after_the_machine_was_away(
    worked_lab: ServedLab, server: SshServer, vm: dict[str, Any]
):
    lab = worked_lab
    shell = await connected(lab, await token(lab, vm, username="lab"))
    [notice] = await read(shell, "$ ")
    assert notice["type"] == "renewal"
    await shell.send_json({"type": "kept"})
    await server.stop()
    async for _ in shell:
        pass
    assert shell.close_code == aiohttp.WSCloseCode.INTERNAL_ERROR
    await server.start()

    body = {"secret": notice["secret"], "cols": 100, "rows": 30}
    async with lab.client.post("/api/v1/console/renew/", json=body) as answer:
        assert answer.status == 201
        renewed = (await answer.json())["data"]
    assert renewed["protocol"] == "ssh"
    shell = await connected(lab, renewed["token"])
    [fresh] = await read(shell, "size 100x30")
    assert fresh["secret"] != notice["secret"]
    assert server.logins == ["lab", "lab"]
    await shell.send_json({"type": "kept"})

    async def spent() -> bool:
        return await ConsoleSession.exists(renewal_spent_at__isnull=False)

    await until(spent)
    await shell.close()


async def test_what_the_user_typed_is_kept_for_no_second_time(
    worked_lab: ServedLab, vm: dict[str, Any]
):
    lab = worked_lab
    shell = await connected(lab, await token(lab, vm, username="lab", password=PASSWORD))
    assert await read(shell, "$ ") == []
    row = await ConsoleSession.get()
    assert (row.renewal_hash, row.guest_username) == (None, None)
    await shell.close()
