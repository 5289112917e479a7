"""Clones a guest: POST …/clone, in the order in which qemu-server's `clone_vm` shows itself.

Checks in the request; then a worker that locks source (shared, if it is stopped) and target, writes
a stub with lock and nothing else, makes disk after disk, drops the lock, and last joins the pool.
"""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import dataclass
from typing import Any

from vmlab.simulator import guest_permissions as permissions
from vmlab.simulator.errors import ApiError, invalid_parameters
from vmlab.simulator.guest_disks import full_copy
from vmlab.simulator.guest_drives import DRIVE_KEYS, Drive, format_size, new_smbios, print_net
from vmlab.simulator.guest_locks import check_lock, storage_lock, worker_flock
from vmlab.simulator.guest_options import agent_enabled
from vmlab.simulator.guest_power import AGENT_SILENT, agent_answers
from vmlab.simulator.guest_status import RUNNING_FACTS
from vmlab.simulator.guest_volumes import can_link, find, free, link, split_volid
from vmlab.simulator.jobs import Job
from vmlab.simulator.routes import Call
from vmlab.simulator.state import Guest, Volume

LINKED_S = 0.2
# Between the last disk and the lock's end, and between that and the pool: clients see both states.
SETTLE_S = 0.05
CLONE_FLOCK_S = 1.0
_LEFT_BEHIND = {"parent", "snaptime", "vmstate", "snapstate", "template", "lock"} | RUNNING_FACTS


@dataclass
class Plan:
    """What a clone will be: its configuration, and which drives are copied and which linked."""

    config: dict[str, Any]
    drives: dict[str, Drive]
    full: set[str]


def request(call: Call) -> str:
    """The sync checks; returns the worker's UPID."""
    source = call.guest()
    _plan(call, source, source.running)
    return call.fork("qmclone", str(source.vmid), _Cloning(call, source).work)


def _plan(call: Call, source: Guest, was_running: bool) -> Plan:
    """Check what qemu-server checks, twice in all: in the request and with the flocks held.

    Raises:
        ApiError: 403 for the pool, storages and bridges; 400; 500 for everything else.
    """
    params, cluster = call.params, call.cluster
    permissions.check_pool(call, params.get("pool"))
    target = params.get("target")
    if target is not None and target not in cluster.nodes:
        raise ApiError(500, f"no such cluster node '{target}'")
    _check_target_storage(call)
    check_lock(source)
    if source.running != was_running:
        raise ApiError(500, "unexpected state change")
    snapname = params.get("snapname")
    if snapname and snapname not in source.snapshots:
        raise ApiError(500, f"snapshot '{snapname}' does not exist")
    full = bool(params.get("full", not source.config.get("template")))
    for name in ("storage", "format"):
        if name in params and not full:
            raise ApiError(500, f"parameter '{name}' not allowed for linked clones")
    config = source.snapshots[snapname].config if snapname else source.config
    shared = _check_storages(call, config)
    permissions.check_bridges(call, config)
    if target not in (None, source.node) and not shared:
        raise ApiError(500, f"can't clone VM to node '{target}' (VM uses local storage)")
    newid = int(params["newid"])
    taken = cluster.guests.get(newid)
    if taken is not None and taken.node == source.node:
        raise ApiError(500, f"unable to create VM {newid}: config file already exists")
    return _new_config(call, config, full)


def _check_target_storage(call: Call) -> None:
    name = call.params.get("storage")
    if name is None:
        return
    storage = call.cluster.storage(name)
    if not storage.enabled:
        raise ApiError(500, f"storage '{name}' is disabled")
    if "images" not in storage.content:
        raise invalid_parameters({"storage": f"storage '{name}' does not support vm images"})
    if call.params.get("target") not in (None, call.params["node"]) and not storage.shared:
        raise ApiError(500, f"can't clone to non-shared storage '{name}'")


def _check_storages(call: Call, config: dict[str, Any]) -> bool:
    """Check for room where the disks go; returns whether all of the source lies on shared ones."""
    shared = True
    for key, value in sorted(config.items()):
        drive = Drive.parse(key, value) if key in DRIVE_KEYS else None
        if drive is None or not drive.has_volume:
            continue
        name = split_volid(drive.file)[0]
        shared = shared and call.cluster.storage(name).shared
        if not drive.is_cdrom or drive.is_cloudinit:
            space = call.params.get("storage", name)
            call.require(f"/storage/{space}", "Datastore.AllocateSpace")
    return shared


def _new_config(call: Call, old: dict[str, Any], full: bool) -> Plan:
    plan = Plan({}, {}, set())
    for key, value in old.items():
        if key in _LEFT_BEHIND or key.startswith("unused"):
            continue
        plan.config[key] = value
        if key.startswith("net") and key[3:].isdigit():
            plan.config[key] = print_net(value, call.cluster.new_mac, replace=True)
        elif key in DRIVE_KEYS:
            drive = Drive.parse(key, value)
            if not drive.has_volume or (drive.is_cdrom and not drive.is_cloudinit):
                continue
            plan.drives[key] = drive
            if full or drive.is_cloudinit or key == "tpmstate0":
                plan.full.add(key)
            elif not can_link(call.cluster, drive.file, call.params.get("snapname")):
                text = f"Linked clone feature is not supported for '{drive.file}' ({key})"
                raise ApiError(500, text)
    return plan


