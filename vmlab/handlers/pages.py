"""The pages for people: files that ask for nothing but what VMLab serves itself."""

from __future__ import annotations

from aiohttp import web

from vmlab.web import STATIC

CONTENT_POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
    "frame-ancestors 'self'; base-uri 'none'; form-action 'self'"
)
"""noVNC needs no more; a page with a guest's screen in it runs no foreign script."""


def add_pages(app: web.Application) -> None:
    """Serve the console's page and everything below `/static/`."""
    app.router.add_get("/console/vnc/", vnc_page)
    app.router.add_static("/static/", STATIC)


async def vnc_page(_request: web.Request) -> web.StreamResponse:
    """The noVNC page; what it opens stands in the address's fragment, which never comes here."""
    return web.FileResponse(
        STATIC / "console" / "vnc.html",
        headers={
            "Content-Security-Policy": CONTENT_POLICY,
            "Referrer-Policy": "no-referrer",
            "Cache-Control": "no-cache",
        },
    )
