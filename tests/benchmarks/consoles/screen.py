"""A guest's screen that floods, sinks or echoes, behind as much of Proxmox as a console needs.

`python -m tests.benchmarks.consoles.screen CERTIFICATE` listens twice, with TLS, and prints both
ports: first as a host of Proxmox (a ticket, then RFB in WebSocket frames), then as bare bytes.
"""

from __future__ import annotations

import contextlib
import json
import re
import selectors
import socket
import ssl
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass

from tests.benchmarks.consoles.wire import (
    DONE,
    ECHO,
    FLOOD,
    SHOWN_BYTES,
    TYPED_BYTES,
    UPDATE_REQUEST,
    Counter,
    Framed,
    Plain,
    ordered,
)
from vmlab.proxmox.websocket_frames import FrameReader, accept_key, frame

BLOB_BYTES = 1 << 20
READ_BYTES = 1 << 18
_TICKET = {"ticket": "PVEVNC:benchmark", "port": "5900", "user": "vmlab@pve", "upid": ""}
_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
_KEY = re.compile(rb"sec-websocket-key: *(\S+)", re.IGNORECASE)
_SERVER_INIT = bytes(4) + bytes(16) + (5).to_bytes(4, "big") + b"bench"


@dataclass
class Guest:
    """Somebody who looks at the screen."""

    socket: ssl.SSLSocket
    counter: Counter
    wrap: Callable[[bytes], bytes]
    typed_bytes: int = 0


class Echo:
    """One loop for all connections that are echoed to."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._wake, wakes = socket.socketpair()
        self._selector.register(wakes, selectors.EVENT_READ)
        threading.Thread(target=self._run, daemon=True).start()

    def take(self, guest: Guest) -> None:
        """Echo to this one from now on."""
        guest.socket.setblocking(False)
        self._selector.register(guest.socket, selectors.EVENT_READ, guest)
        self._wake.send(b"!")

    def _run(self) -> None:
        while True:
            for key, _ in self._selector.select():
                if key.data is None:
                    assert isinstance(key.fileobj, socket.socket)
                    key.fileobj.recv(64)
                elif not self._echo(key.data):
                    self._selector.unregister(key.fileobj)
                    key.data.socket.close()

    def _echo(self, guest: Guest) -> bool:
        with contextlib.suppress(ssl.SSLWantReadError):
            while data := guest.socket.recv(READ_BYTES):
                guest.typed_bytes += guest.counter.feed(data)
                messages, guest.typed_bytes = divmod(guest.typed_bytes, TYPED_BYTES)
                for _ in range(messages):
                    guest.socket.send(guest.wrap(bytes(SHOWN_BYTES)))
            return False
        return True


def serve(guest: Guest, first: bytes, echo: Echo) -> None:
    """Do what is asked for until the other end hangs up; an echo is handed over."""
    order = first
    while True:
        while len(order) < UPDATE_REQUEST.size:
            if not (data := guest.socket.recv(64)):
                return
            order += data if isinstance(guest.counter, Plain) else _payload(data)
        what, message_bytes, total_bytes = ordered(order)
        order = b""
        if what == ECHO:
            guest.socket.sendall(guest.wrap(DONE))
            echo.take(guest)
            return
        if what == FLOOD:
            messages = max(1, BLOB_BYTES // message_bytes)
            blob = guest.wrap(bytes(message_bytes)) * messages
            for _ in range(total_bytes // (messages * message_bytes)):
                guest.socket.sendall(blob)
            continue
        guest.socket.sendall(guest.wrap(DONE))  # now it may come
        buffer = bytearray(READ_BYTES)
        while total_bytes > 0:
            size = guest.socket.recv_into(buffer)
            if size == 0:
                return
            total_bytes -= guest.counter.feed(bytes(memoryview(buffer)[:size]))
        guest.socket.sendall(guest.wrap(DONE))


def _payload(data: bytes) -> bytes:
    return b"".join(p for _, p in FrameReader(mask=True, limit_bytes=1 << 20).feed(data))


def proxmox(connection: ssl.SSLSocket, echo: Echo) -> None:
    """Give a ticket, or open the screen in a WebSocket."""
    pending = b""
    while True:
        while b"\r\n\r\n" not in pending:
            if not (data := connection.recv(READ_BYTES)):
                return
            pending += data
        head, _, pending = pending.partition(b"\r\n\r\n")
        if key := _KEY.search(head):
            connection.sendall(
                b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                b"Sec-WebSocket-Accept: " + accept_key(key[1]) + b"\r\n\r\n"
            )
            _rfb(connection, echo)
            return
        length = int(found[1]) if (found := _LENGTH.search(head)) else 0
        while len(pending) < length:
            pending += connection.recv(READ_BYTES)
        pending = pending[length:]
        answer = json.dumps({"data": _TICKET if b"/vncproxy" in head else []}).encode()
        connection.sendall(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
            % len(answer)
            + answer
        )


def _rfb(connection: ssl.SSLSocket, echo: Echo) -> None:
    reader, came = FrameReader(mask=True, limit_bytes=1 << 20), bytearray()

    def take(size: int) -> None:
        while len(came) < size:
            for _, payload in reader.feed(connection.recv(READ_BYTES)):
                came.extend(payload)
        del came[:size]

    for says, hears in ((b"RFB 003.008\n", 12), (b"\x01\x01", 1), (bytes(4), 1)):
        connection.sendall(frame(says, mask=False))
        take(hears)
    connection.sendall(frame(_SERVER_INIT, mask=False))
    guest = Guest(connection, Framed(), lambda payload: frame(payload, mask=False))
    serve(guest, bytes(came), echo)


def bare(connection: ssl.SSLSocket, echo: Echo) -> None:
    """No Proxmox, no WebSocket: the bytes alone."""
    serve(Guest(connection, Plain(), bytes), b"", echo)


def listen(context: ssl.SSLContext, answer: Callable[[ssl.SSLSocket, Echo], None]) -> int:
    """Listen on a port of its own, with a thread for each connection."""
    listening, echo = socket.create_server(("127.0.0.1", 0), backlog=1024), Echo()

    def one(connection: socket.socket) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with contextlib.suppress(OSError):
            answer(context.wrap_socket(connection, server_side=True), echo)

    def accept() -> None:
        while True:
            threading.Thread(target=one, args=(listening.accept()[0],), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    return int(listening.getsockname()[1])


if __name__ == "__main__":
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(sys.argv[1])
    # websockify takes a ticket of TLS for the screen's first word, and waits for it for ever.
    context.num_tickets = 0
    print(listen(context, proxmox), listen(context, bare), flush=True)
    sys.stdin.read()  # until whoever started it is gone
