"""Keeps the history of changes short: who was away for longer loads everything anew."""

from __future__ import annotations

import asyncio
import logging

from vmlab.models import Event

KEEP = 50_000
"""Events that are kept: those of some thousand creations."""

EVERY_S = 60.0

_log = logging.getLogger(__name__)


async def keep_history_short() -> None:
    """Forget what is old, again and again, until cancelled; several may do so at a time."""
    while True:
        try:
            await Event.forget(KEEP)
        except Exception:  # the database may be back the next time
            _log.exception("old events are still there")
        await asyncio.sleep(EVERY_S)
