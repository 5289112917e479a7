"""Replicas that an administrator has deleted, moved or changed are not used, until they are back.

Nothing is changed in Proxmox; only the row says that there is nothing to clone from.
"""

from __future__ import annotations

import logging
from datetime import datetime

from tortoise.expressions import Q

from vmlab.models import Replica, ReplicaStatus, Task
from vmlab.operations.create_replica import TARGET
from vmlab.operations.guest_identity import ForeignGuest, find_guest
from vmlab.proxmox.cluster import ClusterView
from vmlab.proxmox.faults import PermissionMissing
from vmlab.reconcile.drift import has_majority
from vmlab.tasks.clock import database_now
from vmlab.tasks.parts import Parts

_log = logging.getLogger(__name__)


async def follow_replicas(parts: Parts, view: ClusterView, believed_from: datetime) -> None:
    """Let the rows of replicas follow one look at the cluster.

    Args:
        believed_from: what a task has done later than this the look may not know yet.

    Raises:
        ProxmoxFault: the cluster could not be asked.
    """
    recent = Q(target_type=TARGET) & (Q(lock__isnull=False) | Q(finished_at__gt=believed_from))
    busy = {row["target_id"] for row in await Task.filter(recent).values("target_id")}
    settled = Q(status__in=[ReplicaStatus.READY, ReplicaStatus.MISSING], vmid__isnull=False)
    for replica in await Replica.filter(settled).order_by("id"):
        if replica.id not in busy:
            await _follow(parts, view, replica)


async def _follow(parts: Parts, view: ClusterView, replica: Replica) -> None:
    guest = view.guests.get(replica.vmid or 0)
    if guest is None:
        if replica.status is ReplicaStatus.READY and await _is_gone(parts, view, replica):
            await _write(replica, ReplicaStatus.MISSING)
    elif guest.reported:
        in_place = guest.node == replica.node and guest.template
        if in_place and replica.status is ReplicaStatus.MISSING:
            if await _is_ours(parts, replica):
                await _write(replica, ReplicaStatus.READY)
        elif not in_place and replica.status is ReplicaStatus.READY:
            await _write(replica, ReplicaStatus.MISSING)


async def _is_gone(parts: Parts, view: ClusterView, replica: Replica) -> bool:
    """Whether it is proven, and not just unseen: by the cluster's word, with its node there."""
    node = view.nodes.get(replica.node)
    sound = has_majority(each.online for each in view.nodes.values())
    return (
        sound
        and node is not None
        and node.online
        and await parts.cluster.is_free(replica.vmid or 0)
    )


async def _is_ours(parts: Parts, replica: Replica) -> bool:
    try:
        guest = await find_guest(parts, replica)
    except (ForeignGuest, PermissionMissing):
        return False
    return guest is not None


async def _write(replica: Replica, status: ReplicaStatus) -> None:
    """Write what was seen, unless a task has taken the row meanwhile."""
    rows = Replica.filter(id=replica.id, status=replica.status, updated_at=replica.updated_at)
    if await rows.update(status=status, updated_at=await database_now()):
        _log.warning("replica %d on %s is %s", replica.id, replica.node, status.value)
