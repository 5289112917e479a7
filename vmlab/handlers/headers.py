"""Headers that every answer has, files, WebSockets and errors too; an endpoint's own win."""

from __future__ import annotations

from aiohttp import hdrs, web

from vmlab.handlers.envelope import REQUEST_ID, REQUEST_ID_HEADER

NOTHING_INSIDE = "default-src 'none'; frame-ancestors 'none'"
"""For answers that are no pages: should a browser show one as such, it runs and loads nothing."""
SOFTWARE = "VMLab"
"""What `Server` says, in place of the versions of everything, which are nobody's business."""
HSTS = "max-age=31536000"
"""A year; without subdomains, which are not VMLab's to speak for."""

USUAL = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": NOTHING_INSIDE,
    "Referrer-Policy": "no-referrer",
    hdrs.CACHE_CONTROL: "no-store",
}


class Headers:
    """Adds them."""

    def __init__(self, public_url: str) -> None:
        """Say what is usual, and over TLS that it stays so.

        Args:
            public_url: `[server] public_url`; if it is `https`, browsers are told to insist on it.
        """
        self._usual = dict(USUAL)
        if public_url.startswith("https:"):
            self._usual["Strict-Transport-Security"] = HSTS

    async def send(self, request: web.Request, response: web.StreamResponse) -> None:
        """Before an answer's headers go out."""
        self.put(request, response)

    def put(self, request: web.Request, response: web.StreamResponse) -> None:
        """Add them to an answer."""
        response.headers[REQUEST_ID_HEADER] = request.get(REQUEST_ID, "")
        response.headers[hdrs.SERVER] = SOFTWARE
        for name, value in self._usual.items():
            response.headers.setdefault(name, value)
