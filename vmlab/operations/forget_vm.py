"""Lets go of a machine: its row ends, and its guest stays whatever it is by now.

For what can never be deleted, because nothing but a guest that is proven to be ours is ever
touched: an administrator has taken the guest over, or its number was given to somebody else's,
perhaps where VMLab's token may not look. What is ours and there is to be deleted, not forgotten.
"""

from __future__ import annotations

from datetime import UTC, datetime

from vmlab.errors import WrongState
from vmlab.models import Vm
from vmlab.models.connection import transaction
from vmlab.operations.admission import machine_for_update, task_under_way
from vmlab.operations.guest_identity import ForeignGuest, find_guest
from vmlab.proxmox.faults import PermissionMissing
from vmlab.tasks.parts import Parts


class StillOurs(WrongState):
    """The guest is VMLab's and is there: delete the machine."""


async def forget(parts: Parts, vm: Vm) -> None:
    """End a machine's row and give back its number and its share of the quota.

    Proxmox is asked, and nothing is changed there.

    Raises:
        NotFound: there is no such machine any more.
        StillOurs: the guest is proven to be ours, and is there.
        WrongState: a task is under way on it.
        ProxmoxUnavailable: the cluster cannot say.
    """
    await _refuse_own(parts, vm)
    async with transaction():
        now = await machine_for_update(vm.id)
        task_id = await task_under_way(vm.id)
        if task_id is not None or now.vmid != vm.vmid:
            raise WrongState(details={"status": now.status.value, "task_id": task_id})
        now.deleted_at = datetime.now(UTC)
        now.vmid, now.reserved = None, False
        await now.save(update_fields=["deleted_at", "vmid", "reserved", "updated_at"])


async def _refuse_own(parts: Parts, vm: Vm) -> None:
    try:
        found = await find_guest(parts, vm)
    except (ForeignGuest, PermissionMissing):
        return
    if found is not None:
        raise StillOurs(details={"status": vm.status.value, "task_id": None})
