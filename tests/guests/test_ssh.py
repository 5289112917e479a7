"""Signing in to a real SSH server: who gets in, who is believed, and how a session ends."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import asyncssh
import pytest

from tests.support.servers import free_port
from tests.support.ssh_server import BLOCK, PASSWORD, SshServer, ssh_server
from vmlab.guests.certificates import Authority
from vmlab.guests.host_keys import ask_host_key, fingerprint
from vmlab.guests.ssh import (
    Credentials,
    HostKeyChanged,
    LoginRefused,
    Shell,
    TerminalSize,
    Unreachable,
    open_shell,
)
from vmlab.guests.user_keys import make_private_key, public_half, read_private_key

HERE = "127.0.0.1"
WITHIN_S = 20
SIZE = TerminalSize(100, 30)
BY_PASSWORD = Credentials(username="lab", password=PASSWORD)


@pytest.fixture
def private_key() -> str:
    """A key whose public half the server has."""
    return make_private_key("vmlab")


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    """An authority that the server trusts."""
    return Authority.kept_in(tmp_path / "keys" / "ssh_ca", make=True)


@pytest.fixture
async def server(private_key: str, authority: Authority) -> AsyncIterator[SshServer]:
    """The guest's."""
    trusted = f"cert-authority {authority.public_key}"
    async with ssh_server(HERE, public_half(private_key), trusted) as running:
        yield running


async def seen(shell: Shell, text: bytes) -> bytes:
    """Read until a text is there."""
    shown = b""
    async with asyncio.timeout(WITHIN_S):
        while text not in shown:
            data = await shell.read(65536)
            assert data, shown
            shown += data
    return shown


async def enters(server: SshServer, credentials: Credentials) -> None:
    """Sign in and see the prompt."""
    async with open_shell(
        HERE, server.port, credentials, host_key=server.public_key, size=SIZE
    ) as shell:
        assert b"size 100x30" in await seen(shell, b"$ ")
    assert server.logins == [credentials.username]


async def test_by_password(server: SshServer):
    await enters(server, BY_PASSWORD)


async def test_by_key(server: SshServer, private_key: str):
    await enters(server, Credentials(username="lab", key=read_private_key(private_key)))


async def test_by_certificate(server: SshServer, authority: Authority):
    made = authority.certify("lab", "vmlab student vm-1")
    await enters(server, Credentials(username="lab", key=made.key, certificate=made.certificate))


@pytest.mark.parametrize("wrong", ["password", "key", "principal", "authority", "bare"])
async def test_others_stay_outside(
    server: SshServer, authority: Authority, tmp_path: Path, wrong: str
):
    made = authority.certify("lab", "x")
    strange = Authority.kept_in(tmp_path / "strange", make=True).certify("lab", "x")
    credentials = {
        "password": Credentials(username="lab", password="wrong"),
        "key": Credentials(username="lab", key=read_private_key(make_private_key(""))),
        "principal": Credentials(username="root", key=made.key, certificate=made.certificate),
        "authority": Credentials(username="lab", key=strange.key, certificate=strange.certificate),
        "bare": Credentials(username="lab", key=made.key),
    }
    with pytest.raises(LoginRefused):
        await enters(server, credentials[wrong])
    assert server.logins == []


async def test_a_certificate_permits_a_terminal_and_nothing_else(
    authority: Authority, tmp_path: Path
):
    made = authority.certify("lab", "vmlab ann vm-7")
    file = tmp_path / "certificate"
    made.certificate.write_certificate(file)
    described = await asyncio.create_subprocess_exec(
        "ssh-keygen", "-L", "-f", str(file), stdout=asyncio.subprocess.PIPE
    )
    text = (await described.communicate())[0].decode()
    lines = [line.strip() for line in text.splitlines()]
    assert lines[lines.index("Extensions:") + 1 :] == ["permit-pty"]
    assert lines[lines.index("Principals:") + 1] == "lab"
    assert 'Key ID: "vmlab ann vm-7"' in lines
    assert f"Serial: {made.serial}" in lines
    [valid] = [line for line in lines if line.startswith("Valid:")]
    assert "forever" not in valid


def test_an_authority_is_made_once_and_readable_by_its_owner_only(tmp_path: Path):
    path = tmp_path / "ssh_ca"
    first = Authority.kept_in(path, make=True)
    assert Authority.kept_in(path, make=True).fingerprint == first.fingerprint
    assert path.stat().st_mode & 0o777 == 0o600
    assert [file.name for file in tmp_path.iterdir()] == ["ssh_ca"]


