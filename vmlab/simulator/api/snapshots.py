"""Snapshots: list, take, read, delete, roll back to.

All work is a worker's, and nearly every refusal too. The guest's configuration carries a lock while
the disks are worked on; the flock is held only while the configuration is written.
"""

from __future__ import annotations

import asyncio
import copy
import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import Any

from vmlab.simulator import guest_hardware, guest_power, real_agent
from vmlab.simulator.errors import ApiError
from vmlab.simulator.guest_locks import check_lock, worker_flock
from vmlab.simulator.guest_memory import allocate_state, saving_s, state_storage
from vmlab.simulator.guest_options import agent_enabled, memory_mb
from vmlab.simulator.guest_status import RUNNING_FACTS, running_facts
from vmlab.simulator.guest_volumes import can_snapshot, find, free, owned_drives
from vmlab.simulator.jobs import Job
from vmlab.simulator.routes import Call, route
from vmlab.simulator.state import Guest, Snapshot, Volume

SNAPSHOT_S = 0.4
ROLLBACK_S = 0.6
DELETE_S = 0.4
# What belongs to the snapshot or to the moment and is not part of the configuration as such.
_OWN = {"snaptime", "snapstate", "vmstate", "parent"} | RUNNING_FACTS
_NOT_COPIED = {"lock", "vmstate"} | RUNNING_FACTS


@route("GET", "/nodes/{node}/qemu/{vmid}/snapshot")
async def listing(call: Call) -> Any:
    """The snapshots, and `current` for where the guest is now."""
    guest = call.guest()
    rows = [_row(snapshot) for snapshot in guest.snapshots.values()]
    now: dict[str, Any] = {
        "name": "current",
        "description": "You are here!",
        "digest": guest.digest(),
        "running": int(guest.running),
    }
    if parent := guest.config.get("parent"):
        now["parent"] = parent
    return [*rows, now]


def _row(snapshot: Snapshot) -> dict[str, Any]:
    config = snapshot.config
    row: dict[str, Any] = {
        "name": snapshot.name,
        "snaptime": config["snaptime"],
        "description": config.get("description", ""),
        "vmstate": int("vmstate" in config),
    }
    return row | {key: config[key] for key in ("parent", "snapstate") if key in config}


def _disks(call: Call, guest: Guest, snapshot: Snapshot) -> list[Volume]:
    """The disks that the snapshot knows, as far as they are there still."""
    return guest_hardware.disks_of(call.cluster, guest.node, snapshot.config)


def _find(guest: Guest, name: str) -> Snapshot:
    if name not in guest.snapshots:
        raise ApiError(500, f"snapshot '{name}' does not exist")
    return guest.snapshots[name]


@route("GET", "/nodes/{node}/qemu/{vmid}/snapshot/{snapname}")
async def directory(call: Call) -> Any:
    """What lies below a snapshot."""
    return [{"cmd": "rollback"}, {"cmd": "config"}]


@route("GET", "/nodes/{node}/qemu/{vmid}/snapshot/{snapname}/config")
async def read(call: Call) -> Any:
    """The guest's configuration as it was then."""
    return _find(call.guest(), call.params["snapname"]).config


@route("PUT", "/nodes/{node}/qemu/{vmid}/snapshot/{snapname}/config")
async def describe(call: Call) -> Any:
    """Change a snapshot's description."""
    async with call.cluster.flock(call.guest().vmid):
        guest = call.guest()
        check_lock(guest)
        snapshot = _find(guest, call.params["snapname"])
        if "description" in call.params:
            snapshot.config["description"] = call.params["description"]


@route("POST", "/nodes/{node}/qemu/{vmid}/snapshot")
async def take(call: Call) -> Any:
    """Take a snapshot, with vmstate=1 of a running guest's memory too."""
    name = call.params["snapname"]
    if name in ("current", "pending"):
        raise ApiError(500, f"unable to use snapshot name '{name}' (reserved name)")
    node, vmid = call.params["node"], int(call.params["vmid"])

    async def work(job: Job) -> None:
        await _take(call, node, vmid, name, job)

    return call.fork("qmsnapshot", str(vmid), work)


