"""The clone that becomes a machine: what is asked of Proxmox, and under what it is listed there.

What may go wrong on the way is `vmlab.operations.making`'s matter.
"""

from __future__ import annotations

from vmlab.config import Guests as GuestSettings
from vmlab.models import Replica, ReplicaStatus, Vm
from vmlab.operations import placing
from vmlab.operations.guest_identity import ForeignGuest, GuestGone, require_guest
from vmlab.operations.making import Making, SourceLost
from vmlab.operations.sources import source_of
from vmlab.proxmox import mark
from vmlab.rules import names
from vmlab.tasks.run import Run


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


async def _machine(run: Run) -> Vm:
    return await Vm.get(id=run.task.target_id).select_related("owner", "course", "template")


async def _call(run: Run) -> str:
    vm, settings = await _machine(run), run.parts.settings.guests
    source = await source_of(vm)
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
        if guest.node == replica.node and guest.config.template:
            return
    except (GuestGone, ForeignGuest):
        pass
    await Replica.filter(id=replica_id).update(status=ReplicaStatus.MISSING)
    raise SourceLost


async def _listed(run: Run) -> tuple[str, str, int | None, int]:
    source = await source_of(await _machine(run))
    return source.node, "qmclone", source.vmid, run.output("place")["since"]


async def _renumber(run: Run) -> None:
    vm = await _machine(run)
    assert vm.template is not None
    await placing.release(vm)
    await placing.place(vm, vm.template, run.parts.cluster, run.parts.settings.guests)


CLONING = Making(guest=_machine, call=_call, listed=_listed, renumber=_renumber)
