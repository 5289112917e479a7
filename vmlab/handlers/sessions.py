"""Logins: begun, carried on, ended. The `auth_sessions` row is what counts, on every replica.

Access tokens name the row, refresh tokens belong to it, a browser's cookie points at it. Secrets
are stored as SHA-256 only: they are random, so nothing slower is needed.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from tortoise.expressions import Q

from vmlab.bus import Bus
from vmlab.errors import Unauthenticated
from vmlab.handlers import trail
from vmlab.models import AuthSession, CourseRole, RefreshToken
from vmlab.models.connection import transaction
from vmlab.models.statements import Query, kept
from vmlab.rules.access import Actor


@dataclass(frozen=True, kw_only=True)
class Login:
    """The secrets of a login, which only its owner keeps."""

    session_id: str
    user_id: int
    refresh_token: str
    cookie: str | None = None
    csrf_token: str | None = None


@dataclass(frozen=True, kw_only=True)
class Found:
    """A login that is valid at the moment, and whose it is."""

    actor: Actor
    csrf_hash: str | None
    expires_at: datetime


def hashed(secret: str) -> str:
    """What is stored of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


async def find(*, session_id: str | None = None, cookie: str | None = None) -> Found | None:
    """The valid login with this id or this cookie, with roles and courses, in one query."""
    key, value = ("id", session_id) if cookie is None else ("cookie_hash", hashed(cookie))
    expiry = AuthSession._meta.fields_map["expires_at"]
    now = expiry.to_db_value(datetime.now(UTC), AuthSession)
    rows = await kept(_valid_logins, key).rows(value, now, True)
    if not rows:
        return None
    first = rows[0]
    actor = Actor(
        user_id=first["user_id"],
        username=first["username"],
        roles=frozenset(row["role"] for row in rows if row["role"]),
        session_id=first["id"],
        taught=_courses(rows, CourseRole.TEACHER),
        enrolled=_courses(rows, CourseRole.STUDENT),
    )
    return Found(actor=actor, csrf_hash=first["csrf_hash"], expires_at=first["expires_at"])


def _valid_logins(key: str) -> Query:
    """Finds valid logins by a column; the parameters are its value, the time now, and True."""
    found = AuthSession.filter(
        **{key: ""}, revoked_at__isnull=True, expires_at__gt=datetime.now(UTC), user__is_active=True
    )
    return found.values(
        "id",
        "csrf_hash",
        "expires_at",
        "user_id",
        username="user__username",
        role="user__roles__name",
        course_id="user__memberships__course_id",
        course_role="user__memberships__role",
    )


def _courses(rows: Iterable[dict[str, Any]], role: CourseRole) -> frozenset[int]:
    return frozenset(row["course_id"] for row in rows if row["course_role"] == role)


async def begin(
    user_id: int, *, lifetime_s: int, browser: bool, address: str, user_agent: str
) -> Login:
    """Begin a login, inside the caller's transaction.

    Args:
        user_id: whose login.
        lifetime_s: seconds that it lasts without being used.
        browser: whether it also gets a cookie and a CSRF token.
        address: where it came from.
        user_agent: what it came with.
    """
    login = Login(
        session_id=secrets.token_hex(16),
        user_id=user_id,
        refresh_token=secrets.token_urlsafe(32),
        cookie=secrets.token_urlsafe(32) if browser else None,
        csrf_token=secrets.token_urlsafe(32) if browser else None,
    )
    expires_at = datetime.now(UTC) + timedelta(seconds=lifetime_s)
    await AuthSession.create(
        id=login.session_id,
        user_id=user_id,
        cookie_hash=login.cookie and hashed(login.cookie),
        csrf_hash=login.csrf_token and hashed(login.csrf_token),
        address=address[:64],
        user_agent=user_agent[:200],
        expires_at=expires_at,
    )
    await _add_refresh_token(login, expires_at)
    return login


async def _add_refresh_token(login: Login, expires_at: datetime) -> None:
    await RefreshToken.create(
        session_id=login.session_id,
        token_hash=hashed(login.refresh_token),
        expires_at=expires_at,
    )


async def renew(refresh_token: str, *, lifetime_s: int, bus: Bus) -> Login:
    """Spend a refresh token for a new one.

    A token that was spent before is in two hands, one of them a thief's: its whole login ends.

    Raises:
        Unauthenticated: the token is unknown, expired, spent, or its login has ended.
    """
    now = datetime.now(UTC)
    token = await RefreshToken.filter(token_hash=hashed(refresh_token)).first()
    if token is None or token.expires_at <= now:
        raise Unauthenticated
    found = await find(session_id=token.session_id)
    if found is None:
        raise Unauthenticated
    trail.by(found.actor.user_id, found.actor.username, is_attempt=True)
    login = Login(
        session_id=token.session_id,
        user_id=found.actor.user_id,
        refresh_token=secrets.token_urlsafe(32),
    )
    expires_at = now + timedelta(seconds=lifetime_s)
    async with transaction():
        spent = await RefreshToken.filter(id=token.id, spent_at__isnull=True).update(spent_at=now)
        if spent:
            await _add_refresh_token(login, expires_at)
            await extend(token.session_id, expires_at)
    if not spent:
        await end(bus, found.actor.user_id, Q(id=token.session_id))
        raise Unauthenticated
    return login


async def extend(session_id: str, expires_at: datetime) -> None:
    """Let a login that is being used last longer."""
    await AuthSession.filter(id=session_id).update(expires_at=expires_at)


async def end(bus: Bus, user_id: int, which: Q | None = None) -> None:
    """End a user's logins and let open consoles know.

    Args:
        bus: where the news goes, after the rows have changed.
        user_id: whose logins.
        which: only those; all if None.
    """
    open_ones = AuthSession.filter(which or Q(), user_id=user_id, revoked_at__isnull=True)
    if await open_ones.update(revoked_at=datetime.now(UTC)):
        await bus.publish("sessions", {"user_id": user_id})
