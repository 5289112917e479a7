"""What a request for a console's WebSocket has to be, checked while words can still answer it.

Browsers say from which page it comes. The token is what opens a console, so a page of another site
gains nothing without one; with a stolen one it shall not get far either.
"""

from __future__ import annotations

import base64
import binascii
from urllib.parse import urlsplit

from aiohttp import hdrs, web

from vmlab.config import Server
from vmlab.errors import Forbidden, Invalid

NOTICES = "vmlab.console"
"""WebSocket subprotocol of VMLab's own pages: beside the binary frames, notices as JSON in text
frames, in both directions."""
BINARY = "binary"
"""The subprotocol of noVNC and other clients of RFB: nothing but the screen."""


def check_upgrade(request: web.Request, server: Server) -> None:
    """Refuse what is no WebSocket request, or comes from a page of somebody else's.

    Raises:
        Invalid: it is none.
        Forbidden: it comes from such a page.
    """
    headers = request.headers
    upgrade = headers.get(hdrs.UPGRADE, "").lower() == "websocket"
    try:
        key = base64.b64decode(headers.get(hdrs.SEC_WEBSOCKET_KEY, ""), validate=True)
    except binascii.Error:
        key = b""
    if not (upgrade and len(key) == 16 and headers.get(hdrs.SEC_WEBSOCKET_VERSION) == "13"):
        raise Invalid("This address is for WebSocket connections.")
    if hdrs.ORIGIN in headers:
        own = [f"//{request.host}", server.public_url, *server.cors_origins]
        if _host_of(headers[hdrs.ORIGIN]) not in filter(None, map(_host_of, own)):
            raise Forbidden("Consoles are not opened from pages of other sites.")


def subprotocol_of(request: web.Request) -> str | None:
    """The one that is chosen of those that are offered; None if it is none of ours."""
    offered = request.headers.get(hdrs.SEC_WEBSOCKET_PROTOCOL, "")
    names = {name.strip() for name in offered.split(",")}
    return next((name for name in (NOTICES, BINARY) if name in names), None)


def _host_of(url: str) -> str:
    """Host and port, empty if there are none; without the scheme, for a proxy may bring the TLS."""
    try:
        return urlsplit(url).netloc.lower()
    except ValueError:
        return ""
