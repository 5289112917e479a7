"""Bulk actions on guests (9.x): one task that starts, shuts down or suspends guest after guest.

Each guest gets a task of its own. VMIDs that nobody has are passed over; a guest already in the
wanted state is a warning. Without `vms` the whole cluster's guests are meant (pve-manager 9.2).
"""

from __future__ import annotations

from typing import Any

from vmlab.simulator.errors import ApiError
from vmlab.simulator.jobs import Job
from vmlab.simulator.routes import Call, route
from vmlab.simulator.state import Guest

_BASE = "/cluster/bulk-action/guest"
SHUTDOWN_TIMEOUT_S = 180


@route("GET", _BASE)
async def directory(call: Call) -> Any:
    """What can be done in bulk."""
    return [{"name": name} for name in ("start", "shutdown", "migrate", "suspend")]


@route("POST", _BASE + "/start")
async def start(call: Call) -> Any:
    """Start guests."""
    return _fork(call, "start", "Starting", {})


@route("POST", _BASE + "/shutdown")
async def shutdown(call: Call) -> Any:
    """Shut guests down."""
    timeout_s = call.params.get("timeout", SHUTDOWN_TIMEOUT_S)
    params = {"timeout": timeout_s, "forceStop": call.params.get("force-stop", 1)}
    note = f" (Timeout = {timeout_s} seconds)"
    return _fork(call, "shutdown", "Shutting down", params, note)


@route("POST", _BASE + "/suspend")
async def suspend(call: Call) -> Any:
    """Pause guests, or hibernate them."""
    params = {"todisk": call.params.get("to-disk", 0)}
    if "statestorage" in call.params:
        params["statestorage"] = call.params["statestorage"]
    return _fork(call, "suspend", "Suspending", params)


def _fork(call: Call, action: str, doing: str, params: dict[str, Any], note: str = "") -> str:
    vmids = call.params.get("vms", sorted(call.cluster.guests))

    async def work(job: Job) -> None:
        job.log(f"{doing} guests: {', '.join(map(str, vmids))}")
        for vmid in vmids:
            if guest := call.cluster.guests.get(vmid):
                await _one(call, guest, action, f"{doing} VM {vmid}{note}", params, job)

    return call.fork(f"bulk-{action}", "", work)


async def _one(
    call: Call, guest: Guest, action: str, line: str, params: dict[str, Any], job: Job
) -> None:
    if guest.config.get("template"):
        return
    if (action == "start") is guest.running:
        state = "already running" if guest.running else "not running"
        job.warn(f"Skipping VM {guest.vmid}, {state}.")
        return
    job.log(line)
    path = f"/nodes/{guest.node}/qemu/{guest.vmid}/status/{action}"
    try:
        upid = await call.sim.admin("POST", path, params, who=call.who)
    except ApiError as error:
        job.warn(str(error))
        return
    ended = await call.sim.jobs.wait(upid)
    if ended.status != "OK":
        job.warn(f"VM {guest.vmid}: {ended.status}")