def test_an_authority_that_was_named_is_not_made(tmp_path: Path):
    with pytest.raises(FileNotFoundError):
        Authority.kept_in(tmp_path / "ssh_ca", make=False)


async def test_the_host_key_is_asked_for_without_signing_in(server: SshServer):
    assert await ask_host_key(HERE, server.port) == server.public_key
    assert server.logins == []
    assert fingerprint(server.public_key) == server.host_key.get_fingerprint()
    assert fingerprint(server.public_key).startswith("SHA256:")


@pytest.mark.parametrize("kind", ["ssh-ed25519", "ecdsa-sha2-nistp256", "ssh-rsa"])
async def test_nothing_is_told_to_another_host(server: SshServer, kind: str):
    pinned = server.public_key
    await server.stop()
    server.host_key = asyncssh.generate_private_key(kind)
    await server.start()
    with pytest.raises(HostKeyChanged):
        async with open_shell(HERE, server.port, BY_PASSWORD, host_key=pinned, size=SIZE):
            pass
    assert server.logins == []


async def test_where_nobody_listens(server: SshServer):
    await server.stop()
    with pytest.raises(Unreachable):
        await ask_host_key(HERE, server.port)
    with pytest.raises(Unreachable):
        await enters(server, BY_PASSWORD)


async def test_where_something_else_listens():
    async def greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    other = await asyncio.start_server(greet, HERE, 0)
    async with other:
        with pytest.raises(Unreachable):
            await ask_host_key(HERE, other.sockets[0].getsockname()[1])


@pytest.mark.parametrize("text", ["", "ssh-ed25519 AAAA", "-----BEGIN OPENSSH PRIVATE KEY-----\n"])
def test_what_is_no_private_key(text: str):
    with pytest.raises(ValueError, match=r"."):
        read_private_key(text)


def test_a_private_key_with_a_passphrase():
    key = asyncssh.generate_private_key("ssh-ed25519").export_private_key("pkcs8-pem", "x")
    with pytest.raises(ValueError, match="assphrase"):
        read_private_key(key.decode())


async def test_sizes_and_commands_go_through(server: SshServer):
    async with open_shell(
        HERE, server.port, BY_PASSWORD, host_key=server.public_key, size=SIZE
    ) as shell:
        await seen(shell, b"$ ")
        shell.resize(TerminalSize(120, 40))
        await seen(shell, b"size 120x40")
        await shell.write(b"expr 6 * 7\r")
        await seen(shell, b"42\r\n")
        await shell.write(b"exit\r")
        async with asyncio.timeout(WITHIN_S):
            while await shell.read(1024):
                pass
        # To one who has gone nothing can be told, and that is no error.
        await shell.write(b"hello?\r")
        shell.resize(SIZE)


async def test_a_guest_is_kept_waiting_until_its_output_is_read(server: SshServer):
    async with open_shell(
        HERE, server.port, BY_PASSWORD, host_key=server.public_key, size=SIZE
    ) as shell:
        await seen(shell, b"$ ")
        await shell.write(b"flood 200\r")
        sent = -1
        while sent != server.sent_bytes or not sent:
            sent = server.sent_bytes
            await asyncio.sleep(0.2)
        assert sent < 200 * len(BLOCK)
        assert (await seen(shell, b"$ ")).count(BLOCK[:16]) >= 200


@contextlib.asynccontextmanager
async def line_to(server: SshServer) -> AsyncIterator[tuple[int, asyncio.Event]]:
    """A way to the server that goes dead, without a word, when the event is cleared."""
    open_ = asyncio.Event()
    open_.set()
    tasks: set[asyncio.Task[None]] = set()

    async def copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                await open_.wait()
                writer.write(data)
        writer.close()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection(HERE, server.port)
        tasks.add(asyncio.create_task(copy(reader, far_writer)))
        tasks.add(asyncio.create_task(copy(far_reader, writer)))

    port = free_port()
    listener = await asyncio.start_server(accept, HERE, port)
    async with listener:
        yield port, open_
        open_.set()
    if tasks:
        await asyncio.wait(tasks)


async def test_a_guest_that_is_gone_without_a_word_is_noticed(server: SshServer):
    async with (
        line_to(server) as (port, line),
        open_shell(
            HERE,
            port,
            BY_PASSWORD,
            host_key=server.public_key,
            size=SIZE,
            alive_every_s=0.2,
        ) as shell,
    ):
        await seen(shell, b"$ ")
        line.clear()
        async with asyncio.timeout(WITHIN_S):
            assert await shell.read(1024) == b""