async def _take(call: Call, node: str, vmid: int, name: str, job: Job) -> None:
    async with worker_flock(call.cluster, vmid, job):
        guest = call.cluster.guest(node, vmid)
        snapshot = _prepare(call, guest, name, job)
    try:
        await _take_disks(call, guest, snapshot, job)
    except (asyncio.CancelledError, ApiError):
        if not job.running:
            raise  # killed: the lock and the half-made snapshot stay
        if files := call.cluster.files:
            with suppress(ApiError):
                await files.delete_snapshot(name, _disks(call, guest, snapshot))
        _drop(call, guest, name)
        guest.config.pop("lock", None)
        raise
    async with worker_flock(call.cluster, vmid, job):
        snapshot.config.pop("snapstate", None)
        guest.config.pop("lock", None)
        guest.config["parent"] = name


async def _take_disks(call: Call, guest: Guest, snapshot: Snapshot, job: Job) -> None:
    memory = "vmstate" in snapshot.config
    async with AsyncExitStack() as stack:
        if memory:
            await _save_memory(call, guest, job)
        elif guest.running and agent_enabled(guest.config):
            await stack.enter_async_context(_frozen(call, guest, job))
        for drive in owned_drives(guest):
            if not drive.is_cloudinit:
                label = "drive-" if guest.running else ""
                job.log(f"snapshotting '{label}{drive.key}' ({drive.file})")
                if call.cluster.major >= 9:
                    job.log("internal qemu snapshot")
        await call.clock.sleep(SNAPSHOT_S)
        if files := call.cluster.files:
            disks = _disks(call, guest, snapshot)
            await files.take_snapshot(snapshot.name, disks, memory=memory)


def _prepare(call: Call, guest: Guest, name: str, job: Job) -> Snapshot:
    """Check, then write the half-made snapshot and the guest's lock into the configuration."""
    if guest.config.get("template"):
        raise ApiError(500, "you can't take a snapshot if it's a template")
    check_lock(guest)
    if name in guest.snapshots:
        raise ApiError(500, f"snapshot name '{name}' already used")
    disks = [drive for drive in owned_drives(guest) if not drive.is_cloudinit]
    if not all(can_snapshot(call.cluster, drive.file) for drive in disks):
        raise ApiError(500, "snapshot feature is not available")
    config = {k: copy.copy(v) for k, v in guest.config.items() if k not in _NOT_COPIED}
    for key in [key for key in config if key.startswith("unused")]:
        del config[key]
    config.pop("description", None)
    config |= {"snapstate": "prepare", "snaptime": int(call.clock.time())}
    if call.params.get("description"):
        config["description"] = call.params["description"]
    if call.params.get("vmstate") and guest.running:
        volume, printed = allocate_state(call.cluster, guest, state_storage(guest), name)
        job.log(printed)
        config |= {
            "vmstate": volume.volid,
            **running_facts(call.cluster, guest),
        }
    guest.config["lock"] = "snapshot"
    guest.snapshots[name] = Snapshot(name, config)
    return guest.snapshots[name]


async def _save_memory(call: Call, guest: Guest, job: Job) -> None:
    job.log(f"saving VM state and RAM using storage '{state_storage(guest)}'")
    duration_s = saving_s(guest)
    await call.clock.sleep(duration_s)
    saved = f"{memory_mb(guest.config) * 0.45:.2f} MiB"
    job.log(f"completed saving the VM state in {int(duration_s)}s, saved {saved}")


@asynccontextmanager
async def _frozen(call: Call, guest: Guest, job: Job) -> AsyncIterator[None]:
    """Freeze the guest's file systems by its agent; a silent agent costs three seconds."""
    agent = call.sim.machines.of(guest.vmid).agent
    if not await guest_power.agent_answers(call.sim, guest):
        job.log(guest_power.AGENT_SILENT[call.cluster.major].format(vmid=guest.vmid))
        yield
    elif agent is None:
        yield
    else:
        async with real_agent.frozen(agent):
            yield


