"""`cluster/`: what VMLab sees of the cluster, for admins.

All three answer from one look at the cluster, which is as old as a tick of the reconciler at most:
however many admins watch, Proxmox is asked once in that time.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

from vmlab.errors import ProxmoxFailed, ProxmoxUnavailable
from vmlab.handlers.current_usage import seen_lately
from vmlab.handlers.endpoint import API, Call, Endpoints
from vmlab.handlers.machines import HAS_PROCESS
from vmlab.handlers.schemas.cluster import ClusterTemplateSchema, NodeSchema, StorageSchema
from vmlab.models import Replica, Template, Vm
from vmlab.rules.access import Permission

cluster = Endpoints(f"{API}/cluster", tag="cluster")

MIB = 1 << 20
GIB = 1 << 30


@cluster.get(
    "/nodes/",
    needs=Permission.CLUSTER_READ,
    returns=NodeSchema(many=True),
    errors=(ProxmoxUnavailable, ProxmoxFailed),
)
async def list_nodes(call: Call) -> list[dict[str, Any]]:
    """The nodes, how busy they are, and how many of VMLab's machines they carry."""
    view = await seen_lately(call.parts)
    carried: Counter[str] = Counter()
    running: Counter[str] = Counter()
    placed = Vm.filter(deleted_at__isnull=True, node__isnull=False)
    for node, status in await placed.values_list("node", "status"):
        carried[node] += 1
        running[node] += status in HAS_PROCESS
    return [
        {
            "name": node.name,
            "online": node.online,
            "cpu_percent": None if node.cpu is None else round(100 * node.cpu, 1),
            "cpu_cores": node.cpus,
            "memory_used_mb": _in_units(node.memory_bytes, MIB),
            "memory_total_mb": _in_units(node.max_memory_bytes, MIB),
            "uptime_s": node.uptime_s,
            "vms": carried[node.name],
            "running": running[node.name],
        }
        for _, node in sorted(view.nodes.items())
    ]


@cluster.get(
    "/storages/",
    needs=Permission.CLUSTER_READ,
    returns=StorageSchema(many=True),
    errors=(ProxmoxUnavailable, ProxmoxFailed),
)
async def list_storages(call: Call) -> list[dict[str, Any]]:
    """The storages that VMLab's token may see, on each node."""
    view = await seen_lately(call.parts)
    return [
        {
            "name": name,
            "node": node,
            "type": row.plugin,
            "shared": row.shared,
            "available": row.available,
            "content": sorted(row.content),
            "used_bytes": row.used_bytes,
            "total_bytes": row.total_bytes,
        }
        for name, node, row in sorted(
            ((name, node, row) for (node, name), row in view.storages.items()),
            key=lambda each: each[:2],
        )
    ]


@cluster.get(
    "/templates/",
    needs=Permission.CLUSTER_READ,
    returns=ClusterTemplateSchema(many=True),
    errors=(ProxmoxUnavailable, ProxmoxFailed),
)
async def list_cluster_templates(call: Call) -> list[dict[str, Any]]:
    """The templates in Proxmox that could be registered, and the courses that have them already.

    Only those are shown that VMLab's token may see, and no replicas.
    """
    view = await seen_lately(call.parts)
    uses: defaultdict[int, list[dict[str, int]]] = defaultdict(list)
    for row in await Template.filter(vmid__isnull=False).order_by("id"):
        uses[row.vmid or 0].append({"template_id": row.id, "course_id": row.course_id})
    replicas = {row.vmid for row in await Replica.filter(vmid__isnull=False)}
    return [
        {
            "vmid": vmid,
            "name": guest.name,
            "node": guest.node,
            "tags": list(guest.tags),
            "cpu_cores": guest.cpus,
            "memory_mb": _in_units(guest.max_memory_bytes, MIB),
            "disk_gb": _in_units(guest.max_disk_bytes, GIB),
            "registered": uses[vmid],
        }
        for vmid, guest in sorted(view.guests.items())
        if guest.template and guest.type == "qemu" and vmid not in replicas
    ]


def _in_units(size_bytes: int | None, unit: int) -> int | None:
    return None if size_bytes is None else size_bytes // unit
