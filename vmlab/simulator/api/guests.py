"""The life of a guest: create, clone, make a template, destroy, and what it is able to.

The sync part of each call answers what qemu-server checks before it forks; the rest is the
worker's, which the modules `guest_create`, `guest_clone` and `guest_destroy` hold.
"""

from __future__ import annotations

from typing import Any

from vmlab.simulator import guest_clone, guest_create, guest_destroy
from vmlab.simulator.errors import ApiError
from vmlab.simulator.guest_locks import check_lock, worker_flock
from vmlab.simulator.guest_permissions import check_skiplock
from vmlab.simulator.guest_volumes import (
    can_link,
    can_snapshot,
    is_base,
    owned_drives,
    split_volid,
    to_base,
)
from vmlab.simulator.jobs import Job
from vmlab.simulator.routes import Call, route
from vmlab.simulator.state import Guest

TEMPLATE_S = 0.3


@route("POST", "/nodes/{node}/qemu")
async def create(call: Call) -> Any:
    """Create a guest: a stub with lock `create` at once, the rest in a worker."""
    return await guest_create.request(call)


@route("POST", "/nodes/{node}/qemu/{vmid}/clone")
async def clone(call: Call) -> Any:
    """Clone a guest, linked or full; the UPID carries the source's VMID."""
    return guest_clone.request(call)


@route("DELETE", "/nodes/{node}/qemu/{vmid}")
async def destroy(call: Call) -> Any:
    """Destroy a guest and its disks."""
    check_skiplock(call)
    return guest_destroy.request(call)


@route("POST", "/nodes/{node}/qemu/{vmid}/template")
async def template(call: Call) -> Any:
    """Turn a stopped guest into a template; its volumes become base volumes."""
    guest = call.guest()
    _check_template(guest)
    node, vmid = guest.node, guest.vmid

    async def work(job: Job) -> None:
        async with worker_flock(call.cluster, vmid, job):
            guest = call.cluster.guest(node, vmid)
            _check_template(guest)
            guest.config["template"] = 1
            await call.clock.sleep(TEMPLATE_S)
            for drive in owned_drives(guest):
                if not drive.is_cloudinit and not is_base(drive.file):
                    drive.file = to_base(call.cluster, node, drive.file)
                    guest.config[drive.key] = str(drive)

    return call.fork("qmtemplate", str(vmid), work)


def _check_template(guest: Guest) -> None:
    check_lock(guest)
    if guest.snapshots:
        raise ApiError(500, "unable to create template, because VM contains snapshots")
    if guest.config.get("template"):
        raise ApiError(500, "you can't convert a template to a template")
    if guest.running:
        raise ApiError(500, "you can't convert a VM to template if VM is running")


@route("GET", "/nodes/{node}/qemu/{vmid}/feature")
async def feature(call: Call) -> Any:
    """Whether the guest's disks can be snapshot, cloned or copied, and on which nodes."""
    guest = call.guest()
    volids = [drive.file for drive in owned_drives(guest) if not drive.is_cloudinit]
    shared = all(call.cluster.storage(split_volid(volid)[0]).shared for volid in volids)
    nodes = list(call.cluster.nodes) if shared else [guest.node]
    able = all(_is_able(call, volid) for volid in volids)
    return {"hasFeature": int(able), "nodes": nodes}


def _is_able(call: Call, volid: str) -> bool:
    match call.params["feature"]:
        case "snapshot":
            return can_snapshot(call.cluster, volid)
        case "clone":
            return can_link(call.cluster, volid, call.params.get("snapname"))
        case _:
            return True