@route("DELETE", "/nodes/{node}/qemu/{vmid}/snapshot/{snapname}")
async def delete(call: Call) -> Any:
    """Delete a snapshot; what came after it then hangs on what came before."""
    node, vmid, name = call.params["node"], int(call.params["vmid"]), call.params["snapname"]

    async def work(job: Job) -> None:
        async with worker_flock(call.cluster, vmid, job):
            guest = call.cluster.guest(node, vmid)
            snapshot = _find(guest, name)
            check_lock(guest)
            guest.config["lock"] = "snapshot-delete"
            snapshot.config["snapstate"] = "delete"
        await call.clock.sleep(DELETE_S)
        if files := call.cluster.files:
            await files.delete_snapshot(name, _disks(call, guest, snapshot))
        async with worker_flock(call.cluster, vmid, job):
            _drop(call, guest, name)
            guest.config.pop("lock", None)

    return call.fork("qmdelsnapshot", str(vmid), work)


def _drop(call: Call, guest: Guest, name: str) -> None:
    snapshot = guest.snapshots.pop(name)
    if state := snapshot.config.get("vmstate"):
        free(call.cluster, guest.node, state)
    parent = snapshot.config.get("parent")
    for config in (guest.config, *(other.config for other in guest.snapshots.values())):
        if config.get("parent") == name:
            del config["parent"]
            if parent:
                config["parent"] = parent


@route("POST", "/nodes/{node}/qemu/{vmid}/snapshot/{snapname}/rollback")
async def roll_back(call: Call) -> Any:
    """Return to a snapshot: a running guest is stopped, one saved with its memory goes on."""
    node, vmid, name = call.params["node"], int(call.params["vmid"]), call.params["snapname"]

    async def work(job: Job) -> None:
        await _roll_back(call, node, vmid, name, job)
        if call.params.get("start") and not call.cluster.guest(node, vmid).running:
            call.fork("qmstart", str(vmid), start)

    async def start(job: Job) -> None:
        await guest_power.start(call.sim, node, vmid, job)

    return call.fork("qmrollback", str(vmid), work)


async def _roll_back(call: Call, node: str, vmid: int, name: str, job: Job) -> None:
    async with worker_flock(call.cluster, vmid, job):
        guest = call.cluster.guest(node, vmid)
        snapshot = _find(guest, name)
        if guest.config.get("template"):
            raise ApiError(500, "Rollback is not supported for templates")
        if state := snapshot.config.get("snapstate"):
            text = f"unable to rollback to incomplete snapshot (snapstate = {state})"
            raise ApiError(500, text)
        check_lock(guest)
        if guest.running:
            await guest_power.power_off(call.sim, guest)
        guest.config["lock"] = "rollback"
    await call.clock.sleep(ROLLBACK_S)
    if files := call.cluster.files:
        await files.roll_back(name, _disks(call, guest, snapshot))
    async with worker_flock(call.cluster, vmid, job):
        _restore(call, guest, snapshot)
        if "vmstate" in snapshot.config:
            await guest_power.power_on(call.sim, guest, job, memory=name)


def _restore(call: Call, guest: Guest, snapshot: Snapshot) -> None:
    """Put the snapshot's configuration in place; disks that it does not know become unused."""
    kept = {key: value for key, value in guest.config.items() if key.startswith("unused")}
    known = {key: value for key, value in snapshot.config.items() if key not in _OWN}
    known.pop("description", None)
    if "description" in guest.config:
        known["description"] = guest.config["description"]
    if "vmgenid" in known:
        known["vmgenid"] = str(uuid.uuid4())
    guest.pending.clear()
    guest.config = {**kept, **known, "parent": snapshot.name}
    for drive in owned_drives(guest):
        if not drive.is_cloudinit:
            find(call.cluster, guest.node, drive.file).size = drive.size_bytes
