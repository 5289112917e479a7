"""How calls travel: time-outs, lost answers, and what is never sent twice."""

import asyncio
import hashlib
import logging
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from tests.proxmox.recorder import SECRET, Received, Recorder, answer, recorder
from vmlab.proxmox.client import Connection, Timeouts, connect, pattern_of
from vmlab.proxmox.faults import (
    BadToken,
    Failure,
    GuestMissing,
    InvalidParameter,
    NodeDown,
    OutcomeUnknown,
    ProxmoxFault,
    TlsRefused,
    Unreachable,
)

PATIENT = Timeouts(read_s=30.0, write_s=30.0)
HASTY = Timeouts(connect_s=5.0, read_s=0.3, write_s=0.3)


@pytest.fixture
async def host(tmp_path: Path) -> AsyncIterator[Recorder]:
    async with recorder(tmp_path / "one") as one:
        yield one


async def never(_: Received) -> bytes:
    await asyncio.Event().wait()
    raise AssertionError


async def hang_up(_: Received) -> None:
    return None


def fails(status: str, body: bytes = b"") -> bytes:
    return answer(body, status)


async def test_data_of_an_answer(host: Recorder):
    async def two(_: Received) -> bytes:
        return answer(b'{"data":{"release":"8.4"}}')

    host.respond = two
    async with connect(host.connection()) as api:
        assert await api.version.get() == {"release": "8.4"}
    assert host.received[0].headers["authorization"] == f"PVEAPIToken=vmlab@pve!svc={SECRET}"


@pytest.mark.parametrize(
    "part",
    ["..", ".", "", "a/b", "a?x=1", "a#f", "a%2fb", "a b", "a\n", "../../access", "a\\b", "\0"],
)
async def test_parts_that_would_leave_their_place(host: Recorder, part: str):
    async with connect(host.connection()) as api:
        if part:
            with pytest.raises(ValueError, match="cannot be a part"):
                api.nodes(part)
        with pytest.raises(ValueError, match="cannot be a part"):
            api.nodes(["pve1", part])
    assert host.received == []


async def test_errors_carry_proxmox_words(host: Recorder):
    gone = "Configuration file 'nodes/pve1/qemu-server/999.conf' does not exist"

    async def refuse(_: Received) -> bytes:
        return fails(f"500 {gone}", f'{{"data":null,"message":"{gone}\\n"}}'.encode())

    host.respond = refuse
    async with connect(host.connection()) as api:
        with pytest.raises(GuestMissing) as caught:
            await api.nodes("pve1").qemu(999).config.get()
    assert (caught.value.reason, caught.value.status_code) == (gone, 500)


async def test_the_reason_phrase_where_there_is_no_message(host: Recorder):
    """Before 8.3 the body says nothing, and a 401 has none to this day."""

    async def refuse(_: Received) -> bytes:
        return fails("401 No ticket")

    host.respond = refuse
    async with connect(host.connection()) as api:
        with pytest.raises(BadToken) as caught:
            await api.version.get()
    assert caught.value.reason == "No ticket"
    assert len(host.received) == 1


@pytest.mark.parametrize("body", [b"<html>", b"[]", b"{}", b"null", b""])
async def test_an_answer_of_something_else(host: Recorder, body: bytes):
    async def page(_: Received) -> bytes:
        return answer(body)

    host.respond = page
    async with connect(host.connection()) as api:
        with pytest.raises(Failure, match="no answer of Proxmox"):
            await api.version.get()


async def test_redirects_are_not_followed(host: Recorder):
    async def elsewhere(_: Received) -> bytes:
        return answer(b"", "301 Moved Permanently", "Location: https://elsewhere.example/\r\n")

    host.respond = elsewhere
    async with connect(host.connection()) as api:
        with pytest.raises(Failure):
            await api.version.get()
    assert len(host.received) == 1


@pytest.mark.parametrize("status", ["595 No route to host", "596 Connection timed out", "502 x"])
async def test_a_read_is_repeated(host: Recorder, status: str):
    replies = iter([fails(status), fails(status), answer(b'{"data":7}')])

    async def third_time(_: Received) -> bytes:
        return next(replies)

    host.respond = third_time
    async with connect(host.connection(timeouts=PATIENT)) as api:
        assert await api.nodes("pve2").status.get() == 7
    assert len(host.received) == 3


