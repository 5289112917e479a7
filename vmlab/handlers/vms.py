"""`vms/`: machines made, listed, changed and deleted."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from tortoise.expressions import Q
from tortoise.queryset import QuerySet

from vmlab.errors import (
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    ProxmoxFailed,
    ProxmoxUnavailable,
    QuotaExceeded,
    WrongState,
)
from vmlab.handlers.endpoint import API, Call, Endpoints, Reply
from vmlab.handlers.machines import VM_COLUMNS, complete, vm_view
from vmlab.handlers.objects import CourseObject, TemplateObject, VmObject
from vmlab.handlers.observation import LIMIT_S
from vmlab.handlers.paging import Page, page_of
from vmlab.handlers.schemas.vms import NewVmBody, VmBody, VmListQuery, VmSchema
from vmlab.models import User, Vm
from vmlab.operations import change_vm, create_vm, delete_vm
from vmlab.operations.forget_vm import forget
from vmlab.rules.access import Actor, Permission, Scope, allows, scopes
from vmlab.tasks import announce

vms = Endpoints(f"{API}/vms", tag="vms")


@vms.get("/", needs=Permission.VM_READ, query=VmListQuery, lists=VmSchema())
async def list_vms(call: Call) -> Page:
    """List one's own machines, those of the courses one teaches, or, as an admin, all."""
    page = await page_of(_listed, call.actor, query=call.query, columns=VM_COLUMNS)
    await complete(page.results)
    return page


def _listed(actor: Actor, query: Mapping[str, Any]) -> QuerySet[Vm]:
    rows = Vm.filter(VmObject.visible(actor))
    rows = rows.filter(**{name: query[name] for name in ("status", "node") if name in query})
    for name in ("course", "owner", "template"):
        if name in query:
            rows = rows.filter(**{f"{name}_id": query[name]})
    if text := query.get("search"):
        rows = rows.filter(Q(name__icontains=text) | Q(owner__username__icontains=text))
    return rows


@vms.post(
    "/",
    needs=Permission.VM_CREATE,
    makes=VmObject,
    accepts=NewVmBody,
    returns=VmSchema(),
    status=202,
    errors=(QuotaExceeded, Conflict),
)
async def create_machine(call: Call) -> dict[str, Any]:
    """Make a machine from a template.

    It is there at once with the status `creating`; its task tells how far it is. The disk is never
    smaller than the template's.
    """
    body = dict(call.body)
    owner_id = body.pop("owner_id", call.actor.user_id)
    await _check_named(call.actor, body["template_id"], body.get("course_id"), owner_id)
    wanted = create_vm.CreateVm(owner_id=owner_id, **body)
    vm, task = await create_vm.admit(
        wanted,
        settings=call.parts.settings,
        created_by_id=call.actor.user_id,
        enrolled_only=Scope.ANY not in scopes(call.actor, Permission.VM_CREATE),
    )
    await announce(call.parts.bus, task)
    return await vm_view(vm.id, task)


async def _check_named(
    actor: Actor, template_id: int, course_id: int | None, owner_id: int
) -> None:
    """See that the caller may use what the body names; what they may not see is not there.

    Raises:
        Invalid: template, course or owner does not exist for the caller.
        Forbidden: a machine for somebody else, where they do not teach.
    """
    taught = Scope.TAUGHT if course_id in actor.taught else None
    own = Scope.OWN if owner_id == actor.user_id else None
    if not allows(actor, Permission.VM_CREATE, frozenset(s for s in (own, taught) if s)):
        raise Forbidden
    try:
        await TemplateObject.load(actor, Permission.TEMPLATE_READ, template_id)
    except NotFound:
        raise Invalid(details={"template_id": ["There is no such template."]}) from None
    if course_id is not None:
        try:
            await CourseObject.load(actor, Permission.COURSE_READ, course_id)
        except NotFound:
            raise Invalid(details={"course_id": ["There is no such course."]}) from None
    if not await User.exists(id=owner_id, is_active=True):
        raise Invalid(details={"owner_id": ["There is no such user."]})


@vms.get("/{id}/", on=VmObject, needs=Permission.VM_READ, returns=VmSchema())
async def get_machine(call: Call, vm: Vm) -> dict[str, Any]:
    """One machine, as VMLab last saw it."""
    return await vm_view(vm.id)


@vms.put(
    "/{id}/",
    on=VmObject,
    needs=Permission.VM_CHANGE,
    accepts=VmBody,
    returns=VmSchema(),
    status=202,
    also={200: VmSchema()},
    errors=(QuotaExceeded, WrongState),
)
async def change_machine(call: Call, vm: Vm) -> dict[str, Any] | Reply:
    """Change name, description, processors, memory and disk; 200 if nothing differs.

    Growth counts against the owner's quota from now on. A disk only grows. Processors and memory
    can be changed while the machine is stopped.
    """
    task = await change_vm.admit(
        vm.id,
        change_vm.ChangeVm(**call.body),
        settings=call.parts.settings,
        created_by_id=call.actor.user_id,
    )
    if task is None:
        return Reply(data=await vm_view(vm.id), status=200)
    await announce(call.parts.bus, task)
    return await vm_view(vm.id, task)


@vms.delete(
    "/{id}/",
    on=VmObject,
    needs=Permission.VM_DELETE,
    returns=VmSchema(),
    status=202,
    errors=(WrongState,),
)
async def delete_machine(call: Call, vm: Vm) -> dict[str, Any]:
    """Delete a machine and its disks for good; a running one is stopped first."""
    task = await delete_vm.admit(vm.id, created_by_id=call.actor.user_id)
    await announce(call.parts.bus, task)
    return await vm_view(vm.id, task)


@vms.post(
    "/{id}/forget/",
    on=VmObject,
    needs=Permission.VM_FORGET,
    errors=(WrongState, ProxmoxFailed, ProxmoxUnavailable),
)
async def forget_machine(call: Call, vm: Vm) -> None:
    """Let go of a machine whose guest VMLab may not touch any more; nothing changes in Proxmox.

    For guests that an administrator has taken over, and numbers that somebody else's guest has. The
    owner's quota gets its share back. Refused while the guest is there and proven to be VMLab's:
    such a machine is deleted.
    """
    try:
        async with asyncio.timeout(LIMIT_S):
            await forget(call.parts.work, vm)
    except TimeoutError:
        raise ProxmoxUnavailable from None
    await call.parts.bus.publish("events", {"type": "vm", "id": vm.id})
