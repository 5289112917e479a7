"""What an attacker could learn by the clock: a wrong name against a wrong password.

Both cost one Argon2 hash; if a wrong name were answered without one, it would be some twenty times
quicker.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from vmlab.app import make_app, open_parts
from vmlab.config import Proxmox, Security, Settings
from vmlab.handlers.parts import ApiParts
from vmlab.operations.accounts import NewUser, create_user, ensure_roles

pytestmark = pytest.mark.benchmark

Client = TestClient[web.Request, web.Application]
LOGIN = "/api/v1/auth/login/"
PASSWORD = "the right one of them"
ROUNDS = 40


@pytest.fixture
async def parts(sqlite: str) -> AsyncIterator[ApiParts]:
    """The API's parts, with a limit that is out of the way."""
    settings = Settings(
        security=Security(secret_key="k" * 32, login_limit="1000000/minute"),
        proxmox=Proxmox(hosts=("127.0.0.1:1",), token_id="vmlab@pve!api", token_secret="none"),
    )
    async with open_parts(settings) as opened:
        yield opened


@pytest.fixture
async def client(parts: ApiParts) -> AsyncIterator[Client]:
    """A client of an API in which there are two people, one of them inactive."""
    await ensure_roles()
    ann = NewUser(
        username="ann",
        email="ann@example.edu",
        password_hash=await parts.passwords.hash(PASSWORD),
        roles=("student",),
    )
    await create_user(ann, parts.settings.quota)
    gone = replace(ann, username="gone", email="gone@example.edu", is_active=False)
    await create_user(gone, parts.settings.quota)
    async with TestClient(TestServer(make_app(parts))) as served:
        yield served


async def seconds(client: Client, username: str, password: str, status: int) -> float:
    """How long one login takes."""
    begun = time.perf_counter()
    answer = await client.post(LOGIN, json={"username": username, "password": password})
    await answer.read()
    assert answer.status == status
    return time.perf_counter() - begun


async def test_a_wrong_name_takes_as_long_as_a_wrong_password(client: Client) -> None:
    tries = {
        "wrong password": ("ann", "wrong", 401),
        "wrong name": ("nobody", PASSWORD, 401),
        "inactive": ("gone", PASSWORD, 401),
        "right": ("ann", PASSWORD, 200),
    }
    taken: dict[str, list[float]] = {kind: [] for kind in tries}
    for _ in range(ROUNDS):  # by turns, so that the machine's other work falls on all alike
        for kind, attempt in tries.items():
            taken[kind].append(await seconds(client, *attempt))
    medians = {kind: statistics.median(each) for kind, each in taken.items()}
    ratios = {kind: median / medians["wrong password"] for kind, median in medians.items()}
    shown = ", ".join(f"{kind} {ratio:.2f}" for kind, ratio in ratios.items())
    print(f"\nwrong password {medians['wrong password'] * 1000:.0f} ms = 1; {shown}")
    assert 0.8 < ratios["wrong name"] < 1.25
    assert 0.8 < ratios["inactive"] < 1.25
