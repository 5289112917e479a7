"""An endpoint is a declaration: route, schemas, permission, object, status and errors in one place.

    users = Endpoints("/api/v1/users", tag="users")

    @users.patch("/{id}/", on=UserObject, needs=Permission.USER_CHANGE,
                 accepts=UserPatch, returns=UserSchema(), errors=(Conflict,))
    async def change_user(call: Call, user: User) -> User:
        '''Change what is named.'''

`vmlab.handlers.mount` serves the list, `vmlab.handlers.openapi` describes it, and the tests of
authorization are generated from it. There is no default permission. aiohttp-apispec's decorators
carry schemas and texts on the function.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, TypedDict, TypeVar, Unpack

from aiohttp import web
from aiohttp_apispec import docs, json_schema, querystring_schema, response_schema
from marshmallow import Schema

from vmlab.errors import VMLabError
from vmlab.handlers.grants import Grant
from vmlab.handlers.objects import AnyKind
from vmlab.handlers.schemas.base import Nothing
from vmlab.handlers.uploads import FilePart
from vmlab.rules.access import Actor, Permission

if TYPE_CHECKING:  # parts may themselves need the door
    from vmlab.handlers.parts import ApiParts

API = "/api/v1"
"""Base of all addresses but the pages' and the probes'."""


class Public:
    """Says that an endpoint asks for no credentials."""


PUBLIC = Public()


@dataclass(frozen=True, kw_only=True)
class Call:
    """What an endpoint's body gets to work with."""

    request: web.Request
    parts: ApiParts
    caller: Actor | None
    body: Any = None
    """What `accepts` made of the request's body; an `Uploaded` where the endpoint takes a file, and
    what its stream yields where it takes one."""
    query: Mapping[str, Any] = field(default_factory=dict)
    """What the query's schema made of the address."""
    grant: Grant | None = None
    """The one-time grant that opened this endpoint, where it takes one."""

    @property
    def actor(self) -> Actor:
        """Who calls; public endpoints have nobody and may not ask."""
        if self.caller is None:
            raise TypeError("a public endpoint has no actor")
        return self.caller

    @property
    def path(self) -> Mapping[str, str]:
        """Parameters of the path, the object's own id included."""
        return self.request.match_info


@dataclass(frozen=True, kw_only=True)
class Reply:
    """An answer that differs from what the endpoint declares."""

    data: Any = None
    status: int | None = None
    """One of the declared statuses; None for the usual one."""
    adorn: Callable[[web.Response], None] | None = None
    """Sets cookies or headers."""


Handler = Callable[..., Awaitable[Any]]
H = TypeVar("H", bound=Handler)


@dataclass(frozen=True, kw_only=True)
class Stream:
    """A body that is taken in bit by bit, before the handler and outside of its transaction."""

    content_type: str
    """What the body has to be; a request without a body need not say."""
    receive: Callable[..., AbstractAsyncContextManager[Received]]
    """Called as the handler will be; what it yields becomes `call.body`."""
    schema: type[Schema] | None = None
    """Describes a form or JSON for the document; None: any bytes."""
    required: bool = True
    """Whether a request without a body makes no sense."""
    form: type[Schema] | None = None
    """Describes a form with a file that is taken as well, in place of the content type above."""


class Received(Protocol):
    """What a stream yields."""

    @property
    def fingerprint(self) -> bytes:
        """The same for the same body, so that a repeated request is known again."""


