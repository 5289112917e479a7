"""Writes the letters with which people set a password: forgotten ones and first ones."""

from __future__ import annotations

from vmlab.config import Settings
from vmlab.mail import Letter
from vmlab.models import User
from vmlab.operations.password_reset import issue_tokens

DAY_S = 86_400


async def reset_letter(settings: Settings, email: str, language: str) -> Letter | None:
    """For somebody who has forgotten the password; None if nobody active has this address."""
    user = await User.filter(email=email, is_active=True).first()
    if user is None:
        return None
    lifetime_s = settings.security.reset_token_s
    [token] = await issue_tokens([user], lifetime_s)
    values = {"minutes": str(max(1, lifetime_s // 60))}
    return _letter(settings, "reset", language, user, token, values)


def welcome_letter(settings: Settings, user: User, token: str, language: str) -> Letter:
    """For somebody whose account was made for them and who has no password yet."""
    values = {"days": str(max(1, settings.security.first_password_s // DAY_S))}
    return _letter(settings, "welcome", language, user, token, values)


def _letter(
    settings: Settings, kind: str, language: str, user: User, token: str, values: dict[str, str]
) -> Letter:
    where = settings.mail.reset_url.replace("{token}", token) or token
    name = user.first_name or user.username
    common = {"name": name, "username": user.username, "where": where}
    return Letter(kind=kind, language=language, to=user.email, values=values | common)
