"""Several hosts of one cluster: who is asked, who is passed over, and how hosts are written."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.proxmox.recorder import SECRET, Received, Recorder, recorder
from vmlab.proxmox.client import Connection, Timeouts, connect
from vmlab.proxmox.faults import OutcomeUnknown, Unreachable
from vmlab.proxmox.hosts import REST_S, Hosts, split, with_port

HASTY = Timeouts(connect_s=5.0, read_s=0.3, write_s=0.3)


@pytest.fixture
async def pair(tmp_path: Path) -> AsyncIterator[tuple[Recorder, Recorder]]:
    """Two hosts of one cluster: the same authority signed both."""
    async with recorder(tmp_path / "one") as one:
        other = Recorder(tmp_path / "two", authority=one.authority)
        await other.start()
        yield one, other
        await other.stop()


async def never(_: Received) -> bytes:
    await asyncio.Event().wait()
    raise AssertionError


@pytest.mark.parametrize(
    ("written", "name", "port"),
    [
        ("pve1", "pve1", 8006),
        ("pve1.example.org:443", "pve1.example.org", 443),
        ("10.0.0.1", "10.0.0.1", 8006),
        ("fd00::1", "fd00::1", 8006),
        ("[fd00::1]", "fd00::1", 8006),
        ("[fd00::1]:443", "fd00::1", 443),
    ],
)
def test_how_hosts_are_written(written: str, name: str, port: int):
    assert split(with_port(written)) == (name, port)


def test_no_host_named():
    with pytest.raises(ValueError, match="at least one"):
        Hosts((), {})


def test_a_rest_has_an_end():
    hosts = Hosts(("a", "b", "c"), {})
    assert hosts.in_turn(now=100.0) == ["a:8006", "b:8006", "c:8006"]
    hosts.rest("a:8006", now=100.0)
    hosts.rest("b:8006", now=110.0)
    assert hosts.in_turn(now=120.0) == ["c:8006", "a:8006", "b:8006"]
    assert hosts.in_turn(now=100.0 + REST_S) == ["a:8006", "c:8006", "b:8006"]
    hosts.well("b:8006")
    assert hosts.in_turn(now=120.0) == ["b:8006", "c:8006", "a:8006"]


async def test_the_next_host_is_asked_and_the_first_is_left_in_peace(
    pair: tuple[Recorder, Recorder],
):
    first, second = pair
    await first.stop()
    async with connect(first.connection(second.host)) as api:
        await api.version.get()
        await api.nodes("pve1").qemu(100).status.start.post()
        assert len(second.received) == 2
        # Three tries in all: the first host was not tried for the second call.
        assert api.calls.total() == 3
    await first.start()


async def test_a_host_that_accepts_and_says_nothing_is_passed_over(
    pair: tuple[Recorder, Recorder],
):
    first, second = pair
    first.respond = never
    async with connect(first.connection(second.host, timeouts=HASTY)) as api:
        with pytest.raises(OutcomeUnknown):
            await api.nodes("pve1").qemu(100).status.start.post()
        await api.version.get()
    assert len(first.received) == 1
    assert len(second.received) == 1


async def test_no_host_at_all(pair: tuple[Recorder, Recorder]):
    first, second = pair
    await first.stop()
    await second.stop()
    async with connect(first.connection(second.host)) as api:
        for call in (api.version.get, api.nodes("pve1").qemu(1).status.start.post):
            with pytest.raises(Unreachable) as caught:
                await call()
            assert caught.value.outcome_unknown is False
    await first.start()
    await second.start()


async def test_pinned_to_one_host(pair: tuple[Recorder, Recorder]):
    first, second = pair
    connection = Connection(
        hosts=(first.host,),
        token_id="a@pve!b",
        token_secret=SECRET,
        ca_path=first.ca_path,
        node_hosts={"pve2": second.host},
    )
    async with connect(connection) as api:
        await api.on_node("pve2").version.get()
        await api.on_node("pve9").version.get()
        await api.at(second.host).nodes("pve1").status.get()
    assert [received.target for received in second.received] == [
        "/api2/json/version",
        "/api2/json/nodes/pve1/status",
    ]
    assert len(first.received) == 1
