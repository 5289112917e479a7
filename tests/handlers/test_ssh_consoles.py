"""SSH consoles from the browser's side: where they lead, who gets in, and how they end."""

from __future__ import annotations

import asyncio
import dataclasses
import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import asyncssh
import pytest

from tests.handlers.lab import ServedLab
from tests.support.ssh_server import BLOCK, PASSWORD, SshServer, ssh_server
from tests.tasks.waiting import until
from vmlab.config import Console, Guests, Settings, Storage
from vmlab.models import AuditEntry, SshAccess, Template, Vm
from vmlab.operations import ssh_access

WITHIN_S = 20
SOCKET = "/api/v1/console/ssh/"
ADDRESS = "127.77.0.5"
"""The guest's; the simulated Proxmox hosts are 127.0.0.1."""
LOGIN = {"username": "lab", "password": PASSWORD}


@pytest.fixture
async def server() -> AsyncIterator[SshServer]:
    """The guest's."""
    async with ssh_server(ADDRESS) as running:
        yield running


@pytest.fixture
def limits() -> Console:
    """How long consoles may be; a test overrides this."""
    return Console()


@pytest.fixture
def settings(settings: Settings, server: SshServer, tmp_path: Path, limits: Console) -> Settings:
    """A lab that is on this machine, which has to be said explicitly."""
    return dataclasses.replace(
        settings,
        guests=Guests(lab_networks=("127.0.0.0/8",), ssh_port=server.port),
        storage=Storage(directory=str(tmp_path / "files")),
        console=limits,
    )


def settle(lab: ServedLab, vm: dict[str, Any], address: str) -> None:
    """Give the guest an agent and an address."""
    guest = lab.guest(vm)
    guest.config |= {"agent": "1", "ipconfig0": f"ip={address}/16"}
    guest.agent_up = True


@pytest.fixture
async def vm(worked_lab: ServedLab) -> dict[str, Any]:
    """The student's running machine."""
    made = await worked_lab.make_vm(start=True)
    settle(worked_lab, made, ADDRESS)
    return made


async def asked(lab: ServedLab, vm: dict[str, Any]) -> dict[str, Any]:
    """What is said about the console."""
    answer = await lab.ask(lab.student, "GET", f"vms/{vm['id']}/console/ssh/")
    assert answer.status == 200
    return dict(answer.data)


async def connected(
    lab: ServedLab, vm: dict[str, Any], **body: Any
) -> aiohttp.ClientWebSocketResponse:
    answer = await lab.ask(lab.student, "POST", f"vms/{vm['id']}/console/ssh/token/", body)
    assert answer.status == 201, answer
    return await lab.client.ws_connect(
        f"{SOCKET}?token={answer.data['token']}", headers={"Accept-Language": "en"}
    )


async def seen(socket: aiohttp.ClientWebSocketResponse, text: str) -> str:
    """Read until a text is there."""
    shown = b""
    async with asyncio.timeout(WITHIN_S):
        while text.encode() not in shown:
            message = await socket.receive()
            assert message.type is aiohttp.WSMsgType.BINARY, (message, shown)
            shown += message.data
    return shown.decode()


async def ending(socket: aiohttp.ClientWebSocketResponse) -> tuple[int | None, str]:
    """The close code, and what was shown before it."""
    shown = b""
    async with asyncio.timeout(WITHIN_S):
        async for message in socket:
            shown += message.data
    return socket.close_code, shown.decode()


async def test_a_student_types_and_reads(
    worked_lab: ServedLab, server: SshServer, vm: dict[str, Any]
):
    socket = await connected(worked_lab, vm, **LOGIN, cols=100, rows=30)
    first = await seen(socket, "$ ")
    assert ("size 100x30" in first, server.host_key.get_fingerprint() in first) == (True, True)
    await socket.send_json({"type": "resize", "cols": 120, "rows": 40})
    await seen(socket, "size 120x40")
    await socket.send_bytes(b"expr 6 * 7\r")
    await seen(socket, "42\r\n")
    await socket.send_bytes(b"exit\r")
    assert (await ending(socket))[0] == aiohttp.WSCloseCode.OK
    assert server.logins == ["lab"]

    async def recorded() -> bool:
        return await AuditEntry.exists(action="console_closed")

    await until(recorded)
    record = await AuditEntry.get(action="console_closed")
    assert record.details["protocol"] == "ssh"
    assert record.details["ending"] == "guest"
    assert record.details["up_bytes"] == len("expr 6 * 7\rexit\r")
    assert record.details["down_bytes"] > record.details["up_bytes"]