class Options(TypedDict, total=False):
    """What a declaration may say beside route and permission."""

    on: AnyKind
    """Kind of the object that `{id}` names; it becomes the handler's second argument."""
    makes: AnyKind
    """Kind of what the endpoint makes, for the audit log; `data.id` says which."""
    accepts: type[Schema]
    takes: FilePart
    """The file that comes in a form, in place of a JSON body."""
    streams: Stream
    """Takes the body in by itself, in place of a JSON body."""
    query: type[Schema]
    returns: Schema
    """Describes `data`; without it `data` is null."""
    lists: Schema
    """Describes one result; the handler then returns a `Page`."""
    also: Mapping[int, Schema | None]
    """Other successful statuses and what they return."""
    produces: str
    """Content type of an answer without the envelope (empty: without a body); the handler returns
    the response."""
    status: int
    errors: tuple[type[VMLabError], ...]
    message: str
    grant: str
    """Kind of the one-time grant (`?token=`) that is taken in place of credentials."""


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """One method of one path."""

    method: str
    path: str
    handler: Handler
    needs: Permission | Public
    tag: str
    on: AnyKind | None = None
    makes: AnyKind | None = None
    accepts: type[Schema] | None = None
    takes: FilePart | None = None
    streams: Stream | None = None
    query: type[Schema] = Nothing
    returns: Schema | None = None
    lists: Schema | None = None
    also: Mapping[int, Schema | None] = field(default_factory=dict)
    produces: str | None = None
    status: int = 200
    errors: tuple[type[VMLabError], ...] = ()
    message: str = ""
    grant: str | None = None

    @property
    def name(self) -> str:
        """Names the endpoint in the document and in the router."""
        return self.handler.__name__

    @property
    def body_required(self) -> bool:
        """Whether a request without a body makes no sense."""
        if self.accepts is None:
            return False
        fields = self.accepts().fields.values()
        return self.method in ("PUT", "PATCH") or any(field.required for field in fields)


class Endpoints:
    """The endpoints of one resource, in the order of their declaration."""

    def __init__(self, prefix: str, *, tag: str) -> None:
        self._prefix = prefix
        self._tag = tag
        self._declared: list[Endpoint] = []

    def __iter__(self) -> Iterator[Endpoint]:
        return iter(self._declared)

    def get(
        self, path: str, *, needs: Permission | Public, **options: Unpack[Options]
    ) -> Callable[[H], H]:
        """Declare a GET, and with it HEAD."""
        return self._declare("GET", path, needs, options)

    def post(
        self, path: str, *, needs: Permission | Public, **options: Unpack[Options]
    ) -> Callable[[H], H]:
        """Declare a POST."""
        return self._declare("POST", path, needs, options)

    def put(
        self, path: str, *, needs: Permission | Public, **options: Unpack[Options]
    ) -> Callable[[H], H]:
        """Declare a PUT: it replaces."""
        return self._declare("PUT", path, needs, options)

    def patch(
        self, path: str, *, needs: Permission | Public, **options: Unpack[Options]
    ) -> Callable[[H], H]:
        """Declare a PATCH: it changes what is named."""
        return self._declare("PATCH", path, needs, options)

    def delete(
        self, path: str, *, needs: Permission | Public, **options: Unpack[Options]
    ) -> Callable[[H], H]:
        """Declare a DELETE."""
        return self._declare("DELETE", path, needs, options)

    def options(
        self, path: str, *, needs: Permission | Public, **options: Unpack[Options]
    ) -> Callable[[H], H]:
        """Declare an OPTIONS: it tells what the address can do."""
        return self._declare("OPTIONS", path, needs, options)

    def _declare(
        self, method: str, path: str, needs: Permission | Public, options: Options
    ) -> Callable[[H], H]:
        def declare(handler: H) -> H:
            endpoint = Endpoint(
                method=method,
                path=self._prefix + path,
                handler=handler,
                needs=needs,
                tag=self._tag,
                **options,
            )
            _describe(endpoint)
            self._declared.append(endpoint)
            return handler

        return declare


def _describe(endpoint: Endpoint) -> None:
    """Leave schemas and texts on the function, where aiohttp-apispec's readers look for them."""
    summary, _, description = (endpoint.handler.__doc__ or "").partition("\n")
    if not summary:
        raise ValueError(f"{endpoint.name}: an endpoint's docstring is its documentation")
    decorators = [
        docs(tags=[endpoint.tag], summary=summary, description=" ".join(description.split())),
        querystring_schema(endpoint.query),
        response_schema(endpoint.lists or endpoint.returns, code=endpoint.status),
    ]
    if endpoint.accepts is not None:
        decorators.append(json_schema(endpoint.accepts))
    for decorate in decorators:
        decorate(endpoint.handler)
