"""Destroys what VMLab has made of a template: its replicas, and the template if it is VMLab's own.

An administrator's template is only forgotten, and stays in Proxmox as it is. One that has replicas
needs this task for them.

check     nothing is linked to it, nor to a replica
replicas  one after another: verify, destroy, forget  undo: the protection of what stays comes back
destroy   verify, drop the protection, destroy         undo: the protection comes back
"""

from __future__ import annotations

from typing import Any

from vmlab.errors import Conflict, NotFound
from vmlab.models import Replica, Task, TaskStatus, Template, TemplateStatus, Vm
from vmlab.models.connection import transaction
from vmlab.operations import delete_replica, trial
from vmlab.operations.create_replica import TARGET
from vmlab.operations.destroying import destroyed, protect_again, start_destroying
from vmlab.operations.guest_identity import ForeignGuest, find_guest
from vmlab.operations.linked_guests import refuse_linked
from vmlab.tasks import lanes
from vmlab.tasks.operation import Operation, PveStep, Step
from vmlab.tasks.run import Run
from vmlab.tasks.store import INTERACTIVE, NewTask, submit

KIND = "template.delete"


async def admit(template_id: int, *, created_by_id: int | None) -> Task | None:
    """Accept the deletion of a template, or forget it at once: one transaction.

    Returns:
        None if nothing of it is VMLab's in Proxmox, and it is forgotten already.

    Raises:
        NotFound: there is no such template.
        Conflict: machines are linked to it, another course uses it, or a task works on it or on a
            replica of it.
    """
    async with transaction():
        template = await _for_update(template_id)
        await _refuse_machines(template)
        replicas = await Replica.filter(template_id=template.id)
        await _refuse_busy(template, replicas)
        await _refuse_others(template)
        if not replicas and not (template.made_here and template.vmid is not None):
            await template.delete()
            return None
        task = await submit(_task_for(template, created_by_id))
        await _mark_deleting(template)
    return task


async def _for_update(template_id: int) -> Template:
    template = await Template.filter(id=template_id).select_for_update().first()
    if template is None:
        raise NotFound
    return template


async def _refuse_machines(template: Template) -> None:
    linked = await Vm.filter(template_id=template.id, deleted_at__isnull=True).count()
    if linked:
        raise Conflict("Machines are linked to this template.", details={"vm_count": linked})


async def _refuse_busy(template: Template, replicas: list[Replica]) -> None:
    locks = [f"template:{template.id}", *(f"{TARGET}:{replica.id}" for replica in replicas)]
    if task := await Task.filter(lock__in=locks).order_by("id").first():
        raise Conflict("A task is under way on the template.", details={"task_id": task.id})


async def _refuse_others(template: Template) -> None:
    """What VMLab has made for one course may be an administrator's template to another."""
    others = Template.filter(vmid=template.vmid).exclude(id=template.id)
    if template.made_here and template.vmid is not None and await others.exists():
        raise Conflict("Another course uses this template.")


async def _mark_deleting(template: Template) -> None:
    template.status = TemplateStatus.DELETING
    await template.save(update_fields=["status", "updated_at"])


def _task_for(template: Template, created_by_id: int | None) -> NewTask:
    return NewTask(
        kind=KIND,
        target_type="template",
        target_id=template.id,
        params={"status": template.status.value},
        lanes=[lanes.node(template.node)] if template.node else [],
        priority=INTERACTIVE,
        course_id=template.course_id,
        created_by_id=created_by_id,
    )


async def _template(run: Run) -> Template:
    return await Template.get(id=run.task.target_id)


async def _check(run: Run) -> dict[str, Any]:
    """Look before anything is destroyed: what hangs on one of them keeps them all."""
    template = await _template(run)
    for replica in await Replica.filter(template_id=template.id):
        await delete_replica.find(run, replica)
    if not template.made_here:
        return {}
    try:
        guest = await find_guest(run.parts, template)
    except ForeignGuest:
        return {"left_alone": template.vmid}
    if guest is None:
        return {}
    await refuse_linked(run.parts, template)
    protected = guest.config.protection
    return {"node": guest.node, "vmid": guest.vmid, "protected": protected}


async def _destroy_replicas(run: Run) -> None:
    """Each is gone for good before the next one: there is no way back from here."""
    for replica in await Replica.filter(template_id=run.task.target_id).order_by("id"):
        if "vmid" in await delete_replica.find(run, replica):
            upid = await start_destroying(run.parts, replica)
            if upid is not None:
                await run.wait(upid)
        await replica.delete()


async def _protect_replicas(run: Run) -> None:
    """Those that stay after all are as they were."""
    for replica in await Replica.filter(template_id=run.task.target_id):
        await protect_again(run.parts, replica)


def _at(run: Run) -> tuple[str, int]:
    found = run.output("check")
    return found.get("node", ""), found.get("vmid", 0)


async def _destroy(run: Run) -> str | None:
    if "vmid" not in run.output("check"):
        return None
    template = await _template(run)
    await refuse_linked(run.parts, template)
    return await start_destroying(run.parts, template)


async def _destroyed(run: Run) -> dict[str, bool] | None:
    template = await _template(run)
    return await destroyed(run.parts, template) if template.made_here else None


async def _protect_again(run: Run) -> None:
    if run.output("check").get("protected"):
        await protect_again(run.parts, await _template(run))


async def _settle(run: Run, status: TaskStatus) -> None:
    template = await _template(run)
    if status is TaskStatus.SUCCEEDED:
        await trial.forget_number(template)
        await template.delete()
        return
    template.status = TemplateStatus(run.params["status"])
    await template.save(update_fields=["status", "updated_at"])


async def _readmit(task: Task) -> None:
    template = await _for_update(task.target_id)
    await _refuse_machines(template)
    await _refuse_busy(template, await Replica.filter(template_id=template.id))
    await _refuse_others(template)
    await _mark_deleting(template)


OPERATION = Operation(
    kind=KIND,
    steps=(
        Step("check", _check),
        Step("replicas", _destroy_replicas, undo=_protect_replicas, weight=6),
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
