"""Creates a guest: POST /nodes/{node}/qemu, as qemu-server's `create_vm` does it.

Rights, then a stub with `lock: create` inside the request, then a worker that makes the disks,
fills in what was left open, joins the pool and drops the lock.
"""

from __future__ import annotations

import uuid
from typing import Any

from vmlab.simulator import guest_permissions as permissions
from vmlab.simulator import guest_power
from vmlab.simulator.errors import ApiError, denied, invalid_parameters
from vmlab.simulator.guest_disks import create_disks
from vmlab.simulator.guest_drives import DRIVE_KEYS, default_boot, drives_of, new_smbios
from vmlab.simulator.guest_locks import worker_flock
from vmlab.simulator.guest_request import normalise
from vmlab.simulator.guest_status import QEMU_VERSION
from vmlab.simulator.guest_volumes import free
from vmlab.simulator.jobs import Job
from vmlab.simulator.routes import Call
from vmlab.simulator.state import Cluster, Guest

CREATE_S = 0.3
_STUB_FLOCK_S = 5.0
_CONTROL = {"node", "vmid", "pool", "storage", "start", "archive", "force", "unique", "bwlimit"}
_CONTROL |= {"live-restore", "import-working-storage", "ha-managed"}


async def request(call: Call) -> str:
    """The sync part; returns the worker's UPID.

    Raises:
        ApiError: 403, 400, or 500 "unable to create VM N - VM N already exists on node 'X'".
    """
    params = call.params
    vmid, pool = int(params["vmid"]), params.get("pool")
    if "archive" in params:
        raise invalid_parameters({"archive": "not simulated: there is nothing to restore from"})
    permissions.check_pool(call, pool)
    if storage := params.get("storage"):
        call.require(f"/storage/{storage}", "Datastore.AllocateSpace")
    if not (
        call.has(f"/vms/{vmid}", "VM.Allocate")
        or (pool is not None and call.has(f"/pool/{pool}", "VM.Allocate"))
    ):
        raise denied()
    options = {key: value for key, value in params.items() if key not in _CONTROL}
    permissions.check_storage_access(call, vmid, options, storage)
    permissions.check_devices(call, vmid, pool, options)
    permissions.check_bridges(call, options)
    permissions.check_options(call, vmid, pool, options)
    for drive in drives_of(options):
        permissions.check_drive(call, vmid, pool, drive)
    options = normalise(call.cluster, options, creating=True)
    try:
        async with call.cluster.flock(vmid, timeout_s=_STUB_FLOCK_S):
            _claim(call.cluster, params["node"], vmid)
    except ApiError as error:
        raise ApiError(500, f"unable to create VM {vmid} - {error}") from error
    work = _Creation(call, vmid, options).work
    return call.fork("qmcreate", str(vmid), work, clean=lambda: call.cluster.remove_guest(vmid))


def _claim(cluster: Cluster, node: str, vmid: int) -> None:
    """Write the stub that makes the VMID ours.

    Raises:
        ApiError: 500, the VMID is taken anywhere in the cluster.
    """
    if taken := cluster.guests.get(vmid):
        raise ApiError(500, f"VM {vmid} already exists on node '{taken.node}'")
    stub = {"lock": "create"}
    cluster.guests[vmid] = Guest(vmid, node, stub, born_at=cluster.clock.time())


class _Creation:
    """The worker."""

    def __init__(self, call: Call, vmid: int, options: dict[str, Any]) -> None:
        self._call = call
        self._vmid = vmid
        self._node = str(call.params["node"])
        self._options = options

    async def work(self, job: Job) -> None:
        """Make the guest, or leave nothing behind; then start it if asked to."""
        cluster, vmid = self._call.cluster, self._vmid
        made: list[str] = []
        try:
            async with worker_flock(cluster, vmid, job, timeout_s=1.0):
                guest = cluster.guest(self._node, vmid)
                made = await self._fill(guest, job)
                if pool := self._call.params.get("pool"):
                    cluster.pools[pool].vms.add(vmid)
        except BaseException as error:
            if not job.running:
                raise  # killed, not told to stop: nobody cleans up
            for volid in made:
                free(cluster, self._node, volid)
            cluster.remove_guest(vmid)
            if isinstance(error, ApiError):
                raise ApiError(500, f"unable to create VM {vmid} - {error}") from error
            raise
        if self._call.params.get("start"):
            job.log("Execute autostart")
            self._autostart()

    async def _fill(self, guest: Guest, job: Job) -> list[str]:
        call, options = self._call, self._options
        await call.clock.sleep(CREATE_S)
        drives, made = await create_disks(
            call.cluster,
            self._node,
            self._vmid,
            {key: value for key, value in options.items() if key in DRIVE_KEYS},
            job.log,
            default_storage=call.params.get("storage"),
        )
        config = {**options, **drives}
        config["meta"] = f"creation-qemu={QEMU_VERSION},ctime={int(call.clock.time())}"
        config.setdefault("boot", default_boot(config))
        config.setdefault("smbios1", new_smbios())
        if config.get("vmgenid", "1") == "1":
            config["vmgenid"] = str(uuid.uuid4())
        guest.config = config
        return made

    def _autostart(self) -> None:
        call, node, vmid = self._call, self._node, self._vmid

        async def start(job: Job) -> None:
            await guest_power.start(call.sim, node, vmid, job)

        call.fork("qmstart", str(vmid), start)
