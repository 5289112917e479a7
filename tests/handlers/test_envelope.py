"""Every answer wears the envelope, those of the framework and of accidents too."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any

import pytest
from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient, TestServer

from tests.handlers.conftest import Client
from tests.handlers.people import People
from vmlab.app import make_app
from vmlab.errors import ProxmoxUnavailable
from vmlab.handlers.parts import ApiParts

LOGIN = "/api/v1/auth/login/"
PROFILE = "/api/v1/auth/user/profile/"
JSON = {"Content-Type": "application/json"}


async def failed(answer: ClientResponse) -> dict[str, Any]:
    """The error of an answer that wears the envelope rightly."""
    body = await answer.json()
    assert body.keys() == {"success", "error", "timestamp"}
    assert body["success"] is False
    assert body["error"].keys() == {"code", "message", "details"}
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", body["timestamp"])
    error: dict[str, Any] = body["error"]
    return error


async def test_success_wears_it(client: Client, people: People):
    ann = await people.add("ann", "student")
    body = await (await client.get(PROFILE, headers=ann.headers)).json()
    assert body.keys() == {"success", "data", "message", "timestamp"}
    assert (body["success"], body["message"]) == (True, "Query succeeded.")
    body = await (await client.get(PROFILE, headers=ann.headers | {"Accept-Language": ""})).json()
    assert body["message"] == "查询成功"


@pytest.mark.parametrize("path", ["/", "/api/v1/nowhere/", "/api/v1/users/x/", "/static/nothing"])
async def test_an_unknown_path(client: Client, path: str):
    answer = await client.get(path)
    error = await failed(answer)
    assert (answer.status, error["code"]) == (404, "RESOURCE_001")
    assert error["message"] == "资源不存在"


async def test_an_id_longer_than_the_database_takes_is_not_found(client: Client, people: People):
    admin = await people.add("admin", "admin")
    answer = await client.get(f"/api/v1/users/{10**9}/", headers=admin.headers)
    assert (answer.status, (await failed(answer))["code"]) == (404, "RESOURCE_001")


async def test_a_method_that_the_path_does_not_take(client: Client):
    answer = await client.delete(LOGIN)
    assert (answer.status, (await failed(answer))["code"]) == (405, "VALIDATION_001")
    assert answer.headers["Allow"] == "POST"


@pytest.mark.parametrize(
    "body", [b"{", b"\xff\xfe", b"[1,]", b'{"a": NaN}', b'"\\ud800"', b"[" * 5000]
)
async def test_json_that_is_malformed(client: Client, body: bytes):
    answer = await client.post(LOGIN, data=body, headers=JSON)
    assert (answer.status, (await failed(answer))["code"]) == (400, "VALIDATION_001")


@pytest.mark.parametrize("body", [b"[]", b"1", b'"text"', b"null"])
async def test_json_that_is_not_an_object(client: Client, body: bytes):
    answer = await client.post(LOGIN, data=body, headers=JSON)
    assert (answer.status, (await failed(answer))["code"]) == (400, "VALIDATION_001")


async def test_a_body_that_is_missing(client: Client):
    answer = await client.post(LOGIN, headers=JSON)
    assert (answer.status, (await failed(answer))["code"]) == (400, "VALIDATION_001")


async def test_a_body_of_another_kind(client: Client):
    answer = await client.post(LOGIN, data={"username": "ann", "password": "x"})
    assert (answer.status, (await failed(answer))["code"]) == (415, "VALIDATION_001")


async def test_a_body_that_is_too_large(client: Client):
    answer = await client.post(LOGIN, data=BytesIO(b" " * 1_100_000), headers=JSON)
    assert (answer.status, (await failed(answer))["code"]) == (413, "FILE_001")


async def test_a_body_that_does_not_decompress(client: Client):
    headers = JSON | {"Content-Encoding": "deflate"}
    answer = await client.post(LOGIN, data=b"this is not compressed", headers=headers)
    assert (answer.status, (await failed(answer))["code"]) == (400, "VALIDATION_001")


async def test_a_body_where_none_belongs(client: Client, people: People):
    ann = await people.add("ann", "student")
    body = {"refresh_token": "x", "everywhere": True}
    answer = await client.post("/api/v1/auth/logout/", json=body, headers=ann.headers)
    assert (await failed(answer))["details"] == {"everywhere": ["Unknown field."]}


async def test_the_same_request_without_the_last_slash_is_answered(client: Client, people: People):
    admin = await people.add("admin", "admin")
    answer = await client.get("/api/v1/users?page_size=1", headers=admin.headers)
    assert answer.status == 200
    assert (await answer.json())["data"]["pagination"]["page_size"] == 1
    body = {"username": "new", "email": "new@example.edu", "password": "long enough to do"}
    made = await client.post("/api/v1/users", json=body, headers=admin.headers)
    assert made.status == 201
    redirect = await client.post("/api/v1/users", json=body, allow_redirects=False)
    assert (redirect.status, redirect.headers["Location"]) == (308, "/api/v1/users/")


async def test_head_is_answered_like_get_without_a_body(client: Client, people: People):
    ann = await people.add("ann", "student")
    answer = await client.head(PROFILE, headers=ann.headers)
    assert (answer.status, await answer.read()) == (200, b"")


async def test_a_request_id_comes_back(client: Client):
    answer = await client.get("/nowhere", headers={"X-Request-ID": "abc-123"})
    assert answer.headers["X-Request-ID"] == "abc-123"


@pytest.mark.parametrize("given", ["", "with space", "x" * 65, "a;b"])
async def test_a_request_id_that_could_spoil_the_log_is_replaced(client: Client, given: str):
    answer = await client.get("/nowhere", headers={"X-Request-ID": given})
    assert re.fullmatch(r"[0-9a-f]{32}", answer.headers["X-Request-ID"])


async def test_answers_are_not_kept_by_caches(client: Client):
    answer = await client.get("/nowhere")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


async def test_an_accident_tells_its_number_and_nothing_else(parts: ApiParts):
    async def stumble(_request: web.Request) -> web.Response:
        raise RuntimeError("the secret of /etc/shadow")

    app = make_app(parts)
    app.router.add_get("/stumble/", stumble)
    async with TestClient(TestServer(app)) as client:
        answer = await client.get("/stumble/", headers={"X-Request-ID": "abc"})
        error = await failed(answer)
        assert (answer.status, error["code"]) == (500, "SERVER_001")
        assert error["details"] == {"request_id": "abc"}
        assert "secret" not in await answer.text()


async def test_what_is_out_of_order_says_when_to_come_again(parts: ApiParts):
    async def unreachable(_request: web.Request) -> web.Response:
        raise ProxmoxUnavailable(retry_after_s=7)

    app = make_app(parts)
    app.router.add_get("/unreachable/", unreachable)
    async with TestClient(TestServer(app)) as client:
        answer = await client.get("/unreachable/")
        assert (answer.status, (await failed(answer))["code"]) == (503, "PROXMOX_001")
        assert answer.headers["Retry-After"] == "7"
