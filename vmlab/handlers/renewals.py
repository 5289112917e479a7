"""Opening a console again after a break, without signing in again.

    connected ──> the page is given a secret, over the console itself, and says that it has it
    broken    ──> POST console/renew/ with the secret ──> a one-time token
    connected ──> the next secret; once the page has that one, the one before is spent

A secret is good for one machine, one protocol and one mode, for as long as the login that opened
the console lasts and may open it. Only its hash is kept. A secret that comes back after it was
spent is in two hands, one of them a thief's: then all consoles of that page end, and none is
renewed.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator, Mapping
from typing import Any, Protocol

from vmlab.bus import Bus
from vmlab.errors import Unauthenticated
from vmlab.handlers import trail
from vmlab.handlers.auth import actor_of
from vmlab.handlers.sessions import hashed
from vmlab.models import ConsoleSession
from vmlab.operations import console_record
from vmlab.rules.access import Actor


class Page(Protocol):
    """The page at the other end of a console."""

    kept: asyncio.Event
    """Set when it has its secret."""

    def tell(self, notice: Mapping[str, Any]) -> None:
        """Let it know something."""


def new_secret() -> str:
    """A secret that nobody guesses."""
    return secrets.token_urlsafe(32)


@contextlib.asynccontextmanager
async def renewable(page: Page, secret: str | None, session: ConsoleSession) -> AsyncIterator[None]:
    """Let the page keep its secret during the block, and spend those before when it has it.

    Args:
        secret: None where the console cannot be opened again by itself.
    """
    if secret is None:
        yield
        return
    page.tell({"type": "renewal", "secret": secret})
    spending = asyncio.create_task(_spend(page, session))
    try:
        yield
    finally:
        spending.cancel()
        await asyncio.wait([spending])


async def _spend(page: Page, session: ConsoleSession) -> None:
    await page.kept.wait()
    await console_record.spend_earlier(session)


async def redeem(secret: str, bus: Bus) -> tuple[Actor, ConsoleSession]:
    """Whose console a secret opens again, and which.

    Raises:
        Unauthenticated: there is none, its login has ended, or the secret was spent before.
    """
    session = await ConsoleSession.get_or_none(renewal_hash=hashed(secret))
    if session is None or session.login_id is None:
        raise Unauthenticated
    actor = await actor_of(session.login_id)
    trail.by(actor.user_id, actor.username, is_attempt=True)
    trail.on("vm", session.vm_id)
    if session.renewal_spent_at is not None:
        await console_record.end_chain(session.chain)
        await bus.publish("consoles", {"vm_id": session.vm_id})
        raise Unauthenticated
    return actor, session
