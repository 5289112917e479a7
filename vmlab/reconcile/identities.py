"""Remembers which guests have been proven ours or a stranger's, so that each is read only once.

A verdict holds as long as the guest looks the same in `cluster/resources`: another name, other
tags or another node mean another reading.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from vmlab.proxmox.faults import ProxmoxFault
from vmlab.proxmox.shapes import GuestRow
from vmlab.tasks.parts import Parts

Look = tuple[str, str, str | None, tuple[str, ...], bool]


@dataclass(frozen=True)
class Identity:
    """What a guest's configuration says of whose it is."""

    mark: UUID | None
    smbios_uuid: str | None
    template: bool


class Identities:
    """Reads guests' configurations, each once for as long as it looks the same."""

    def __init__(self, parts: Parts) -> None:
        """Read through these parts."""
        self._parts = parts
        self._known: dict[int, tuple[Look, Identity]] = {}

    async def of(self, guest: GuestRow) -> Identity | None:
        """Whose a guest says it is; None if it cannot be read at the moment."""
        look = _look(guest)
        known = self._known.get(guest.vmid)
        if known is not None and known[0] == look:
            return known[1]
        if guest.type != "qemu":
            identity = Identity(None, None, template=False)
        else:
            try:
                config = await self._parts.guests.config(guest.node, guest.vmid)
            except ProxmoxFault:
                return None
            smbios_uuid = str(config.uuid) if config.uuid else None
            identity = Identity(config.mark, smbios_uuid, config.template)
        # A guest that is reported for the first time will look different then.
        if guest.reported:
            self._known[guest.vmid] = (look, identity)
        return identity

    def keep(self, vmids: Collection[int]) -> None:
        """Forget all guests but these."""
        self._known = {vmid: known for vmid, known in self._known.items() if vmid in vmids}


def _look(guest: GuestRow) -> Look:
    return guest.type, guest.node, guest.name, guest.tags, guest.template
