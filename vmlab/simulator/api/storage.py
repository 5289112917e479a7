"""Storages as a node sees them: lists, capacity, content, volumes. Uploads are in `upload.py`."""

from __future__ import annotations

import hashlib
import re
from typing import Any

from vmlab.simulator import formats, guest_volumes, rrd
from vmlab.simulator.errors import ApiError, denied, invalid
from vmlab.simulator.jobs import Job
from vmlab.simulator.routes import Call, route
from vmlab.simulator.state import Storage, Volume

READ = ("Datastore.Audit", "Datastore.AllocateSpace")
DELETE_S = 0.2
_STORAGE = "/nodes/{node}/storage/{storage}"
_VOLUME = _STORAGE + "/content/{volume}"
_DIRECTORIES = {"iso": "template/iso", "vztmpl": "template/cache", "backup": "dump"}


def usable(call: Call, name: str) -> Storage:
    """A storage that is enabled and there on the call's node.

    Raises:
        ApiError: 500 in pve-storage's words.
    """
    assert call.node is not None
    storage = call.cluster.storage(name)
    if not storage.enabled:
        raise ApiError(500, f"storage '{name}' is disabled")
    if not storage.available_on(call.node.name):
        raise ApiError(500, f"storage '{name}' is not available on node '{call.node.name}'")
    return storage


def directory_of(storage: Storage, content: str) -> str:
    """Where files of a content type lie on a file-based storage."""
    return f"{storage.path}/{_DIRECTORIES.get(content, content)}"


def _readable(call: Call, name: str) -> bool:
    return any(call.has(f"/storage/{name}", priv) for priv in READ)


def _figures(call: Call, storage: Storage) -> dict[str, Any]:
    assert call.node is not None
    active = storage.enabled
    total = storage.total_bytes if active else 0
    used = storage.used_bytes(call.node.name) if active else 0
    return {
        "type": storage.type,
        "content": ",".join(sorted(storage.content)),
        "shared": int(storage.shared),
        "enabled": int(storage.enabled),
        "active": int(active),
        "total": total,
        "used": used,
        "avail": max(0, total - used),
    }


@route("GET", "/nodes/{node}/storage")
async def index(call: Call) -> Any:
    """The node's storages that the caller may read, with their capacity."""
    assert call.node is not None
    wanted = set(formats.items(call.params.get("content", "")))
    rows = []
    for name, storage in sorted(call.cluster.storages.items()):
        fits = (
            call.params.get("storage", name) == name
            and storage.available_on(call.node.name)
            and (storage.enabled or not (wanted or call.params.get("enabled")))
            and (not wanted or wanted & storage.content)
        )
        if fits and _readable(call, name):
            row = {"storage": name, **_figures(call, storage)}
            if row["total"]:
                row["used_fraction"] = row["used"] / row["total"]
            rows.append(row)
    return rows


@route("GET", "/storage")
async def definitions(call: Call) -> Any:
    """storage.cfg, as far as the caller may read it."""
    text = ",".join(sorted(call.cluster.storages))
    digest = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
    rows = []
    for name, storage in sorted(call.cluster.storages.items()):
        if not _readable(call, name) or call.params.get("type", storage.type) != storage.type:
            continue
        row: dict[str, Any] = {"storage": name, "type": storage.type, "digest": digest}
        row["content"] = ",".join(sorted(storage.content))
        row |= {"path": storage.path} if storage.path else {}
        row |= {"shared": 1} if storage.shared else {}
        rows.append(row)
    return rows


@route("GET", _STORAGE)
async def directory(call: Call) -> Any:
    """What there is below a storage."""
    return [{"subdir": name} for name in ("content", "rrddata", "status", "upload")]


@route("GET", _STORAGE + "/status")
async def status(call: Call) -> Any:
    """Capacity and state of one storage."""
    storage = call.cluster.storages.get(call.params["storage"])
    if storage is None:
        raise invalid(storage="No such storage.")
    return _figures(call, storage)


@route("GET", _STORAGE + "/rrddata")
async def rrddata(call: Call) -> Any:
    """Capacity over time."""
    assert call.node is not None
    storage = call.cluster.storage(call.params["storage"])
    used = storage.used_bytes(call.node.name)
    now, booted_at = call.clock.time(), call.node.booted_at
    return rrd.rows(
        call.cluster.major,
        call.params["timeframe"],
        now,
        booted_at,
        lambda time: {"total": storage.total_bytes, "used": used},
    )


@route("GET", _STORAGE + "/content")
async def content(call: Call) -> Any:
    """The volumes; those that the caller may not read are left out."""
    assert call.node is not None
    storage, params = usable(call, call.params["storage"]), call.params
    return [
        _row(storage, volume)
        for _, volume in sorted(storage.on(call.node.name).items())
        if params.get("content", volume.content) == volume.content
        and params.get("vmid", volume.vmid) == volume.vmid
        and _may_read(call, storage.storage, volume)
    ]


