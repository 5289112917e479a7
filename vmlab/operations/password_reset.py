"""Setting a password without the old one, with a token that came by mail.

A token is stored as SHA-256 only, works once, and is bound to the account as it was: once its
password or e-mail address has changed in any way, every token of before is worth nothing.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from vmlab.errors import Invalid
from vmlab.models import AuthSession, PasswordReset, User
from vmlab.models.connection import transaction


async def issue_tokens(users: Sequence[User], lifetime_s: int) -> list[str]:
    """A token for each of these users, good for so many seconds."""
    tokens = [secrets.token_urlsafe(32) for _ in users]
    now = datetime.now(UTC)
    await PasswordReset.filter(expires_at__lt=now).delete()
    await PasswordReset.bulk_create(
        PasswordReset(
            user_id=user.id,
            token_hash=_hashed(token),
            account_hash=_account_hash(user),
            expires_at=now + timedelta(seconds=lifetime_s),
        )
        for user, token in zip(users, tokens, strict=True)
    )
    return tokens


async def owner_of(token: str) -> User:
    """Whose password a token sets.

    Raises:
        Invalid: it is unknown, expired, spent, or the account has changed since.
    """
    found = PasswordReset.filter(token_hash=_hashed(token), expires_at__gt=datetime.now(UTC))
    row = await found.filter(user__is_active=True).select_related("user").first()
    if row is None or row.account_hash != _account_hash(row.user):
        raise _worthless()
    return row.user


async def set_password(user: User, token: str, password_hash: str) -> None:
    """Spend the token, set the password and end all logins, in one transaction.

    Raises:
        Invalid: somebody was quicker with the same token or changed the account meanwhile.
    """
    async with transaction():
        # The row before the token: a login that renews the hash meanwhile goes in the same order.
        now = await User.filter(id=user.id).select_for_update().get_or_none()
        row = await PasswordReset.filter(token_hash=_hashed(token), user_id=user.id).first()
        if now is None or row is None or row.account_hash != _account_hash(now):
            raise _worthless()
        await row.delete()
        await User.filter(id=user.id).update(password_hash=password_hash)
        open_ones = AuthSession.filter(user_id=user.id, revoked_at__isnull=True)
        await open_ones.update(revoked_at=datetime.now(UTC))


async def hash_renewed(user: User, password_hash: str) -> None:
    """Let tokens live on whose account got another hash of the same password.

    To be called in the transaction that writes the hash.

    Args:
        user: as it was before.
        password_hash: what its password has now.
    """
    if password_hash != user.password_hash:
        out = PasswordReset.filter(user_id=user.id, account_hash=_account_hash(user))
        await out.update(account_hash=_account_hash(user, password_hash))


def _account_hash(user: User, password_hash: str | None = None) -> str:
    return _hashed(f"{password_hash or user.password_hash}\n{user.email}")


def _hashed(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _worthless() -> Invalid:
    return Invalid(details={"token": ["This token is unknown, spent or expired."]})
