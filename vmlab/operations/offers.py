"""One-time addresses from which a node fetches an image by itself, in place of being sent it.

What an address leads to is kept on the bus under the hash of its token: it can be taken once, by
whichever process the node asks, and only for as long as a Proxmox task is waited for. Several
processes need Redis for that. Where a node did not get all of it, the step makes a new address.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import asdict, dataclass

from vmlab.bus import Bus
from vmlab.config import Settings

PATH = "/api/v1/images/{token}/"


@dataclass(frozen=True, kw_only=True)
class Offer:
    """Bytes of a finished file.

    Attributes:
        key: of the file in the store.
    """

    key: str
    start: int
    bytes: int


async def offer(bus: Bus, offered: Offer, settings: Settings) -> str:
    """Make an address and return it.

    Raises:
        ServiceUnavailable: it could not be kept.
    """
    token = secrets.token_urlsafe(32)
    await bus.put_once(_key(token), asdict(offered), settings.tasks.step_timeout_s)
    return settings.server.public_url.rstrip("/") + PATH.format(token=token)


async def take(bus: Bus, token: str) -> Offer | None:
    """What an address leads to; None if it was used before, has expired or never was.

    Raises:
        ServiceUnavailable: it could not be looked for.
    """
    found = await bus.take_once(_key(token))
    return None if found is None else Offer(**found)


def _key(token: str) -> str:
    return f"offer:{hashlib.sha256(token.encode()).hexdigest()}"
