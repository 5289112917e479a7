"""Configuration: read, change, pending changes, cloud-init, unlink.

PUT does its work inside the request, POST in a worker. A configuration lock is refused at once by
both; for the flock PUT waits in the request, and so does POST on 8.4, while 9.2 forks first.
"""

from __future__ import annotations

from typing import Any

from vmlab.simulator import guest_config
from vmlab.simulator.errors import ApiError
from vmlab.simulator.guest_cloudinit import cloudinit_rows, document, refresh
from vmlab.simulator.guest_config import Change
from vmlab.simulator.guest_disks import Log
from vmlab.simulator.guest_drives import DRIVE_KEYS, Drive
from vmlab.simulator.guest_locks import check_lock, worker_flock
from vmlab.simulator.guest_options import split_list
from vmlab.simulator.guest_permissions import (
    check_bridges,
    check_devices,
    check_drive,
    check_options,
    check_skiplock,
    check_storage_access,
)
from vmlab.simulator.guest_power import happens
from vmlab.simulator.guest_request import normalise
from vmlab.simulator.jobs import Job
from vmlab.simulator.routes import Call, route

_CONTROL = {"node", "vmid", "digest", "delete", "revert", "force", "skiplock"}
_CONTROL |= {"background_delay", "import-working-storage"}


@route("GET", "/nodes/{node}/qemu/{vmid}/config")
async def read(call: Call) -> Any:
    """The configuration with everything pending; `current` without; `snapshot` as it was then."""
    guest = call.guest()
    if name := call.params.get("snapshot"):
        if name not in guest.snapshots:
            raise ApiError(500, f"snapshot '{name}' does not exist")
        config = guest.snapshots[name].config
    else:
        config = guest.config if call.params.get("current") else guest_config.view(guest)
    return guest_config.masked({**config, "digest": guest.digest()})


@route("GET", "/nodes/{node}/qemu/{vmid}/pending")
async def pending(call: Call) -> Any:
    """Each option with its present and its pending value."""
    return guest_config.pending_rows(call.guest())


@route("PUT", "/nodes/{node}/qemu/{vmid}/config")
async def put(call: Call) -> Any:
    """Change the configuration and answer when it is done."""
    await _put(call, _requested(call))


async def _put(call: Call, change: Change) -> None:
    async with call.cluster.flock(call.guest().vmid):
        await _write(call, change, _nowhere)


@route("POST", "/nodes/{node}/qemu/{vmid}/config")
async def post(call: Call) -> Any:
    """Change the configuration in a worker."""
    change = _requested(call)
    guest = call.guest()
    if call.cluster.major >= 9:
        change.admit(guest)
    else:
        async with call.cluster.flock(guest.vmid):
            change.admit(call.guest())

    async def work(job: Job) -> None:
        job.log(f"update VM {guest.vmid}: {_arguments(call)}")
        async with worker_flock(call.cluster, guest.vmid, job):
            await _write(call, change, job.log)

    upid = call.fork("qmconfig", str(guest.vmid), work)
    delay_s = call.params.get("background_delay")
    return upid if delay_s is None else await _ended_within(call, upid, delay_s)


async def _ended_within(call: Call, upid: str, delay_s: float) -> str | None:
    """Give a worker some seconds: None if it has ended well by then.

    Raises:
        ApiError: 500 with its exit status, if it has ended badly.
    """
    job = call.sim.jobs.find(upid)
    assert job is not None
    if not await happens(job.ended, call.clock.sleep(delay_s)):
        return upid
    if job.status != "OK":
        raise ApiError(500, str(job.status))
    return None


async def _write(call: Call, change: Change, log: Log) -> None:
    """Carry the change out, the flock held; rights on drives are looked at only here."""
    guest = call.guest()
    change.admit(guest)
    for key, value in sorted(change.values.items()):
        if key in DRIVE_KEYS:
            check_drive(call, guest.vmid, None, Drive.parse(key, value))
    for key in change.delete:
        if key in DRIVE_KEYS or key.startswith("unused"):
            call.require(f"/vms/{guest.vmid}", "VM.Config.Disk")
    await guest_config.write(call.cluster, guest, change, log)


def _nowhere(text: str) -> None:
    """The log of work that no task is kept of."""


def _arguments(call: Call) -> str:
    """The request as the task log repeats it, without the password."""
    shown = {**call.params}
    if "cipassword" in shown:
        shown["cipassword"] = "<hidden>"
    hidden = ("node", "vmid", "digest", "background_delay")
    return " ".join(f"-{key} {shown[key]}" for key in sorted(shown) if key not in hidden)


def _requested(call: Call) -> Change:
    """The request's change, normalised and permitted."""
    check_skiplock(call)
    params = call.params
    vmid = int(params["vmid"])
    values = {key: value for key, value in params.items() if key not in _CONTROL}
    change = Change(
        normalise(call.cluster, values),
        split_list(params.get("delete")),
        split_list(params.get("revert")),
        params.get("digest"),
        bool(params.get("force")),
        bool(params.get("skiplock")),
    )
    change.check()
    check_options(call, vmid, None, change.delete)
    check_options(call, vmid, None, change.values)
    check_devices(call, vmid, None, change.values)
    check_storage_access(call, vmid, change.values)
    check_bridges(call, change.values)
    return change


@route("PUT", "/nodes/{node}/qemu/{vmid}/unlink")
async def unlink(call: Call) -> Any:
    """Detach disks, or with `force` erase them."""
    vmid = int(call.params["vmid"])
    keys = split_list(call.params["idlist"])
    change = Change({}, keys, force=bool(call.params.get("force")))
    change.check()
    check_options(call, vmid, None, keys)
    await _put(call, change)


@route("GET", "/nodes/{node}/qemu/{vmid}/cloudinit")
async def cloudinit(call: Call) -> Any:
    """Cloud-init options with what the drive does not have yet."""
    return cloudinit_rows(call.guest())


@route("PUT", "/nodes/{node}/qemu/{vmid}/cloudinit")
async def regenerate_cloudinit(call: Call) -> Any:
    """Write the cloud-init drive anew."""
    guest = call.guest()
    async with call.cluster.flock(guest.vmid):
        check_lock(guest)
        refresh(guest)


@route("GET", "/nodes/{node}/qemu/{vmid}/cloudinit/dump")
async def dump_cloudinit(call: Call) -> Any:
    """The text of one part of the cloud-init data."""
    guest = call.guest()
    masked = not call.has(f"/vms/{guest.vmid}", "VM.Config.Cloudinit")
    return document(guest, call.params["type"], mask_password=masked)
