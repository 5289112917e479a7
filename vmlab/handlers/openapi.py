"""OpenAPI 3.1 of the whole API, built from the declarations that also serve it.

aiohttp-apispec's own builder knows Swagger 2.0 only and changes what it reads; its decorators'
texts and schemas are read here and left as they are. apispec turns marshmallow into JSON Schema.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from functools import cached_property
from http import HTTPStatus
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin, common
from marshmallow import Schema

from vmlab import __version__
from vmlab.errors import (
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    ServerFault,
    TooLarge,
    TooSlow,
    Unauthenticated,
    UnsupportedMediaType,
    VMLabError,
)
from vmlab.handlers import idempotency
from vmlab.handlers.auth import COOKIE, CSRF_HEADER, SECURE_COOKIE
from vmlab.handlers.endpoint import PUBLIC, Endpoint, Stream
from vmlab.handlers.envelope import REQUEST_ID_HEADER, to_json
from vmlab.handlers.mount import path_parameters
from vmlab.handlers.uploads import MULTIPART, FilePart

JSON = "application/json"
BODIED = frozenset({"POST", "PUT", "PATCH"})
BODYLESS_STATUSES = frozenset({101, 204, 304})
TIMESTAMP = {"type": "string", "format": "date-time"}

DESCRIPTION = """\
Teach with virtual machines on your own Proxmox VE cluster.

Every answer wears an envelope: `{success, data, message, timestamp}`, or with an error
`{success, error: {code, message, details}, timestamp}`. Messages are Chinese, or English where
`Accept-Language` prefers it; codes never change. What takes long answers 202 with a task.
"""

SECURITY = {
    "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": SECURE_COOKIE,
        "description": f"Set by a login with `session: true`. Requests that change something also "
        f"need the login's `csrf_token` in the header {CSRF_HEADER}. Where cookies may go without "
        f"TLS (`security.secure_cookies`) the name is `{COOKIE}`.",
    },
    "grant": {
        "type": "apiKey",
        "in": "query",
        "name": "token",
        "description": "Good for one connection, within seconds.",
    },
}

HEADERS = {
    "RequestId": {
        "name": REQUEST_ID_HEADER,
        "in": "header",
        "description": "Comes back with the answer and stands in every line of the log. One that "
        "is not of 1 to 64 letters, digits and `_.-` is replaced.",
        "schema": {"type": "string"},
    },
    "IdempotencyKey": {
        "name": idempotency.HEADER,
        "in": "header",
        "description": "The same key and request within 24 hours gets the first answer again and "
        "does nothing twice; with another request it is a conflict.",
        "schema": {"type": "string", "pattern": "^[!-~]{1,128}$"},
    },
}


class Document:
    """The document of a list of endpoints; made when first asked for."""

    def __init__(self, endpoints: Iterable[Endpoint]) -> None:
        self._endpoints = list(endpoints)

    @cached_property
    def as_dict(self) -> dict[str, Any]:
        """The document."""
        spec = APISpec(
            title="VMLab",
            version=__version__,
            openapi_version="3.1.0",
            plugins=[MarshmallowPlugin(schema_name_resolver=_schema_name)],
            info={"description": DESCRIPTION, "license": {"name": "Apache-2.0"}},
        )
        for name, scheme in SECURITY.items():
            spec.components.security_scheme(name, scheme)
        for name, header in HEADERS.items():
            spec.components.parameter(name, "header", header)
        spec.components.schema("Error", _error_schema())
        spec.components.schema("Pagination", _pagination_schema())
        for endpoint in self._endpoints:
            operations = {endpoint.method.lower(): _operation(endpoint)}
            spec.path(path=endpoint.path, operations=operations)
        document: dict[str, Any] = spec.to_dict()
        return document

    @cached_property
    def as_json(self) -> bytes:
        """The document as it is served."""
        return to_json(self.as_dict)


def _schema_name(schema: Any) -> str:
    return type(common.resolve_schema_instance(schema)).__name__.removesuffix("Schema")


def _operation(endpoint: Endpoint) -> dict[str, Any]:
    texts = endpoint.handler.__apispec__  # type: ignore[attr-defined]
    operation = {
        "operationId": endpoint.name,
        "tags": list(texts["tags"]),
        "summary": texts["summary"],
        "description": _described(endpoint, texts["description"]),
        "parameters": _parameters(endpoint),
        "security": _security(endpoint),
        "responses": _successes(endpoint) | _errors(endpoint),
    }
    if endpoint.accepts is not None:
        operation["requestBody"] = {
            "required": endpoint.body_required,
            "content": {JSON: {"schema": endpoint.accepts()}},
        }
    if endpoint.takes is not None:
        operation["requestBody"] = {"required": True, "content": _form(endpoint.takes)}
    if endpoint.streams is not None:
        operation["requestBody"] = _streamed(endpoint.streams)
    return operation


def _streamed(stream: Stream) -> dict[str, Any]:
    binary = {"type": "string", "format": "binary"}
    schema: Any = stream.schema() if stream.schema is not None else binary
    content = {stream.content_type: {"schema": schema}}
    if stream.form is not None:
        content[MULTIPART] = {"schema": stream.form()}
    return {"required": stream.required, "content": content}


def _form(part: FilePart) -> dict[str, Any]:
    binary = {"type": "string", "format": "binary", "description": part.description}
    return {MULTIPART: {"schema": _closed(**{part.name: binary})}}


def _described(endpoint: Endpoint, description: str) -> str:
    needs = "" if endpoint.needs is PUBLIC else f"Needs the permission `{endpoint.needs}`."
    return "\n\n".join(text for text in (description, needs) if text)


def _security(endpoint: Endpoint) -> list[dict[str, list[str]]]:
    if endpoint.needs is PUBLIC:
        return []
    return [{"grant": []}] if endpoint.grant else [{"bearer": []}, {"session": []}]


def _parameters(endpoint: Endpoint) -> list[Any]:
    parameters: list[Any] = [
        {"name": name, "in": "path", "required": True, "schema": schema}
        for name, schema in path_parameters(endpoint.path).items()
    ]
    parameters.append({"in": "query", "schema": endpoint.query})
    parameters.append("RequestId")
    if _repeatable(endpoint):
        parameters.append("IdempotencyKey")
    return parameters


def _repeatable(endpoint: Endpoint) -> bool:
    return endpoint.method == "POST" and endpoint.needs is not PUBLIC


def _successes(endpoint: Endpoint) -> dict[str, Any]:
    if endpoint.produces is not None:
        return {
            str(status): _response(HTTPStatus(status).phrase, _bytes(status, endpoint.produces))
            for status in (endpoint.status, *endpoint.also)
        }
    data: Any = endpoint.returns or {"type": "null"}
    if endpoint.lists is not None:
        data = _closed(
            results={"type": "array", "items": endpoint.lists},
            pagination={"$ref": "#/components/schemas/Pagination"},
        )
    answers = {endpoint.status: data} | {
        status: schema or {"type": "null"} for status, schema in endpoint.also.items()
    }
    return {str(status): _success(status, data) for status, data in answers.items()}


def _bytes(status: int, content_type: str) -> dict[str, Any]:
    return {content_type: {}} if content_type and status not in BODYLESS_STATUSES else {}


def _success(status: int, data: Schema | dict[str, Any]) -> dict[str, Any]:
    envelope = _closed(
        success={"const": True}, data=data, message={"type": "string"}, timestamp=TIMESTAMP
    )
    return _response(HTTPStatus(status).phrase, {JSON: {"schema": envelope}})


def _errors(endpoint: Endpoint) -> dict[str, Any]:
    """What the endpoint declares, and what the door and the frame add to every one like it."""
    possible: set[type[VMLabError]] = {Invalid, ServerFault, *endpoint.errors}
    if endpoint.needs is not PUBLIC:
        possible |= {Unauthenticated, Forbidden}
    if path_parameters(endpoint.path) or endpoint.on:
        possible.add(NotFound)
    if endpoint.method in BODIED:
        possible |= {TooLarge, TooSlow, UnsupportedMediaType}
    if _repeatable(endpoint):
        possible.add(Conflict)
    by_status: defaultdict[int, list[type[VMLabError]]] = defaultdict(list)
    for error in sorted(possible, key=lambda error: (error.status, error.code, error.__name__)):
        by_status[error.status].append(error)
    return {str(status): _failure(errors) for status, errors in by_status.items()}


def _failure(errors: list[type[VMLabError]]) -> dict[str, Any]:
    lines = [f"`{error.code}`: {(error.__doc__ or '').partition(chr(10))[0]}" for error in errors]
    code = {"enum": sorted({error.code for error in errors})}
    schema = {
        "allOf": [
            {"$ref": "#/components/schemas/Error"},
            {"type": "object", "properties": {"error": {"properties": {"code": code}}}},
        ]
    }
    return _response("\n\n".join(lines), {JSON: {"schema": schema}})


def _response(description: str, content: dict[str, Any]) -> dict[str, Any]:
    return {"description": description} | ({"content": content} if content else {})


def _closed(**properties: Any) -> dict[str, Any]:
    """An object that has all of these properties and no others."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _error_schema() -> dict[str, Any]:
    error = _closed(code={"type": "string"}, message={"type": "string"}, details={"type": "object"})
    return _closed(success={"const": False}, error=error, timestamp=TIMESTAMP)


def _pagination_schema() -> dict[str, Any]:
    number, flag = {"type": "integer"}, {"type": "boolean"}
    return _closed(
        page=number,
        page_size=number,
        total=number,
        total_pages=number,
        has_next=flag,
        has_previous=flag,
    )
