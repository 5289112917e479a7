"""The envelope that every answer wears, those of the framework and of accidents too."""

from __future__ import annotations

import re
import uuid
from datetime import UTC, datetime
from typing import Any

import orjson
import structlog
from aiohttp import hdrs, web

from vmlab.errors import (
    Invalid,
    MethodNotAllowed,
    NotFound,
    ServerFault,
    TooLarge,
    TooManyRequests,
    Unauthenticated,
    UnsupportedMediaType,
    VMLabError,
)
from vmlab.handlers.language import language_of, sentences, speak_to
from vmlab.handlers.paging import Page
from vmlab.handlers.schemas.base import rfc3339

REQUEST_ID_HEADER = "X-Request-ID"
REQUEST_ID = "request_id"
"""Key of the id in the request and in every line of the log."""
RETRY_AFTER_S = 5
"""What a 429 or 503 advises where nobody knows better."""

_ACCEPTABLE_ID = re.compile(r"[\w.-]{1,64}", re.ASCII)
_JSON_OPTIONS = orjson.OPT_UTC_Z | orjson.OPT_NAIVE_UTC | orjson.OPT_NON_STR_KEYS

_OF_FRAMEWORK: dict[int, type[VMLabError]] = {
    401: Unauthenticated,
    404: NotFound,
    405: MethodNotAllowed,
    413: TooLarge,
    415: UnsupportedMediaType,
    429: TooManyRequests,
}

log = structlog.get_logger(__name__)


def to_json(content: Any) -> bytes:
    """JSON in UTF-8; what orjson does not know (asyncpg's UUID) becomes text."""
    return orjson.dumps(content, default=str, option=_JSON_OPTIONS)


def success(request: web.Request, data: Any, *, status: int, message: str) -> web.Response:
    """A successful answer; a `Page` becomes results and pagination.

    Args:
        request: what is answered.
        data: what JSON can carry, or a `Page`.
        status: HTTP status.
        message: message id; empty for the usual one.
    """
    if isinstance(data, Page):
        data = {"results": data.results, "pagination": data.pagination()}
    if not message:
        reads = request.method in (hdrs.METH_GET, hdrs.METH_HEAD)
        message = "Query succeeded." if reads else "Operation succeeded."
    content = {
        "success": True,
        "data": data,
        "message": sentences().say(message, language_of(request)),
        "timestamp": _now(),
    }
    return _response(request, content, status)


def failure(request: web.Request, error: VMLabError) -> web.Response:
    """The answer that tells of an error."""
    language = language_of(request)
    content = {
        "success": False,
        "error": {
            "code": error.code,
            "message": sentences().say(error.message, language, error.parameters),
            "details": sentences().say_all(error.details, language),
        },
        "timestamp": _now(),
    }
    response = _response(request, content, error.status)
    if isinstance(error, Unauthenticated):
        response.headers[hdrs.WWW_AUTHENTICATE] = 'Bearer realm="vmlab"'
    if error.status in (429, 503):
        response.headers[hdrs.RETRY_AFTER] = str(error.retry_after_s or RETRY_AFTER_S)
    return response


def _response(request: web.Request, content: dict[str, Any], status: int) -> web.Response:
    response = web.Response(
        body=to_json(content), status=status, content_type="application/json", charset="utf-8"
    )
    response.headers[hdrs.CONTENT_LANGUAGE] = language_of(request)
    response.headers[hdrs.CACHE_CONTROL] = "no-store"
    return response


def _now() -> str:
    return rfc3339(datetime.now(UTC).replace(microsecond=0))


@web.middleware
async def enveloped(request: web.Request, handler: Any) -> web.StreamResponse:
    """Outermost: gives the request its id and turns whatever is raised into an answer."""
    given = request.headers.get(REQUEST_ID_HEADER, "")
    request[REQUEST_ID] = given if _ACCEPTABLE_ID.fullmatch(given) else uuid.uuid4().hex
    speak_to(request)
    with structlog.contextvars.bound_contextvars(request_id=request[REQUEST_ID]):
        try:
            response: web.StreamResponse = await handler(request)
        except VMLabError as error:
            return _told(request, error)
        except web.HTTPException as answer:
            if answer.status < 400:
                raise
            return _of_framework(request, answer)
        except web.RequestPayloadError:
            return failure(request, Invalid("The body is incomplete or wrongly encoded."))
        except Exception:
            log.exception("request_failed", method=request.method, path=request.path)
            return failure(request, ServerFault(details={"request_id": request[REQUEST_ID]}))
        return response


def _told(request: web.Request, error: VMLabError) -> web.Response:
    if error.status >= 500:
        log.warning("request_refused", path=request.path, code=error.code, error=str(error))
    if isinstance(error, ServerFault):
        error.details.setdefault("request_id", request[REQUEST_ID])
    return failure(request, error)


def _of_framework(request: web.Request, answer: web.HTTPException) -> web.Response:
    response = failure(request, _OF_FRAMEWORK.get(answer.status, Invalid)())
    response.set_status(answer.status)
    if hdrs.ALLOW in answer.headers:
        response.headers[hdrs.ALLOW] = answer.headers[hdrs.ALLOW]
    return response
