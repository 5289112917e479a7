"""The pages for people: files that ask for nothing but what VMLab serves itself."""

from __future__ import annotations

import secrets

from aiohttp import web

from vmlab.handlers.endpoint import PUBLIC, Call, Endpoints
from vmlab.web import STATIC

CONTENT_POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
    "frame-ancestors 'self'; base-uri 'none'; form-action 'self'"
)
"""noVNC needs no more; a page with a guest's screen in it runs no foreign script.
xterm.js makes style elements of its own: its page gives them a nonce."""

_HEADERS = {"Referrer-Policy": "no-referrer", "Cache-Control": "no-cache"}
_STRICT = _HEADERS | {"Content-Security-Policy": CONTENT_POLICY}

pages = Endpoints("", tag="service")


@pages.get("/console/vnc/", needs=PUBLIC, produces="text/html")
async def get_vnc_page(_call: Call) -> web.FileResponse:
    """A page that shows a machine's screen (noVNC).

    What it opens stands in the address's fragment, which never comes here: `#token=…` from the
    machine's token address, or `#vm=<id>`, with which the page signs in by itself.
    """
    return web.FileResponse(STATIC / "console" / "vnc.html", headers=_STRICT)


@pages.get("/console/ssh/", needs=PUBLIC, produces="text/html")
async def get_ssh_page(_call: Call) -> web.Response:
    """A page with a terminal in a machine (xterm.js); opened like the page for its screen."""
    nonce = secrets.token_urlsafe(16)
    page = (STATIC / "console" / "ssh.html").read_text(encoding="utf-8")
    policy = f"{CONTENT_POLICY}; style-src 'self' 'nonce-{nonce}'"
    return web.Response(
        text=page.replace("{nonce}", nonce),
        content_type="text/html",
        headers=_HEADERS | {"Content-Security-Policy": policy},
    )


@pages.get("/monitor/vm/", needs=PUBLIC, produces="text/html")
async def get_vm_monitor_page(_call: Call) -> web.FileResponse:
    """A page with what a machine uses, its state and its log (`#vm=<id>`); signs in by itself."""
    return web.FileResponse(STATIC / "monitor" / "vm.html", headers=_STRICT)


@pages.get("/monitor/course/", needs=PUBLIC, produces="text/html")
async def get_course_monitor_page(_call: Call) -> web.FileResponse:
    """A page with all machines of a course (`#course=<id>`) for its teachers."""
    return web.FileResponse(STATIC / "monitor" / "course.html", headers=_STRICT)
