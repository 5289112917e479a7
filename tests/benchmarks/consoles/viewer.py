"""The browser's end: a blocking client that does as little as it can."""

from __future__ import annotations

import base64
import os
import socket
import ssl
import time
from collections.abc import Callable
from typing import Self

from tests.benchmarks.consoles.wire import DONE, ECHO, FLOOD, SINK, Counter, Framed, Plain, order
from vmlab.proxmox.websocket_frames import FrameReader, frame

READ_BYTES = 1 << 18
BLOB_BYTES = 1 << 20
WITHIN_S = 30


class Viewer:
    """A connection to a screen, through whatever is on the way."""

    def __init__(
        self, connection: socket.socket, counter: Counter, wrap: Callable[[bytes], bytes]
    ) -> None:
        self.socket = connection
        self.counter = counter
        self.wrap = wrap
        self._buffer = bytearray(READ_BYTES)

    @classmethod
    def plain(cls, port: int, context: ssl.SSLContext | None = None) -> Viewer:
        """Bytes alone."""
        connection = _connected(port)
        if context is not None:
            connection = context.wrap_socket(connection, server_hostname="127.0.0.1")
        return cls(connection, Plain(), bytes)

    @classmethod
    def websocket(cls, port: int, target: str = "/", *, rfb: bool = False) -> Viewer:
        """A WebSocket.

        Args:
            port: of the loopback interface.
            target: path and query.
            rfb: whether a screen is greeted first, as a browser does it.
        """
        connection = _connected(port)
        key = base64.b64encode(os.urandom(16)).decode()
        connection.sendall(
            f"GET {target} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n"
            "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            f"Sec-WebSocket-Protocol: binary\r\nSec-WebSocket-Key: {key}\r\n\r\n".encode()
        )
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            byte = connection.recv(1)  # not one byte beyond the head
            assert byte, head
            head += byte
        assert b" 101 " in head, head
        viewer = cls(connection, Framed(), lambda payload: frame(payload, mask=True))
        if rfb:
            viewer._greet()
        return viewer

    def _greet(self) -> None:
        reader, came = FrameReader(mask=False, limit_bytes=1 << 20), b""
        for hears, says in ((12, b"RFB 003.008\n"), (2, b"\x01"), (4, b"\x01"), (29, b"")):
            while len(came) < hears:
                came += b"".join(p for _, p in reader.feed(self.socket.recv(READ_BYTES)))
            came = came[hears:]
            if says:
                self.socket.sendall(self.wrap(says))

    def flooded(self, message_kb: int, total_mb: int) -> float:
        """Seconds until so much has come from the screen."""
        began = time.perf_counter()
        self.socket.sendall(self.wrap(order(FLOOD, message_kb, total_mb)))
        self._read(total_mb << 20)
        return time.perf_counter() - began

    def sunk(self, message: bytes, total_mb: int) -> float:
        """Seconds until the screen has taken so much in messages like this, which divides it."""
        blob = b"".join(self.wrap(message) for _ in range(BLOB_BYTES // len(message)))
        self.socket.sendall(self.wrap(order(SINK, 0, total_mb)))
        self._read(len(DONE))
        began = time.perf_counter()
        for _ in range(total_mb):
            self.socket.sendall(blob)
        self._read(len(DONE))
        return time.perf_counter() - began

    def type(self) -> None:
        """From now on the screen answers what is typed."""
        self.socket.sendall(self.wrap(order(ECHO)))
        self._read(len(DONE))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def _read(self, payload_bytes: int) -> None:
        while payload_bytes > 0:
            size = self.socket.recv_into(self._buffer)
            assert size, "the connection has ended"
            payload_bytes -= self.counter.feed(bytes(memoryview(self._buffer)[:size]))


def _connected(port: int) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port), timeout=WITHIN_S)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection
