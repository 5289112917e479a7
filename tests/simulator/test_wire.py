"""HTTP as Proxmox speaks it: statuses, reason phrases, bodies, when a connection closes."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from urllib.parse import quote

import pytest

from tests.simulator.raw import RawClient
from vmlab.simulator import Simulator
from vmlab.simulator.wire import parse_form


async def test_an_answer_has_proxmox_form(api: RawClient) -> None:
    answer = await api("GET", "/version")
    assert (answer.status, answer.reason) == (200, "OK")
    assert answer.headers["Content-Type"] == "application/json;charset=UTF-8"
    assert answer.headers["Connection"] == "Keep-Alive"
    assert answer.headers["Server"] == "pve-api-daemon/3.0"
    assert answer.json == {
        "data": {"version": "8.4.21", "release": "8.4", "repoid": "2606ac850d46da29"}
    }


async def test_without_credentials_the_body_is_empty(sim: Simulator) -> None:
    async with RawClient(sim, None) as nobody:
        answer = await nobody("GET", "/version")
    assert (answer.status, answer.reason, answer.body) == (401, "No ticket", b"")
    assert answer.headers["Connection"] == "close"
    assert "Content-Type" not in answer.headers


@pytest.mark.parametrize("method", ["PATCH", "HEAD", "OPTIONS"])
async def test_other_methods_are_not_available(api: RawClient, method: str) -> None:
    answer = await api(method, "/version")
    assert (answer.status, answer.reason) == (501, f"method '{method}' not available")
    assert answer.body == b""


@pytest.mark.parametrize(("method", "path"), [("GET", "/nosuch"), ("POST", "/version")])
async def test_unknown_calls_are_not_implemented(api: RawClient, method: str, path: str) -> None:
    answer = await api(method, path)
    text = f"Method '{method} {path}' not implemented"
    assert (answer.status, answer.reason) == (501, text)
    assert answer.json == {"data": None, "message": text}


async def test_an_error_closes_the_connection_and_says_it_twice(api: RawClient) -> None:
    answer = await api("GET", "/nodes/pve1/qemu/999/config")
    text = "Configuration file 'nodes/pve1/qemu-server/999.conf' does not exist"
    assert (answer.status, answer.reason) == (500, text)
    assert answer.json == {"data": None, "message": text + "\n"}
    assert answer.headers["Connection"] == "close"


async def test_extjs_always_answers_200(api: RawClient) -> None:
    good = await api("GET", "/version", prefix="/api2/extjs")
    assert good.json["success"] == 1
    bad = await api("GET", "/nodes/pve1/qemu/999/config", prefix="/api2/extjs")
    assert bad.status == 200
    assert (bad.json["success"], bad.json["status"], bad.json["data"]) == (0, 500, None)
    wrong = await api("GET", "/version", {"x": "1"}, prefix="/api2/extjs")
    assert wrong.json["status"] == "400"
    assert set(wrong.json["errors"]) == {"x"}


@pytest.mark.parametrize("path", ["/version/", "//version", "/nodes//pve1/version"])
async def test_surplus_slashes_do_not_matter(api: RawClient, path: str) -> None:
    assert (await api("GET", path)).data["release"] == "8.4"


async def test_a_form_too_large_is_refused(api: RawClient) -> None:
    answer = await api("POST", "/pools", {"poolid": "p", "comment": "x" * 600_000})
    assert (answer.status, answer.reason) == (501, "for data too large")
    assert answer.body == b"for data too large"
    assert "Content-Type" not in answer.headers


async def test_a_body_on_delete_is_refused(api: RawClient) -> None:
    answer = await api("DELETE", "/pools/p1", data=b"x=1")
    assert (answer.status, answer.reason) == (501, "Unexpected content for method 'DELETE'")


async def test_chunked_is_refused(api: RawClient) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield b"poolid=p1"

    answer = await api("POST", "/pools", data=chunks())
    assert (answer.status, answer.reason) == (501, "chunked transfer encoding not supported")


async def test_other_content_types_are_refused(api: RawClient) -> None:
    answer = await api("POST", "/pools", headers={"Content-Type": "text/xml"}, data=b"<x/>")
    assert answer.status == 506


async def test_json_bodies_work_with_true_booleans(api: RawClient) -> None:
    headers = {"Content-Type": "application/json"}
    path = "/access/users/root@pam/token/t9"
    answer = await api("POST", path, headers=headers, data=b'{"privsep": false, "comment": "c"}')
    assert answer.data["info"] == {"privsep": "0", "comment": "c"}
    assert (await api("GET", path)).data == {"privsep": 0, "expire": 0, "comment": "c"}


async def test_more_than_64_header_lines_are_refused(api: RawClient) -> None:
    answer = await api("GET", "/version", headers={f"X-{n}": "y" for n in range(70)})
    assert answer.status >= 400


async def test_a_connection_serves_a_hundred_requests(api: RawClient) -> None:
    last = [(await api("GET", "/version")).headers["Connection"] for _ in range(101)]
    assert last.index("close") == 99
    assert last[100] == "Keep-Alive"


async def _connect(sim: Simulator) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    context = ssl.create_default_context(cafile=str(sim.ca_path))
    host, _, port = sim.hosts[0].partition(":")
    return await asyncio.open_connection(host, int(port), ssl=context)


def _head(sim: Simulator, line: str, *more: str) -> bytes:
    token = sim.cluster.tokens["root@pam!vmlab"]
    authorization = f"Authorization: PVEAPIToken={token.full}={token.secret}"
    return "\r\n".join([line, "Host: x", authorization, *more, "", ""]).encode()


async def _idle(sim: Simulator) -> bytes:
    reader, writer = await _connect(sim)
    writer.write(_head(sim, "GET /api2/json/version HTTP/1.1"))
    answer = await reader.read()
    writer.close()
    return answer


async def _stalled_upload(sim: Simulator) -> bytes:
    reader, writer = await _connect(sim)
    line = "POST /api2/json/nodes/pve1/storage/local/upload HTTP/1.1"
    kind = "Content-Type: multipart/form-data; boundary=b"
    writer.write(_head(sim, line, kind, "Content-Length: 1000") + b"--b\r\n")
    try:
        return await reader.read()
    except ConnectionError:
        return b""
    finally:
        writer.close()


async def test_five_seconds_of_silence_end_a_connection(sim: Simulator) -> None:
    async with asyncio.timeout(30):
        idle, stalled = await asyncio.gather(_idle(sim), _stalled_upload(sim))
    assert idle.startswith(b"HTTP/1.1 200 OK"), "what was answered is whole"
    assert idle.endswith(b"}")
    assert stalled == b"", "a stalled upload gets no answer at all"


async def test_large_answers_are_compressed_for_who_can_read_it(api: RawClient) -> None:
    packed = await api("GET", "/access/roles", headers={"Accept-Encoding": "gzip"})
    plain = await api("GET", "/access/roles", headers={"Accept-Encoding": "identity"})
    small = await api("GET", "/version", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert int(packed.headers["Content-Length"]) < int(plain.headers["Content-Length"])
    assert packed.data == plain.data
    assert "Content-Encoding" not in small.headers


async def test_a_text_beyond_latin_1_comes_as_a_broken_pipe(api: RawClient) -> None:
    answer = await api("GET", f"/nodes/{quote('日')}/qemu")
    assert (answer.status, answer.reason, answer.body) == (596, "Broken pipe", b"")
    listed = await api("GET", "/pools", {"poolid": "日本"})
    text = "invalid format - pool name '日本' contains invalid characters\n"
    assert listed.json["errors"] == {"poolid": text}, "only the reason phrase cannot carry it"


async def test_a_node_that_does_not_exist(api: RawClient) -> None:
    answer = await api("GET", "/nodes/nosuch/qemu")
    reason = "failed to get address info for: nosuch: Name or service not known"
    assert (answer.status, answer.reason) == (500, f"hostname lookup 'nosuch' failed - {reason}")


async def test_the_date_is_the_clusters(api: RawClient) -> None:
    assert (await api("GET", "/version")).headers["Date"].endswith("GMT")


def test_forms_are_read_as_proxmox_reads_them() -> None:
    assert parse_form("a=1&b=2;c=x+y%3D") == {"a": "1", "b": "2", "c": "x y="}
    assert parse_form("a=1=2") == {"a": "1"}
    assert parse_form("a=1&a=2&a=3") == {"a": ["1", "2", "3"]}
    assert parse_form("flag&") == {"flag": ""}
