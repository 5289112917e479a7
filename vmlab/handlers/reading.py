"""Reads and validates what a request brings: its query and its body, of JSON or a file."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Awaitable
from typing import Any, TypeVar

import orjson
from aiohttp import web
from marshmallow import Schema, ValidationError

from vmlab.errors import Invalid, TooSlow, UnsupportedMediaType
from vmlab.handlers.endpoint import Endpoint
from vmlab.handlers.schemas.base import Nothing
from vmlab.handlers.uploads import receive

T = TypeVar("T")

BODILESS = frozenset({"GET", "HEAD", "DELETE"})
"""Methods whose body, if there is one, nobody reads."""


def query_of(request: web.Request, endpoint: Endpoint) -> dict[str, Any]:
    """The address's parameters, as the endpoint's schema loads them.

    Raises:
        Invalid: names each parameter that is unknown, repeated or wrong.
    """
    repeated = {key for key in request.query if len(request.query.getall(key)) > 1}
    if repeated:
        raise Invalid(details={key: ["Given more than once."] for key in sorted(repeated)})
    return load(_only(endpoint.query), dict(request.query))


async def body_of(request: web.Request, endpoint: Endpoint) -> Any:
    """The JSON body, as the endpoint's schema loads it, or the file that the endpoint takes.

    Raises:
        UnsupportedMediaType: there is a body, but not of the kind that the endpoint takes.
        TooLarge: the body has more bytes than allowed.
        Invalid: it is missing, malformed, or names each field that is unknown or wrong.
    """
    if endpoint.takes is not None:
        return await receive(request, endpoint.takes)
    return await json_of(request, endpoint.accepts or Nothing, required=endpoint.body_required)


async def in_time(reading: Awaitable[T], timeout_s: float) -> T:
    """A body, from a client that does not hold the connection by sending a byte now and then.

    Args:
        timeout_s: `[server] body_timeout_s`.

    Raises:
        TooSlow: it did not arrive within that time.
    """
    try:
        async with asyncio.timeout(timeout_s):
            return await reading
    except TimeoutError:
        raise TooSlow from None


async def json_of(request: web.Request, schema: type[Schema], *, required: bool) -> dict[str, Any]:
    """The JSON body, as a schema loads it.

    Raises:
        UnsupportedMediaType: there is a body, but not of JSON.
        TooLarge: the body has more bytes than allowed.
        Invalid: it is missing, malformed, or names each field that is unknown or wrong.
    """
    raw = await request.read()
    if raw and request.content_type != "application/json":
        raise UnsupportedMediaType
    if not raw and required:
        raise Invalid("This needs a body of JSON.")
    return load(_only(schema), _parsed(raw) if raw else {})


@functools.cache
def _only(schema: type[Schema]) -> Schema:
    """The one instance of a schema: to make one takes longer than most loads."""
    return schema()


def _parsed(raw: bytes) -> Any:
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise Invalid("The body is not valid JSON.", details={"reason": str(error)}) from None


def load(schema: Schema, data: Any) -> dict[str, Any]:
    """What a schema makes of some data.

    Raises:
        Invalid: names each field that is unknown or wrong.
    """
    try:
        loaded: dict[str, Any] = schema.load(data)
    except ValidationError as error:
        details = error.messages if isinstance(error.messages, dict) else {"body": error.messages}
        raise Invalid(details=details) from None
    return loaded
