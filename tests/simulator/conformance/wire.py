"""A raw HTTP/1.1 client: nothing between a test and the bytes of the answer.

HTTP libraries drop the reason phrase, repair headers and retry; here all of that is the subject.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass

from tests.simulator.conformance.compare import Answer


@dataclass(frozen=True)
class Wire:
    """How to reach one node.

    Args:
        host: "address:port".
        tls: trusts the simulator's own CA.
        timeout_s: the longest a whole exchange may take, in the machine's time.
    """

    host: str
    tls: ssl.SSLContext
    timeout_s: float = 20.0

    async def send(
        self, method: str, target: str, headers: Mapping[str, str], content: bytes = b""
    ) -> Answer:
        """One exchange on a connection of its own.

        Raises:
            TimeoutError: no complete answer in time.
            ConnectionError: closed without an answer.
        """
        async with asyncio.timeout(self.timeout_s):
            address, _, port = self.host.rpartition(":")
            reader, writer = await asyncio.open_connection(address, int(port), ssl=self.tls)
            try:
                lines = [f"{method} {target} HTTP/1.1", f"Host: {self.host}"]
                lines += [f"{name}: {value}" for name, value in headers.items()]
                if content or method in ("POST", "PUT"):
                    lines.append(f"Content-Length: {len(content)}")
                writer.write("\r\n".join([*lines, "", ""]).encode("latin-1") + content)
                return await _read_answer(reader, bodiless=method == "HEAD")
            finally:
                writer.close()
                with contextlib.suppress(OSError):
                    await writer.wait_closed()


async def _read_answer(reader: asyncio.StreamReader, *, bodiless: bool) -> Answer:
    status_line = (await reader.readline()).decode("latin-1")
    if not status_line:
        raise ConnectionError("closed without an answer")
    _, status, reason = status_line.rstrip("\r\n").split(" ", 2)
    headers = {}
    while line := (await reader.readline()).decode("latin-1").strip():
        name, _, value = line.partition(":")
        headers[name.title()] = value.strip()
    content = b""
    if not bodiless:
        length = headers.get("Content-Length")
        content = await (reader.readexactly(int(length)) if length else reader.read())
    text = content.decode()
    is_json = headers.get("Content-Type", "").startswith("application/json")
    return Answer(int(status), reason, headers, json.loads(text) if is_json else text)
