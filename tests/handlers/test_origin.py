"""Where a request comes from: only trusted proxies are believed about it."""

from __future__ import annotations

import dataclasses

import pytest

from tests.handlers.conftest import Client
from tests.handlers.people import People
from tests.handlers.rows import make_vm
from vmlab.config import Security, Server, Settings
from vmlab.models import AuditEntry, VmStatus

PROXIES = ("127.0.0.1", "10.0.0.0/8", "fd00::/8")


@pytest.fixture
def trusted() -> tuple[str, ...]:
    """Who is believed; a test parametrizes this."""
    return PROXIES


@pytest.fixture
def settings(settings: Settings, trusted: tuple[str, ...]) -> Settings:
    return dataclasses.replace(
        settings,
        server=Server(trusted_proxies=trusted),
        security=Security(secret_key=settings.security.secret_key, login_limit="2/hour"),
    )


async def try_to_log_in(client: Client, name: str, *forwarded: str) -> int:
    headers = [("X-Forwarded-For", value) for value in forwarded]
    body = {"username": name, "password": "wrong"}
    async with client.post("/api/v1/auth/login/", json=body, headers=headers) as answer:
        return answer.status


@pytest.mark.parametrize(
    ("forwarded", "address"),
    [
        ([], "127.0.0.1"),
        (["192.0.2.7"], "192.0.2.7"),
        (["198.51.100.1, 192.0.2.7"], "192.0.2.7"),  # the client wrote the first itself
        (["198.51.100.1, 192.0.2.7, 10.1.2.3"], "192.0.2.7"),
        (["198.51.100.1", "192.0.2.7, 10.1.2.3"], "192.0.2.7"),  # two headers are one list
        (["10.1.2.3, 10.1.2.4"], "10.1.2.3"),  # all of them ours: the farthest
        (["192.0.2.7:1234"], "192.0.2.7"),
        (["[2001:db8::7]:1234"], "2001:db8::7"),
        (["2001:DB8:0::7, fd00::1"], "2001:db8::7"),
        (["::ffff:192.0.2.7"], "192.0.2.7"),
        (["192.0.2.7, unknown, 10.1.2.3"], "10.1.2.3"),  # nothing beyond what nobody can read
        (["<script>"], "127.0.0.1"),
        ([""], "127.0.0.1"),
    ],
)
async def test_what_a_trusted_proxy_says(
    client: Client, people: People, forwarded: list[str], address: str
):
    assert await try_to_log_in(client, "nobody", *forwarded) == 401
    assert (await AuditEntry.get()).address == address


@pytest.mark.parametrize("trusted", [(), ("192.0.2.1",)])
async def test_what_anybody_else_says(client: Client, people: People):
    assert await try_to_log_in(client, "nobody", "192.0.2.7") == 401
    assert (await AuditEntry.get()).address == "127.0.0.1"


async def test_the_throttle_tells_clients_behind_a_proxy_apart(client: Client, people: People):
    for number in range(20):
        assert await try_to_log_in(client, f"nobody{number}", "192.0.2.7") == 401
    assert await try_to_log_in(client, "nobody", "192.0.2.7") == 429
    assert await try_to_log_in(client, "nobody", "192.0.2.8") == 401


@pytest.mark.parametrize("trusted", [()])
async def test_nobody_escapes_the_throttle_by_a_header(client: Client, people: People):
    for number in range(20):
        assert await try_to_log_in(client, f"nobody{number}", f"192.0.2.{number}") == 401
    assert await try_to_log_in(client, "nobody", "192.0.2.77") == 429


@pytest.mark.parametrize(
    ("said", "scheme"),
    [("https", "https"), ("http, https", "https"), ("HTTPS", "https"), ("gopher", "http")],
)
async def test_addresses_handed_out(client: Client, people: People, said: str, scheme: str):
    student = await people.add("ann", "student")
    vm = await make_vm(student, None, status=VmStatus.RUNNING)
    headers = student.headers | {"X-Forwarded-Proto": said, "Host": "lab.example.edu"}
    async with client.get(f"/api/v1/vms/{vm.id}/console/vnc/", headers=headers) as answer:
        data = (await answer.json())["data"]
    assert data["page_url"].startswith(f"{scheme}://lab.example.edu/")
    assert data["websocket_url"].startswith(f"{scheme.replace('http', 'ws')}://lab.example.edu/")


@pytest.mark.parametrize("trusted", [()])
async def test_a_client_does_not_choose_the_scheme(client: Client, people: People):
    student = await people.add("ann", "student")
    vm = await make_vm(student, None, status=VmStatus.RUNNING)
    headers = student.headers | {"X-Forwarded-Proto": "https"}
    async with client.get(f"/api/v1/vms/{vm.id}/console/vnc/", headers=headers) as answer:
        assert (await answer.json())["data"]["page_url"].startswith("http://")
