"""Signs in to a guest by SSH and opens a terminal there. Bytes in, bytes out.

Nothing of the account that VMLab runs as is used: no configuration file, no agent, no keys, no
known hosts of its own.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

import asyncssh

CONNECT_TIMEOUT_S = 10.0
LOGIN_TIMEOUT_S = 15.0
ALIVE_EVERY_S = 15.0
"""How often a silent guest is asked whether it is still there; three times in vain end it."""
ENDING_TIMEOUT_S = 1.0
WINDOW_BYTES = 256 * 1024
"""How much a guest may send before the browser has taken it."""
CIPHERS = (
    "aes128-gcm@openssh.com",
    "aes256-gcm@openssh.com",
    "chacha20-poly1305@openssh.com",
    "aes128-ctr",
    "aes256-ctr",
)
"""The cheapest first: AES-GCM costs half of what ChaCha20 does where the processor has AES."""


class SshFailed(Exception):
    """The guest's SSH server would not have us, or there is none; the text says what happened."""


class Unreachable(SshFailed):
    """No SSH server answers at the address."""


class HostKeyChanged(SshFailed):
    """Somebody else answers than at the first contact."""


class LoginRefused(SshFailed):
    """The guest does not accept who we say we are."""


@dataclass(frozen=True, kw_only=True)
class Credentials:
    """Who one is in the guest, and one way to prove it.

    Attributes:
        key: a private key.
        certificate: what an authority says of that key.
    """

    username: str
    password: str | None = None
    key: asyncssh.SSHKey | None = None
    certificate: asyncssh.SSHCertificate | None = None


@dataclass(frozen=True)
class TerminalSize:
    """In characters."""

    cols: int
    rows: int


class Shell:
    """A shell in a terminal of a guest. A connection that is lost is the shell's end."""

    def __init__(self, process: asyncssh.SSHClientProcess[bytes]) -> None:
        self._process = process

    async def has_exited(self) -> bool:
        """Whether it has ended by itself; else the connection was lost. Once nothing is read."""
        # The last output can come before the word of how it ended.
        with contextlib.suppress(OSError, asyncssh.Error, TimeoutError):
            async with asyncio.timeout(ENDING_TIMEOUT_S):
                await self._process.wait_closed()
        return self._process.exit_status is not None or self._process.exit_signal is not None

    async def read(self, limit: int) -> bytes:
        """What it has shown since, at most so many bytes; nothing when it has ended."""
        try:
            return await self._process.stdout.read(limit)
        except (OSError, asyncssh.Error):
            return b""

    async def write(self, data: bytes) -> None:
        """Type; waits while the guest takes no more."""
        with contextlib.suppress(OSError, asyncssh.Error):
            self._process.stdin.write(data)
            await self._process.stdin.drain()

    def resize(self, size: TerminalSize) -> None:
        """Tell it that the terminal has another size now."""
        with contextlib.suppress(OSError, asyncssh.Error):
            self._process.change_terminal_size(size.cols, size.rows)


@contextlib.asynccontextmanager
async def open_shell(
    address: str,
    port: int,
    credentials: Credentials,
    *,
    host_key: str,
    size: TerminalSize,
    alive_every_s: float = ALIVE_EVERY_S,
) -> AsyncIterator[Shell]:
    """Sign in and open a shell in a terminal for the time of the block.

    Args:
        address: an IP address; no name is looked up.
        host_key: the only key that is accepted from the host, `ssh-ed25519 AAAA…`.
        alive_every_s: see ALIVE_EVERY_S.

    Raises:
        SshFailed: there is no terminal; its classes say what stood in the way.
    """
    connection = await _connect(address, port, credentials, host_key, alive_every_s)
    try:
        try:
            async with asyncio.timeout(LOGIN_TIMEOUT_S):
                process = await connection.create_process(
                    term_type="xterm-256color",
                    term_size=(size.cols, size.rows),
                    encoding=None,
                    stderr=asyncssh.STDOUT,
                    window=WINDOW_BYTES,
                )
        except (OSError, asyncssh.Error) as error:
            raise SshFailed(str(error)) from error
        yield Shell(process)
    finally:
        connection.abort()
        await connection.wait_closed()


async def _connect(
    address: str, port: int, credentials: Credentials, host_key: str, alive_every_s: float
) -> asyncssh.SSHClientConnection:
    key, certificate = credentials.key, credentials.certificate
    pair = (key, certificate) if key and certificate else key
    try:
        return await asyncssh.connect(
            address,
            port,
            username=credentials.username,
            password=credentials.password,
            client_keys=None if pair is None else [pair],
            preferred_auth=["password", "keyboard-interactive"] if pair is None else ["publickey"],
            known_hosts=([asyncssh.import_public_key(host_key)], [], []),
            # As at the first contact, so that another kind of key is seen as another key.
            server_host_key_algs="default",
            encryption_algs=CIPHERS,
            config=[],
            agent_path=None,
            connect_timeout=CONNECT_TIMEOUT_S,
            login_timeout=LOGIN_TIMEOUT_S,
            keepalive_interval=alive_every_s,
            keepalive_count_max=3,
        )
    except asyncssh.HostKeyNotVerifiable as error:
        raise HostKeyChanged(str(error)) from error
    except asyncssh.PermissionDenied as error:
        raise LoginRefused(str(error)) from error
    except (OSError, asyncssh.Error) as error:
        raise Unreachable(str(error)) from error
