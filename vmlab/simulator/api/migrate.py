"""Migration to another node: what stands against it, and the move itself.

The configuration changes node at the end; from then on only the new node answers for the guest.
"""

from __future__ import annotations

import asyncio
from typing import Any

from vmlab.simulator.errors import ApiError, invalid_parameters
from vmlab.simulator.guest_disks import COPY_BYTES_A_SECOND
from vmlab.simulator.guest_drives import drives_of
from vmlab.simulator.guest_locks import check_lock, worker_flock
from vmlab.simulator.guest_options import memory_mb
from vmlab.simulator.guest_volumes import clones_of, find, owned_drives, split_volid, volids_of
from vmlab.simulator.jobs import Job
from vmlab.simulator.routes import Call, route
from vmlab.simulator.state import Guest

MIGRATE_S = 1.5
MEMORY_BYTES_A_SECOND = 2**30


def _local_volids(call: Call, guest: Guest) -> list[str]:
    storages = call.cluster.storages
    held = sorted(volids_of(guest))
    return [volid for volid in held if not storages[split_volid(volid)[0]].shared]


@route("GET", "/nodes/{node}/qemu/{vmid}/migrate")
async def precondition(call: Call) -> Any:
    """Where the guest may go and which local disks would have to go along."""
    guest = call.guest()
    local = _local_volids(call, guest)
    disks = [
        {
            "volid": volid,
            "size": find(call.cluster, guest.node, volid).size,
            "cdrom": 0,
            "is_unused": int(volid not in {drive.file for drive in owned_drives(guest)}),
        }
        for volid in local
    ]
    answer: dict[str, Any] = {
        "running": int(guest.running),
        "local_disks": disks,
        "local_resources": [],
        "mapped-resources": [],
    }
    if call.cluster.major >= 9:
        answer |= {"mapped-resource-info": {}, "has-dbus-vmstate": 0}
    if not guest.running:
        nodes = call.cluster.nodes.values()
        answer["allowed_nodes"] = [n.name for n in nodes if n.online and n.name != guest.node]
        answer["not_allowed_nodes"] = {}
    return answer


@route("POST", "/nodes/{node}/qemu/{vmid}/migrate")
async def migrate(call: Call) -> Any:
    """Move the guest, with online=1 while it runs."""
    target = call.params["target"]
    if target == call.params["node"]:
        raise invalid_parameters({"target": "target is local node."})
    if target not in call.cluster.nodes:
        raise ApiError(500, f"no such cluster node '{target}'")
    guest = call.guest()
    check_lock(guest)
    if guest.running and not call.params.get("online"):
        raise ApiError(500, "can't migrate running VM without --online")
    _check_storages(call, guest, target)
    node, vmid = guest.node, guest.vmid

    async def work(job: Job) -> None:
        async with worker_flock(call.cluster, vmid, job):
            await _migrate(call, call.cluster.guest(node, vmid), job)

    return call.fork("qmigrate", str(vmid), work)


def _check_storages(call: Call, guest: Guest, target: str) -> None:
    """Whether each storage is there on the target, too (qemu-server: check_storage_availability).

    Raises:
        ApiError: 500 in pve-storage's words.
    """
    for drive in drives_of(guest.config):
        if not drive.has_volume:
            continue
        storage = call.cluster.storage(split_volid(drive.file)[0])
        if not storage.enabled:
            raise ApiError(500, f"storage '{storage.storage}' is disabled")
        if not storage.available_on(target):
            raise ApiError(500, f"storage '{storage.storage}' is not available on node '{target}'")


def _check_volumes(call: Call, guest: Guest, local: list[str]) -> None:
    """Whether local volumes can go along (qemu-server: QemuMigrate, scan_local_volumes).

    Raises:
        ApiError: 500; an ISO image or a linked clone stays where it is.
    """
    for drive in drives_of(guest.config):
        is_image = drive.has_volume and drive.is_cdrom and not drive.is_cloudinit
        if is_image and not call.cluster.storage(split_volid(drive.file)[0]).shared:
            reason = f"can't migrate local disk '{drive.file}': local cdrom image"
            raise ApiError(500, f"Failed to sync data - {reason}")
    for volid in local:
        volume = find(call.cluster, guest.node, volid)
        if volume.parent is not None:
            reason = f"can't migrate '{volid}' as it's a clone of '{volume.parent}'"
            raise ApiError(500, f"Failed to sync data - {reason}")
        if any(clones_of(call.cluster, guest.node, volume)):
            reason = f"can't migrate '{volid}': base volume is in use by linked clones"
            raise ApiError(500, f"Failed to sync data - {reason}")


async def _migrate(call: Call, guest: Guest, job: Job) -> None:
    check_lock(guest)
    target = call.cluster.nodes[call.params["target"]]
    if call.params.get("online") and not guest.running:
        job.log("VM isn't running. Doing offline migration instead.")
    job.log(f"starting migration of VM {guest.vmid} to node '{target.name}' ({target.ip})")
    if not target.online:
        reason = f"Can't connect to destination address using public key for {target.name}"
        raise ApiError(500, f"migration aborted (duration 00:00:03): {reason}")
    local = _local_volids(call, guest)
    if local and guest.running and not call.params.get("with-local-disks"):
        text = "can't live migrate attached local disks without with-local-disks option"
        raise ApiError(500, f"migration aborted (duration 00:00:00): Failed to sync data - {text}")
    if not guest.running:
        _check_volumes(call, guest, local)
    guest.config["lock"] = "migrate"
    try:
        seconds = await _transfer(call, guest, local, job)
    except asyncio.CancelledError:
        if job.running:
            guest.config.pop("lock", None)
        raise
    _move_volumes(call, guest, local)
    guest.node = target.name
    guest.config.pop("lock", None)
    job.log(f"migration finished successfully (duration 00:00:{int(seconds):02d})")


async def _transfer(call: Call, guest: Guest, local: list[str], job: Job) -> float:
    seconds = MIGRATE_S
    for volid in local:
        job.log(f"found local disk '{volid}' (attached)")
        seconds += find(call.cluster, guest.node, volid).size / COPY_BYTES_A_SECOND
    if guest.running:
        job.log(f"starting online/live migration on unix:/run/qemu-server/{guest.vmid}.migrate")
        seconds += memory_mb(guest.config) * 2**20 / MEMORY_BYTES_A_SECOND
    await call.clock.sleep(seconds)
    return seconds


def _move_volumes(call: Call, guest: Guest, local: list[str]) -> None:
    for volid in local:
        storage = call.cluster.storage(split_volid(volid)[0])
        volume = storage.on(guest.node).pop(volid)
        storage.on(call.params["target"])[volid] = volume
