"""Destroys a replica, and never anything that is not proven to be one.

check    nothing is linked to it
destroy  verify, drop the protection, destroy     undo: the protection comes back
"""

from __future__ import annotations

from typing import Any

from vmlab.errors import Conflict, NotFound, WrongState
from vmlab.models import Replica, ReplicaStatus, Task, TaskStatus, Template, Vm
from vmlab.models.connection import transaction
from vmlab.operations.create_replica import TARGET
from vmlab.operations.destroying import destroyed, protect_again, start_destroying
from vmlab.operations.guest_identity import ForeignGuest, find_guest
from vmlab.operations.linked_guests import refuse_linked
from vmlab.tasks import LockTaken, lanes
from vmlab.tasks.operation import Operation, PveStep, Step
from vmlab.tasks.run import Run
from vmlab.tasks.store import INTERACTIVE, NewTask, submit

KIND = "replica.delete"


async def admit(template: Template, node: str, *, created_by_id: int | None) -> Task:
    """Accept the deletion of a template's replica: one transaction.

    Raises:
        NotFound: there is none on that node.
        Conflict: machines are linked to it.
        WrongState: a task is under way on it.
    """
    async with transaction():
        await Template.filter(id=template.id).select_for_update(no_key=True)
        replica = await Replica.get_or_none(template_id=template.id, node=node)
        if replica is None:
            raise NotFound
        await _refuse_machines(replica)
        try:
            task = await submit(_task_for(template, replica, created_by_id))
        except LockTaken as taken:
            details = {"status": replica.status.value, "task_id": taken.task_id}
            raise WrongState(details=details) from None
        await _mark_deleting(replica)
    return task


async def _refuse_machines(replica: Replica) -> None:
    linked = await Vm.filter(replica_id=replica.id, deleted_at__isnull=True).count()
    if linked:
        raise Conflict("Machines are linked to this replica.", details={"vm_count": linked})


async def _mark_deleting(replica: Replica) -> None:
    replica.status = ReplicaStatus.DELETING
    await replica.save(update_fields=["status", "updated_at"])


def _task_for(template: Template, replica: Replica, created_by_id: int | None) -> NewTask:
    return NewTask(
        kind=KIND,
        target_type=TARGET,
        target_id=replica.id,
        params={"status": replica.status.value, "node": replica.node},
        lanes=[lanes.node(replica.node)],
        priority=INTERACTIVE,
        course_id=template.course_id,
        created_by_id=created_by_id,
    )


async def find(run: Run, replica: Replica) -> dict[str, Any]:
    """Where a replica is; nothing if it is gone, or a stranger has its number."""
    try:
        guest = await find_guest(run.parts, replica)
    except ForeignGuest:
        return {"left_alone": replica.vmid}
    if guest is None:
        return {}
    await refuse_linked(run.parts, replica)
    return {"node": guest.node, "vmid": guest.vmid}


async def _check(run: Run) -> dict[str, Any]:
    return await find(run, await Replica.get(id=run.task.target_id))


def _at(run: Run) -> tuple[str, int]:
    found = run.output("check")
    return found.get("node", ""), found.get("vmid", 0)


async def _destroy(run: Run) -> str | None:
    if "vmid" not in run.output("check"):
        return None
    return await start_destroying(run.parts, await Replica.get(id=run.task.target_id))


async def _destroyed(run: Run) -> dict[str, bool] | None:
    return await destroyed(run.parts, await Replica.get(id=run.task.target_id))


async def _protect_again(run: Run) -> None:
    await protect_again(run.parts, await Replica.get(id=run.task.target_id))


async def _settle(run: Run, status: TaskStatus) -> None:
    replica = await Replica.get(id=run.task.target_id)
    if status is TaskStatus.SUCCEEDED:
        await replica.delete()
        return
    replica.status = ReplicaStatus(run.params["status"])
    await replica.save(update_fields=["status", "updated_at"])


async def _readmit(task: Task) -> None:
    replica = await Replica.get_or_none(id=task.target_id)
    if replica is None:
        raise NotFound
    await Template.filter(id=replica.template_id).select_for_update(no_key=True)
    await _refuse_machines(replica)
    await _mark_deleting(replica)


OPERATION = Operation(
    kind=KIND,
    steps=(
        Step("check", _check),
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