async def test_what_is_said_about_the_console(
    worked_lab: ServedLab, server: SshServer, vm: dict[str, Any]
):
    said = await asked(worked_lab, vm)
    assert (said["available"], said["reason"], said["protocol"]) == (True, None, "ssh")
    assert (said["host"], said["port"]) == (ADDRESS, server.port)
    assert said["command"] == f"ssh -p {server.port} {ADDRESS}"
    assert said["host_key_fingerprint"] is None
    assert said["authentication"] is None
    assert said["page_url"].endswith(f"/console/ssh/#vm={vm['id']}")
    await Template.filter(id=worked_lab.template.id).update(ssh_username="debian")
    await seen(await connected(worked_lab, vm, password=PASSWORD), "$ ")
    said = await asked(worked_lab, vm)
    assert said["username"] == "debian"
    assert said["command"] == f"ssh -p {server.port} debian@{ADDRESS}"
    assert said["host_key_fingerprint"] == server.host_key.get_fingerprint()
    assert server.logins == ["debian"]


async def test_vmlabs_own_key_needs_nothing_of_the_student(
    worked_lab: ServedLab, server: SshServer, vm: dict[str, Any], settings: Settings
):
    row = await worked_lab.row(vm)
    server.authorized.append(await ssh_access.public_key_for(row, settings.security))
    await server.stop()
    await server.start()
    assert (await asked(worked_lab, vm))["authentication"] == "key"
    await seen(await connected(worked_lab, vm, username="lab"), "$ ")
    assert server.logins == ["lab"]


async def test_a_template_that_trusts_the_authority(
    worked_lab: ServedLab, server: SshServer, vm: dict[str, Any]
):
    said = await worked_lab.ask(worked_lab.teacher, "GET", "console/ssh/authority/")
    server.authorized.append(f"cert-authority {said.data['public_key']}")
    await server.stop()
    await server.start()
    await Template.filter(id=worked_lab.template.id).update(
        ssh_certificates=True, ssh_username="lab"
    )
    assert (await asked(worked_lab, vm))["authentication"] == "certificate"
    await seen(await connected(worked_lab, vm), "$ ")
    assert server.logins == ["lab"]
    signed = await AuditEntry.get(action="ssh_certificate_signed")
    assert signed.details["serial"].isdigit()


async def test_a_key_that_the_student_gives(
    worked_lab: ServedLab, server: SshServer, vm: dict[str, Any]
):
    key = asyncssh.generate_private_key("ssh-ed25519")
    server.authorized.append(key.export_public_key().decode())
    await server.stop()
    await server.start()
    text = key.export_private_key().decode()
    await seen(await connected(worked_lab, vm, username="lab", private_key=text), "$ ")
    assert await SshAccess.filter(user_key__isnull=False).count() == 0


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"password": "x"}, "username"),
        ({"username": "lab"}, "password"),
        ({"username": "lab", "private_key": "ssh-ed25519 AAAA"}, "private_key"),
        ({"username": "lab; reboot", "password": "x"}, "username"),
        ({"username": "lab", "password": "x", "cols": 0}, "cols"),
    ],
)
async def test_what_is_wrong_with_a_request_is_named(
    worked_lab: ServedLab, vm: dict[str, Any], body: dict[str, Any], field: str
):
    path = f"vms/{vm['id']}/console/ssh/token/"
    answer = await worked_lab.ask(worked_lab.student, "POST", path, body)
    assert answer.refusal == (400, "VALIDATION_001")
    assert list(answer.details) == [field]


