"""Who is it: tickets, CSRF tokens and API tokens, made and checked as pve-access-control does.

Signatures are keyed digests of the length that Proxmox's RSA signatures have, since making an RSA
key would take longer than all of the start.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from urllib.parse import unquote

from vmlab.simulator.clock import Clock
from vmlab.simulator.routes import Identity
from vmlab.simulator.state import Cluster

TICKET_LIFE_S = 7200
SKEW_S = 300
SIGNATURE_BYTES = 256
COOKIE = "PVEAuthCookie"


class Unauthenticated(Exception):
    """Refused by the authentication layer: 401, the text as reason phrase, an empty body."""


class Tickets:
    """Makes and checks signed tickets of any kind (PVE, PVEVNC) and CSRF tokens."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._key = secrets.token_bytes(32)

    def assemble(self, prefix: str, data: str = "", secret: str = "") -> str:
        """A ticket `PREFIX:data:HEX8TIME::SIGNATURE`; `secret` is signed but not carried."""
        stamp = f"{int(self._clock.time()):08X}"
        plain = f"{prefix}:{data}:{stamp}" if data else f"{prefix}:{stamp}"
        return f"{plain}::{self._sign(plain, secret)}"

    def verify(
        self,
        ticket: str,
        prefix: str,
        secret: str = "",
        *,
        min_age_s: float = -SKEW_S,
        max_age_s: float = TICKET_LIFE_S,
    ) -> str | None:
        """The data of a ticket ("" if it has none), or None if forged or out of its time."""
        plain, separator, signature = ticket.rpartition("::")
        match = re.fullmatch(rf"{re.escape(prefix)}(?::(.*))?:([0-9A-F]{{8}})", plain)
        if not separator or match is None:
            return None
        if not same_text(signature, self._sign(plain, secret)):
            return None
        if not min_age_s < self._clock.time() - int(match[2], 16) < max_age_s:
            return None
        return match[1] or ""

    def csrf_token(self, userid: str) -> str:
        """A CSRFPreventionToken for a user, `HEX8TIME:BASE64`."""
        stamp = f"{int(self._clock.time()):08X}"
        return f"{stamp}:{self._csrf_digest(stamp, userid)}"

    def csrf_valid(self, token: str, userid: str) -> bool:
        """Whether a CSRFPreventionToken is this user's and in its time."""
        stamp, _, digest = token.partition(":")
        if not re.fullmatch(r"[0-9A-F]{8}", stamp):
            return False
        if not same_text(digest, self._csrf_digest(stamp, userid)):
            return False
        return -SKEW_S < self._clock.time() - int(stamp, 16) < TICKET_LIFE_S

    def _sign(self, plain: str, secret: str) -> str:
        keyed = hashlib.shake_256(self._key + f"{plain}\0{secret}".encode())
        return base64.b64encode(keyed.digest(SIGNATURE_BYTES)).decode()

    def _csrf_digest(self, stamp: str, userid: str) -> str:
        digest = hmac.digest(self._key, f"{stamp}:{userid}".encode(), "sha256")
        return base64.b64encode(digest).decode().rstrip("=")


class Gate:
    """Tells from a request's headers who calls."""

    def __init__(self, cluster: Cluster, clock: Clock, tickets: Tickets) -> None:
        self._cluster = cluster
        self._clock = clock
        self._tickets = tickets

    def identify(self, method: str, headers: Mapping[str, str], *, csrf: bool = True) -> Identity:
        """The caller, by cookie, ticket header or token, in this order (pve-http-server).

        Args:
            method: a ticket needs the CSRF header for anything but GET.
            headers: the request's.
            csrf: False where Proxmox does not ask for it (uploads).

        Raises:
            Unauthenticated: no credentials, or wrong ones.
        """
        authorization = headers.get("Authorization", "")
        ticket = _cookie(headers.get("Cookie", "")) or _after(authorization, COOKIE)
        if ticket:
            who = self._by_ticket(ticket)
            token = headers.get("CSRFPreventionToken", "")
            if csrf and method != "GET" and not self._tickets.csrf_valid(token, who.userid):
                raise Unauthenticated("Permission denied - invalid csrf token")
            return who
        if secret := _after(authorization, "PVEAPIToken"):
            return self._by_token(unquote(secret))
        raise Unauthenticated("No ticket")

    def _by_ticket(self, ticket: str) -> Identity:
        userid = self._tickets.verify(ticket, "PVE")
        if userid is None or not self.enabled(userid):
            raise Unauthenticated("Authentication failed!")
        return Identity(userid)

    def _by_token(self, text: str) -> Identity:
        full, _, secret = re.sub(r"^([^=\s]+)[=\s]", r"\1=", text).partition("=")
        token = self._cluster.tokens.get(full)
        if (
            token is None
            or not self.enabled(token.userid)
            or (token.expire and token.expire <= self._clock.time())
            or not same_text(token.secret, secret)
        ):
            raise Unauthenticated("Authentication failed!")
        return Identity(token.userid, token.tokenid)

    def enabled(self, userid: str) -> bool:
        """Whether the account exists, is enabled and has not expired."""
        user = self._cluster.users.get(userid)
        if user is None or not user.enable:
            return False
        return not user.expire or user.expire > self._clock.time()


def same_text(one: str, other: str) -> bool:
    """Compare secrets in constant time; a header may hold bytes that are no text."""
    left, right = (text.encode("utf-8", "surrogateescape") for text in (one, other))
    return hmac.compare_digest(left, right)


def _cookie(header: str) -> str | None:
    match = re.search(rf"(?:^|\s|;){COOKIE}=([^;]*)", header)
    return unquote(match[1]) if match else None


def _after(header: str, scheme: str) -> str | None:
    match = re.fullmatch(rf"{scheme}[=\s](.+)", header)
    return match[1] if match else None
