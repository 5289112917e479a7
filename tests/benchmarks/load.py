"""Asks a server the same thing over many connections, as cheaply as Python can."""

from __future__ import annotations

import re
import selectors
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass

READ_BYTES = 1 << 16
_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)


@dataclass
class _Asker:
    socket: socket.socket
    came: bytes = b""


def requests_a_second(
    port: int, path: str, headers: Mapping[str, str], *, connections: int, requests: int
) -> float:
    """How many requests are answered in a second, with one under way on each connection."""
    lines = [f"GET {path} HTTP/1.1", "Host: 127.0.0.1", *(f"{k}: {v}" for k, v in headers.items())]
    request = ("\r\n".join(lines) + "\r\n\r\n").encode()
    with selectors.DefaultSelector() as selector:
        askers = [_Asker(socket.create_connection(("127.0.0.1", port))) for _ in range(connections)]
        began = time.perf_counter()
        for asker in askers:
            asker.socket.sendall(request)
            selector.register(asker.socket, selectors.EVENT_READ, asker)
        answered, asked = 0, connections
        while answered < requests:
            for key, _ in selector.select():
                asker = key.data
                asker.came += asker.socket.recv(READ_BYTES)
                if not _is_whole(asker.came):
                    continue
                assert asker.came.startswith(b"HTTP/1.1 200 "), asker.came
                asker.came = b""
                answered += 1
                if asked < requests:
                    asked += 1
                    asker.socket.sendall(request)
        took_s = time.perf_counter() - began
        for asker in askers:
            asker.socket.close()
    return requests / took_s


def _is_whole(answer: bytes) -> bool:
    head, end, body = answer.partition(b"\r\n\r\n")
    if not end:
        return False
    length = _LENGTH.search(head)
    assert length is not None, head
    return len(body) >= int(length[1])
