"""Deletes a snapshot of a machine; those taken on it stay.

find    the guest, by mark and uuid, and the snapshot
delete  it; there is no way back
"""

from __future__ import annotations

from typing import Any

from vmlab.models import Task, TaskStatus
from vmlab.models.connection import transaction
from vmlab.operations import snapshots
from vmlab.operations.admission import is_to_be_done, machine_for_update
from vmlab.rules.vm_state import Verb
from vmlab.tasks.operation import Operation, PveStep, Step
from vmlab.tasks.run import Run
from vmlab.tasks.store import INTERACTIVE, submit

KIND = "vm.delete_snapshot"


async def admit(vm_id: int, name: str, *, created_by_id: int | None) -> Task:
    """Accept the deletion of a snapshot: one transaction.

    Raises:
        Invalid: the name is none.
        NotFound: there is no such machine; whether there is the snapshot only the task can tell.
        WrongState: its state does not allow it, or a task is under way on it.
    """
    snapshots.check_name(name)
    async with transaction():
        vm = await machine_for_update(vm_id)
        await is_to_be_done(vm, Verb.SNAPSHOT)
        return await submit(
            snapshots.task_on(
                vm, KIND, {"name": name}, created_by_id=created_by_id, priority=INTERACTIVE
            )
        )


async def _find(run: Run) -> dict[str, Any]:
    guest = await snapshots.own_guest(run)
    await snapshots.require_snapshot(run, guest)
    return {"node": guest.node, "vmid": guest.vmid}


async def _delete(run: Run) -> str:
    guest = await snapshots.own_guest(run)
    return await run.parts.guests.delete_snapshot(guest.node, guest.vmid, run.params["name"])


async def _deleted(run: Run) -> dict[str, bool] | None:
    present = await snapshots.snapshots_of(run, await snapshots.own_guest(run))
    return None if run.params["name"] in present else {"gone": True}


async def _settle(run: Run, status: TaskStatus) -> None:
    """A snapshot changes nothing that the machine's row tells."""


OPERATION = Operation(
    kind=KIND,
    steps=(
        Step("find", _find),
        PveStep("delete", _delete, look=_deleted, type="qmdelsnapshot", at=snapshots.at),
    ),
    settle=_settle,
)
