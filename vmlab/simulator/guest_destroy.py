"""Destroys a guest: DELETE /nodes/{node}/qemu/{vmid}, as qemu-server's `destroy_vm` does it.

Protection and a running process are refused at once, a configuration lock and a base volume in use
by the task. Rights and pool membership go before the configuration does.
"""

from __future__ import annotations

import re

from vmlab.simulator.errors import ApiError
from vmlab.simulator.guest_config import check_protection
from vmlab.simulator.guest_locks import check_lock, worker_flock
from vmlab.simulator.guest_volumes import check_unused_base, free, volids_of
from vmlab.simulator.jobs import Job
from vmlab.simulator.routes import Call
from vmlab.simulator.state import Cluster, Guest

DESTROY_S = 0.3


def request(call: Call) -> str:
    """The sync checks; returns the worker's UPID."""
    guest = call.guest()
    _check(call, guest)
    node, vmid = guest.node, guest.vmid

    async def work(job: Job) -> None:
        async with worker_flock(call.cluster, vmid, job):
            guest = call.cluster.guest(node, vmid)
            _check(call, guest)
            if not call.params.get("skiplock"):
                check_lock(guest)
            await _destroy(call, guest, job)

    return call.fork("qmdestroy", str(vmid), work)


def _check(call: Call, guest: Guest) -> None:
    vmid = guest.vmid
    check_protection(guest, f"can't remove VM {vmid}")
    if guest.ha and not call.params.get("purge"):
        text = "used in HA resources and purge parameter not set."
        raise ApiError(500, f"unable to remove VM {vmid} - {text}")
    if guest.running:
        raise ApiError(500, f"VM {vmid} is running - destroy failed")


async def _destroy(call: Call, guest: Guest, job: Job) -> None:
    cluster, vmid = call.cluster, guest.vmid
    volids = sorted(volids_of(guest))
    for volid in volids:
        check_unused_base(cluster, guest.node, volid)
    await call.clock.sleep(DESTROY_S)
    for volid in volids:
        free(cluster, guest.node, volid)
    if call.params.get("destroy-unreferenced-disks"):
        _free_unreferenced(cluster, guest)
    guest.config = {"lock": "destroyed"}
    cluster.acl -= {entry for entry in cluster.acl if entry.path == f"/vms/{vmid}"}
    for pool in cluster.pools.values():
        pool.vms.discard(vmid)
    if call.params.get("purge"):
        job.log(f"purging VM {vmid} from related configurations..")
        if guest.ha:
            job.log(f"NOTE: removed VM {vmid} from HA resource configuration.")
    await call.sim.machines.forget(vmid)
    cluster.remove_guest(vmid)


def _free_unreferenced(cluster: Cluster, guest: Guest) -> None:
    """Erase what is named after the guest on any storage, whether it was attached or not."""
    own = re.compile(rf"(?:^|[/:])(?:vm|base)-{guest.vmid}-[^/]*$")
    for storage in cluster.storages.values():
        if storage.enabled and "images" in storage.content:
            for volid in [volid for volid in storage.on(guest.node) if own.search(volid)]:
                free(cluster, guest.node, volid)
