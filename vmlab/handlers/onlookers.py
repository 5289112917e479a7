"""Who has a machine's screen open, as those at the same screen and the API are told."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from vmlab.models import ConsoleSession


def onlookers(sessions: Iterable[ConsoleSession]) -> list[dict[str, Any]]:
    """Who they are, since when, and whether they only watch; shells are nobody's screen.

    Args:
        sessions: that are open, with their users.
    """
    return [
        {
            "user": {"id": session.user.id, "username": session.user.username},
            "mode": session.mode,
            "since": session.opened_at,
        }
        for session in sessions
        if session.user is not None and is_onlooker(session)
    ]


def is_onlooker(session: ConsoleSession) -> bool:
    """Whether a session is somebody at a screen."""
    return session.protocol == "vnc" and session.user_id is not None
