"""Tickets, CSRF tokens and API tokens: what lets one in."""

import asyncio
from urllib.parse import quote

import pytest

from tests.simulator.raw import Answer, RawClient
from vmlab.simulator import Clock, Simulator
from vmlab.simulator.identity import Tickets

PASSWORD = "secret-of-root"


async def _login(client: RawClient, username: str, password: str) -> Answer:
    return await client("POST", "/access/ticket", {"username": username, "password": password})


@pytest.fixture
def root(sim: Simulator) -> None:
    sim.cluster.users["root@pam"].password = PASSWORD


@pytest.mark.usefixtures("root")
async def test_a_ticket_opens_and_is_renewed_by_itself(sim: Simulator) -> None:
    async with RawClient(sim, None) as nobody:
        first = (await _login(nobody, "root@pam", PASSWORD)).data
        assert first["ticket"].startswith("PVE:root@pam:")
        assert first["clustername"] == "lab"
        assert first["cap"]["vms"]["VM.Audit"] == 1
        for cookie in (first["ticket"], quote(first["ticket"], safe="")):
            seen = await nobody("GET", "/version", headers={"Cookie": f"PVEAuthCookie={cookie}"})
            assert seen.status == 200
        again = await _login(nobody, "root@pam", first["ticket"])
        assert again.data["username"] == "root@pam"


@pytest.mark.usefixtures("root")
async def test_changing_with_a_ticket_needs_the_csrf_token(sim: Simulator) -> None:
    async with RawClient(sim, None) as nobody:
        data = (await _login(nobody, "root@pam", PASSWORD)).data
        headers = {"Cookie": f"PVEAuthCookie={data['ticket']}"}
        refused = await nobody("POST", "/pools", {"poolid": "p1"}, headers=headers)
        assert (refused.status, refused.body) == (401, b"")
        assert refused.reason == "Permission denied - invalid csrf token"
        headers["CSRFPreventionToken"] = data["CSRFPreventionToken"]
        assert (await nobody("POST", "/pools", {"poolid": "p1"}, headers=headers)).status == 200


@pytest.mark.parametrize(
    ("username", "password"), [("root@pam", "wrong"), ("root", PASSWORD), ("no@pve", "x")]
)
@pytest.mark.usefixtures("root")
async def test_a_wrong_password_gets_json(sim: Simulator, username: str, password: str) -> None:
    async with RawClient(sim, None) as nobody:
        answer = await _login(nobody, username, password)
    assert (answer.status, answer.reason) == (401, "authentication failure")
    assert answer.json == {"data": None, "message": "authentication failure\n"}


@pytest.mark.usefixtures("root")
async def test_a_realm_of_its_own(sim: Simulator) -> None:
    form = {"username": "root", "realm": "pam", "password": PASSWORD}
    async with RawClient(sim, None) as nobody:
        answer = await nobody("POST", "/access/ticket", form)
    assert answer.data["username"] == "root@pam"


async def test_a_forged_ticket_fails(sim: Simulator) -> None:
    ticket = sim.tickets.assemble("PVE", "root@pam")
    forged = ticket[:-8] + "AAAAAAA="
    async with RawClient(sim, f"PVEAuthCookie={forged}") as client:
        answer = await client("GET", "/version")
    assert (answer.status, answer.reason) == (401, "Authentication failed!")
    async with RawClient(sim, f"PVEAuthCookie={ticket}") as client:
        assert (await client("GET", "/version")).status == 200


async def test_a_ticket_lives_two_hours() -> None:
    clock = Clock(explicit=True, start=1_800_000_000)
    tickets = Tickets(clock)
    ticket, csrf = tickets.assemble("PVE", "a@pve"), tickets.csrf_token("a@pve")
    await clock.advance(7199)
    assert tickets.verify(ticket, "PVE") == "a@pve"
    assert tickets.csrf_valid(csrf, "a@pve")
    assert not tickets.csrf_valid(csrf, "b@pve")
    await clock.advance(1)
    assert tickets.verify(ticket, "PVE") is None
    assert not tickets.csrf_valid(csrf, "a@pve")


def test_what_a_ticket_is_bound_to_is_signed_but_not_carried() -> None:
    tickets = Tickets(Clock(explicit=True, start=1_800_000_000))
    ticket = tickets.assemble("PVEVNC", secret="a@pve:/vms/100:5900")
    assert "vms" not in ticket
    assert len(ticket) == 361
    assert tickets.verify(ticket, "PVEVNC", "a@pve:/vms/100:5900") == ""
    assert tickets.verify(ticket, "PVEVNC", "a@pve:/vms/101:5900") is None
    assert tickets.verify(ticket, "PVE", "a@pve:/vms/100:5900") is None


async def test_tokens(sim: Simulator) -> None:
    token = sim.cluster.tokens["root@pam!vmlab"]
    outcomes = {
        f"PVEAPIToken={token.full}={token.secret}": (200, "OK"),
        f"PVEAPIToken={token.full} {token.secret}": (200, "OK"),
        f"PVEAPIToken={token.full}=wrong": (401, "Authentication failed!"),
        "PVEAPIToken=no@pve!x=y": (401, "Authentication failed!"),
        "PVEAPIToken=garbage": (401, "Authentication failed!"),
        "Bearer x": (401, "No ticket"),
    }
    for header, expected in outcomes.items():
        async with RawClient(sim, header) as client:
            answer = await client("GET", "/version")
        assert (answer.status, answer.reason) == expected, header


async def test_a_disabled_owner_or_an_expired_token_fails(sim: Simulator) -> None:
    token = sim.cluster.tokens[sim.token_id]
    async with RawClient(sim, f"PVEAPIToken={token.full}={token.secret}") as client:
        assert (await client("GET", "/version")).status == 200
        sim.cluster.users[token.userid].enable = False
        assert (await client("GET", "/version")).status == 401
        sim.cluster.users[token.userid].enable = True
        token.expire = int(sim.clock.time()) - 1
        assert (await client("GET", "/version")).status == 401


async def test_tickets_are_not_made_with_tokens(api: RawClient) -> None:
    answer = await _login(api, "root@pam", "x")
    assert answer.status == 403
    assert "not available with API token" in answer.reason


async def test_a_401_is_held_back_for_three_seconds() -> None:
    clock = Clock(explicit=True)
    async with Simulator(clock=clock) as sim, RawClient(sim, None) as nobody:
        begun = clock.time()
        waiting = asyncio.create_task(nobody("GET", "/version"))
        while not waiting.done():
            await clock.advance(0.5)
        assert (await waiting).status == 401
        assert clock.time() - begun >= 3
