"""Pools, in the present form (`poolid` as a parameter) and the old one (in the path)."""

from __future__ import annotations

import re
from typing import Any

from vmlab.simulator import formats, pvestatd
from vmlab.simulator.errors import ApiError, denied
from vmlab.simulator.routes import Call, route
from vmlab.simulator.state import Pool


def _pool(call: Call) -> Pool:
    poolid = call.params["poolid"]
    try:
        return call.cluster.pools[poolid]
    except KeyError:
        raise ApiError(500, f"pool '{poolid}' does not exist") from None


def _head(pool: Pool) -> dict[str, Any]:
    return {"poolid": pool.poolid, **({"comment": pool.comment} if pool.comment else {})}


def _members(call: Call, pool: Pool) -> list[dict[str, Any]]:
    """Guests and storages the caller may see, as old as pvestatd's last round."""
    cluster, rights = call.cluster, call.rights()
    kind, rows = call.params.get("type"), []
    if kind in (None, "qemu"):
        rows += [
            pvestatd.guest_row(cluster, cluster.guests[vmid])
            for vmid in sorted(pool.vms)
            if vmid in cluster.guests and "VM.Audit" in rights.on(f"/vms/{vmid}")
        ]
    if kind in (None, "storage"):
        rows += [
            pvestatd.storage_row(cluster, cluster.storage(name), node)
            for name in sorted(pool.storages)
            if "Datastore.Audit" in rights.on(f"/storage/{name}")
            for node in cluster.nodes.values()
        ]
    return rows


@route("GET", "/pools")
async def index(call: Call) -> Any:
    """All visible pools; with `poolid` a list of that one with its members."""
    if "poolid" in call.params:
        pool = _pool(call)
        call.require(f"/pool/{pool.poolid}", "Pool.Audit")
        return [{**_head(pool), "members": _members(call, pool)}]
    pools = call.cluster.pools
    return [
        _head(pools[poolid])
        for poolid in sorted(pools)
        if call.has(f"/pool/{poolid}", "Pool.Audit")
    ]


@route("GET", "/pools/{poolid}")
async def read(call: Call) -> Any:
    """One pool, as an object."""
    pool = _pool(call)
    return {**_head(pool), "members": _members(call, pool)}


@route("POST", "/pools")
async def create(call: Call) -> Any:
    """A new, empty pool; the parent of a nested one must exist."""
    poolid, pools = call.params["poolid"], call.cluster.pools
    if poolid in pools:
        raise ApiError(500, f"create pool failed: pool '{poolid}' already exists")
    parent, _, name = poolid.rpartition("/")
    if parent and parent not in pools:
        raise ApiError(
            500, f"create pool failed: parent '{parent}' of pool '{poolid}' does not exist"
        )
    if call.cluster.major >= 9 and not re.match(r"[A-Za-z]", name):
        raise ApiError(500, "create pool failed: pool name must start with a letter")
    pools[poolid] = Pool(poolid, call.params.get("comment", ""))


@route("PUT", "/pools")
async def update(call: Call) -> Any:
    """Comment and members of a pool; `delete` takes the named members out."""
    pool, params = _pool(call), call.params
    if "comment" in params:
        pool.comment = params["comment"]
    for text in formats.items(params.get("vms", "")):
        _change_guest(call, pool, int(text))
    for name in formats.items(params.get("storage", "")):
        _change_storage(call, pool, name)


def _change_guest(call: Call, pool: Pool, vmid: int) -> None:
    call.require(f"/vms/{vmid}", "Permissions.Modify", "VM.Allocate", any_of=True)
    if call.params.get("delete"):
        if vmid not in pool.vms:
            raise ApiError(500, f"update pools failed: VM {vmid} is not a pool member")
        pool.vms.discard(vmid)
        return
    present = call.cluster.pool_of(vmid)
    if present == pool.poolid:
        raise ApiError(500, f"update pools failed: VM {vmid} is already a pool member")
    if present is not None:
        if not call.params.get("allow-move"):
            text = f"VM {vmid} belongs already to pool '{present}' and 'allow-move' is not set"
            raise ApiError(500, f"update pools failed: {text}")
        call.require(f"/pool/{present}", "Pool.Allocate")
        call.cluster.pools[present].vms.discard(vmid)
    pool.vms.add(vmid)


def _change_storage(call: Call, pool: Pool, name: str) -> None:
    path = f"/storage/{name}"
    if not call.has(path, "Permissions.Modify") and not call.has(path, "Datastore.Allocate"):
        raise denied(f"{path}, Permissions.Modify|Datastore.Allocate")
    taking = bool(call.params.get("delete"))
    if taking != (name in pool.storages):
        word = "not a" if taking else "already a"
        raise ApiError(500, f"update pools failed: Storage '{name}' is {word} pool member")
    if taking:
        pool.storages.discard(name)
    else:
        call.cluster.storage(name)
        pool.storages.add(name)


@route("DELETE", "/pools")
async def delete(call: Call) -> Any:
    """Remove an empty pool without children, and what ACLs say of it."""
    pool, cluster = _pool(call), call.cluster
    if any(other.startswith(f"{pool.poolid}/") for other in cluster.pools):
        raise ApiError(500, f"delete pool failed: pool '{pool.poolid}' is not empty")
    for vmid in sorted(pool.vms):
        text = f"pool '{pool.poolid}' is not empty (contains VM {vmid})"
        raise ApiError(500, f"delete pool failed: {text}")
    for name in sorted(pool.storages):
        text = f"pool '{pool.poolid}' is not empty (contains storage '{name}')"
        raise ApiError(500, f"delete pool failed: {text}")
    del cluster.pools[pool.poolid]
    cluster.acl = {entry for entry in cluster.acl if entry.path != f"/pool/{pool.poolid}"}


route("PUT", "/pools/{poolid}")(update)
route("DELETE", "/pools/{poolid}")(delete)
