"""Access tokens: short-lived JSON Web Tokens that name a login.

aiohttp-jwt's middleware checks signature, algorithm, audience, issuer and times. It is called from
`vmlab.handlers.auth` and not mounted, since it answers 403 where 401 is meant, takes any scheme
that begins with "Bearer", and cannot ask for claims; all that is settled around it.
"""

from __future__ import annotations

import functools
import hashlib
import logging
import re
import secrets
import time
from typing import Any

import jwt
from aiohttp import web
from aiohttp_jwt import JWTMiddleware

from vmlab.config import Security
from vmlab.errors import Unauthenticated

ALGORITHM = "HS256"
NAME = "vmlab"
"""Issuer and audience: VMLab's tokens are for VMLab."""

_BEARER = re.compile(r"bearer +([\w.=-]+)", re.ASCII | re.IGNORECASE)
_CLAIMS = "claims"

# It writes a traceback for every token that is not good, which anybody may send.
logging.getLogger("aiohttp_jwt.middleware").setLevel(logging.CRITICAL)


class Tokens:
    """Signs access tokens with the key, and reads those of former keys too."""

    def __init__(self, security: Security) -> None:
        self._key = security.secret_key
        self.lifetime_s = security.access_token_s
        self._key_id = _key_id(self._key)
        # aiohttp-jwt knows one key a middleware; the token's `kid` says which it wants.
        self._verify_by_key_id = {
            _key_id(key): _verifier(key) for key in (self._key, *security.previous_secret_keys)
        }

    def sign(self, user_id: int, session_id: str) -> str:
        """An access token for a login, good for `lifetime_s` seconds."""
        now = int(time.time())
        claims = {
            "iss": NAME,
            "aud": NAME,
            "sub": str(user_id),
            "sid": session_id,
            "jti": secrets.token_hex(16),
            "iat": now,
            "exp": now + self.lifetime_s,
        }
        return jwt.encode(claims, self._key, algorithm=ALGORITHM, headers={"kid": self._key_id})

    async def session_id(self, request: web.Request) -> str:
        """The login that the request's bearer token names.

        Raises:
            Unauthenticated: the header or the token will not do.
        """
        try:
            head, _, _ = _bearer_token(request).partition(".")
            await self._verify_by_key_id[_key_id_in(head)](request, _accepted)
        except (web.HTTPUnauthorized, jwt.InvalidTokenError, KeyError):
            raise Unauthenticated from None
        claims = request[_CLAIMS]
        complete = {"exp", "iat", "sub", "jti", "sid"} <= claims.keys()
        if not complete or not isinstance(claims["sid"], str):
            raise Unauthenticated
        return str(claims["sid"])


def _key_id(key: str) -> str:
    return hashlib.sha256(b"kid:" + key.encode()).hexdigest()[:16]


@functools.lru_cache(64)
def _key_id_in(head: str) -> str:
    """The key that a token's first part names; all that are signed with one begin alike."""
    return str(jwt.get_unverified_header(f"{head}..")["kid"])


def _verifier(key: str) -> Any:
    return JWTMiddleware(
        key,
        request_property=_CLAIMS,
        token_getter=_bearer_token,
        algorithms=[ALGORITHM],
        audience=NAME,
        issuer=NAME,
    )


def _bearer_token(request: web.Request) -> str:
    match = _BEARER.fullmatch(request.headers.get("Authorization", "").strip())
    if match is None:
        raise Unauthenticated
    return match[1]


async def _accepted(_request: web.Request) -> web.Response:
    return web.Response()
