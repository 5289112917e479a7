"""A TLS server that keeps every request as it came over the socket and answers what it was told."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from vmlab.proxmox.connection import Connection, Timeouts
from vmlab.simulator.certificates import Authority

SECRET = "2c9a7e50-6f0e-4a4c-9b57-0d9c3a1c7f11"


@dataclass(frozen=True)
class Received:
    """A request, byte for byte where bytes matter."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    connection: int


# What is sent back; None hangs up without an answer.
Respond = Callable[[Received], Awaitable[bytes | None]]


def answer(body: bytes = b'{"data":null}', status: str = "200 OK", headers: str = "") -> bytes:
    """Write an HTTP answer."""
    return (
        f"HTTP/1.1 {status}\r\nContent-Type: application/json;charset=UTF-8\r\n{headers}"
        f"Content-Length: {len(body)}\r\n\r\n"
    ).encode() + body


async def nothing(_: Received) -> bytes:
    """Answer every call with null."""
    return answer()


@dataclass
class Recorder:
    """One host."""

    directory: Path
    respond: Respond = nothing
    received: list[Received] = field(default_factory=list)
    authority: Authority = field(default_factory=Authority)
    connections: int = 0
    port: int = 0
    _news: asyncio.Condition = field(default_factory=asyncio.Condition)
    _server: asyncio.Server | None = None
    _handlers: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def host(self) -> str:
        """`name:port`."""
        return f"127.0.0.1:{self.port}"

    @property
    def ca_path(self) -> Path:
        """The authority's certificate in a file."""
        return self.directory / "ca.pem"

    def connection(
        self, *more_hosts: str, timeouts: Timeouts | None = None, calls_per_host: int = 8
    ) -> Connection:
        """What a client needs to talk to this host, and to others after it."""
        return Connection(
            hosts=(self.host, *more_hosts),
            token_id="vmlab@pve!svc",
            token_secret=SECRET,
            ca_path=self.ca_path,
            timeouts=timeouts or Timeouts(),
            calls_per_host=calls_per_host,
        )

    async def until(self, enough: Callable[[list[Received]], bool]) -> None:
        """Wait until enough has been received."""
        async with self._news:
            await self._news.wait_for(lambda: enough(self.received))

    async def start(self) -> None:
        """Listen at a free port."""
        self.directory.mkdir(exist_ok=True)
        self.ca_path.write_bytes(self.authority.pem())
        context, certificate = self.authority.server_context("pve1", "127.0.0.1", self.directory)
        self.certificate = certificate
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port, ssl=context)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Refuse connections and cut those that there are."""
        assert self._server is not None
        self._server.close()
        for handler in self._handlers:
            handler.cancel()
        await asyncio.gather(*self._handlers, return_exceptions=True)
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._handlers.add(task)
        self.connections += 1
        number = self.connections
        try:
            while (received := await _read(reader, number)) is not None:
                async with self._news:
                    self.received.append(received)
                    self._news.notify_all()
                reply = await self.respond(received)
                if reply is None:
                    break
                writer.write(reply)
                await writer.drain()
        except (ConnectionError, ssl.SSLError, asyncio.CancelledError):
            pass
        finally:
            self._handlers.discard(task)
            writer.transport.abort()


async def _read(reader: asyncio.StreamReader, number: int) -> Received | None:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    first, *lines = head.decode("latin-1").rstrip("\r\n").split("\r\n")
    method, target, _ = first.split(" ")
    headers = {name.lower(): value for name, _, value in (x.partition(": ") for x in lines)}
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    return Received(method, target, headers, body, number)


@asynccontextmanager
async def recorder(directory: Path, respond: Respond = nothing) -> AsyncIterator[Recorder]:
    """Run a host with certificates in this directory."""
    host = Recorder(directory, respond)
    await host.start()
    try:
        yield host
    finally:
        await host.stop()
