"""A VNC client for tests: logs in, keeps a copy of the screen, types.

Works on a pair of asyncio streams (`RfbClient(reader, writer)`) and on an aiohttp WebSocket
that carries RFB in binary messages (`RfbClient.over_websocket`).
"""

import asyncio
import contextlib
import struct
from typing import Protocol, Self

import aiohttp

from vmlab.simulator.machines.vncauth import challenge_response

RETURN = 0xFF0D
BACKSPACE = 0xFF08
ESCAPE = 0xFF1B

RAW = 0
DESKTOP_SIZE = -223

_PIXELS_RGBX = struct.pack(">BBBBHHHBBB3x", 32, 24, 0, 1, 255, 255, 255, 0, 8, 16)


class RfbError(Exception):
    """The server refused, or sent what was not asked for."""


class Sink(Protocol):
    """Where a client's bytes go; asyncio.StreamWriter is one."""

    def write(self, data: bytes, /) -> None: ...
    def close(self) -> None: ...
    async def drain(self) -> None: ...


class RfbClient:
    """One viewer. `width`, `height`, `name` and `pixels` are known after `log_in`."""

    def __init__(self, reader: asyncio.StreamReader, sink: Sink) -> None:
        self.width = 0
        self.height = 0
        self.name = ""
        self.pixels = bytearray()  # RGBX, row by row
        self._reader = reader
        self._sink = sink

    @classmethod
    def over_websocket(cls, socket: aiohttp.ClientWebSocketResponse) -> Self:
        """A viewer at the other end of a WebSocket, which it closes with itself."""
        reader = asyncio.StreamReader()
        return cls(reader, _WebSocketSink(socket, reader))

    async def log_in(self, password: str | None, *, shared: bool = True) -> None:
        """Handshake up to ServerInit; password None: expect no authentication (type 1).

        Raises RfbError with the server's reason, asyncio.IncompleteReadError if it hangs up.
        """
        version = await self._reader.readexactly(12)
        if version != b"RFB 003.008\n":
            raise RfbError(f"not RFB 3.8: {version!r}")
        await self.send(version)
        kinds = await self._reader.readexactly((await self._reader.readexactly(1))[0])
        wanted = 1 if password is None else 2
        if wanted not in kinds:
            raise RfbError(f"security types {list(kinds)}")
        await self.send(bytes([wanted]))
        if password is not None:
            challenge = await self._reader.readexactly(16)
            await self.send(challenge_response(password, challenge))
        if await self._number():
            raise RfbError(await self._text())
        await self.send(bytes([shared]))
        self._resize(*struct.unpack(">HH16x", await self._reader.readexactly(20)))
        self.name = await self._text()
        await self.send(bytes(4) + _PIXELS_RGBX)
        await self.send(struct.pack(">BxHii", 2, 2, RAW, DESKTOP_SIZE))

    async def screenshot(self) -> bytes:
        """Ask for the whole screen; return its pixels, four bytes (RGBX) each."""
        size = (0, 0)
        while size != (self.width, self.height):  # an update may tell no more than a new size
            size = (self.width, self.height)
            await self._update(incremental=False)
        return bytes(self.pixels)

    async def wait_for_change(self) -> bytes:
        """Wait until the screen differs from the copy at hand; return it as `screenshot`."""
        before = bytes(self.pixels)
        while self.pixels == before:
            await self._update(incremental=True)
        return bytes(self.pixels)

    async def key(self, keysym: int) -> None:
        """Press and release a key, by its X11 number."""
        for down in (True, False):
            self._sink.write(struct.pack(">B?2xI", 4, down, keysym))
        await self._sink.drain()

    async def type(self, text: str) -> None:
        """Type characters of Latin-1; a newline is the Return key."""
        for character in text:
            await self.key(RETURN if character == "\n" else ord(character))

    async def send(self, data: bytes) -> None:
        """Send bytes as they are, as a test of what a client must not send wants to."""
        self._sink.write(data)
        await self._sink.drain()

    async def closed(self) -> None:
        """Wait until the server hangs up, passing over what it still sends."""
        with contextlib.suppress(ConnectionError):
            while await self._reader.read(65536):
                pass

    async def close(self) -> None:
        """Hang up."""
        self._sink.close()
        if isinstance(self._sink, _WebSocketSink):
            await self._sink.wait_closed()
        elif isinstance(self._sink, asyncio.StreamWriter):
            with contextlib.suppress(ConnectionError):
                await self._sink.wait_closed()

    async def _update(self, *, incremental: bool) -> None:
        request = struct.pack(">B?HHHH", 3, incremental, 0, 0, self.width, self.height)
        await self.send(request)
        while (kind := (await self._reader.readexactly(1))[0]) != 0:
            await self._pass_over(kind)
        (count,) = struct.unpack(">xH", await self._reader.readexactly(3))
        for _ in range(count):
            await self._rectangle()

    async def _rectangle(self) -> None:
        head = await self._reader.readexactly(12)
        x, y, width, height, encoding = struct.unpack(">HHHHi", head)
        if encoding == DESKTOP_SIZE:
            self._resize(width, height)
            return
        if encoding != RAW:
            raise RfbError(f"encoding {encoding}")
        data = await self._reader.readexactly(width * height * 4)
        for row in range(height):
            start = ((y + row) * self.width + x) * 4
            self.pixels[start : start + width * 4] = data[row * width * 4 : (row + 1) * width * 4]

    def _resize(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self.pixels = bytearray(width * height * 4)

    async def _pass_over(self, kind: int) -> None:
        if kind == 3:  # clipboard
            await self._reader.readexactly(3)
            await self._text()
        elif kind != 2:  # bell
            raise RfbError(f"message type {kind}")

    async def _number(self) -> int:
        return int.from_bytes(await self._reader.readexactly(4))

    async def _text(self) -> str:
        return (await self._reader.readexactly(await self._number())).decode()


class _WebSocketSink:
    """Joins an RFB client to a WebSocket: messages come in by a task, bytes go out by drain."""

    def __init__(
        self, socket: aiohttp.ClientWebSocketResponse, reader: asyncio.StreamReader
    ) -> None:
        self._socket = socket
        self._pending = bytearray()
        self._receiver = asyncio.create_task(self._receive(reader))

    def write(self, data: bytes, /) -> None:
        self._pending += data

    async def drain(self) -> None:
        data, self._pending = bytes(self._pending), bytearray()
        if data:
            await self._socket.send_bytes(data)

    def close(self) -> None:
        self._receiver.cancel()

    async def wait_closed(self) -> None:
        await asyncio.gather(self._receiver, return_exceptions=True)
        await self._socket.close()

    async def _receive(self, reader: asyncio.StreamReader) -> None:
        async for message in self._socket:
            reader.feed_data(message.data)
        reader.feed_eof()
