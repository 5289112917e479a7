"""A raw HTTP/1.1 client: nothing between a test and the bytes of the answer.

HTTP libraries drop the reason phrase, repair headers and retry; here all of that is the subject.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import ssl
from collections.abc import Mapping

from tests.simulator.conformance.compare import Answer

_TIMEOUT_S = 20.0

_Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Wire:
    """Requests to one node, one after the other.

    A connection is used again exactly if the answer said `Connection: Keep-Alive`.

    Args:
        host: "address:port".
        tls: trusts the simulator's own CA.
    """

    def __init__(self, host: str, tls: ssl.SSLContext) -> None:
        self._host = host
        self._tls = tls
        self._kept: _Connection | None = None

    async def send(
        self, method: str, target: str, headers: Mapping[str, str], content: bytes = b""
    ) -> Answer:
        """One exchange.

        Raises:
            TimeoutError: no complete answer in 20 s of the machine's time.
            ConnectionError: closed without an answer.
        """
        async with asyncio.timeout(_TIMEOUT_S):
            if self._kept is None or self._kept[0].at_eof():
                await self.close()
                self._kept = await self._connect()
            connection, self._kept = self._kept, None
            reader, writer = connection
            lines = [f"{method} {target} HTTP/1.1", f"Host: {self._host}"]
            lines += [f"{name}: {value}" for name, value in headers.items()]
            if content or method in ("POST", "PUT"):
                lines.append(f"Content-Length: {len(content)}")
            writer.write("\r\n".join([*lines, "", ""]).encode("latin-1") + content)
            try:
                answer = await _read_answer(reader, bodiless=method == "HEAD")
            except BaseException:
                writer.close()
                raise
            self._kept = connection
            if answer.headers.get("Connection") != "Keep-Alive":
                await self.close()
            return answer

    async def close(self) -> None:
        """Close the connection that was kept, if any."""
        if self._kept is not None:
            writer, self._kept = self._kept[1], None
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    async def _connect(self) -> _Connection:
        address, _, port = self._host.rpartition(":")
        return await asyncio.open_connection(address, int(port), ssl=self._tls)


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
