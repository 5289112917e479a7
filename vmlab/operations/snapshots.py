"""What the verbs on snapshots have in common: find the guest and what it has of snapshots.

Which snapshots there are only Proxmox knows: administrators take and delete them as well. So a verb
is accepted on what the machine's state allows, and its first step looks whether it can be done.
"""

from __future__ import annotations

from typing import Any

from vmlab.errors import Conflict, Invalid, NotFound
from vmlab.models import Vm
from vmlab.operations.admission import lanes_of
from vmlab.operations.guest_identity import OwnGuest, require_guest
from vmlab.proxmox.history import Snapshot
from vmlab.rules import names
from vmlab.tasks.run import Run
from vmlab.tasks.store import NewTask


class SnapshotMissing(NotFound):
    """The virtual machine has no snapshot of this name."""


class SnapshotExists(Conflict):
    """The virtual machine has a snapshot of this name already."""


class SnapshotIncomplete(Conflict):
    """This snapshot was never finished: it can only be deleted."""


class TooManySnapshots(Conflict):
    """The virtual machine has as many snapshots as allowed: delete one first."""


def check_name(name: str) -> None:
    """Refuse what Proxmox would not take as a snapshot's name.

    Raises:
        Invalid: it is none.
    """
    if not names.is_snapshot_name(name):
        sentence = (
            "Must be 2 to 40 letters, digits, - and _, a letter first; not current or pending."
        )
        raise Invalid(details={"name": [sentence]})


def task_on(
    vm: Vm, kind: str, params: dict[str, Any], *, created_by_id: int | None, priority: int
) -> NewTask:
    """The task of one of these verbs on a machine."""
    return NewTask(
        kind=kind,
        target_type="vm",
        target_id=vm.id,
        params=params,
        lanes=lanes_of(vm),
        priority=priority,
        course_id=vm.course_id,
        created_by_id=created_by_id,
    )


async def own_guest(run: Run) -> OwnGuest:
    """The guest of the task's machine, proven to be ours.

    Raises:
        GuestGone, ForeignGuest, PermissionMissing: as in `require_guest`.
    """
    return await require_guest(run.parts, await Vm.get(id=run.task.target_id))


async def snapshots_of(run: Run, guest: OwnGuest) -> dict[str, Snapshot]:
    """The guest's snapshots by name."""
    found = await run.parts.guests.snapshots(guest.node, guest.vmid)
    return {snapshot.name: snapshot for snapshot in found}


async def require_snapshot(run: Run, guest: OwnGuest) -> Snapshot:
    """The snapshot that the task names.

    Raises:
        SnapshotMissing: there is none.
    """
    snapshot = (await snapshots_of(run, guest)).get(run.params["name"])
    if snapshot is None:
        raise SnapshotMissing
    return snapshot


def at(run: Run) -> tuple[str, int]:
    """Where the first step has found the guest: node and VMID."""
    found = run.output("find")
    return found["node"], found["vmid"]
