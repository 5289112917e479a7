"""Answers what is not HTTP, or not quite: in the envelope, and with one quiet line in the log.

aiohttp answers such requests by itself, below the middlewares: as plain text, and with a traceback
for whatever somebody on the network cares to send. Its protocol has one method for that, replaced
here; the rest of this file brings it to where aiohttp makes its protocols (aiohttp 3.14).
"""

from __future__ import annotations

import uuid
from typing import Any

import structlog
from aiohttp import web
from aiohttp.web_protocol import RequestHandler

from vmlab.errors import Invalid, ServerFault, VMLabError
from vmlab.handlers.envelope import REQUEST_ID, failure
from vmlab.handlers.headers import Headers

log = structlog.get_logger(__name__)


class _Protocol(RequestHandler):
    """One connection."""

    __slots__ = ("headers",)

    headers: Headers

    def handle_error(  # type: ignore[override]
        self,
        request: web.Request,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Make the answer to what could not be handed to the application.

        Raises:
            ConnectionError: an answer has begun, and there can be no other.
        """
        request[REQUEST_ID] = uuid.uuid4().hex
        if status < 500:
            # What was sent follows after a colon, and has no business in the log.
            words = str(getattr(exc, "message", "")).partition(":")[0]
            log.info("malformed_request", remote=request.remote, error=words)
        else:
            log.error("request_failed", request_id=request[REQUEST_ID], exc_info=exc)
        if request.writer.output_size > 0:
            raise ConnectionError("an answer has begun already")
        error: VMLabError = Invalid("This is not a request that HTTP allows.")
        if status >= 500:
            error = ServerFault(details={"request_id": request[REQUEST_ID]})
        response = failure(request, error)
        self.headers.put(request, response)
        response.force_close()
        return response


class _Server(web.Server):
    """Makes a protocol for each connection."""

    def __init__(self, made: web.Server, headers: Headers) -> None:
        """Stand in for the server that aiohttp has made."""
        super().__init__(
            made.request_handler,
            request_factory=made.request_factory,
            handler_cancellation=made.handler_cancellation,
        )
        self._options = made._kwargs
        self._headers = headers

    def __call__(self) -> RequestHandler:
        protocol = _Protocol(self, loop=self._loop, **self._options)
        protocol.headers = self._headers
        return protocol


class Runner(web.AppRunner):
    """Runs the application."""

    __slots__ = ("_headers",)

    def __init__(self, app: web.Application, *, headers: Headers, **options: Any) -> None:
        """Take the application, and what its answers have to carry; the options are aiohttp's."""
        super().__init__(app, **options)
        self._headers = headers

    async def _make_server(self) -> _Server:
        return _Server(await super()._make_server(), self._headers)
