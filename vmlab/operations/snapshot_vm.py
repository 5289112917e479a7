"""Takes a snapshot of a machine.

find      the guest, by mark and uuid; the name is free, and there is room for one more
snapshot  take it                           undo: delete what there is of it
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from vmlab.models import Task, TaskStatus, Vm
from vmlab.models.connection import transaction
from vmlab.operations import snapshots
from vmlab.operations.admission import is_to_be_done, machine_for_update
from vmlab.operations.guest_identity import find_guest
from vmlab.rules.vm_state import Verb
from vmlab.tasks.operation import Operation, PveStep, Step
from vmlab.tasks.run import Run
from vmlab.tasks.store import INTERACTIVE, NewTask, submit

KIND = "vm.snapshot"


@dataclass(frozen=True, kw_only=True)
class SnapshotVm:
    """What is to be taken.

    Attributes:
        name: as `vmlab.rules.names.is_snapshot_name` allows.
        with_memory: of a running machine also its memory, so that a rollback brings it back
            running; it takes time, and space of twice the memory.
    """

    name: str
    description: str = ""
    with_memory: bool = False


async def admit(vm_id: int, wanted: SnapshotVm, *, created_by_id: int | None) -> Task:
    """Accept a snapshot of a machine: one transaction.

    Raises:
        Invalid: the name is none.
        NotFound: there is no such machine.
        WrongState: its state does not allow it, or a task is under way on it.
    """
    snapshots.check_name(wanted.name)
    async with transaction():
        vm = await machine_for_update(vm_id)
        await is_to_be_done(vm, Verb.SNAPSHOT)
        return await submit(task_for(vm, wanted, created_by_id=created_by_id))


def task_for(
    vm: Vm, wanted: SnapshotVm, *, created_by_id: int | None, priority: int = INTERACTIVE
) -> NewTask:
    """The task that takes the snapshot."""
    return snapshots.task_on(
        vm, KIND, asdict(wanted), created_by_id=created_by_id, priority=priority
    )


async def _find(run: Run) -> dict[str, Any]:
    guest = await snapshots.own_guest(run)
    present = await snapshots.snapshots_of(run, guest)
    if run.params["name"] in present:
        raise snapshots.SnapshotExists
    if len(present) >= run.parts.settings.guests.snapshots_per_vm:
        raise snapshots.TooManySnapshots
    return {"node": guest.node, "vmid": guest.vmid}


async def _snapshot(run: Run) -> str:
    guest = await snapshots.own_guest(run)
    return await run.parts.guests.create_snapshot(guest.node, guest.vmid, **run.params)


async def _taken(run: Run) -> dict[str, int | None] | None:
    """It was not there when this task began, and no other of ours works on the machine."""
    guest = await snapshots.own_guest(run)
    found = (await snapshots.snapshots_of(run, guest)).get(run.params["name"])
    if found is None or found.incomplete:
        return None
    return {"taken_at": found.taken_at}


async def _delete(run: Run) -> str | None:
    """Proxmox clears away what it was stopped at; what a killed worker has left is still there."""
    guest = await find_guest(run.parts, await Vm.get(id=run.task.target_id))
    if guest is None or run.params["name"] not in await snapshots.snapshots_of(run, guest):
        return None
    return await run.parts.guests.delete_snapshot(guest.node, guest.vmid, run.params["name"])


async def _settle(run: Run, status: TaskStatus) -> None:
    """A snapshot changes nothing that the machine's row tells."""


OPERATION = Operation(
    kind=KIND,
    steps=(
        Step("find", _find),
        PveStep(
            "snapshot",
            _snapshot,
            undo=_delete,
            look=_taken,
            type="qmsnapshot",
            at=snapshots.at,
            stoppable=True,
        ),
    ),
    settle=_settle,
)
