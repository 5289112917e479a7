"""Makes a machine.

place      node, source and VMID are noted       undo: the number is given back
clone      Proxmox copies the template           undo: verify, then destroy
configure  identity is read back and saved; tags, protection, processors, memory
resize     the disk grows to what was asked for
start      if that was asked for
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

from vmlab.config import Settings
from vmlab.models import Task, TaskStatus, Template, Vm
from vmlab.operations import placing, reservation, ssh_access
from vmlab.operations.admission import lanes_of, machine_for_update
from vmlab.operations.cloning import CLONING, pool_of
from vmlab.operations.create_vm import KIND, lanes_in_line, lanes_of_clone
from vmlab.operations.guest_identity import (
    ForeignGuest,
    GuestGone,
    OwnGuest,
    at_its_node,
    find_guest,
    require_guest,
    write_config,
)
from vmlab.operations.hardware import boot_disk, has_cloud_init, processors_and_memory, size_gb
from vmlab.operations.making import clock
from vmlab.operations.sources import source_of
from vmlab.proxmox.client import Param
from vmlab.proxmox.faults import GuestLocked, WrongGuestState
from vmlab.rules import names
from vmlab.rules.vm_state import VmStatus
from vmlab.tasks import lanes
from vmlab.tasks.operation import Operation, PveStep, Step
from vmlab.tasks.run import Run


async def _machine(run: Run) -> Vm:
    """The machine that a task works on, as it stands in the database now.

    Raises:
        GuestGone: it was deleted in the meantime.
    """
    vm = await Vm.get(id=run.task.target_id).select_related("template")
    if vm.deleted_at is not None:
        raise GuestGone
    return vm


async def _place(run: Run) -> dict[str, Any]:
    vm, settings = await _machine(run), run.parts.settings.guests
    if vm.vmid is not None:
        # Written down before a crash, perhaps without having been asked for: choose again.
        await _release(run)
    template = vm.template
    assert template is not None
    view = await placing.place(vm, template, run.parts.cluster, settings)
    if (pool := pool_of(vm, settings)) not in view.pools and pool != settings.pool:
        await run.parts.cluster.ensure_pool(pool, names.pool_comment(vm.course_id))
    return {"since": clock(run, (await source_of(vm)).node)}


async def _release(run: Run) -> None:
    """Give the number back, once it is proven that none of our guests has it."""
    vm = await Vm.get(id=run.task.target_id)
    try:
        found = await find_guest(run.parts, vm)
    except ForeignGuest:
        found = None
    if found is not None:
        raise WrongGuestState(f"VM {found.vmid} is still there")
    await placing.release(vm)


async def _lanes_of_clone(run: Run) -> list[str]:
    vm = await _machine(run)
    assert vm.template is not None
    return lanes_of_clone(vm.template, await source_of(vm), run.parts.settings)


async def _lanes_of_machine(run: Run) -> list[str]:
    """The storage is done with: the next machine is cloned while this one is finished."""
    return lanes_of(await Vm.get(id=run.task.target_id))


async def _configure(run: Run) -> dict[str, Any]:
    vm = await _machine(run)
    guest = await require_guest(run.parts, vm)
    if guest.config.lock is not None:
        raise GuestLocked(f"VM is locked ({guest.config.lock})")
    vm.node = guest.node
    vm.smbios_uuid = str(guest.config.uuid)
    vm.mac_address = next(iter(guest.config.macs.values()), None)
    await vm.save(update_fields=["node", "smbios_uuid", "mac_address"])
    options = await _options(run, vm, guest)
    await write_config(run.parts, vm, options, seen=guest)
    disk = boot_disk(guest.config)
    return {
        "node": guest.node,
        "vmid": guest.vmid,
        "disk": disk.key if disk else None,
        "disk_gb": size_gb(disk),
    }


async def _options(run: Run, vm: Vm, guest: OwnGuest) -> dict[str, Param]:
    """What makes a clone this machine; what it inherits from the template is overwritten."""
    options: dict[str, Param] = {
        "tags": names.tags(vm.course_id),
        "protection": run.parts.settings.guests.protect,
        **processors_and_memory(guest.config, vm.cpu_cores, vm.memory_mb),
    }
    if has_cloud_init(guest.config):
        key = await ssh_access.public_key_for(vm, run.parts.settings.security)
        inherited = str(guest.config.options.get("sshkeys", ""))
        options["sshkeys"] = ssh_access.authorized_keys(inherited, key)
        if vm.template is not None and vm.template.ssh_username:
            options["ciuser"] = vm.template.ssh_username
    return options


def _at(run: Run) -> tuple[str, int]:
    """Where the guest was when it was configured; by now it may be elsewhere."""
    configured = run.output("configure")
    return configured["node"], configured["vmid"]


async def _resize(run: Run) -> str | None:
    vm, configured = await _machine(run), run.output("configure")
    if configured["disk"] is None or configured["disk_gb"] >= vm.disk_gb:
        return None

    async def resize(node: str, vmid: int) -> str:
        return await run.parts.guests.resize(node, vmid, configured["disk"], vm.disk_gb)

    return await at_its_node(run.parts, vm, resize)


async def _resized(run: Run) -> dict[str, int] | None:
    vm = await _machine(run)
    guest = await require_guest(run.parts, vm)
    size = size_gb(boot_disk(guest.config))
    return {"disk_gb": size} if size >= vm.disk_gb else None


async def _start(run: Run) -> str | None:
    if not run.params["start"]:
        return None
    return await at_its_node(run.parts, await _machine(run), run.parts.guests.start)


async def _running(run: Run) -> dict[str, bool] | None:
    if not run.params["start"]:
        return None
    status = await at_its_node(run.parts, await _machine(run), run.parts.guests.status)
    return {"running": True} if status.running else None


async def _settle(run: Run, status: TaskStatus) -> None:
    vm = await Vm.get(id=run.task.target_id)
    if status is TaskStatus.SUCCEEDED:
        started = run.params["start"]
        vm.status = VmStatus.RUNNING if started else VmStatus.STOPPED
        vm.observed_at = datetime.now(UTC)
        vm.started_at = vm.observed_at if started else None
    else:
        vm.status = VmStatus.ERROR
        # What may still be there in Proxmox goes on counting.
        vm.reserved = vm.vmid is not None
    await vm.save(update_fields=["status", "observed_at", "started_at", "reserved", "updated_at"])


def _readmit(settings: Settings) -> Callable[[Task], Awaitable[None]]:
    async def readmit(task: Task) -> None:
        """Take the quota and the lanes again that a failed creation gave back."""
        vm = await machine_for_update(task.target_id)
        template = await Template.get(id=vm.template_id)
        await Task.filter(id=task.id).update(
            lanes=lanes.with_cluster(lanes_in_line(template, settings))
        )
        if not vm.reserved:
            await reservation.require(vm.owner_id, reservation.needs_of(vm), settings.quota)
        await Vm.filter(id=vm.id).update(reserved=True, status=VmStatus.CREATING)

    return readmit


def operation(settings: Settings) -> Operation:
    """The table of steps."""
    return Operation(
        kind=KIND,
        steps=(
            Step("place", _place, undo=_release),
            PveStep(
                "clone",
                CLONING.make,
                undo=CLONING.unmake,
                look=CLONING.made,
                lanes=_lanes_of_clone,
                type="qmclone",
                stoppable=True,
                weight=6,
            ),
            Step("configure", _configure, lanes=_lanes_of_machine),
            PveStep("resize", _resize, look=_resized, type="resize", at=_at),
            PveStep("start", _start, look=_running, type="qmstart", at=_at),
        ),
        settle=_settle,
        readmit=_readmit(settings),
    )
