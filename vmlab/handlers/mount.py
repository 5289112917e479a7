"""Serves declared endpoints: identify, load and authorize, validate, call, envelope, audit.

The order is the same for every endpoint, so that nobody learns from a complaint about the body
whether an object exists that they may not see.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable
from typing import Any

from aiohttp import web

from vmlab.errors import DatabaseUnavailable, Forbidden
from vmlab.handlers import idempotency, trail
from vmlab.handlers.auth import identify
from vmlab.handlers.endpoint import Call, Endpoint, Reply
from vmlab.handlers.envelope import success
from vmlab.handlers.grants import Grant
from vmlab.handlers.paging import Page
from vmlab.handlers.parts import ApiParts
from vmlab.handlers.reading import BODILESS, body_of, in_time, query_of
from vmlab.models.availability import is_away
from vmlab.rules.access import Actor, Permission, scopes

_PARAMETER = re.compile(r"\{(\w+)\}")
MAX_ID_DIGITS = 9
"""So that ids fit into the database's integers."""


def mount(app: web.Application, endpoints: Iterable[Endpoint], parts: ApiParts) -> None:
    """Add a route for each endpoint, named after it."""
    followed = trail.Trail()
    for endpoint in endpoints:
        serve = _audited(endpoint, followed, _server(endpoint, parts))
        resource = app.router.add_resource(_pattern(endpoint.path), name=endpoint.name)
        # Who streams says itself when to go on: before that nothing has been promised to the body.
        expect = _expect_later if endpoint.streams is not None else None
        resource.add_route(endpoint.method, serve, expect_handler=expect)
        if endpoint.method == "GET" and endpoint.grant is None:
            resource.add_route("HEAD", serve)


async def _expect_later(_request: web.Request) -> None:
    """Leave `Expect: 100-continue` to the stream."""


def path_parameters(path: str) -> dict[str, dict[str, Any]]:
    """Name and JSON Schema of each parameter of a path; those named like ids are numbers."""
    number = {"type": "integer", "minimum": 0, "maximum": 10**MAX_ID_DIGITS - 1}
    text = {"type": "string", "minLength": 1}
    return {name: number if _is_id(name) else text for name in _PARAMETER.findall(path)}


def _is_id(name: str) -> bool:
    return name == "id" or name.endswith("_id")


def _pattern(path: str) -> str:
    number = f"[0-9]{{1,{MAX_ID_DIGITS}}}"
    return _PARAMETER.sub(
        lambda match: f"{{{match[1]}:{number}}}" if _is_id(match[1]) else match[0], path
    )


def _audited(endpoint: Endpoint, followed: trail.Trail, serve: trail.Serve) -> trail.Serve:
    async def serve_audited(request: web.Request) -> web.StreamResponse:
        return await followed.around(request, endpoint.name, serve)

    return serve_audited


def _server(endpoint: Endpoint, parts: ApiParts) -> trail.Serve:
    async def serve(request: web.Request) -> web.StreamResponse:
        try:
            return await answer(request)
        except Exception as error:
            if is_away(error):
                raise DatabaseUnavailable from error
            raise

    async def answer(request: web.Request) -> web.StreamResponse:
        caller, grant = await identify(request, endpoint, parts)
        if caller is not None:
            trail.by(caller.user_id, caller.username)
        subjects = await _authorized(request, endpoint, caller, grant)
        query = query_of(request, endpoint)
        call = Call(request=request, parts=parts, caller=caller, grant=grant, query=query)
        if request.method in BODILESS:
            return await _answer_once(call, endpoint, subjects)
        if endpoint.streams is None:
            timeout_s = parts.settings.server.body_timeout_s
            body = await in_time(body_of(request, endpoint), timeout_s)
            return await _answer_once(dataclasses.replace(call, body=body), endpoint, subjects)
        async with endpoint.streams.receive(call, *subjects) as body:
            return await _answer_once(dataclasses.replace(call, body=body), endpoint, subjects)

    return serve


async def _answer_once(call: Call, endpoint: Endpoint, subjects: list[Any]) -> web.StreamResponse:
    """Call the handler, or repeat the answer that its idempotency key was given before."""
    request = call.request

    async def answer() -> web.StreamResponse:
        return _answered(call, endpoint, await endpoint.handler(call, *subjects))

    if call.caller and request.method == "POST" and idempotency.HEADER in request.headers:
        content = await _content(call, endpoint)
        return await idempotency.once(request, call.caller, content, answer)
    return await answer()


async def _content(call: Call, endpoint: Endpoint) -> bytes:
    """What tells two requests with the same idempotency key apart."""
    if endpoint.takes is not None:
        return bytes(call.body.content)
    if endpoint.streams is not None:
        return bytes(call.body.fingerprint)
    return await call.request.read()


async def _authorized(
    request: web.Request, endpoint: Endpoint, caller: Actor | None, grant: Grant | None
) -> list[Any]:
    """The object that the endpoint is on, if it is on one and the caller may do this to it."""
    if caller is None or not isinstance(endpoint.needs, Permission):
        return []
    if endpoint.on is None:
        if not scopes(caller, endpoint.needs):
            raise Forbidden
        return []
    object_id = grant.object_id if grant else int(request.match_info["id"])
    trail.on(endpoint.on.name, object_id)
    return [await endpoint.on.load(caller, endpoint.needs, object_id)]


def _answered(call: Call, endpoint: Endpoint, result: Any) -> web.StreamResponse:
    if isinstance(result, web.StreamResponse):
        return result
    reply = result if isinstance(result, Reply) else Reply(data=result)
    status = reply.status or endpoint.status
    schema = endpoint.also.get(status, endpoint.returns)
    data = reply.data
    if schema is not None and not isinstance(data, Page):
        data = schema.dump(data)
    if endpoint.makes is not None and isinstance(data, dict):
        trail.on(endpoint.makes.name, data["id"])
    response = success(call.request, data, status=status, message=endpoint.message)
    if reply.adorn is not None:
        reply.adorn(response)
    return response
