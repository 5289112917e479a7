"""Single disks: resize and move to another storage or format.

Resize complains only in its task, move at once (qemu-server 8.4, API2/Qemu.pm).
"""

from __future__ import annotations

from typing import Any

from vmlab.simulator.errors import ApiError, invalid_parameters
from vmlab.simulator.guest_config import check_digest
from vmlab.simulator.guest_disks import full_copy
from vmlab.simulator.guest_drives import Drive, add_unused, format_size, parse_size
from vmlab.simulator.guest_locks import check_lock, worker_flock
from vmlab.simulator.guest_permissions import check_skiplock
from vmlab.simulator.guest_volumes import find, free, split_volid
from vmlab.simulator.jobs import Job
from vmlab.simulator.routes import Call, route
from vmlab.simulator.state import Guest

_DETECTED = "detected modified configuration - file changed by other user? Try again."


def _drive(guest: Guest, key: str, verb: str) -> Drive:
    if key not in guest.config:
        raise ApiError(500, f"disk '{key}' does not exist")
    drive = Drive.parse(key, guest.config[key])
    if not drive.has_volume:
        raise ApiError(500, f"disk '{key}' has no associated volume")
    if drive.is_cdrom:
        raise ApiError(500, f"you can't {verb} a cdrom")
    return drive


@route("PUT", "/nodes/{node}/qemu/{vmid}/resize")
async def resize(call: Call) -> Any:
    """Make a disk larger, by `+2G` or to `32G`."""
    check_skiplock(call)
    node, vmid = call.params["node"], int(call.params["vmid"])

    async def work(job: Job) -> None:
        async with worker_flock(call.cluster, vmid, job):
            await _resize(call, call.cluster.guest(node, vmid), job)

    return call.fork("resize", str(vmid), work)


async def _resize(call: Call, guest: Guest, job: Job) -> None:
    check_digest(guest, call.params.get("digest"))
    if not call.params.get("skiplock"):
        check_lock(guest)
    drive = _drive(guest, call.params["disk"], "resize")
    storage = split_volid(drive.file)[0]
    if not call.has(f"/storage/{storage}", "Datastore.AllocateSpace"):
        path = f"/storage/{storage}, Datastore.AllocateSpace"
        raise ApiError(500, f"403 Permission check failed ({path})")
    volume = find(call.cluster, guest.node, drive.file)
    asked = str(call.params["size"])
    size = parse_size(asked.removeprefix("+")) + (volume.size if asked.startswith("+") else 0)
    size += -size % 1024
    if size < volume.size:
        raise ApiError(500, "shrinking disks is not supported")
    if size == volume.size:
        return
    if call.cluster.files is not None:
        await call.cluster.files.resize(volume, size)
    volume.size = size
    drive.options["size"] = format_size(size)
    guest.config[drive.key] = str(drive)
    if not guest.running:
        job.log("Image resized.")


@route("POST", "/nodes/{node}/qemu/{vmid}/move_disk")
async def move(call: Call) -> Any:
    """Copy a disk to another storage or format; the old volume stays as unused unless `delete`."""
    check_skiplock(call)
    if "target-vmid" in call.params:
        raise invalid_parameters({"target-vmid": "not simulated: disks stay with their guest"})
    storage = call.params.get("storage")
    if storage is None:
        text = "either target-vmid or storage must be specified"
        raise invalid_parameters({"storage": text})
    call.require(f"/storage/{storage}", "Datastore.AllocateSpace")
    guest = call.guest()
    _check_move(call, guest)
    vmid, node = guest.vmid, guest.node

    async def work(job: Job) -> None:
        async with worker_flock(call.cluster, vmid, job):
            await _move(call, call.cluster.guest(node, vmid), storage, job)

    return call.fork("qmmove", str(vmid), work)


def _check_move(call: Call, guest: Guest) -> Drive:
    if call.params.get("digest") not in (None, guest.digest()):
        raise ApiError(500, _DETECTED)
    check_lock(guest)
    drive = _drive(guest, call.params["disk"], "move")
    storage = call.cluster.storage(call.params["storage"])
    if "images" not in storage.content:
        text = f"storage '{storage.storage}' does not support vm images"
        raise invalid_parameters({"storage": text})
    volume = find(call.cluster, guest.node, drive.file)
    same_format = call.params.get("format") in (None, volume.format)
    if storage.storage == split_volid(drive.file)[0] and same_format:
        raise ApiError(500, "you can't move to the same storage with same format")
    held = any(drive.file in str(s.config.get(drive.key, "")) for s in guest.snapshots.values())
    if call.params.get("delete") and held:
        raise ApiError(500, "you can't move a disk with snapshots and delete the source")
    return drive


async def _move(call: Call, guest: Guest, storage: str, job: Job) -> None:
    drive = _check_move(call, guest)
    source = find(call.cluster, guest.node, drive.file)
    if call.cluster.major >= 9:
        places = f"current storage '{split_volid(source.volid)[0]}' to target storage '{storage}'"
        job.log(f"copying volume '{source.volid}' from {places}")
    target = (storage, call.params.get("format"))
    copy = await full_copy(
        call.cluster,
        guest.node,
        source,
        target,
        guest.vmid,
        job.log,
        bwlimit_kib=int(call.params.get("bwlimit", 0)),
        key=drive.key,
    )
    drive.file = copy.volid
    guest.config[drive.key] = str(drive)
    if not call.params.get("delete"):
        add_unused(guest.config, source.volid)
        return
    if call.cluster.major >= 9:
        job.log(f"removing source volume '{source.volid}' after successful copy")
    free(call.cluster, guest.node, source.volid)
