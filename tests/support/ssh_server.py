"""A guest's SSH server: real SSH on a port of its own, with a toy for a shell."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import asyncssh

PASSWORD = "tulip-garden"
BLOCK = b"0123456789abcdef" * 1024


@dataclass
class SshServer:
    """What it lets in, and what it has seen.

    Attributes:
        address: where it listens.
        authorized: lines of `authorized_keys`; lines with `cert-authority` name an authority.
        logins: user names that got in.
        sent_bytes: how much of a flood has gone out.
    """

    address: str
    host_key: asyncssh.SSHKey = field(
        default_factory=lambda: asyncssh.generate_private_key("ssh-ed25519")
    )
    authorized: list[str] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)
    port: int = 0
    sent_bytes: int = 0
    connections: set[asyncssh.SSHServerConnection] = field(default_factory=set)
    _acceptor: asyncssh.SSHAcceptor | None = None

    @property
    def public_key(self) -> str:
        """The host key's public half."""
        return self.host_key.export_public_key().decode().strip()

    async def start(self) -> None:
        """Listen, on the same port as before if it did."""
        lines = "\n".join(self.authorized)
        self._acceptor = await asyncssh.listen(
            self.address,
            self.port,
            server_factory=lambda: _Login(self),
            server_host_keys=[self.host_key],
            authorized_client_keys=asyncssh.import_authorized_keys(lines) if lines else None,
            process_factory=self._shell,
            encoding=None,
            line_editor=False,
        )
        self.port = self._acceptor.get_port()

    async def stop(self) -> None:
        """Cut everybody off."""
        for connection in list(self.connections):
            connection.abort()
        if self._acceptor is not None:
            self._acceptor.close()
            await self._acceptor.wait_closed()

    async def _shell(self, process: asyncssh.SSHServerProcess[bytes]) -> None:
        cols, rows, _, _ = process.term_size
        process.stdout.write(f"size {cols}x{rows}\r\n$ ".encode())
        line = b""
        with contextlib.suppress(OSError, asyncssh.Error):
            while True:
                try:
                    typed = await process.stdin.read(1024)
                except asyncssh.TerminalSizeChanged as change:
                    process.stdout.write(f"size {change.width}x{change.height}\r\n".encode())
                    continue
                if not typed:
                    break
                process.stdout.write(typed.replace(b"\r", b"\r\n"))
                line += typed
                while b"\r" in line:
                    command, _, line = line.partition(b"\r")
                    await self._run(process, command.decode())
        process.exit(0)

    async def _run(self, process: asyncssh.SSHServerProcess[bytes], command: str) -> None:
        program, _, argument = command.partition(" ")
        if program == "exit":
            raise BrokenPipeError
        if program == "flood":
            for _ in range(int(argument)):
                process.stdout.write(BLOCK)
                await process.stdout.drain()
                self.sent_bytes += len(BLOCK)
        elif program == "expr":
            left, right = argument.split(" * ")
            process.stdout.write(f"{int(left) * int(right)}\r\n".encode())
        process.stdout.write(b"$ ")


class _Login(asyncssh.SSHServer):
    def __init__(self, server: SshServer) -> None:
        self._server = server

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return password == PASSWORD

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._connection = conn
        self._server.connections.add(conn)

    def connection_lost(self, exc: Exception | None) -> None:
        self._server.connections.discard(self._connection)

    def auth_completed(self) -> None:
        self._server.logins.append(str(self._connection.get_extra_info("username")))


@contextlib.asynccontextmanager
async def ssh_server(address: str, *authorized: str) -> AsyncIterator[SshServer]:
    """Run one for the time of the block."""
    server = SshServer(address, authorized=list(authorized))
    await server.start()
    try:
        yield server
    finally:
        await server.stop()
