"""Gives guests their nodes and VMIDs, both in the database before Proxmox hears of them.

`cluster/nextid` reserves nothing (pve-manager 8.4: five calls at once all got 100), so a number is
ours by a unique row. Proxmox is only asked whether somebody else has taken it from our range.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Collection

from tortoise.exceptions import IntegrityError
from tortoise.functions import Sum

from vmlab.config import Guests as GuestSettings
from vmlab.errors import ProxmoxFailed
from vmlab.models import GuestNumber, Template, Vm, VmStatus
from vmlab.models.connection import transaction
from vmlab.operations.sources import sources_of
from vmlab.proxmox.cluster import Cluster, ClusterView
from vmlab.rules.placement import Node, choose_node

MIB = 1 << 20

_LOOK_AGE_S = 5.0
"""How old the look at the cluster may be that a node is chosen by; promises are never old."""

_LOOK_AHEAD = 20
"""How many numbers the database is asked about at once."""

_RUNNING = (VmStatus.RUNNING, VmStatus.PAUSED)


class NoNumberFree(ProxmoxFailed):
    """VMLab's range of VMIDs is used up: an administrator has to widen it."""


async def place(
    vm: Vm, template: Template, cluster: Cluster, settings: GuestSettings
) -> ClusterView:
    """Choose node, source and VMID for a machine that has none, and write them down.

    Returns:
        The look at the cluster that the choice was based on.

    Raises:
        ProxmoxUnavailable: no node that could take it is online.
        NoNumberFree: all numbers of the range are taken.
    """
    view = await cluster.recent(_LOOK_AGE_S)
    foreign = set(view.guests)
    while True:
        vmid = await _reserve(vm, template, view, foreign, settings)
        if await cluster.is_free(vmid):
            return view
        # Somebody's guest that our token may not see stands in our range.
        foreign.add(vmid)
        await release(vm)


async def number(
    place: int, write: Callable[[int], Awaitable[None]], cluster: Cluster, settings: GuestSettings
) -> None:
    """Choose a VMID for a guest that is no machine, and write it down.

    Args:
        place: from where in the range on a free one is looked for.
        write: puts a number into the guest's row, in place of any that it has.

    Raises:
        NoNumberFree: all numbers of the range are taken.
    """
    foreign = set((await cluster.recent(_LOOK_AGE_S)).guests)
    while True:
        vmid = await free_number(place, foreign, settings)
        try:
            async with transaction():
                await write(vmid)
        except IntegrityError:
            continue
        if await cluster.is_free(vmid):
            return
        foreign.add(vmid)


async def release(vm: Vm) -> None:
    """Give the number back: it is proven that no guest of this machine has it."""
    await Vm.filter(id=vm.id).update(vmid=None, node=None, replica_id=None, smbios_uuid=None)
    vm.vmid = vm.node = vm.replica_id = vm.smbios_uuid = None


async def _reserve(
    vm: Vm,
    template: Template,
    view: ClusterView,
    foreign: Collection[int],
    settings: GuestSettings,
) -> int:
    while True:
        try:
            async with transaction():
                # One at a time for each template, so that each sees what the ones before got.
                await Template.filter(id=template.id).select_for_update(no_key=True).first()
                sources = await sources_of(template)
                vm.node = choose_node(
                    nodes_of(view),
                    sources=sources.keys(),
                    shared_storage=template.shared_storage,
                    promised_mb=await promised_mb(),
                )
                source = sources.get(vm.node)
                vm.replica_id = source.replica_id if source is not None else None
                vmid = await free_number(vm.id, foreign, settings)
                vm.vmid = vmid
                await vm.save(update_fields=["node", "replica_id", "vmid"])
                return vmid
        except IntegrityError:
            # Another guest of ours got this number first; the next look finds it taken.
            continue


def nodes_of(view: ClusterView) -> list[Node]:
    """The nodes as placements see them."""
    return [
        Node(
            name=node.name,
            online=node.online,
            memory_free_mb=None
            if node.max_memory_bytes is None
            else (node.max_memory_bytes - (node.memory_bytes or 0)) // MIB,
        )
        for node in view.nodes.values()
    ]


async def promised_mb() -> Counter[str]:
    """MiB, by node, of our machines there that do not run, but may at any time."""
    rows = await (
        Vm.filter(node__isnull=False, deleted_at__isnull=True, status__not_in=_RUNNING)
        .annotate(promised=Sum("memory_mb"))
        .group_by("node")
        .values_list("node", "promised")
    )
    return Counter({str(node): int(promised) for node, promised in rows})


async def free_number(place: int, foreign: Collection[int], settings: GuestSettings) -> int:
    """The first free number from a place in the range on, for machines (and replicas) their id.

    Ids of machines only rise, so a number rests for as long as the range lasts before it is used
    again, and those who look at the same time seldom want the same one.
    """
    first, size = settings.vmid_first, settings.vmid_last - settings.vmid_first + 1
    for step in range(0, size, _LOOK_AHEAD):
        steps = range(step, min(step + _LOOK_AHEAD, size))
        vmids = [first + (place + further) % size for further in steps]
        rows = await GuestNumber.filter(vmid__in=vmids).values("vmid")
        taken = {row["vmid"] for row in rows}
        for vmid in vmids:
            if vmid not in taken and vmid not in foreign:
                return vmid
    raise NoNumberFree(details={"first": settings.vmid_first, "last": settings.vmid_last})