async def test_a_read_is_given_up_in_the_end(host: Recorder):
    async def down(_: Received) -> bytes:
        return fails("595 No route to host")

    host.respond = down
    async with connect(host.connection(timeouts=PATIENT)) as api:
        with pytest.raises(NodeDown):
            await api.nodes("pve2").status.get()
    assert len(host.received) == 3


async def test_a_refusal_is_not_asked_for_again(host: Recorder):
    async def refuse(_: Received) -> bytes:
        return fails("500 VM 111 not running")

    host.respond = refuse
    async with connect(host.connection()) as api:
        with pytest.raises(Failure):
            await api.nodes("pve1").qemu(111).config.get()
    assert len(host.received) == 1


@pytest.mark.parametrize("verb", ["post", "put", "delete"])
@pytest.mark.parametrize("status", [None, "596 Broken pipe", "599 Too many redirections"])
async def test_a_write_is_sent_once_whatever_becomes_of_it(
    host: Recorder, verb: str, status: str | None
):
    """aiohttp by itself would send PUT and DELETE again after a lost answer."""

    async def lose(_: Received) -> bytes | None:
        return fails(status) if status else None

    host.respond = lose
    async with connect(host.connection()) as api:
        with pytest.raises(OutcomeUnknown) as caught:
            await getattr(api.nodes("pve1").qemu(100), verb)()
    assert caught.value.outcome_unknown is True
    assert len(host.received) == 1


async def test_a_write_that_did_not_reach_the_node_did_nothing(host: Recorder):
    async def down(_: Received) -> bytes:
        return fails("595 No route to host")

    host.respond = down
    async with connect(host.connection()) as api:
        with pytest.raises(NodeDown) as caught:
            await api.nodes("pve2").qemu(100).status.start.post()
    assert caught.value.outcome_unknown is False
    assert len(host.received) == 1


async def test_a_write_that_is_not_answered_in_time(host: Recorder):
    host.respond = never
    async with connect(host.connection(timeouts=HASTY)) as api:
        with pytest.raises(OutcomeUnknown) as caught:
            await api.nodes("pve1").qemu(100).status.start.post()
    assert caught.value.outcome_unknown is True


async def test_a_read_that_is_not_answered_in_time(host: Recorder):
    host.respond = never
    async with connect(host.connection(timeouts=HASTY)) as api:
        with pytest.raises(Unreachable) as caught:
            await api.version.get()
    assert caught.value.outcome_unknown is False


async def test_slow_calls_get_more_time(host: Recorder):
    released = asyncio.Event()

    async def late(_: Received) -> bytes:
        await released.wait()
        return answer()

    host.respond = late
    timeouts = Timeouts(read_s=0.2, slow_s=60.0)
    async with connect(host.connection(timeouts=timeouts)) as api:
        slow = asyncio.create_task(api.slowly().nodes("pve1").storage("nfs").content.get())
        with pytest.raises(Unreachable):
            await api.nodes("pve1").storage("nfs").content.get()
        released.set()
        assert await slow is None


async def test_reads_share_a_connection_and_writes_have_their_own(host: Recorder):
    async with connect(host.connection()) as api:
        for _ in range(3):
            await api.version.get()
        await api.pools.post(poolid="a")
        await api.pools.post(poolid="b")
    numbers = [received.connection for received in host.received]
    assert len(set(numbers[:3])) == 1
    assert len(set(numbers)) == 3


async def test_a_read_on_a_connection_that_the_host_has_just_closed(host: Recorder):
    seen: set[int] = set()

    async def one_call_a_connection(received: Received) -> bytes | None:
        if received.connection in seen:
            return None
        seen.add(received.connection)
        return answer()

    host.respond = one_call_a_connection
    async with connect(host.connection()) as api:
        await api.version.get()
        await api.version.get()
    assert len(seen) == 2


async def test_no_more_calls_at_once_than_allowed(host: Recorder):
    under_way, most, release = 0, 0, asyncio.Event()

    async def count(_: Received) -> bytes:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        if under_way == 3:
            release.set()
        await release.wait()
        under_way -= 1
        return answer()

    host.respond = count
    async with connect(host.connection(calls_per_host=3)) as api:
        await asyncio.gather(*(api.nodes(f"n{i}").status.get() for i in range(12)))
    assert (most, len(host.received)) == (3, 12)


async def test_a_certificate_of_another_authority(host: Recorder, tmp_path: Path):
    async with recorder(tmp_path / "stranger") as stranger:
        connection = Connection(
            hosts=(host.host,),
            token_id="a@pve!b",
            token_secret=SECRET,
            ca_path=stranger.ca_path,
        )
        async with connect(connection) as api:
            for call in (api.version.get, api.pools.post):
                with pytest.raises(TlsRefused):
                    await call()
    assert host.received == []