async def test_a_wrong_password_is_told_in_the_terminal(
    worked_lab: ServedLab, server: SshServer, vm: dict[str, Any]
):
    socket = await connected(worked_lab, vm, username="lab", password="wrong")
    code, shown = await ending(socket)
    assert code == 4401
    assert "does not accept these credentials" in shown
    assert server.logins == []


async def test_another_host_gets_nothing_until_the_owner_says_so(
    worked_lab: ServedLab, server: SshServer, vm: dict[str, Any]
):
    await seen(await connected(worked_lab, vm, **LOGIN), "$ ")
    await server.stop()
    server.host_key = asyncssh.generate_private_key("ssh-ed25519")
    await server.start()
    code, shown = await ending(await connected(worked_lab, vm, **LOGIN))
    assert code == 4495
    assert "Another host key" in shown
    assert server.logins == ["lab"]
    path = f"vms/{vm['id']}/console/ssh/host-key/"
    assert (await worked_lab.ask(worked_lab.student, "DELETE", path)).status == 200
    await seen(await connected(worked_lab, vm, **LOGIN), "$ ")
    said = await asked(worked_lab, vm)
    assert said["host_key_fingerprint"] == server.host_key.get_fingerprint()


@pytest.mark.parametrize("address", ["127.0.0.1", "198.51.100.10", "169.254.169.254"])
async def test_a_guest_that_claims_an_address_of_others(
    worked_lab: ServedLab, vm: dict[str, Any], address: str
):
    """127.0.0.1 is inside the lab's network, and is the Proxmox hosts' own."""
    settle(worked_lab, vm, address)
    said = await asked(worked_lab, vm)
    assert (said["available"], said["host"]) == (False, None)
    assert said["reason"] == "the machine's address is not known"
    code, shown = await ending(await connected(worked_lab, vm, **LOGIN))
    assert code == 4503
    assert "address is not known" in shown


async def test_a_machine_without_an_ssh_server(
    worked_lab: ServedLab, server: SshServer, vm: dict[str, Any]
):
    await server.stop()
    code, shown = await ending(await connected(worked_lab, vm, **LOGIN))
    assert code == 4503
    assert "No SSH server answers" in shown


async def test_a_machine_that_is_off_has_no_shell(worked_lab: ServedLab):
    vm = await worked_lab.make_vm()
    said = await asked(worked_lab, vm)
    assert (said["available"], said["reason"]) == (False, "the machine is stopped")
    path = f"vms/{vm['id']}/console/ssh/token/"
    answer = await worked_lab.ask(worked_lab.student, "POST", path, LOGIN)
    assert answer.refusal == (409, "VM_002")


async def test_a_token_opens_once(worked_lab: ServedLab, vm: dict[str, Any]):
    path = f"vms/{vm['id']}/console/ssh/token/"
    grant = (await worked_lab.ask(worked_lab.student, "POST", path, LOGIN)).data["token"]
    for status in (400, 401):
        async with worked_lab.client.get(SOCKET, params={"token": grant}) as answer:
            assert answer.status == status
    # Nor does a token for the shell open the screen.
    grant = (await worked_lab.ask(worked_lab.student, "POST", path, LOGIN)).data["token"]
    url = "/api/v1/console/vnc/"
    async with worked_lab.client.get(url, params={"token": grant}) as answer:
        assert answer.status == 401


async def opened(lab: ServedLab) -> bool:
    return len(lab.parts.consoles) == 1


async def test_the_console_ends_with_the_login(worked_lab: ServedLab, vm: dict[str, Any]):
    socket = await connected(worked_lab, vm, **LOGIN)
    await seen(socket, "$ ")
    await until(lambda: opened(worked_lab))
    await worked_lab.ask(worked_lab.student, "POST", "auth/logout/", {})
    assert (await ending(socket))[0] == aiohttp.WSCloseCode.POLICY_VIOLATION


async def test_the_console_ends_with_the_guest(
    worked_lab: ServedLab, server: SshServer, vm: dict[str, Any]
):
    socket = await connected(worked_lab, vm, **LOGIN)
    await seen(socket, "$ ")
    await server.stop()
    assert (await ending(socket))[0] == aiohttp.WSCloseCode.INTERNAL_ERROR