class _Cloning:
    """The worker."""

    def __init__(self, call: Call, source: Guest) -> None:
        self._call = call
        self._node = source.node
        self._vmid = source.vmid
        self._running = source.running
        self._newid = int(call.params["newid"])

    async def work(self, job: Job) -> None:
        """Lock source and target, then clone; both locks are waited for one second only."""
        cluster = self._call.cluster
        shared = not self._running
        async with (
            worker_flock(cluster, self._vmid, job, shared=shared, timeout_s=CLONE_FLOCK_S),
            worker_flock(cluster, self._newid, job, timeout_s=CLONE_FLOCK_S),
        ):
            source = cluster.guest(self._node, self._vmid)
            plan = _plan(self._call, source, self._running)
            if cluster.major >= 9:
                job.log(f"creating a clone of VM {self._vmid} with ID {self._newid}")
            self._write_stub()
            await self._fill(source, plan, job)

    def _write_stub(self) -> None:
        cluster, newid = self._call.cluster, self._newid
        if newid in cluster.guests:
            file = f"/etc/pve/nodes/{self._node}/qemu-server/{newid}.conf"
            raise ApiError(500, f"close (rename) atomic file '{file}' failed: File exists")
        stub = {"lock": "clone", "description": " qmclone temporary file"}
        cluster.guests[newid] = Guest(newid, self._node, stub, born_at=cluster.clock.time())

    async def _fill(self, source: Guest, plan: Plan, job: Job) -> None:
        cluster, guest = self._call.cluster, self._call.cluster.guests[self._newid]
        made: list[str] = []
        try:
            config = self._identity(source, plan)
            for key in sorted(plan.drives):
                volume = await self._disk(source, plan, key, job)
                made.append(volume.volid)
                drive = plan.drives[key]
                drive.file = volume.volid
                drive.options["size"] = format_size(volume.size)
                config[key] = str(drive)
                guest.config = {**config, "lock": "clone"}
            if source.running and not self._call.params.get("snapname"):
                await self._finish_mirrors(source, plan, job)
            await self._call.clock.sleep(SETTLE_S)
            guest.config = config
            await self._call.clock.sleep(SETTLE_S)
            guest.node = self._call.params.get("target", guest.node)
            self._join_pool(guest)
        except (Exception, asyncio.CancelledError) as error:
            if not job.running:
                raise  # killed, not told to stop: nobody cleans up
            for volid in made:
                free(cluster, self._node, volid)
            cluster.remove_guest(self._newid)
            raise ApiError(500, f"clone failed: {_reason(error)}") from error

    def _identity(self, source: Guest, plan: Plan) -> dict[str, Any]:
        """The clone's configuration with what sets it apart from its source."""
        params, config = self._call.params, dict(plan.config)
        config["smbios1"] = new_smbios(config.get("smbios1"))
        if "vmgenid" in config:
            config["vmgenid"] = str(uuid.uuid4())
        config["name"] = (
            params.get("name") or f"Copy-of-VM-{plan.config.get('name') or source.vmid}"
        )
        if "description" in params:
            config["description"] = params["description"]
        return config

    async def _disk(self, source: Guest, plan: Plan, key: str, job: Job) -> Volume:
        cluster, params = self._call.cluster, self._call.params
        origin = find(cluster, source.node, plan.drives[key].file)
        if key not in plan.full:
            job.log(f"create linked clone of drive {key} ({origin.volid})")
            async with storage_lock(cluster, split_volid(origin.volid)[0]):
                await self._call.clock.sleep(LINKED_S)
                volume, lines = link(cluster, source.node, origin, self._newid)
                await self._link_file(origin, volume)
            job.log("\n".join(lines))
            return volume
        target = (params.get("storage", split_volid(origin.volid)[0]), params.get("format"))
        return await full_copy(
            cluster,
            source.node,
            origin,
            target,
            self._newid,
            job.log,
            bwlimit_kib=int(params.get("bwlimit", 0)),
            key=key,
            snapname=params.get("snapname"),
        )

    async def _link_file(self, origin: Volume, volume: Volume) -> None:
        """Make the file of a linked clone, or leave nothing of the clone."""
        files, snapname = self._call.cluster.files, self._call.params.get("snapname")
        if files is None:
            return
        try:
            if volume.parent is None:  # thin LVM: the origin may change or go, a layer would not do
                await files.convert(origin, volume, snapname)
            else:
                await files.overlay(origin, volume)
        except BaseException:
            free(self._call.cluster, self._node, volume.volid)
            raise

    async def _finish_mirrors(self, source: Guest, plan: Plan, job: Job) -> None:
        """End the block mirrors of a running source, its file systems frozen if its agent can."""
        job.log("all 'mirror' jobs are ready")
        if agent_enabled(source.config) and not await agent_answers(self._call.sim, source):
            job.log(AGENT_SILENT[self._call.cluster.major].format(vmid=source.vmid))
        job.log("suspend vm")
        name = "drive" if self._call.cluster.major < 9 else "mirror"
        for key in sorted(plan.full):
            job.log(f"{name}-{key}: Cancelling block job\n{name}-{key}: Done.")
        job.log("resume vm")

    def _join_pool(self, guest: Guest) -> None:
        if self._call.cluster.guests.get(self._newid) is not guest:
            file = f"nodes/{guest.node}/qemu-server/{self._newid}.conf"
            raise ApiError(500, f"Configuration file '{file}' does not exist")
        if pool := self._call.params.get("pool"):
            if pool not in self._call.cluster.pools:
                text = f"can't add VM {self._newid} to pool '{pool}': pool '{pool}' does not exist"
                raise ApiError(500, text)
            self._call.cluster.pools[pool].vms.add(self._newid)


def _reason(error: BaseException) -> str:
    if isinstance(error, asyncio.CancelledError):
        return "copy failed: command '/usr/bin/qemu-img convert' failed: interrupted by signal"
    return str(error)
