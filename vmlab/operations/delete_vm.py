"""Deletes a machine for good, and never anything that is not proven to be ours.

find      the guest, by mark and uuid; gone, or a stranger's by now: only the row ends
stop      if it runs
destroy   verify, drop the protection, destroy     undo: the protection comes back
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from vmlab.models import Task, TaskStatus, Vm
from vmlab.models.connection import transaction
from vmlab.operations.admission import is_to_be_done, lanes_of, machine_for_update
from vmlab.operations.destroying import destroyed, protect_again, start_destroying
from vmlab.operations.guest_identity import ForeignGuest, find_guest
from vmlab.rules.vm_state import Verb, VmStatus
from vmlab.tasks.operation import Operation, PveStep, Step
from vmlab.tasks.run import Run
from vmlab.tasks.store import INTERACTIVE, NewTask, submit

KIND = "vm.delete"


async def admit(vm_id: int, *, created_by_id: int | None) -> Task:
    """Accept the deletion of a machine: one transaction.

    Raises:
        NotFound: there is no such machine, or not any more.
        WrongState: a task is under way on it.
    """
    async with transaction():
        vm = await machine_for_update(vm_id)
        await is_to_be_done(vm, Verb.DELETE)
        task = await submit(task_for(vm, created_by_id=created_by_id))
        await mark_deleting([vm])
    return task


def task_for(vm: Vm, *, created_by_id: int | None, priority: int = INTERACTIVE) -> NewTask:
    """The task that deletes a machine."""
    return NewTask(
        kind=KIND,
        target_type="vm",
        target_id=vm.id,
        params={"status": vm.status.value},
        lanes=lanes_of(vm),
        priority=priority,
        course_id=vm.course_id,
        created_by_id=created_by_id,
    )


async def mark_deleting(vms: list[Vm]) -> None:
    """Show these machines as being deleted; their tasks remember what they were."""
    await Vm.filter(id__in=[vm.id for vm in vms]).update(
        status=VmStatus.DELETING, updated_at=datetime.now(UTC)
    )


async def _find(run: Run) -> dict[str, Any]:
    vm = await Vm.get(id=run.task.target_id)
    try:
        guest = await find_guest(run.parts, vm)
    except ForeignGuest:
        return {"left_alone": vm.vmid}
    return {} if guest is None else {"node": guest.node, "vmid": guest.vmid}


def _at(run: Run) -> tuple[str, int]:
    found = run.output("find")
    return found.get("node", ""), found.get("vmid", 0)


async def _stop(run: Run) -> str | None:
    node, vmid = _at(run)
    if not vmid or not (await run.parts.guests.status(node, vmid)).running:
        return None
    return await run.parts.guests.stop(node, vmid, overrule_shutdown=True)


async def _stopped(run: Run) -> dict[str, bool] | None:
    node, vmid = _at(run)
    if vmid and (await run.parts.guests.status(node, vmid)).running:
        return None
    return {"running": False}


async def _destroy(run: Run) -> str | None:
    if "vmid" not in run.output("find"):
        return None
    return await start_destroying(run.parts, await Vm.get(id=run.task.target_id))


async def _destroyed(run: Run) -> dict[str, bool] | None:
    return await destroyed(run.parts, await Vm.get(id=run.task.target_id))


async def _protect_again(run: Run) -> None:
    await protect_again(run.parts, await Vm.get(id=run.task.target_id))


async def _settle(run: Run, status: TaskStatus) -> None:
    vm = await Vm.get(id=run.task.target_id)
    if status is TaskStatus.SUCCEEDED:
        vm.deleted_at = datetime.now(UTC)
        vm.reserved = False
        vm.vmid = None
    else:
        # As it was; the reconciler soon sees what it really is.
        vm.status = VmStatus(run.params["status"])
    await vm.save(update_fields=["deleted_at", "reserved", "vmid", "status", "updated_at"])


async def _readmit(task: Task) -> None:
    await mark_deleting([await machine_for_update(task.target_id)])


OPERATION = Operation(
    kind=KIND,
    steps=(
        Step("find", _find),
        PveStep("stop", _stop, look=_stopped, type="qmstop", at=_at),
        PveStep(
            "destroy",
            _destroy,
            undo=_protect_again,
            look=_destroyed,
            type="qmdestroy",
            at=_at,
            weight=6,
        ),
    ),
    settle=_settle,
    readmit=_readmit,
)
