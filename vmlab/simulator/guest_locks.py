"""A guest's locks: the flock of whoever works on it, the `lock` in its file, its storage's."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from vmlab.simulator.errors import ApiError
from vmlab.simulator.jobs import Job
from vmlab.simulator.locks import FLOCK_WAIT_S
from vmlab.simulator.state import Cluster, Guest


def check_lock(guest: Guest) -> None:
    """Refuse a guest whose configuration carries a lock ("VM is locked (backup)")."""
    if lock := guest.config.get("lock"):
        raise ApiError(500, f"VM is locked ({lock})")


@asynccontextmanager
async def worker_flock(
    cluster: Cluster, vmid: int, job: Job, *, shared: bool = False, timeout_s: float = FLOCK_WAIT_S
) -> AsyncIterator[None]:
    """Hold a guest's flock in a worker, whose log tells of a wait as pve-common's Tools.pm does."""
    waits = cluster.locks.held(f"/var/lock/qemu-server/lock-{vmid}.conf") and not shared
    if waits:
        job.log("trying to acquire lock...")
    async with cluster.flock(vmid, shared=shared, timeout_s=timeout_s):
        if waits:
            job.log(" OK")
        yield


def storage_lock(cluster: Cluster, name: str) -> AbstractAsyncContextManager[None]:
    """The lock that allocation and linked clones on a storage wait for, ten seconds at most."""
    path = f"/var/lock/pve-manager/pve-storage-{name}"
    shared = cluster.storage(name).shared
    text = f"cfs-lock 'storage-{name}' error: got lock request timeout" if shared else ""
    return cluster.locks.hold(path, text=text)
