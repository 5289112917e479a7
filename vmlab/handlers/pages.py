"""The pages for people: files that ask for nothing but what VMLab serves itself."""

from __future__ import annotations

from aiohttp import web

from vmlab.handlers.endpoint import PUBLIC, Call, Endpoints
from vmlab.web import STATIC

CONTENT_POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
    "frame-ancestors 'self'; base-uri 'none'; form-action 'self'"
)
"""noVNC needs no more; a page with a guest's screen in it runs no foreign script."""

pages = Endpoints("", tag="service")


@pages.get("/console/vnc/", needs=PUBLIC, produces="text/html")
async def get_vnc_page(_call: Call) -> web.FileResponse:
    """A page that shows a machine's screen (noVNC).

    What it opens stands in the address's fragment, which never comes here: `#token=…` from the
    machine's token address, or `#vm=<id>`, with which the page signs in by itself.
    """
    headers = {
        "Content-Security-Policy": CONTENT_POLICY,
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-cache",
    }
    return web.FileResponse(STATIC / "console" / "vnc.html", headers=headers)