def _row(storage: Storage, volume: Volume) -> dict[str, Any]:
    row: dict[str, Any] = {
        "volid": volume.volid,
        "content": volume.content,
        "format": volume.format,
        "size": volume.size,
        "ctime": volume.ctime,
    }
    if volume.vmid is not None:
        row["vmid"] = volume.vmid
    if volume.content == "images" and storage.file_based:
        row |= {"used": volume.used, "parent": _relative(volume.parent)}
    if volume.content == "backup":
        row["subtype"] = "qemu"
    if volume.notes is not None:
        row["notes"] = volume.notes
    if volume.protected:
        row["protected"] = 1
    return row


def _relative(parent: str | None) -> str | None:
    return f"../{parent.partition(':')[2]}" if parent else None


def _may_read(call: Call, storage: str, volume: Volume) -> bool:
    """pve-storage's check_volume_access."""
    path, vm = f"/storage/{storage}", f"/vms/{volume.vmid}"
    if call.has(path, "Datastore.Allocate"):
        return True
    if volume.content == "images" and volume.vmid is not None:
        return call.has(path, "Datastore.Audit") and call.has(vm, "VM.Config.Disk")
    if volume.content == "backup":
        return call.has(path, "Datastore.AllocateSpace") and call.has(vm, "VM.Backup")
    return any(call.has(path, priv) for priv in READ)


@route("POST", _STORAGE + "/content")
async def allocate(call: Call) -> Any:
    """A new, empty disk for a guest; `size` in KiB, or with M or G."""
    assert call.node is not None
    storage, params = usable(call, call.params["storage"]), call.params
    name, vmid = params["filename"], params["vmid"]
    match = re.fullmatch(rf"vm-{vmid}-(\S+?)(?:\.(raw|qcow2|vmdk))?", name)
    if match is None:
        raise invalid(filename=f"illegal name '{name}' - should be 'vm-{vmid}-*'")
    image_format = params.get("format") or match[2] or "raw"
    size = int(params["size"].rstrip("MG")) * {"M": 2**20, "G": 2**30}.get(params["size"][-1], 1024)
    suffix = match[1]
    volid = f"{storage.storage}:{guest_volumes.file_name(storage, vmid, suffix, image_format)}"
    if volid in storage.on(call.node.name):
        path = guest_volumes.file_path(storage, volid)
        raise ApiError(500, f"disk image '{path}' already exists")
    volume, _ = guest_volumes.allocate(
        call.cluster,
        call.node.name,
        storage,
        vmid,
        size,
        image_format=image_format,
        suffix=suffix,
    )
    return volume.volid


def _volid(call: Call) -> str:
    text = call.params["volume"]
    return text if ":" in text else f"{call.params['storage']}:{text}"


def _volume(call: Call) -> Volume:
    assert call.node is not None
    volume = guest_volumes.find(call.cluster, call.node.name, _volid(call))
    storage = volume.volid.partition(":")[0]
    if not _may_read(call, storage, volume):
        raise denied(f"/storage/{storage}, Datastore.Allocate")
    return volume


@route("GET", _VOLUME)
async def info(call: Call) -> Any:
    """Path, size and format of a volume."""
    volume = _volume(call)
    storage = call.cluster.storage(volume.volid.partition(":")[0])
    name = volume.volid.rpartition("/")[2]
    path = f"{directory_of(storage, volume.content)}/{name}"
    if volume.content == "images":
        path = guest_volumes.file_path(storage, volume.volid)
    row: dict[str, Any] = {"path": path, "format": volume.format, "size": volume.size}
    row["used"] = volume.used or volume.size
    row |= {"notes": volume.notes} if volume.notes is not None else {}
    return {**row, "protected": 1} if volume.protected else row


@route("PUT", _VOLUME)
async def update(call: Call) -> Any:
    """Notes and protection of a volume."""
    volume, params = _volume(call), call.params
    call.require(f"/storage/{volume.volid.partition(':')[0]}", "Datastore.Allocate")
    volume.notes = params.get("notes", volume.notes)
    volume.protected = bool(params.get("protected", volume.protected))


@route("DELETE", _VOLUME)
async def delete(call: Call) -> Any:
    """Remove a volume in a task, which also ends well if there is none."""
    assert call.node is not None
    node, volid = call.node.name, _volid(call)
    storage = usable(call, volid.partition(":")[0])
    volume = storage.on(node).get(volid)
    path = f"/storage/{storage.storage}"
    if volume is not None and volume.content == "backup" and volume.vmid is not None:
        call.require(path, "Datastore.AllocateSpace")
        call.require(f"/vms/{volume.vmid}", "VM.Backup")
    else:
        call.require(path, "Datastore.Allocate")

    async def work(job: Job) -> None:
        await call.clock.sleep(DELETE_S)
        if volume is not None and volume.protected:
            raise ApiError(500, f"cannot remove protected volume '{volid}' on '{storage.storage}'")
        guest_volumes.free(call.cluster, node, volid)
        job.log(f"Removed volume '{volid}'")

    owner = f"{volume.vmid}@" if volume is not None and volume.vmid is not None else ""
    upid = call.fork("imgdel", f"{owner}{storage.storage}", work)
    if "delay" not in call.params:
        return upid
    job = call.sim.jobs.find(upid)
    assert job is not None
    await call.sim.jobs.wait_at_most(job, call.params["delay"])
    return upid if job.running else None
