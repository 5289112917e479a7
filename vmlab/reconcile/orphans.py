"""Guests that look like ours and that no row knows: reported to people, never destroyed.

They come from a database that was restored from an older backup, or from copies that somebody
made in the Proxmox interface.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from uuid import UUID

from vmlab.config import Guests as GuestSettings
from vmlab.proxmox.shapes import GuestRow
from vmlab.rules.names import TAG


@dataclass(frozen=True)
class Orphan:
    """A guest that nobody answers for.

    Attributes:
        mark: the machine that its notes name, if they name one.
    """

    vmid: int
    node: str
    name: str | None
    mark: UUID | None


def candidates(
    guests: Iterable[GuestRow], known_vmids: Collection[int], settings: GuestSettings
) -> list[GuestRow]:
    """Guests without a row that carry our tag, or stand in our pool and our range of numbers."""
    return [
        guest
        for guest in guests
        if guest.vmid not in known_vmids
        and guest.type == "qemu"
        and not guest.template
        and (TAG in guest.tags or _in_our_place(guest, settings))
    ]


def _in_our_place(guest: GuestRow, settings: GuestSettings) -> bool:
    in_range = settings.vmid_first <= guest.vmid <= settings.vmid_last
    pool = guest.pool or ""
    return in_range and (pool == settings.pool or pool.startswith(f"{settings.pool}-course-"))
