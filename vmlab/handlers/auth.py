"""The door: finds out who calls, by bearer token, browser session or one-time grant.

Every endpoint that is not declared public goes through it, consoles included. Whichever way the
caller comes, the login's row decides, so ending a login shuts all of them at once.
"""

from __future__ import annotations

import hmac
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from aiohttp import hdrs, web

from vmlab.config import Security
from vmlab.errors import Forbidden, Unauthenticated
from vmlab.handlers import grants, sessions, trail
from vmlab.handlers.endpoint import PUBLIC, Endpoint
from vmlab.handlers.grants import Grant
from vmlab.rules.access import Actor

if TYPE_CHECKING:  # parts may themselves need the door
    from vmlab.handlers.parts import ApiParts

COOKIE = "vmlab_session"
SECURE_COOKIE = f"__Host-{COOKIE}"
"""Browsers take this name over TLS only, for this very host and for all of its paths; neither
another host of the domain nor anybody on the way can put a session of theirs in its place."""
CSRF_HEADER = "X-CSRF-Token"
SAFE_METHODS = frozenset({hdrs.METH_GET, hdrs.METH_HEAD, hdrs.METH_OPTIONS})


async def identify(
    request: web.Request, endpoint: Endpoint, parts: ApiParts
) -> tuple[Actor | None, Grant | None]:
    """Who calls, and the grant that was taken where the endpoint takes one.

    Raises:
        Unauthenticated: there are no credentials, or they are not good (any more).
        Forbidden: a browser session without its CSRF token.
    """
    if endpoint.needs is PUBLIC:
        return None, None
    if endpoint.grant is not None:
        grant = await grants.take(parts.bus, endpoint.grant, request.query.get("token", ""))
        return await actor_of(grant.session_id), grant
    if hdrs.AUTHORIZATION in request.headers:
        return await actor_of(await parts.tokens.session_id(request)), None
    return await _from_cookie(request, parts), None


async def actor_of(session_id: str) -> Actor:
    """Whose login this is; long-lived connections ask again when rights may have changed.

    Raises:
        Unauthenticated: the login has ended.
    """
    if (found := await sessions.find(session_id=session_id)) is None:
        raise Unauthenticated
    return found.actor


def cookie_name(security: Security) -> str:
    """What the session cookie is called."""
    return SECURE_COOKIE if security.secure_cookies else COOKIE


async def _from_cookie(request: web.Request, parts: ApiParts) -> Actor:
    cookie = request.cookies.get(cookie_name(parts.settings.security))
    found = await sessions.find(cookie=cookie) if cookie else None
    if found is None:
        raise Unauthenticated
    if request.method not in SAFE_METHODS:
        sent = sessions.hashed(request.headers.get(CSRF_HEADER, ""))
        if not hmac.compare_digest(sent, found.csrf_hash or ""):
            trail.by(found.actor.user_id, found.actor.username)
            raise Forbidden("A browser session needs its token in X-CSRF-Token.")
    lifetime = timedelta(seconds=parts.settings.security.refresh_token_s)
    now = datetime.now(UTC)
    if found.expires_at - now < lifetime / 2:
        await sessions.extend(found.actor.session_id, now + lifetime)
    return found.actor
