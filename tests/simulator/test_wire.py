"""HTTP as Proxmox speaks it: statuses, reason phrases, bodies, when a connection closes."""

from tests.simulator.raw import RawClient
from vmlab.simulator import Simulator


async def test_an_answer_has_proxmox_form(api: RawClient) -> None:
    answer = await api("GET", "/version")
    assert (answer.status, answer.reason) == (200, "OK")
    assert answer.headers["Content-Type"] == "application/json;charset=UTF-8"
    assert answer.headers["Connection"] == "Keep-Alive"
    assert answer.data["version"] == "8.4.21"


async def test_without_credentials_the_body_is_empty(sim: Simulator) -> None:
    async with RawClient(sim, None) as nobody:
        answer = await nobody("GET", "/version")
    assert (answer.status, answer.reason, answer.body) == (401, "No ticket", b"")
    assert answer.headers["Connection"] == "close"
