"""The clone itself: repeated without harm, adopted where it was made already, taken back.

Proxmox lists all clones of a template under the template's number, so a task that was lost cannot
be told from another machine's. The new guest's notes can: the clone call itself writes our mark.
Until the task's end a token with rights on the pool only gets 403 for the new guest, and Proxmox
shows a stub without any mark (qemu-server 8.4: lock `clone`).
"""

from __future__ import annotations

import contextlib
from typing import Any

from vmlab.config import Guests as GuestSettings
from vmlab.models import Replica, ReplicaStatus, Vm
from vmlab.models import Step as StepRow
from vmlab.operations import placing
from vmlab.operations.destroying import stop_and_destroy
from vmlab.operations.guest_identity import ForeignGuest, GuestGone, find_guest, require_guest
from vmlab.operations.sources import source_of
from vmlab.proxmox import mark
from vmlab.proxmox.faults import AlreadyExists, GuestLocked, PermissionMissing, ProxmoxFault
from vmlab.rules import names
from vmlab.tasks.run import Run

_OTHER_NUMBERS = 3


def pool_of(vm: Vm, settings: GuestSettings) -> str:
    """The Proxmox pool that a machine is put into."""
    return names.pool(settings.pool, per_course=settings.pool_per_course, course_id=vm.course_id)


def notes_of(vm: Vm) -> str:
    """A guest's notes in Proxmox: for people, with our mark as the last line.

    Args:
        vm: loaded with its owner and its course.
    """
    facts = {"Owner": f"{vm.owner.username} (user {vm.owner.id})"}
    if vm.course is not None:
        facts["Course"] = f"{vm.course.name} (course {vm.course.id})"
    return mark.build(names.notes(vm.description, facts), vm.uuid)


async def clone(run: Run) -> str | None:
    """Start the clone; None if an earlier call has made it after all.

    A number that a stranger has taken since it was asked for is left to them for another one, and
    so is the node whose replica is not there any more.
    """
    vm = await Vm.get(id=run.task.target_id).select_related("owner", "course", "template")
    template = vm.template
    assert template is not None
    for _ in range(_OTHER_NUMBERS):
        try:
            return await _call(run, vm)
        except AlreadyExists:
            if await cloned(run) is not None:
                return None
            if not await _is_foreign(run, vm):
                raise
        except _ReplicaLost:
            await Replica.filter(id=vm.replica_id).update(status=ReplicaStatus.MISSING)
        await placing.release(vm)
        await placing.place(vm, template, run.parts.cluster, run.parts.settings.guests)
    raise AlreadyExists(f"VM {vm.vmid} and the numbers before it")


class _ReplicaLost(Exception):
    """The replica that the machine was to be cloned from is gone, or is not ours any more."""


async def _call(run: Run, vm: Vm) -> str:
    settings, source = run.parts.settings.guests, await source_of(vm)
    if source.replica_id is not None:
        await _verify(run, source.replica_id)
    assert vm.vmid is not None
    return await run.parts.guests.clone(
        source.node,
        source.vmid,
        vm.vmid,
        name=vm.name,
        description=notes_of(vm),
        pool=pool_of(vm, settings),
        full=settings.full_clone or None,
        storage=settings.full_clone_storage or None if settings.full_clone else None,
        target=vm.node if vm.node != source.node else None,
    )


async def _verify(run: Run, replica_id: int) -> None:
    """See that a replica is still there: under its number may stand another template by now."""
    replica = await Replica.get(id=replica_id)
    try:
        guest = await require_guest(run.parts, replica)
    except (GuestGone, ForeignGuest):
        raise _ReplicaLost from None
    if guest.node != replica.node or not guest.config.template:
        raise _ReplicaLost


async def cloned(run: Run) -> dict[str, Any] | None:
    """Whether the clone is there and finished; waits for clones of the template that may be it."""
    vm = await Vm.get(id=run.task.target_id)
    seen = await _finished(run, vm)
    if seen is None and await _wait_for_lost_clones(run, vm):
        seen = await _finished(run, vm)
    return seen


async def _finished(run: Run, vm: Vm) -> dict[str, Any] | None:
    try:
        guest = await find_guest(run.parts, vm)
    except (ForeignGuest, PermissionMissing):
        return None
    if guest is None or guest.config.lock is not None:
        return None
    return {"node": guest.node, "vmid": guest.vmid}


async def _wait_for_lost_clones(run: Run, vm: Vm) -> bool:
    """Wait for clones of this source that no step of ours has saved; whether there were any."""
    source = await source_of(vm)
    rows = await run.parts.pve_tasks.find(
        source.node, type="qmclone", vmid=source.vmid, since=run.output("place")["since"]
    )
    upids = [row.upid for row in rows]
    others = StepRow.filter(upid__in=upids).exclude(task_id=run.task.id)
    known = {row.upid for row in await others}
    lost = [row.upid for row in rows if row.upid not in known]
    for upid in lost:
        # However it ended: what counts is what it left.
        with contextlib.suppress(ProxmoxFault):
            await run.wait(upid)
    return bool(lost)


async def _is_foreign(run: Run, vm: Vm) -> bool:
    """Whether the guest under our number is finished and is not ours."""
    try:
        await find_guest(run.parts, vm)
    except ForeignGuest:
        return True
    return False


async def unclone(run: Run) -> str | None:
    """Take the clone back: verify, then destroy. Returns the UPID of its destruction.

    Raises:
        GuestLocked, PermissionMissing: a guest is there and nobody can say whose.
    """
    vm = await Vm.get(id=run.task.target_id)
    await cloned(run)
    try:
        return await stop_and_destroy(run, vm)
    except ForeignGuest as fault:
        if fault.details["lock"] == "clone":
            raise GuestLocked("VM is locked (clone)") from fault
        # A stranger had the number before us, so nothing of ours was made.
        return None