@pytest.mark.parametrize(
    "text", ["", "resize", "[]", '{"type": "resize", "cols": 0, "rows": 1}', '{"cols": 80}']
)
async def test_a_text_frame_of_another_kind(worked_lab: ServedLab, vm: dict[str, Any], text: str):
    socket = await connected(worked_lab, vm, **LOGIN)
    await seen(socket, "$ ")
    await socket.send_str(text)
    assert (await ending(socket))[0] == aiohttp.WSCloseCode.PROTOCOL_ERROR


async def test_much_output_comes_whole_and_in_large_pieces(
    worked_lab: ServedLab, vm: dict[str, Any]
):
    socket = await connected(worked_lab, vm, **LOGIN)
    await seen(socket, "$ ")
    await socket.send_bytes(b"flood 300\r")
    size, pieces, last = 0, 0, b""
    async with asyncio.timeout(WITHIN_S):
        while not last.endswith(b"$ "):
            last = await socket.receive_bytes()
            size, pieces = size + len(last), pieces + 1
    assert size == len(b"flood 300\r\n") + 300 * len(BLOCK) + len(b"$ ")
    assert size / pieces > len(BLOCK) / 4


async def test_a_guest_waits_for_a_browser_that_does_not_read(
    worked_lab: ServedLab, server: SshServer, vm: dict[str, Any]
):
    socket = await connected(worked_lab, vm, **LOGIN)
    await seen(socket, "$ ")
    transport = socket._conn.transport  # type: ignore[union-attr]
    transport.pause_reading()  # type: ignore[union-attr]
    await socket.send_bytes(b"flood 3000\r")
    sent = -1
    while sent != server.sent_bytes or not sent:
        sent = server.sent_bytes
        await asyncio.sleep(0.3)
    assert sent < 3000 * len(BLOCK)
    # Such a browser cannot keep the console open either.
    await worked_lab.ask(worked_lab.student, "POST", "auth/logout/", {})

    async def gone() -> bool:
        return len(worked_lab.parts.consoles) == 0

    await until(gone)
    await socket.close()


@pytest.mark.parametrize("limits", [Console(idle_s=2.0)])
async def test_an_unused_console_is_announced_and_closed(worked_lab: ServedLab, vm: dict[str, Any]):
    socket = await connected(worked_lab, vm, **LOGIN)
    await seen(socket, "$ ")
    code, shown = await ending(socket)
    assert code == 4408
    assert "closes in 1 s, since nobody uses it" in shown


@pytest.mark.parametrize("limits", [Console(idle_s=2.0)])
async def test_a_console_in_use_does_not_die_of_idleness(worked_lab: ServedLab, vm: dict[str, Any]):
    socket = await connected(worked_lab, vm, **LOGIN)
    await seen(socket, "$ ")
    for _ in range(8):
        await asyncio.sleep(0.5)
        await socket.send_bytes(b"x")
        await seen(socket, "x")
    await socket.close()


@pytest.mark.parametrize("limits", [Console(idle_s=2.0, max_s=3.0)])
async def test_a_console_in_use_ends_when_it_was_open_for_long_enough(
    worked_lab: ServedLab, vm: dict[str, Any]
):
    socket = await connected(worked_lab, vm, **LOGIN)
    await seen(socket, "$ ")

    async def type_on() -> None:
        while not socket.closed:
            await socket.send_bytes(b"x")
            await asyncio.sleep(0.3)

    typing = asyncio.create_task(type_on())
    code, shown = await ending(socket)
    typing.cancel()
    await asyncio.wait([typing])
    assert code == 4410
    assert "it may stay open no longer" in shown


async def test_no_secret_is_logged_or_kept_readable(
    worked_lab: ServedLab, vm: dict[str, Any], caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.DEBUG, logger="vmlab")
    await seen(await connected(worked_lab, vm, **LOGIN), "$ ")
    assert PASSWORD not in caplog.text
    for entry in await AuditEntry.all().values():
        assert PASSWORD not in str(entry)
    assert await Vm.filter(description__contains=PASSWORD).count() == 0
