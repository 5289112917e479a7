"""The server's end of a WebSocket as pve-http-server speaks it, for the consoles.

Client frames must be masked, whole and at most 128 KiB, without extensions; data goes out in
binary frames; pings are answered. The end comes without a close frame: the connection just
drops. That is why this is not aiohttp's own WebSocketResponse, which is too well-mannered.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import struct
from typing import Self

from aiohttp import web

FRAME_LIMIT = 128 * 1024
CHUNK_BYTES = 64 * 1024

_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_TEXT, _BINARY, _CLOSE, _PING, _PONG = 1, 2, 8, 9, 10


class HangUp(Exception):
    """The conversation is over: one side has left or broken the rules."""


class Tunnel:
    """An open WebSocket that carries a stream of bytes."""

    def __init__(self, request: web.BaseRequest, response: web.StreamResponse) -> None:
        """Take the connection over from aiohttp; `open` calls this after its 101."""
        assert request.transport is not None
        self.response = response
        self._request = request
        self._transport = request.transport
        self._reader = asyncio.StreamReader()
        protocol = asyncio.StreamReaderProtocol(self._reader)
        self._transport.set_protocol(protocol)
        protocol.connection_made(self._transport)
        self._transport.resume_reading()
        self._writer = asyncio.StreamWriter(
            self._transport, protocol, self._reader, asyncio.get_running_loop()
        )

    @classmethod
    async def open(cls, request: web.BaseRequest) -> Self:
        """Answer an upgrade request with 101; any subprotocol is echoed as it was asked for."""
        key = request.headers.get("Sec-WebSocket-Key", "").encode()
        digest = hashlib.sha1(key + _GUID, usedforsecurity=False).digest()
        headers = {
            "Upgrade": "websocket",
            "Connection": "upgrade",
            "Sec-WebSocket-Accept": base64.b64encode(digest).decode(),
        }
        if subprotocol := request.headers.get("Sec-WebSocket-Protocol"):
            headers["Sec-WebSocket-Protocol"] = subprotocol
        response = web.StreamResponse(status=101, headers=headers)
        await response.prepare(request)
        return cls(request, response)

    async def relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Copy between the WebSocket and a pair of streams until one of them ends."""
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._send_all(reader))
                group.create_task(self._receive_all(writer))
        except* (HangUp, asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    def close(self) -> None:
        """Drop the connection and leave what remains of it to aiohttp."""
        self._transport.set_protocol(self._request.protocol)
        if self._transport.is_closing():
            self._request.protocol.connection_lost(None)
        self._writer.close()

    async def _send_all(self, reader: asyncio.StreamReader) -> None:
        while data := await reader.read(CHUNK_BYTES):
            self._send(_BINARY, data)
            await self._writer.drain()
        raise HangUp

    async def _receive_all(self, writer: asyncio.StreamWriter) -> None:
        while True:
            opcode, payload = await self._receive()
            if opcode in (_TEXT, _BINARY):
                writer.write(payload)
                await writer.drain()
            elif opcode == _PING:
                self._send(_PONG, payload)
            elif opcode != _PONG:  # a close frame, or one of no known kind
                raise HangUp

    async def _receive(self) -> tuple[int, bytes]:
        """Read one frame; return its opcode and unmasked payload."""
        read = self._reader.readexactly
        first, second = await read(2)
        if first & 0xF0 != 0x80 or not second & 0x80:  # part of a message, extended, unmasked
            raise HangUp
        length = second & 0x7F
        if length >= 126:
            length = int.from_bytes(await read(2 if length == 126 else 8))
        if length > FRAME_LIMIT:
            raise HangUp
        mask = await read(4)
        payload = await read(length)
        key = (mask * (length // 4 + 1))[:length]
        unmasked = int.from_bytes(payload) ^ int.from_bytes(key)
        return first & 0x0F, unmasked.to_bytes(length)

    def _send(self, opcode: int, payload: bytes) -> None:
        length = len(payload)
        if length < 126:
            head = struct.pack(">BB", 0x80 | opcode, length)
        elif length < 1 << 16:
            head = struct.pack(">BBH", 0x80 | opcode, 126, length)
        else:
            head = struct.pack(">BBQ", 0x80 | opcode, 127, length)
        self._writer.write(head + payload)
