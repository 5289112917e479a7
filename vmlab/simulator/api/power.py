"""Power: start, stop, shutdown, reboot, reset, suspend, resume.

Each answers a UPID and does its work in a worker that holds the guest's flock. What Proxmox refuses
at once and what only in the task differs from call to call (qemu-server 8.4, API2/Qemu.pm).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from vmlab.simulator import guest_hardware
from vmlab.simulator import guest_power as power
from vmlab.simulator.errors import ApiError, invalid_parameters
from vmlab.simulator.guest_locks import check_lock, worker_flock
from vmlab.simulator.guest_memory import allocate_state, saving_s, state_storage
from vmlab.simulator.guest_options import shutdown_timeout_s
from vmlab.simulator.guest_permissions import check_skiplock
from vmlab.simulator.guest_status import running_facts
from vmlab.simulator.guest_volumes import free
from vmlab.simulator.jobs import Job
from vmlab.simulator.routes import Call, route
from vmlab.simulator.state import Guest

PAUSED = "VM is paused - cannot shutdown"
HA_DELAY_S = 10.0

Action = Callable[[Guest, Job], Awaitable[None]]


def _fork(call: Call, kind: str, action: Action) -> str:
    """Start a worker that holds the flock of the guest that the path names."""
    vmid = int(call.params["vmid"])
    node = call.params["node"]

    async def work(job: Job) -> None:
        async with worker_flock(call.cluster, vmid, job):
            await action(call.cluster.guest(node, vmid), job)

    return call.fork(kind, str(vmid), work)


def _known(call: Call) -> Guest | None:
    """The guest, or None where only the worker is to complain that there is none."""
    guest = call.cluster.guests.get(int(call.params["vmid"]))
    return guest if guest is not None and guest.node == call.params["node"] else None


def _ha_request(call: Call, kind: str, verb: str, action: str) -> str:
    """Queue a request for the HA manager: the task ends at once, the guest follows later."""
    vmid, node = int(call.params["vmid"]), call.params["node"]

    async def follow() -> None:
        await call.clock.sleep(HA_DELAY_S)
        path = f"/nodes/{node}/qemu/{vmid}/status/{action}"
        with suppress(ApiError):
            await call.sim.admin("POST", path, {"skiplock": 1})

    async def work(job: Job) -> None:
        job.log(f"Requesting HA {verb} for VM {vmid}")
        call.sim.spawn(follow())

    return call.fork(kind, str(vmid), work)


def _is_ha_managed(call: Call, guest: Guest | None) -> bool:
    # The HA manager itself calls with skiplock, as root@pam.
    return guest is not None and bool(guest.ha) and not call.params.get("skiplock")


@route("GET", "/nodes/{node}/qemu/{vmid}/status")
async def directory(call: Call) -> Any:
    """What lies below /status."""
    names = ("current", "start", "stop", "reset", "shutdown", "suspend", "reboot")
    return [{"subdir": name} for name in names]


@route("POST", "/nodes/{node}/qemu/{vmid}/status/start")
async def start(call: Call) -> Any:
    """Start a guest; whatever is wrong with it, the task says."""
    check_skiplock(call)
    if _is_ha_managed(call, _known(call)):
        return _ha_request(call, "hastart", "start", "start")
    node, vmid = call.params["node"], int(call.params["vmid"])

    async def work(job: Job) -> None:
        await power.start(call.sim, node, vmid, job)

    return call.fork("qmstart", str(vmid), work)


@route("POST", "/nodes/{node}/qemu/{vmid}/status/stop")
async def stop(call: Call) -> Any:
    """Pull the plug; a stopped guest is fine."""
    check_skiplock(call)
    if _is_ha_managed(call, _known(call)):
        return _ha_request(call, "hastop", "stop", "stop")
    if call.params.get("overrule-shutdown"):
        await _overrule_shutdowns(call)

    async def action(guest: Guest, job: Job) -> None:
        if guest.running:
            _check_lock_unless_skipped(call, guest)
            await power.power_off(call.sim, guest)

    return _fork(call, "qmstop", action)


async def _overrule_shutdowns(call: Call) -> None:
    """End the guest's shutdown tasks that the caller may end (qemu-server 8.2 and later)."""
    for job in call.sim.jobs.on(call.params["node"]):
        if job.running and job.kind == "qmshutdown" and job.id == str(call.params["vmid"]):
            own = job.user.partition("!")[0] == call.who.userid
            if own or call.has(f"/nodes/{job.node}", "Sys.Modify"):
                await call.sim.jobs.stop(job)


def _check_lock_unless_skipped(call: Call, guest: Guest) -> None:
    if not call.params.get("skiplock"):
        check_lock(guest)


