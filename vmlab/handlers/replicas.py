"""`templates/{id}/replicas/`: copies of a template on other nodes, where its storage is local."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

from vmlab.errors import Conflict, NotFound, ProxmoxFailed, ProxmoxUnavailable, WrongState
from vmlab.handlers.endpoint import API, Call, Endpoints, Reply
from vmlab.handlers.objects import TemplateObject
from vmlab.handlers.schemas.replicas import NewReplicasBody, ReplicasAnswer, ReplicaSchema
from vmlab.handlers.schemas.tasks import TaskAnswer
from vmlab.handlers.task_rows import task_answer, task_view
from vmlab.models import Replica, Template, Vm
from vmlab.operations import create_replica, delete_replica
from vmlab.operations.guest_identity import Known
from vmlab.operations.linked_guests import refuse_linked
from vmlab.proxmox.faults import ProxmoxFault
from vmlab.rules.access import Permission
from vmlab.rules.names import is_hostname
from vmlab.tasks import announce

replicas = Endpoints(f"{API}/templates/{{id}}/replicas", tag="templates")

LIMIT_S = 3.0
"""How long a request waits for a look at Proxmox."""


async def check_links(call: Call, template: Known) -> None:
    """Refuse at once to destroy what something in Proxmox is linked to.

    Where nobody can tell at the moment, the task will look.

    Raises:
        InUse: `details.guests` says what.
    """
    with contextlib.suppress(TimeoutError, ProxmoxFault):
        async with asyncio.timeout(LIMIT_S):
            await refuse_linked(call.parts.work, template)


async def _shown(template: Template) -> list[dict[str, Any]]:
    rows = await Replica.filter(template_id=template.id).order_by("node")
    found = []
    for row in rows:
        linked = Vm.filter(replica_id=row.id, deleted_at__isnull=True)
        found.append(
            {
                "id": row.id,
                "node": row.node,
                "status": row.status.value,
                "vmid": row.vmid,
                "vm_count": await linked.count(),
                "created_at": row.created_at,
                "updated_at": row.updated_at,
            }
        )
    return found


@replicas.get(
    "/",
    on=TemplateObject,
    needs=Permission.TEMPLATE_CHANGE,
    returns=ReplicaSchema(many=True),
)
async def list_replicas(call: Call, template: Template) -> list[dict[str, Any]]:
    """The copies of a template on other nodes; machines are made from those that are `ready`."""
    return await _shown(template)


@replicas.post(
    "/",
    on=TemplateObject,
    needs=Permission.TEMPLATE_CHANGE,
    accepts=NewReplicasBody,
    returns=ReplicasAnswer(),
    status=202,
    also={200: ReplicasAnswer()},
    errors=(Conflict, ProxmoxFailed, ProxmoxUnavailable),
)
async def make_replicas(call: Call, template: Template) -> Reply:
    """Copy a template to other nodes, so that a class spreads over them: one task for each copy.

    Only for a template whose storage is local to its node; the other nodes need one of the same
    name. Without `nodes` it is copied to all that are online and have it. 200 if all have a copy
    already; one in `error` or `missing` has to be deleted before it is made again.
    """
    try:
        async with asyncio.timeout(LIMIT_S):
            view = await call.parts.work.cluster.resources()
    except TimeoutError:
        raise ProxmoxUnavailable from None
    asked = await create_replica.admit(
        template.id, call.body.get("nodes"), view=view, created_by_id=call.actor.user_id
    )
    shown = {"replicas": await _shown(template), "skipped": asked.skipped}
    if asked.task is None:
        return Reply(data={**shown, "task": None}, status=200)
    await announce(call.parts.bus, asked.task)
    return Reply(data={**shown, "task": await task_view(asked.task.id)})


@replicas.delete(
    "/{node}/",
    on=TemplateObject,
    needs=Permission.TEMPLATE_CHANGE,
    returns=TaskAnswer(),
    status=202,
    errors=(Conflict, WrongState),
)
async def remove_replica(call: Call, template: Template) -> dict[str, Any]:
    """Destroy the copy on one node, unless something is linked to it."""
    node = call.path["node"]
    if not is_hostname(node):
        raise NotFound
    replica = await Replica.get_or_none(template_id=template.id, node=node)
    if replica is not None and not await Vm.exists(replica_id=replica.id, deleted_at__isnull=True):
        await check_links(call, replica)
    task = await delete_replica.admit(template, node, created_by_id=call.actor.user_id)
    await announce(call.parts.bus, task)
    return await task_answer(task.id)
