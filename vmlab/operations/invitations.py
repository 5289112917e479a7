"""Invitations: an admin makes a code, people make their accounts with it."""

from __future__ import annotations

import hashlib
import secrets
from datetime import UTC, datetime, timedelta

from tortoise.expressions import F, Q

from vmlab.errors import Invalid
from vmlab.models import Invitation

LIFETIME = timedelta(days=14)
"""How long an invitation lasts where nobody says."""


async def invite(
    *,
    created_by_id: int,
    role: str,
    max_uses: int,
    email: str | None = None,
    expires_at: datetime | None = None,
) -> tuple[Invitation, str]:
    """Make an invitation and the code that stands for it, which is not stored.

    Args:
        created_by_id: the admin.
        role: what those who come with it become.
        max_uses: how many may come.
        email: the only address that may come.
        expires_at: until when; in two weeks if None.
    """
    code = secrets.token_urlsafe(16)
    invitation = await Invitation.create(
        code_hash=_hashed(code),
        email=email,
        role=role,
        max_uses=max_uses,
        created_by_id=created_by_id,
        expires_at=expires_at or datetime.now(UTC) + LIFETIME,
    )
    return invitation, code


async def accept(code: str, email: str) -> str:
    """Use an invitation once, inside the caller's transaction, and return the role it gives.

    Raises:
        Invalid: there is none (any more), or it is somebody else's.
    """
    good = Q(expires_at__gt=datetime.now(UTC)) & (Q(email=email) | Q(email__isnull=True))
    this = Invitation.filter(good, code_hash=_hashed(code))
    # Counted by the database: two who come at the same moment cannot both take the last use.
    if not await this.filter(uses__lt=F("max_uses")).update(uses=F("uses") + 1):
        raise Invalid(details={"invitation": ["This invitation is not valid (any more)."]})
    return (await this.get()).role


def _hashed(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()
