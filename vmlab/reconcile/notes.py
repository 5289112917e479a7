"""Writes into a machine's log what was done to its guest outside VMLab.

That a machine's state or hardware has changed is noted by triggers, with what was before and after
(migrations/models: 3_..._vm_states); here it is added that it was not VMLab. Tags are in no column:
the last thing that was noted of them is what is known of them.
"""

from __future__ import annotations

from collections.abc import Collection

from vmlab.models import Vm, VmEvent, VmEventKind
from vmlab.proxmox.shapes import GuestRow
from vmlab.reconcile.identities import Identity
from vmlab.rules import names
from vmlab.tasks.clock import database_now

NOT_US = "not by VMLab"

_NOTED = frozenset({"status", "name", "node", "cpu_cores", "memory_mb", "disk_gb"})
"""The columns whose changes are noted."""


async def explain(vm_id: int, changed: Collection[str], reason: str = NOT_US) -> None:
    """Add to what was just noted of a change why it is so; within the transaction of the change."""
    if _NOTED.isdisjoint(changed):
        return
    noted = await VmEvent.filter(vm_id=vm_id, kind=VmEventKind.STATE).order_by("-id").first()
    if noted is not None:
        await VmEvent.filter(id=noted.id).update(message=f"{noted.message} ({reason})")


def not_ours(vm: Vm, identity: Identity) -> str:
    """Why a guest under a machine's number is not this machine (any more)."""
    guest = f"VM {vm.vmid} in Proxmox"
    if identity.template:
        return f"{guest} is a template now"
    if identity.mark is None:
        return f"{guest} does not carry VMLab's mark any more"
    if identity.mark != vm.uuid:
        return f"{guest} carries the mark of another machine"
    return f"{guest} has another UUID: it is a copy, or was made anew"


class Tags:
    """What is known of the tags of each machine's guest."""

    def __init__(self) -> None:
        """Nothing was read yet."""
        self._known: dict[int, str] | None = None

    async def note(self, vm: Vm, guest: GuestRow) -> None:
        """Note that a guest has other tags than it had."""
        seen = _text(guest.tags)
        if self._known is None:
            self._known = await _last_noted()
        known = self._known.get(vm.id)
        if known is None:
            known = _text(names.tags(vm.course_id).split(";"))
        if seen != known:
            await VmEvent.create(
                vm_id=vm.id,
                at=await database_now(),
                kind=VmEventKind.TAGS,
                message=f"tags: {known}{_BECAME}{seen} ({NOT_US})",
            )
        self._known[vm.id] = seen


_BECAME = " → "


def _text(tags: Collection[str]) -> str:
    return ", ".join(sorted(tags)) or "-"


async def _last_noted() -> dict[int, str]:
    """The tags of each machine of which any were noted, by its id."""
    rows = await VmEvent.filter(kind=VmEventKind.TAGS).order_by("id").values("vm_id", "message")
    return {
        row["vm_id"]: row["message"].partition(_BECAME)[2].removesuffix(f" ({NOT_US})")
        for row in rows
    }
