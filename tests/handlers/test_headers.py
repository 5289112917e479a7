"""Headers of every answer, other origins, and clients that take their time."""

from __future__ import annotations

import asyncio
import dataclasses
import json

import pytest
from aiohttp import web

from tests.handlers.conftest import Client
from tests.handlers.people import People
from vmlab.app import make_app
from vmlab.config import Server, Settings
from vmlab.handlers.parts import ApiParts

PORTAL = "https://portal.example.edu"
LOGIN = "/api/v1/auth/login/"
WITHIN_S = 20


@pytest.fixture
def server() -> Server:
    """Settings of the server; a test parametrizes this."""
    return Server(cors_origins=(PORTAL,), body_timeout_s=0.5)


@pytest.fixture
def settings(settings: Settings, server: Server) -> Settings:
    return dataclasses.replace(settings, server=server)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/v1/openapi.json", 200),
        ("/api/v1/vms/", 401),
        ("/api/v1/nowhere/", 404),
        ("/api/v1/auth/login/", 405),
        ("/api/v1/vms", 308),
        ("/console/vnc/", 200),
        ("/monitor/vm/", 200),
        ("/monitor/course/", 200),
        ("/docs", 200),
        ("/static/README.md", 200),
        ("/static/nothing", 404),
    ],
)
async def test_every_answer_has_them(client: Client, people: People, path: str, status: int):
    async with client.get(path, allow_redirects=False) as answer:
        assert answer.status == status
        headers = answer.headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    policy = headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy or "frame-ancestors 'self'" in policy
    assert "default-src 'none'" in policy or "default-src 'self'" in policy
    assert "unsafe-eval" not in policy
    assert headers["X-Request-ID"]
    assert headers["Server"] == "VMLab"
    assert "Strict-Transport-Security" not in headers
    if path.startswith("/api/") and path != "/api/v1/openapi.json":
        assert headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("server", "insists"),
    [
        (Server(public_url="https://lab.example.edu"), True),
        (Server(public_url="http://lab.example.edu"), False),
    ],
)
async def test_browsers_insist_on_tls_where_there_is_tls(client: Client, insists: bool):
    async with client.get("/healthz") as answer:
        found = answer.headers.get("Strict-Transport-Security")
    assert found == ("max-age=31536000" if insists else None)


async def test_a_script_of_a_welcome_page_may_read_answers_and_errors(client: Client):
    for path in ("/healthz", "/api/v1/vms/", "/api/v1/nowhere/"):
        async with client.get(path, headers={"Origin": PORTAL}) as answer:
            headers = answer.headers
        assert headers["Access-Control-Allow-Origin"] == PORTAL
        assert headers["Access-Control-Allow-Credentials"] == "true"
        assert "Retry-After" in headers["Access-Control-Expose-Headers"]
        assert "Origin" in headers["Vary"]


async def preflight(client: Client, origin: str) -> tuple[int, dict[str, str]]:
    asked = {"Access-Control-Request-Method": "PATCH"}
    asked |= {"Access-Control-Request-Headers": "authorization,content-type"}
    headers = {"Origin": origin} | asked
    async with client.options("/api/v1/courses/1/", headers=headers) as answer:
        allowed = {k: v for k, v in answer.headers.items() if k.startswith("Access-Control-")}
        return answer.status, allowed


async def test_a_preflight_of_a_welcome_page(client: Client):
    status, allowed = await preflight(client, PORTAL)
    assert status == 204
    assert allowed["Access-Control-Allow-Origin"] == PORTAL
    assert "PATCH" in allowed["Access-Control-Allow-Methods"]
    names = {n.strip().lower() for n in allowed["Access-Control-Allow-Headers"].split(",")}
    assert {"authorization", "content-type", "idempotency-key", "x-csrf-token"} <= names


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example.edu",
        "http://portal.example.edu",
        "https://portal.example.edu:8443",
        "https://portal.example.edu.evil.example",
        "null",
        "",
    ],
)
async def test_other_pages_are_told_nothing(client: Client, origin: str):
    assert await preflight(client, origin) == (405, {})
    async with client.get("/healthz", headers={"Origin": origin}) as answer:
        assert not [name for name in answer.headers if name.startswith("Access-Control-")]
        assert "Origin" in answer.headers["Vary"]


@pytest.mark.parametrize("server", [Server()])
async def test_nobody_is_welcome_unless_configured(client: Client):
    assert await preflight(client, PORTAL) == (405, {})
    async with client.get("/healthz", headers={"Origin": PORTAL}) as answer:
        assert "Vary" not in answer.headers


async def connection(client: Client) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await asyncio.open_connection(client.host, client.port)


async def test_a_body_that_comes_byte_by_byte(client: Client, people: People):
    reader, writer = await connection(client)
    head = f"POST {LOGIN} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    writer.write(f"{head}Accept-Language: en\r\nContent-Length: 1000\r\n\r\n".encode())

    async def trickle() -> None:
        while True:
            writer.write(b" ")
            await writer.drain()
            await asyncio.sleep(0.05)

    trickling = asyncio.create_task(trickle())
    async with asyncio.timeout(WITHIN_S):
        answer = await reader.readuntil(b"\r\n\r\n")
        length = int(answer.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
        error = json.loads(await reader.readexactly(length))["error"]
    trickling.cancel()
    await asyncio.wait([trickling])
    writer.close()
    assert answer.startswith(b"HTTP/1.1 408")
    assert (error["code"], error["message"]) == (
        "VALIDATION_001",
        "The body did not arrive in time.",
    )


@pytest.mark.parametrize(
    "head",
    [
        "GET /healthz?" + "x" * 10_000 + " HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /healthz HTTP/1.1\r\nHost: x\r\nX-Long: " + "x" * 10_000 + "\r\n\r\n",
        "GET /healthz HTTP/1.1\r\nHost: x\r\n" + "X-Many: 1\r\n" * 1000 + "\r\n",
    ],
    ids=["line", "field", "fields"],
)
async def test_heads_that_are_too_large(client: Client, head: str):
    reader, writer = await connection(client)
    writer.write(head.encode())
    async with asyncio.timeout(WITHIN_S):
        answer = await reader.read()
    writer.close()
    assert answer.partition(b"\r\n")[0].endswith(b" 400 Bad Request")


async def test_a_head_that_does_not_end_is_cut_off(parts: ApiParts):
    runner = web.AppRunner(make_app(parts), access_log=None, keepalive_timeout=0.5)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    reader, writer = await asyncio.open_connection(host, port)
    writer.write(b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: ")
    async with asyncio.timeout(WITHIN_S):
        assert await reader.read() == b""
    writer.close()
    await runner.cleanup()
