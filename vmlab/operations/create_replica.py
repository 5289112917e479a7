"""Accepts the copying of a template to other nodes: a replica on each.

For templates whose storage is local to their node: what is cloned from them stays there. What is
done then stands in `vmlab.operations.create_replica_steps`.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from vmlab.errors import Conflict, Invalid, NotFound
from vmlab.models import Replica, Task, Template, TemplateStatus
from vmlab.models.connection import transaction
from vmlab.proxmox.cluster import ClusterView
from vmlab.tasks import lanes
from vmlab.tasks.store import BULK, NewTask, submit

KIND = "replica.create"
PARENT_KIND = "template.replicate"

TARGET = "replica"
"""What the tasks are on, and so the first half of their lock."""

_NOT_THERE = "Not nodes of the cluster that are online and have the storage {storage}: {nodes}."


@dataclass(frozen=True)
class Asked:
    """What came of a request for replicas.

    Attributes:
        task: the parent of one task for each; None if there is nothing to do.
        replicas: the rows of those to be made.
        skipped: `{node, status}` of those that are there in some way already.
    """

    task: Task | None
    replicas: list[Replica]
    skipped: list[dict[str, Any]]


async def admit(
    template_id: int,
    nodes: Collection[str] | None,
    *,
    view: ClusterView,
    created_by_id: int | None,
) -> Asked:
    """Accept the making of replicas: one transaction.

    Args:
        nodes: where; None for all nodes that are online and have the template's storage.
        view: a look at the cluster.

    Raises:
        NotFound: there is no such template.
        Invalid: one of the nodes will not do.
        Conflict: the template is not ready, or every node reaches its storage anyway.
    """
    async with transaction():
        template = await Template.filter(id=template_id).select_for_update(no_key=True).first()
        if template is None:
            raise NotFound
        check(template)
        fit = _fit(template, view)
        if nodes is not None and (wrong := sorted(set(nodes) - fit)):
            text = _NOT_THERE.format(storage=template.storage, nodes=", ".join(wrong))
            raise Invalid(details={"nodes": [text]})
        wanted = sorted(fit if nodes is None else set(nodes))
        present = {r.node: r.status for r in await Replica.filter(template_id=template_id)}
        rows = [
            await Replica.create(uuid=uuid.uuid4(), template=template, node=node)
            for node in wanted
            if node not in present
        ]
        task = await _submit(template, rows, created_by_id) if rows else None
    skipped = [{"node": n, "status": present[n].value} for n in wanted if n in present]
    return Asked(task, rows, skipped)


def check(template: Template) -> None:
    """See that a template can have replicas, and needs them.

    Raises:
        Conflict: it is not ready, or every node reaches its storage anyway.
    """
    if template.status is not TemplateStatus.READY:
        raise Conflict(
            "The template is not ready.", details={"template_status": template.status.value}
        )
    if template.shared_storage:
        raise Conflict("All nodes reach the storage of this template: it needs no replicas.")


def _fit(template: Template, view: ClusterView) -> set[str]:
    """Nodes that a replica can be on: the template's own needs none."""
    return {
        node.name
        for node in view.nodes.values()
        if node.online
        and node.name != template.node
        and (storage := view.storages.get((node.name, template.storage or ""))) is not None
        and storage.available
    }


async def _submit(template: Template, rows: list[Replica], created_by_id: int | None) -> Task:
    children = [
        NewTask(
            kind=KIND,
            target_type=TARGET,
            target_id=row.id,
            params={"node": row.node, "template_id": template.id},
            lanes=[lanes.line_before(lane_of_copy(template))],
            priority=BULK,
            course_id=template.course_id,
            created_by_id=created_by_id,
        )
        for row in rows
    ]
    return await submit(
        NewTask(
            kind=PARENT_KIND,
            target_type="template",
            target_id=template.id,
            priority=BULK,
            course_id=template.course_id,
            created_by_id=created_by_id,
            children=children,
        )
    )


def lane_of_copy(template: Template) -> str:
    """The lane of full clones on what the template's node has as its storage."""
    return lanes.full_clones(template.storage or "", on_node=template.node)
