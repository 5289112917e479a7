"""pvestatd: what each node tells the others every ten seconds, and cluster/resources repeats.

Live at once are a guest's existence, node, lock, tags and pool; everything else is as old as the
last round. What a dead node said stays for five minutes, then its guests are `unknown`
(pve-cluster's status.c).
"""

from __future__ import annotations

from typing import Any

from vmlab.simulator import guest_status
from vmlab.simulator.state import Cluster, Guest, Node, Storage

EXPIRY_S = 300.0
_COUNTERS = ("mem", "maxmem", "disk", "maxdisk", "netin", "netout", "diskread", "diskwrite")


def broadcast(cluster: Cluster) -> None:
    """One round: every online node tells of itself and its guests."""
    now = cluster.clock.time()
    for node in cluster.nodes.values():
        if not node.online:
            continue
        cluster.statd_at[node.name] = now
        for guest in cluster.guests_on(node.name):
            cluster.statd[guest.vmid] = _measure(cluster, guest)


def _measure(cluster: Cluster, guest: Guest) -> dict[str, Any]:
    told = guest_status.broadcast(cluster, guest)
    row = {key: told.get(key, 0) for key in (*_COUNTERS, "uptime", "cpu")}
    row |= {"name": told["name"], "status": told["status"], "maxcpu": told["cpus"]}
    row["template"] = int(told.get("template", 0))
    if cluster.major >= 9:
        row["memhost"] = told.get("memhost", 0)
    return row


def guest_row(cluster: Cluster, guest: Guest) -> dict[str, Any]:
    """A guest as cluster/resources and pools show it, without lock, tags and pool."""
    row = {
        "id": f"qemu/{guest.vmid}",
        "type": "qemu",
        "vmid": guest.vmid,
        "node": guest.node,
        "status": "unknown",
    }
    told = cluster.statd.get(guest.vmid)
    if told is None or not heard_of(cluster, guest.node):
        return row
    return {**row, **told}


def heard_of(cluster: Cluster, node: str) -> bool:
    """Whether what the node last said has not expired."""
    return cluster.clock.time() - cluster.statd_at.get(node, float("-inf")) < EXPIRY_S


def node_row(cluster: Cluster, node: Node, *, figures: bool) -> dict[str, Any]:
    """A node as /nodes and cluster/resources show it; `figures` needs Sys.Audit."""
    row: dict[str, Any] = {"id": f"node/{node.name}", "type": "node", "node": node.name}
    if not node.online:
        return {**row, "status": "offline"}
    if not heard_of(cluster, node.name):
        return {**row, "status": "unknown"}
    row |= {"status": "online", "level": ""}
    if figures:
        row |= {
            "cpu": node.cpu,
            "maxcpu": node.maxcpu,
            "mem": memory_used(cluster, node),
            "maxmem": node.memory_bytes,
            "disk": node.rootfs_used_bytes,
            "maxdisk": node.rootfs_bytes,
            "uptime": uptime_s(cluster, node),
        }
    return row


def storage_row(cluster: Cluster, storage: Storage, node: Node) -> dict[str, Any]:
    """A storage on a node as cluster/resources shows it."""
    row: dict[str, Any] = {
        "id": f"storage/{node.name}/{storage.storage}",
        "type": "storage",
        "storage": storage.storage,
        "node": node.name,
        "plugintype": storage.type,
        "content": ",".join(sorted(storage.content)),
        "shared": int(storage.shared),
        "status": "unknown",
    }
    if node.online and storage.enabled:
        used = storage.used_bytes(node.name)
        row |= {"status": "available", "disk": used, "maxdisk": storage.total_bytes}
    return row


def memory_used(cluster: Cluster, node: Node) -> int:
    """Bytes that the node's running guests and its own system take."""
    own = 2 * 2**30
    guests = (cluster.statd.get(guest.vmid, {}) for guest in cluster.guests_on(node.name))
    return min(node.memory_bytes, own + sum(int(told.get("mem", 0)) for told in guests))


def uptime_s(cluster: Cluster, node: Node) -> int:
    """Seconds since the node booted."""
    return max(0, int(cluster.clock.time() - node.booted_at))
