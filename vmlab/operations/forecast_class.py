"""Says what provisioning a class would come to, without doing any of it.

The plan is the one that `provision_class.admit` would carry out, made in a transaction that is
taken back. Nodes, numbers and storage are reckoned from one look at the cluster. What was reckoned
may be otherwise a moment later: only `admit` holds the quotas.
"""

from __future__ import annotations

import contextlib
import math
from collections import Counter
from collections.abc import Collection
from dataclasses import asdict, dataclass, field
from typing import Any

from vmlab import config
from vmlab.config import Settings
from vmlab.errors import ProxmoxUnavailable
from vmlab.models import GuestNumber, Task, TaskStatus, User, Vm, VmStatus
from vmlab.models.connection import transaction
from vmlab.operations import create_vm, placing
from vmlab.operations.provision_class import Plan, ProvisionClass, plan
from vmlab.operations.sources import sources_of
from vmlab.proxmox.cluster import ClusterView
from vmlab.rules.placement import choose_node
from vmlab.tasks import lanes, statistics

GIB = 1 << 30


@dataclass(frozen=True)
class Reason:
    """Why the class does not fit.

    Attributes:
        code: `quota`, `vmids`, `nodes`, `memory` or `storage`.
        message: a sentence for `str.format_map` with the details.
    """

    code: str
    message: str
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class NodeForecast:
    """What one node would get, in MiB.

    Attributes:
        memory_free_mb: None if the token may not see it.
        promised_mb: to VMLab's machines there that do not run at the moment.
        machines: how many would be placed there.
        memory_mb: of these machines.
        source: there is the template or a replica of it, or its storage is shared: a machine can
            be made there while the node is online.
    """

    node: str
    online: bool
    memory_free_mb: int | None
    promised_mb: int
    machines: int
    memory_mb: int
    source: bool


@dataclass(frozen=True, kw_only=True)
class StorageForecast:
    """What a storage would get, in GiB.

    Attributes:
        node: of a storage that is local to its node; None of a shared one.
        free_gb: None if the token may not see it.
        needed_gb: taken at once: whole disks by full clones, next to nothing by linked ones.
        full_gb: taken once all disks are full.
    """

    storage: str
    node: str | None
    available: bool | None
    free_gb: int | None
    needed_gb: int
    full_gb: int


@dataclass(frozen=True, kw_only=True)
class Forecast:
    """What would come of it.

    Attributes:
        students: `{user_id, username, name}` of those who would get a machine, and its name.
        storage: the first of the storages.
        storages: what would get disks: one that is shared, or those of the nodes.
        estimate_s: how long it would take; None if no machine was ever made.
    """

    planned: Plan
    students: list[dict[str, Any]]
    reasons: list[Reason]
    nodes: list[NodeForecast]
    storage: StorageForecast
    storages: list[StorageForecast]
    estimate_s: float | None


class _TakenBack(Exception):
    """Ends a transaction of which nothing is to stay."""


async def forecast(wanted: ProvisionClass, *, settings: Settings, view: ClusterView) -> Forecast:
    """Work out what provisioning a class would come to; nothing is written.

    Args:
        view: one look at the cluster.

    Raises:
        NotFound, Invalid, Conflict: as in `provision_class.plan`.
    """
    with contextlib.suppress(_TakenBack):
        async with transaction():
            planned = await plan(wanted, settings)
            raise _TakenBack
    sources = await sources_of(planned.template)
    nodes, unplaced = await _place(planned, sources, view)
    storages = _storages(planned, nodes, view, settings.guests)
    reasons = [
        *_quota(planned),
        *await _numbers(planned, view, settings.guests),
        *unplaced,
        *_memory(nodes),
        *(reason for storage in storages for reason in _space(storage)),
    ]
    return Forecast(
        planned=planned,
        students=await _students(planned),
        reasons=reasons,
        nodes=nodes,
        storage=storages[0],
        storages=storages,
        estimate_s=await _estimate_s(planned, max(1, len(sources)), settings),
    )


async def _students(planned: Plan) -> list[dict[str, Any]]:
    names = {vm.owner_id: vm.name for vm in planned.machines}
    users = await User.filter(id__in=list(names)).order_by("username")
    return [{"user_id": u.id, "username": u.username, "name": names[u.id]} for u in users]


def _quota(planned: Plan) -> list[Reason]:
    sentence = "The quota of {username} does not allow it."
    return [Reason("quota", sentence, lack) for lack in planned.lacking]


