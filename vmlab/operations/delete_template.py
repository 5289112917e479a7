"""Deletes a template that VMLab has made; of an administrator's only the entry is forgotten.

find      the guest, by mark and uuid; gone, or a stranger's by now: only the row ends
destroy   verify, then destroy
"""

from __future__ import annotations

from typing import Any

from vmlab.errors import Conflict, NotFound
from vmlab.models import Task, TaskStatus, Template, TemplateStatus
from vmlab.models.connection import transaction
from vmlab.operations.courses import refuse_linked
from vmlab.operations.destroying import start_destroying
from vmlab.operations.guest_identity import ForeignGuest, find_guest
from vmlab.proxmox.faults import PermissionMissing
from vmlab.tasks import LockTaken, lanes
from vmlab.tasks.operation import Operation, PveStep, Step
from vmlab.tasks.run import Run
from vmlab.tasks.store import NewTask, submit

KIND = "template.delete"


async def admit(template_id: int, *, created_by_id: int | None) -> Task | None:
    """Accept the deletion of a template: one transaction.

    Returns:
        None if it is deleted already, since VMLab has nothing of it in Proxmox.

    Raises:
        NotFound: there is no such template.
        Conflict: machines are linked to it, another course uses it, or a task works on it.
    """
    async with transaction():
        template = await Template.filter(id=template_id).select_for_update().first()
        if template is None:
            raise NotFound
        await refuse_linked([template.id])
        if not template.made_here or template.vmid is None:
            await template.delete()
            return None
        others = Template.filter(vmid=template.vmid).exclude(id=template.id)
        if await others.exists():
            raise Conflict("Another course uses this template.")
        try:
            task = await submit(_task_for(template, created_by_id))
        except LockTaken as taken:
            details = {"task_id": taken.task_id}
            raise Conflict("A task is under way on the template.", details=details) from None
        await Template.filter(id=template.id).update(status=TemplateStatus.DELETING)
    return task


def _task_for(template: Template, created_by_id: int | None) -> NewTask:
    return NewTask(
        kind=KIND,
        target_type="template",
        target_id=template.id,
        params={"status": template.status.value},
        lanes=[lanes.node(template.node)] if template.node else [],
        course_id=template.course_id,
        created_by_id=created_by_id,
    )


async def _find(run: Run) -> dict[str, Any]:
    template = await Template.get(id=run.task.target_id)
    try:
        guest = await find_guest(run.parts, template)
    except ForeignGuest:
        return {"left_alone": template.vmid}
    return {} if guest is None else {"node": guest.node, "vmid": guest.vmid}


def _at(run: Run) -> tuple[str, int]:
    found = run.output("find")
    return found.get("node", ""), found.get("vmid", 0)


async def _destroy(run: Run) -> str | None:
    if "vmid" not in run.output("find"):
        return None
    return await start_destroying(run.parts, await Template.get(id=run.task.target_id))


async def _destroyed(run: Run) -> dict[str, bool] | None:
    """Shortly before its end a destruction leaves a stub that nobody may read, or without mark."""
    try:
        guest = await find_guest(run.parts, await Template.get(id=run.task.target_id))
    except (ForeignGuest, PermissionMissing):
        return None
    return {"gone": True} if guest is None else None


async def _settle(run: Run, status: TaskStatus) -> None:
    rows = Template.filter(id=run.task.target_id)
    if status is TaskStatus.SUCCEEDED:
        await rows.delete()
    else:
        await rows.update(status=TemplateStatus(run.params["status"]))


async def _readmit(task: Task) -> None:
    await refuse_linked([task.target_id])
    await Template.filter(id=task.target_id).update(status=TemplateStatus.DELETING)


OPERATION = Operation(
    kind=KIND,
    steps=(
        Step("find", _find),
        PveStep("destroy", _destroy, look=_destroyed, type="qmdestroy", at=_at, weight=6),
    ),
    settle=_settle,
    readmit=_readmit,
)
