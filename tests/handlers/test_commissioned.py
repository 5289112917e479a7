"""Every row of the commissioned document: asked rightly it succeeds, asked wrongly it is refused.

The rows are read from the document itself. Who may ask, and how, is in `surface*.py`; the few whose
success needs something made first are in SUCCESSES. Answers are held against the OpenAPI document
too, so that a success is one in all its fields.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Awaitable, Callable
from functools import cache
from typing import Any

import aiohttp
import jsonschema
import pytest

from tests.handlers.commissioned import Row, codes, rows
from tests.handlers.conftest import Client
from tests.handlers.forms import form
from tests.handlers.people import PASSWORD, People, Person
from tests.handlers.surface import Public, Reach
from tests.handlers.test_surface import ROWS
from tests.handlers.world import ABSENT_ID, CALLERS, World, build
from vmlab import errors
from vmlab.app import all_endpoints
from vmlab.handlers.endpoint import Endpoint
from vmlab.handlers.openapi import Document
from vmlab.operations.password_reset import issue_tokens

Sent = dict[str, Any]

_PARAMETER = re.compile(r"\{\w+\}")
ENDPOINTS = {
    (each.method, _PARAMETER.sub("{}", each.path)): each
    for each in all_endpoints()
    if each.grant is None
}
EVERY = pytest.mark.parametrize("row", rows(), ids=str)


def endpoint_of(row: Row) -> Endpoint:
    """What serves a row."""
    found = ENDPOINTS.get((row.method, _PARAMETER.sub("{}", row.address)))
    if found is None:
        pytest.fail(f"nothing answers {row}")
    return found


async def refreshing(client: Client, world: World) -> Sent:
    """A refresh token that is good."""
    body = {"username": world.student.user.username, "password": PASSWORD}
    answer = await (await client.post("/api/v1/auth/login/", json=body)).json()
    return {"json": {"refresh_token": answer["data"]["refresh_token"]}}


async def confirming(_client: Client, world: World) -> Sent:
    """A token as it comes by mail."""
    [token] = await issue_tokens([world.student.user], 60)
    return {"json": {"token": token, "new_password": "quite another one"}}


async def merging(client: Client, world: World) -> Sent:
    """An upload all of whose chunks are there."""
    fields = {"filename": "notes.txt", "total_size": "5", "chunk_size": "5", "chunk_index": "0"}
    sent = form("chunk", b"hello", fields=fields)
    path = "/api/v1/files/upload/chunk/"
    response = await client.post(path, data=sent, headers=world.student.headers)
    upload = (await response.json())["data"]["upload_id"]
    return {"json": {"upload_id": upload, "sha256": hashlib.sha256(b"hello").hexdigest()}}


SUCCESSES: dict[str, Callable[[Client, World], Awaitable[Sent]]] = {
    "refresh": refreshing,
    "confirm_reset": confirming,
    "merge_upload": merging,
}


@pytest.fixture
async def world(people: People) -> World:
    """The school."""
    return await build(people)


def test_the_document_is_read_whole():
    assert len(rows()) == len(set(rows())) == 77


def test_its_error_codes_have_the_same_status():
    ours = {
        kind.code: kind.status
        for kind in vars(errors).values()
        if isinstance(kind, type)
        and issubclass(kind, errors.VMLabError)
        and kind.__base__ is errors.VMLabError
    }
    assert codes().items() <= ours.items()


@EVERY
async def test_a_right_request_succeeds(row: Row, client: Client, world: World):
    endpoint = endpoint_of(row)
    path, sent = await _right(endpoint, client, world, as_=_who_may(endpoint, world))
    response = await client.request(row.method, path, **sent)
    assert 200 <= response.status < 300, await response.text()
    if endpoint.produces is not None:
        assert await response.read() == b"hello"
        return
    answer = await response.json()
    assert answer["success"] is True
    assert answer["message"]
    _held_against_the_document(endpoint, response.status, answer)


@EVERY
async def test_a_wrong_request_is_refused(row: Row, client: Client, world: World):
    endpoint = endpoint_of(row)
    reach = ROWS[endpoint.name]
    if isinstance(reach, Public):
        # Whoever comes may ask; what is asked for is nonsense.
        response = await client.request(row.method, endpoint.path, json={"nonsense": 1})
        assert await _refusal(endpoint, response) == (400, "VALIDATION_001")
        return
    path, sent = await _right(endpoint, client, world)
    response = await client.request(row.method, path, **sent)
    assert await _refusal(endpoint, response) == (401, "AUTH_001")
    if reach.student == 403:
        path, sent = await _right(endpoint, client, world, as_=world.student)
        response = await client.request(row.method, path, **sent)
        assert await _refusal(endpoint, response) == (403, "AUTH_002")
    if reach.on is not None:
        path, sent = await _right(endpoint, client, world, as_=world.other_student)
        response = await client.request(row.method, path, **sent)
        assert await _refusal(endpoint, response) == (404, "RESOURCE_001")
        absent = await reach.on(world, world.student) | {"id": ABSENT_ID}
        _, sent = await _right(endpoint, client, world, as_=world.admin)
        response = await client.request(row.method, endpoint.path.format(**absent), **sent)
        assert await _refusal(endpoint, response) == (404, "RESOURCE_001")


def _who_may(endpoint: Endpoint, world: World) -> Person | None:
    """The least of those who get something; None where anybody does."""
    reach = ROWS[endpoint.name]
    if isinstance(reach, Public):
        return None
    if endpoint.name in SUCCESSES:
        return world.student
    names = [name for name in CALLERS if getattr(reach, name) < 300]
    assert names, f"surface*.py knows no success of {endpoint.name}"
    who: Person = getattr(world, names[0])
    return who


async def _right(
    endpoint: Endpoint, client: Client, world: World, *, as_: Person | None = None
) -> tuple[str, Sent]:
    """Path and content of a request for something of the student's, with nothing wrong in it."""
    reach = ROWS[endpoint.name]
    path, sent = endpoint.path, Sent()
    if make := SUCCESSES.get(endpoint.name):
        sent = await make(client, world)
    elif isinstance(reach, Public):
        sent["json"] = reach.body
    else:
        on = await reach.on(world, world.student) if reach.on is not None else {}
        path, sent = endpoint.path.format(**on), _content(reach, world, on)
    sent["headers"] = {**sent.get("headers", {}), **(as_.headers if as_ else {})}
    return path, sent


def _content(reach: Reach, world: World, on: dict[str, Any]) -> Sent:
    sent: Sent = {"params": dict(reach.query), "headers": dict(reach.headers)}
    if reach.file is not None:
        return sent | {"data": form(*reach.file, fields=reach.fields)}
    return sent | {"json": reach.body(world, on) if callable(reach.body) else reach.body}


async def _refusal(endpoint: Endpoint, response: aiohttp.ClientResponse) -> tuple[int, str]:
    """Status and code of an error in its envelope."""
    answer = await response.json()
    assert answer["success"] is False
    assert answer["error"]["message"]
    _held_against_the_document(endpoint, response.status, answer)
    return response.status, str(answer["error"]["code"])


@cache
def _document() -> dict[str, Any]:
    return Document(all_endpoints()).as_dict


def _held_against_the_document(endpoint: Endpoint, status: int, answer: Any) -> None:
    document = _document()
    described = document["paths"][endpoint.path][endpoint.method.lower()]["responses"][str(status)]
    schema = described["content"]["application/json"]["schema"]
    jsonschema.validate(answer, {**schema, "components": document["components"]})