@route("POST", "/nodes/{node}/qemu/{vmid}/status/shutdown")
async def shutdown(call: Call) -> Any:
    """Press the power button and wait; with forceStop the plug is pulled in the end."""
    check_skiplock(call)
    guest = _known(call)
    force = bool(call.params.get("forceStop"))
    paused = guest is not None and guest.running and guest.qmpstatus == "paused"
    if paused and not force:
        raise ApiError(500, PAUSED)
    if _is_ha_managed(call, guest):
        return _ha_request(call, "hastop", "stop", "shutdown")

    async def action(guest: Guest, job: Job) -> None:
        if not guest.running:
            return
        _check_lock_unless_skipped(call, guest)
        if paused:
            await power.power_off(call.sim, guest)
            return
        timeout_s = call.params.get("timeout", shutdown_timeout_s(guest.config))
        if await power.shut_down(call.sim, guest, timeout_s):
            return
        if not force:
            raise ApiError(500, power.TIMED_OUT)
        job.log(power.TERMINATING)
        await power.power_off(call.sim, guest)

    return _fork(call, "qmshutdown", action)


@route("POST", "/nodes/{node}/qemu/{vmid}/status/reboot")
async def reboot(call: Call) -> Any:
    """Shut down; qmeventd starts the guest again after the task has ended, in a task of root's."""
    guest = call.guest()
    if guest.running and guest.qmpstatus == "paused":
        raise ApiError(500, PAUSED)
    power.check_running(guest)

    async def action(guest: Guest, job: Job) -> None:
        if not guest.running:
            return
        guest.extra["reboot"] = True
        try:
            timeout_s = call.params.get("timeout", shutdown_timeout_s(guest.config))
            if not await power.shut_down(call.sim, guest, timeout_s):
                raise ApiError(500, power.TIMED_OUT)
        except (ApiError, asyncio.CancelledError):
            guest.extra.pop("reboot", None)
            raise

    return _fork(call, "qmreboot", action)


@route("POST", "/nodes/{node}/qemu/{vmid}/status/reset")
async def reset(call: Call) -> Any:
    """Press the reset button."""
    check_skiplock(call)
    power.check_running(call.guest())

    async def action(guest: Guest, job: Job) -> None:
        _check_lock_unless_skipped(call, guest)
        power.check_running(guest)
        await power.reset(call.sim, guest)

    return _fork(call, "qmreset", action)


@route("POST", "/nodes/{node}/qemu/{vmid}/status/suspend")
async def suspend(call: Call) -> Any:
    """Pause a guest, or with todisk hibernate it: memory saved, process ended, lock suspended."""
    check_skiplock(call)
    guest = call.guest()
    power.check_running(guest)
    if not call.params.get("todisk"):
        return _fork(call, "qmpause", lambda guest, job: _pause(call, guest))
    if guest.ha:
        raise ApiError(500, "Cannot suspend HA managed VM to disk")
    call.require(f"/vms/{guest.vmid}", "VM.Config.Disk")
    storage = str(call.params.get("statestorage") or state_storage(guest))
    call.require(f"/storage/{storage}", "Datastore.AllocateSpace")
    return _fork(call, "qmsuspend", lambda guest, job: _hibernate(call, guest, job, storage))


async def _pause(call: Call, guest: Guest) -> None:
    _check_lock_unless_skipped(call, guest)
    power.check_running(guest)
    await call.sim.machines.of(guest.vmid).pause()
    guest.qmpstatus = "paused"


async def _hibernate(call: Call, guest: Guest, job: Job, storage_name: str) -> None:
    _check_lock_unless_skipped(call, guest)
    power.check_running(guest)
    if "images" not in call.cluster.storage(storage_name).content:
        text = f"storage '{storage_name}' does not support vm images"
        raise invalid_parameters({"statestorage": text})
    day = datetime.fromtimestamp(call.clock.time(), UTC).date()
    guest.config["lock"] = "suspending"
    volume, printed = allocate_state(call.cluster, guest, storage_name, f"suspend-{day}")
    job.log(printed)
    try:
        await call.clock.sleep(saving_s(guest))
        if call.cluster.files is not None:
            disks = guest_hardware.disks_of(call.cluster, guest.node, guest.config)
            await call.cluster.files.take_snapshot(power.HIBERNATED, disks, memory=True)
    except asyncio.CancelledError:
        if job.running:  # told to stop, not killed
            free(call.cluster, guest.node, volume.volid)
            guest.config.pop("lock", None)
        raise
    guest.config |= {
        "lock": "suspended",
        "vmstate": volume.volid,
        **running_facts(call.cluster, guest),
    }
    job.log("State saved, quitting")
    await power.power_off(call.sim, guest)


@route("POST", "/nodes/{node}/qemu/{vmid}/status/resume")
async def resume(call: Call) -> Any:
    """Let a paused guest go on, or bring a hibernated one back."""
    check_skiplock(call)
    guest = call.guest()
    node, vmid = guest.node, guest.vmid
    if guest.config.get("lock") == "suspended":

        async def wake(job: Job) -> None:
            await power.start(call.sim, node, vmid, job)

        return call.fork("qmresume", str(vmid), wake)
    power.check_running(guest)

    async def action(guest: Guest, job: Job) -> None:
        _check_lock_unless_skipped(call, guest)
        power.check_running(guest)
        await call.sim.machines.of(guest.vmid).resume()
        guest.qmpstatus = "running"

    return _fork(call, "qmresume", action)