async def test_a_fingerprint_in_place_of_an_authority(host: Recorder):
    digest = hashlib.sha256(host.certificate.public_bytes(Encoding.DER)).digest()
    wrong = bytes(32)
    for fingerprint, trusted in ((digest.hex(":").upper(), True), (wrong.hex(":"), False)):
        connection = Connection(
            hosts=(host.host,), token_id="a@pve!b", token_secret=SECRET, fingerprint=fingerprint
        )
        async with connect(connection) as api:
            if trusted:
                assert await api.version.get() is None
            else:
                with pytest.raises(TlsRefused):
                    await api.version.get()
    assert len(host.received) == 1


async def test_the_clock_of_a_host(host: Recorder):
    async def dated(_: Received) -> bytes:
        return answer(headers="Date: Mon, 23 Nov 2026 06:17:58 GMT\r\n")

    host.respond = dated
    connection = Connection(
        hosts=(host.host,),
        token_id="a@pve!b",
        token_secret=SECRET,
        ca_path=host.ca_path,
        node_hosts={"pve1": host.host},
    )
    async with connect(connection) as api:
        assert api.server_time("pve1") is None
        await api.version.get()
        for node in ("pve1", "pve2", None):
            shown = api.server_time(node)
            assert shown is not None
            assert 1795414678 <= shown < 1795414678 + 60


async def test_calls_are_counted_by_their_kind(host: Recorder):
    async with connect(host.connection()) as api:
        for vmid in (100, 101):
            await api.nodes("pve1").qemu(vmid).config.get()
        await api.nodes("pve1").qemu.post(vmid=102)
        assert api.calls == {
            ("GET", "/nodes/{node}/qemu/{vmid}/config"): 2,
            ("POST", "/nodes/{node}/qemu"): 1,
        }


@pytest.mark.parametrize(
    ("path", "pattern"),
    [
        ("/version", "/version"),
        ("/nodes", "/nodes"),
        ("/nodes/qemu/qemu/100/config", "/nodes/{node}/qemu/{vmid}/config"),
        ("/nodes/a/tasks/UPID:a:/status", "/nodes/{node}/tasks/{upid}/status"),
        (
            "/nodes/a/storage/s/content/s:1/2.raw",
            "/nodes/{node}/storage/{storage}/content/{volume}",
        ),
        ("/nodes/a/storage/s/content", "/nodes/{node}/storage/{storage}/content"),
        (
            "/nodes/a/qemu/1/snapshot/s/rollback",
            "/nodes/{node}/qemu/{vmid}/snapshot/{snapname}/rollback",
        ),
    ],
)
def test_patterns(path: str, pattern: str):
    assert pattern_of(f"/api2/json{path}") == pattern


async def test_secrets_stay_out_of_errors_logs_and_reprs(
    host: Recorder, caplog: pytest.LogCaptureFixture
):
    """Proxmox repeats a value that it refuses in its own error text."""
    password = "correct horse"
    body = (
        f'{{"errors":{{"cipassword":"invalid: {password} {SECRET}"}},"message":"bad {password}"}}'
    )

    async def repeat(_: Received) -> bytes:
        return fails("400 Parameter verification failed.", body.encode())

    host.respond = repeat
    caplog.set_level(logging.DEBUG)
    shown = [repr(host.connection())]
    async with connect(host.connection()) as api:
        with pytest.raises(InvalidParameter) as caught:
            await api.nodes("pve1").qemu(100).config.put(cipassword=password)
        shown += [
            repr(api),
            str(caught.value),
            repr(caught.value.details),
            repr(caught.value.errors),
        ]
        host.respond = hang_up
        with pytest.raises(ProxmoxFault) as lost:
            await api.nodes("pve1").qemu(100).config.put(cipassword=password)
        shown += [str(lost.value), repr(lost.value.__cause__)]
    text = "\n".join([*shown, caplog.text])
    assert "***" in text
    assert SECRET not in text
    assert password not in text


async def test_proxmoxer_loggers_stay_silent(host: Recorder, caplog: pytest.LogCaptureFixture):
    """On INFO proxmoxer 2.3 would print what is posted."""
    async with connect(host.connection()) as api:
        await api.pools.post(poolid="a")
    assert logging.getLogger("proxmoxer.core").level == logging.WARNING
    assert not [record for record in caplog.records if record.name.startswith("proxmoxer")]
