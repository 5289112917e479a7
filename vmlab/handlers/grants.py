"""One-time grants: what opens a console, in place of credentials that a WebSocket cannot carry.

A grant belongs to a login, an object and a purpose. It is kept on the bus under its hash, can be
taken once, and is worth nothing when the login that asked for it has ended.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from typing import Any

from vmlab.bus import Bus
from vmlab.errors import Unauthenticated
from vmlab.rules.access import Actor


@dataclass(frozen=True, kw_only=True)
class Grant:
    """A grant that has been taken."""

    object_id: int
    session_id: str
    details: dict[str, Any]
    """What the purpose needs to know, as it was issued."""


async def issue(
    bus: Bus, actor: Actor, kind: str, object_id: int, *, ttl_s: float, **details: Any
) -> str:
    """Leave a grant for `ttl_s` seconds and return the token that takes it.

    Raises:
        ServiceUnavailable: it could not be stored.
    """
    token = secrets.token_urlsafe(32)
    value = {"object_id": object_id, "session_id": actor.session_id, "details": details}
    await bus.put_once(_key(kind, token), value, ttl_s)
    return token


async def take(bus: Bus, kind: str, token: str) -> Grant:
    """Take a grant of this kind.

    Raises:
        Unauthenticated: it was taken before, has expired or never was.
        ServiceUnavailable: it could not be looked for.
    """
    value = await bus.take_once(_key(kind, token))
    if value is None:
        raise Unauthenticated
    return Grant(**value)


def _key(kind: str, token: str) -> str:
    return f"grant:{kind}:{hashlib.sha256(token.encode()).hexdigest()}"
