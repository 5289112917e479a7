"""Destroys a guest for good, right after having proven that it is ours."""

from __future__ import annotations

from vmlab.operations.guest_identity import ForeignGuest, Known, find_guest, write_config
from vmlab.proxmox.faults import PermissionMissing
from vmlab.tasks.parts import Parts
from vmlab.tasks.run import Run


async def stop_and_destroy(run: Run, vm: Known) -> str | None:
    """Stop a machine's guest and start its destruction; None if it is gone.

    Raises:
        ForeignGuest, PermissionMissing: it is not ours, or nobody can say.
    """
    guest = await find_guest(run.parts, vm)
    if guest is None:
        return None
    status = await run.parts.guests.status(guest.node, guest.vmid)
    if status.running:
        await run.wait(await run.parts.guests.stop(guest.node, guest.vmid))
    return await start_destroying(run.parts, vm)


async def start_destroying(parts: Parts, vm: Known) -> str | None:
    """Verify a stopped guest, drop its protection and start its destruction.

    The call to destroy knows no digest (qemu-server 8.4), so the one to drop the protection is
    made with it: it is refused if anybody has written the guest since it was verified. What stays
    open is the moment between the two.

    Returns:
        The UPID; None if the guest is gone already.
    """
    guest = await find_guest(parts, vm)
    if guest is None:
        return None
    if guest.config.protection:
        await write_config(parts, vm, {}, delete=["protection"], seen=guest)
    return await parts.guests.delete(guest.node, guest.vmid)


async def destroyed(parts: Parts, vm: Known) -> dict[str, bool] | None:
    """Tell whether a destruction is through; None as long as that is not proven.

    Shortly before its end it leaves a stub that nobody may read, or one without our mark.
    """
    try:
        guest = await find_guest(parts, vm)
    except (ForeignGuest, PermissionMissing):
        return None
    return {"gone": True} if guest is None else None


async def protect_again(parts: Parts, vm: Known) -> None:
    """Put the protection back on a guest that stays after all; a stranger's is left alone."""
    try:
        guest = await find_guest(parts, vm)
    except ForeignGuest:
        return
    if guest is not None and parts.settings.guests.protect and not guest.config.protection:
        await write_config(parts, vm, {"protection": True}, seen=guest)
