"""Lets scripts of other web pages call the API, where the configuration names their origin.

Browsers then send session cookies along as well, where the pages share a site with VMLab; the CSRF
token stands guard over those as ever. What is not named gets no header at all, and so nothing.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable

from aiohttp import hdrs, web

METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE"
REQUEST_HEADERS = (
    "Accept-Language, Authorization, Content-Type, Idempotency-Key, Last-Event-ID, Range, "
    "Tus-Resumable, Upload-Checksum, Upload-Length, Upload-Metadata, Upload-Offset, X-CSRF-Token, "
    "X-Request-ID"
)
RESPONSE_HEADERS = (
    "Content-Disposition, Content-Language, Content-Range, ETag, Idempotency-Replayed, Location, "
    "Retry-After, Tus-Checksum-Algorithm, Tus-Extension, Tus-Max-Size, Tus-Resumable, Tus-Version, "
    "Upload-Expires, Upload-Length, Upload-Offset, X-Request-ID"
)
MAX_AGE_S = 600
"""How long a browser may remember the answer to a preflight."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class OtherOrigins:
    """The pages beside VMLab's own whose scripts may call."""

    def __init__(self, origins: Iterable[str]) -> None:
        """Welcome these.

        Args:
            origins: scheme, host and port as browsers send them; see `[server] cors_origins`.
        """
        self._origins = frozenset(origins)

    @web.middleware
    async def preflight(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Answer a browser that asks before it lets a script call."""
        asks = request.method == hdrs.METH_OPTIONS
        asks = asks and hdrs.ACCESS_CONTROL_REQUEST_METHOD in request.headers
        if not asks or not self._welcomes(request):
            return await handler(request)
        headers = {
            hdrs.ACCESS_CONTROL_ALLOW_METHODS: METHODS,
            hdrs.ACCESS_CONTROL_ALLOW_HEADERS: REQUEST_HEADERS,
            hdrs.ACCESS_CONTROL_MAX_AGE: str(MAX_AGE_S),
        }
        return web.Response(status=204, headers=headers)

    async def send(self, request: web.Request, response: web.StreamResponse) -> None:
        """Before an answer's headers go out: let the script read it, errors too."""
        if not self._origins:
            return
        response.headers.add(hdrs.VARY, hdrs.ORIGIN)
        if self._welcomes(request):
            response.headers[hdrs.ACCESS_CONTROL_ALLOW_ORIGIN] = request.headers[hdrs.ORIGIN]
            response.headers[hdrs.ACCESS_CONTROL_ALLOW_CREDENTIALS] = "true"
            response.headers[hdrs.ACCESS_CONTROL_EXPOSE_HEADERS] = RESPONSE_HEADERS

    def _welcomes(self, request: web.Request) -> bool:
        return request.headers.get(hdrs.ORIGIN) in self._origins
