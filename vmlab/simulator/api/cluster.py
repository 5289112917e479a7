"""Calls about the cluster as a whole: version, resources, nextid, status, options, its tasks."""

from __future__ import annotations

from typing import Any

from vmlab.simulator import pvestatd
from vmlab.simulator.errors import ApiError, invalid
from vmlab.simulator.jobs import Job
from vmlab.simulator.routes import Call, route
from vmlab.simulator.state import Cluster

REPOID = {8: "2606ac850d46da29", 9: "14a22df35955d97d"}
CGROUP_MODE = {8: 1, 9: 2}
FREE_VMIDS = {"lower": 100, "upper": 1_000_000}
TASKS_A_NODE = 25
ZONE = "localnetwork"


def version_of(cluster: Cluster) -> dict[str, Any]:
    """What /version and /nodes/N/version answer."""
    repoid = REPOID[cluster.major]
    return {"version": cluster.version, "release": cluster.release, "repoid": repoid}


@route("GET", "/version")
async def version(call: Call) -> Any:
    """Version of the node contacted."""
    return version_of(call.cluster)


@route("GET", "/cluster/resources")
async def resources(call: Call) -> Any:
    """Everything the caller may see, from what pvestatd last broadcast."""
    kind = call.params.get("type")
    rows: list[dict[str, Any]] = []
    if kind is None:
        rows += _pools(call)
    if kind in (None, "vm"):
        rows += _guests(call)
    if kind in (None, "node"):
        rows += _nodes(call)
    if kind in (None, "storage"):
        rows += _storages(call)
    if kind is None or (kind == "sdn" and call.cluster.major < 9):
        rows += _networks(call)
    return rows


def _pools(call: Call) -> list[dict[str, Any]]:
    return [
        {"id": f"/pool/{poolid}", "type": "pool", "pool": poolid}
        for poolid in sorted(call.cluster.pools)
        if call.has(f"/pool/{poolid}", "Pool.Audit")
    ]


def _guests(call: Call) -> list[dict[str, Any]]:
    cluster, rights, rows = call.cluster, call.rights(), []
    for vmid in sorted(cluster.guests):
        if "VM.Audit" not in rights.on(f"/vms/{vmid}"):
            continue
        guest = cluster.guests[vmid]
        row = pvestatd.guest_row(cluster, guest)
        row |= {key: guest.config[key] for key in ("lock", "tags") if guest.config.get(key)}
        pool = cluster.pool_of(vmid)
        if pool is not None and "Pool.Audit" in rights.on(f"/pool/{pool}"):
            row["pool"] = pool
        if guest.ha:
            row["hastate"] = guest.ha.get("state", "started")
        rows.append(row)
    return rows


def _nodes(call: Call) -> list[dict[str, Any]]:
    cluster, rows = call.cluster, []
    for node in cluster.nodes.values():
        figures = call.has(f"/nodes/{node.name}", "Sys.Audit")
        row = pvestatd.node_row(cluster, node, figures=figures)
        rows.append({**row, "cgroup-mode": CGROUP_MODE[cluster.major]} if node.online else row)
    return rows


def _storages(call: Call) -> list[dict[str, Any]]:
    cluster = call.cluster
    return [
        pvestatd.storage_row(cluster, storage, node)
        for node in cluster.nodes.values()
        for storage in cluster.storages.values()
        if storage.available_on(node.name)
        and call.has(f"/storage/{storage.storage}", "Datastore.Audit")
    ]


def _networks(call: Call) -> list[dict[str, Any]]:
    if not call.has(f"/sdn/zones/{ZONE}", "SDN.Audit"):
        return []
    online = [node.name for node in call.cluster.nodes.values() if node.online]
    if call.cluster.major < 9:
        return [
            {"id": f"sdn/{n}/{ZONE}", "type": "sdn", "sdn": ZONE, "node": n, "status": "ok"}
            for n in online
        ]
    return [
        {
            "id": f"network/{n}/zone/{ZONE}",
            "type": "network",
            "network": ZONE,
            "network-type": "zone",
            "node": n,
            "status": "ok",
        }
        for n in online
    ]


@route("GET", "/cluster/nextid")
async def nextid(call: Call) -> Any:
    """The lowest free VMID as text; it only looks, it reserves nothing."""
    guests, wanted = call.cluster.guests, call.params.get("vmid")
    if wanted is not None:
        if wanted in guests:
            raise invalid(vmid=f"VM {wanted} already exists")
        return str(wanted)
    bounds = FREE_VMIDS | call.cluster.options.get("next-id", {})
    lower, upper = int(bounds["lower"]), int(bounds["upper"])
    for vmid in range(lower, upper):
        if vmid not in guests:
            return str(vmid)
    raise ApiError(500, f"unable to get any free VMID in range [{lower}, {upper}]")


@route("GET", "/cluster/status")
async def status(call: Call) -> Any:
    """The cluster and its members; a single node has no cluster row and node id 0."""
    cluster, nodes = call.cluster, call.cluster.nodes.values()
    rows: list[dict[str, Any]] = []
    if len(nodes) > 1:
        rows.append(
            {
                "id": "cluster",
                "type": "cluster",
                "name": cluster.name,
                "nodes": len(nodes),
                "version": len(nodes),
                "quorate": int(cluster.quorate),
            }
        )
    for node in nodes:
        rows.append(
            {
                "id": f"node/{node.name}",
                "type": "node",
                "name": node.name,
                "nodeid": node.nodeid if len(nodes) > 1 else 0,
                "ip": node.ip,
                "local": int(node is call.entry),
                "online": int(node.online),
                "level": "",
            }
        )
    return rows


@route("GET", "/cluster/options")
async def options(call: Call) -> Any:
    """datacenter.cfg, cut down without Sys.Audit, and the tags in use."""
    cluster, rights = call.cluster, call.rights()
    tags = {
        tag
        for vmid, guest in cluster.guests.items()
        if "VM.Audit" in rights.on(f"/vms/{vmid}")
        for tag in str(guest.config.get("tags", "")).split(";")
        if tag
    }
    answer: dict[str, Any] = {"allowed-tags": sorted(tags)}
    if call.has("/", "Sys.Audit"):
        answer |= {"description": "", "mac_prefix": "BC:24:11", **cluster.options}
    return answer


@route("GET", "/cluster/tasks")
async def tasks(call: Call) -> Any:
    """Recent tasks of all nodes.

    The owner is compared without the token's name, so a token sees none but with Sys.Audit on `/`
    (pve-manager's Cluster.pm).
    """
    auditor = call.has("/", "Sys.Audit")
    rows = []
    for node in call.cluster.nodes:
        recent = list(call.sim.jobs.on(node))
        ended = [job for job in recent if not job.running][:TASKS_A_NODE]
        shown = [job for job in recent if job.running] + ended
        rows += [
            _task_row(job)
            for job in shown
            if auditor or job.user.partition("!")[0] == call.who.full
        ]
    return sorted(rows, key=lambda row: -int(row["starttime"]))


def _task_row(job: Job) -> dict[str, Any]:
    row = {key: value for key, value in job.row().items() if key not in ("pid", "pstart")}
    if job.running:
        return {**row, "saved": "0"}
    return {**row, "saved": "1", "status": job.status, "endtime": job.endtime}
