"""What is no HTTP: answered in the envelope, told of in one line, and never a traceback."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from structlog.testing import capture_logs

from vmlab.app import make_app
from vmlab.handlers.headers import Headers
from vmlab.handlers.malformed import Runner
from vmlab.handlers.parts import ApiParts

WITHIN_S = 20


@pytest.fixture
async def port(parts: ApiParts) -> AsyncIterator[int]:
    """Where the API is served as `vmlab serve` does it."""
    runner = Runner(make_app(parts), headers=Headers(""), access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield runner.addresses[0][1]
    await runner.cleanup()


async def answer_to(port: int, sent: bytes) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of the last answer before the server closes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(sent)
    async with asyncio.timeout(WITHIN_S):
        received = await reader.read()
    writer.close()
    await writer.wait_closed()
    head, _, body = received.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    return int(first.split()[1]), dict(line.split(": ", 1) for line in lines), body


@pytest.mark.parametrize(
    "sent",
    [
        b"GET / HTTP/9.9\r\nHost: lab\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: lab\r\nX-Long: " + b"x" * 100_000 + b"\r\n\r\n",
        b"GET /" + b"x" * 100_000 + b" HTTP/1.1\r\nHost: lab\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost lab\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: lab\r\nContent-Length: many\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: lab\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 64 + b"\r\n\r\n",
        b"secret-password\r\n\r\n",
    ],
    ids=["version", "header", "line", "colon", "length", "lengths", "tls", "garbage"],
)
async def test_it_is_refused_in_the_envelope(
    port: int, sent: bytes, caplog: pytest.LogCaptureFixture
):
    with capture_logs() as logs:
        status, headers, body = await answer_to(port, sent)
    assert status == 400
    answer = json.loads(body)
    assert (answer["success"], answer["error"]["code"]) == (False, "VALIDATION_001")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Server"] == "VMLab"
    assert headers["X-Request-ID"]
    [line] = logs
    assert (line["event"], line["log_level"]) == ("malformed_request", "info")
    assert line["error"]
    assert "secret" not in line["error"]
    assert "xxx" not in line["error"]
    assert not caplog.records


async def test_what_comes_after_a_good_request_is_refused_alike(port: int):
    good = b"GET /healthz HTTP/1.1\r\nHost: lab\r\n\r\n"
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    async with asyncio.timeout(WITHIN_S):
        writer.write(good)
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        assert head.startswith(b"HTTP/1.1 200")
        await reader.readexactly(length)
        writer.write(b"GET / HTTP/9.9\r\n\r\n")
        assert (await reader.read()).split(b" ")[1] == b"400"
    writer.close()
    await writer.wait_closed()