async def _place(
    planned: Plan, sources: Collection[str], view: ClusterView
) -> tuple[list[NodeForecast], list[Reason]]:
    """Place the machines one after another, each knowing of those before."""
    nodes, before = placing.nodes_of(view), await placing.promised_mb()
    template, reasons = planned.template, []
    memory_mb: Counter[str] = Counter()
    machines: Counter[str] = Counter()
    try:
        for vm in planned.machines:
            name = choose_node(
                nodes,
                sources=sources,
                shared_storage=template.shared_storage,
                promised_mb=before + memory_mb,
            )
            memory_mb[name] += vm.memory_mb
            machines[name] += 1
    except ProxmoxUnavailable as error:
        reasons.append(Reason("nodes", error.message))
    shares = [
        NodeForecast(
            node=node.name,
            online=node.online,
            memory_free_mb=node.memory_free_mb,
            promised_mb=before[node.name],
            machines=machines[node.name],
            memory_mb=memory_mb[node.name],
            source=template.shared_storage or node.name in sources,
        )
        for node in sorted(nodes, key=lambda node: node.name)
    ]
    return shares, reasons


def _memory(nodes: list[NodeForecast]) -> list[Reason]:
    sentence = "If all machines ran at once, the node {node} would lack memory."
    return [
        Reason("memory", sentence, asdict(node))
        for node in nodes
        if node.machines
        and node.memory_free_mb is not None
        and node.promised_mb + node.memory_mb > node.memory_free_mb
    ]


def _storages(
    planned: Plan, nodes: list[NodeForecast], view: ClusterView, guests: config.Guests
) -> list[StorageForecast]:
    """What each storage would get: that of the template, or what the nodes have of that name."""
    template, machines = planned.template, planned.machines
    elsewhere = guests.full_clone and guests.full_clone_storage
    name = elsewhere or template.storage or ""
    shares = {node.node: node.machines for node in nodes if node.machines}
    local = not template.shared_storage and not elsewhere and bool(shares)
    if not local:
        shares = {template.node or "": len(machines)}
    return [
        _storage(view, (node, name), local=local, copied=guests.full_clone, full_gb=full_gb)
        for node, count in shares.items()
        # They are all of one size.
        for full_gb in [sum(vm.disk_gb for vm in machines[:count])]
    ]


def _storage(
    view: ClusterView, where: tuple[str, str], *, local: bool, copied: bool, full_gb: int
) -> StorageForecast:
    row = view.storages.get(where)
    free_gb = None
    if row is not None and row.total_bytes is not None:
        free_gb = (row.total_bytes - (row.used_bytes or 0)) // GIB
    node, name = where
    return StorageForecast(
        storage=name,
        node=node if local else None,
        available=None if row is None else row.available,
        free_gb=free_gb,
        needed_gb=full_gb if copied else 0,
        full_gb=full_gb,
    )


def _space(storage: StorageForecast) -> list[Reason]:
    if storage.available is False:
        return [Reason("storage", "The storage {storage} is not available.", asdict(storage))]
    if storage.free_gb is not None and storage.needed_gb > storage.free_gb:
        sentence = "The storage {storage} has {free_gb} GiB free and {needed_gb} are needed."
        return [Reason("storage", sentence, asdict(storage))]
    return []


async def _numbers(planned: Plan, view: ClusterView, guests: config.Guests) -> list[Reason]:
    """Every machine needs a number of the range, those too that were accepted but not placed."""
    numbers = range(guests.vmid_first, guests.vmid_last + 1)
    own = {row["vmid"] for row in await GuestNumber.all().values("vmid")}
    taken = sum(vmid in numbers for vmid in own | set(view.guests))
    waiting = await Vm.filter(vmid__isnull=True, status=VmStatus.CREATING).count()
    free = max(0, len(numbers) - taken - waiting)
    if len(planned.machines) <= free:
        return []
    sentence = "Only {free} numbers are left in VMLab's range of VMIDs."
    return [Reason("vmids", sentence, {"free": free, "needed": len(planned.machines)})]


async def _estimate_s(planned: Plan, sources: int, settings: Settings) -> float | None:
    """How long it takes in as many lanes as clones have, behind those that are in line.

    Args:
        sources: from how many nodes' storages machines are cloned at the same time.
    """
    if not planned.machines:
        return 0.0
    median_s = await statistics.median_run_s(create_vm.KIND)
    if median_s is None:
        return None
    task = create_vm.task_for(
        planned.machines[0], planned.template, settings, start=False, created_by_id=None
    )
    line, *others = lanes.with_cluster(task.lanes)
    places = min(
        sources * lanes.limit(line, settings.lanes),
        *(lanes.limit(lane, settings.lanes) for lane in others),
    )
    in_line = await Task.filter(
        kind=create_vm.KIND, status__in=[TaskStatus.PENDING, TaskStatus.RUNNING]
    ).count()
    rounds = math.ceil((in_line + len(planned.machines)) / places)
    return round(rounds * median_s, 1)
