"""Changes a machine: name, notes, processors, memory, a larger disk.

    find       the guest, by mark and uuid
    configure  name, notes, processors, memory     undo: what they were before
    resize     the disk, last, since a disk never shrinks again

What grows counts against the quota from acceptance; what shrinks counts until it has shrunk.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from typing import Any

from vmlab.config import Settings
from vmlab.errors import Invalid
from vmlab.models import Task, TaskStatus, Vm
from vmlab.models.connection import transaction
from vmlab.operations import reservation
from vmlab.operations.admission import is_to_be_done, lanes_of, machine_for_update
from vmlab.operations.cloning import notes_of
from vmlab.operations.guest_identity import require_guest, write_config
from vmlab.operations.hardware import boot_disk, processors_and_memory, size_gb
from vmlab.proxmox.client import Param
from vmlab.rules import names
from vmlab.rules.quota import Resources
from vmlab.rules.vm_state import Verb
from vmlab.tasks.operation import Operation, PveStep, Step
from vmlab.tasks.run import Run
from vmlab.tasks.store import NewTask, submit

KIND = "vm.change"

_SIZES = ("cpu_cores", "memory_mb", "disk_gb")


@dataclass(frozen=True, kw_only=True)
class ChangeVm:
    """What is to become different; None stays as it is.

    Attributes:
        name: a host name.
        memory_mb: MiB; processors and memory need a stopped machine.
        disk_gb: GiB of the boot disk; it only grows.
    """

    name: str | None = None
    description: str | None = None
    cpu_cores: int | None = None
    memory_mb: int | None = None
    disk_gb: int | None = None


async def admit(
    vm_id: int, wanted: ChangeVm, *, settings: Settings, created_by_id: int | None
) -> Task | None:
    """Accept a change of a machine, or refuse it: one transaction.

    Returns:
        None if the machine is like that already.

    Raises:
        NotFound: there is no such machine.
        Invalid: the name is no host name, or the disk would have to shrink.
        WrongState: a task is under way on it, or its state does not allow the change.
        QuotaExceeded: the owner's quota does not allow what is added.
    """
    async with transaction():
        vm = await machine_for_update(vm_id)
        after = {
            key: value
            for key, value in asdict(wanted).items()
            if value is not None and value != getattr(vm, key)
        }
        if not after:
            return None
        await _check(vm, after)
        before = {key: getattr(vm, key) for key in after}
        await _reserve(vm, after, settings)
        return await submit(
            NewTask(
                kind=KIND,
                target_type="vm",
                target_id=vm.id,
                params={"before": before, "after": after},
                lanes=lanes_of(vm),
                course_id=vm.course_id,
                created_by_id=created_by_id,
            )
        )


async def _check(vm: Vm, after: dict[str, Any]) -> None:
    if not names.is_hostname(after.get("name", vm.name)):
        raise Invalid(details={"name": ["Must be a host name: letters, digits and hyphens."]})
    if after.get("disk_gb", vm.disk_gb) < vm.disk_gb:
        raise Invalid(details={"disk_gb": ["A disk only grows."]})
    hardware = "cpu_cores" in after or "memory_mb" in after
    await is_to_be_done(vm, Verb.RESIZE_HARDWARE if hardware else Verb.CHANGE)


async def _reserve(vm: Vm, after: dict[str, Any], settings: Settings) -> None:
    """Count what is added from now on."""
    larger = {key: max(after[key], getattr(vm, key)) for key in _SIZES if key in after}
    growth = {key: value - getattr(vm, key) for key, value in larger.items()}
    await reservation.require(vm.owner_id, Resources(**growth), settings.quota)
    await vm.update_from_dict(larger).save(update_fields=[*larger, "updated_at"])


async def _find(run: Run) -> dict[str, Any]:
    guest = await require_guest(run.parts, await Vm.get(id=run.task.target_id))
    disk = boot_disk(guest.config)
    return {
        "node": guest.node,
        "vmid": guest.vmid,
        "disk": disk.key if disk else None,
        "disk_gb": size_gb(disk),
    }


def _at(run: Run) -> tuple[str, int]:
    found = run.output("find")
    return found["node"], found["vmid"]


async def _configure(run: Run) -> None:
    await _write(run, run.params["after"])


async def _configure_back(run: Run) -> None:
    await _write(run, run.params["before"])


async def _write(run: Run, values: dict[str, Any]) -> None:
    vm = await Vm.get(id=run.task.target_id).select_related("owner", "course")
    guest = await require_guest(run.parts, vm)
    vm.update_from_dict(values)
    options: dict[str, Param] = {}
    if "name" in values:
        options["name"] = vm.name
    if "description" in values:
        options["description"] = notes_of(vm)
    if "cpu_cores" in values or "memory_mb" in values:
        cores = values.get("cpu_cores", guest.config.cores * guest.config.sockets)
        memory_mb = values.get("memory_mb", guest.config.memory_mb)
        options |= processors_and_memory(guest.config, cores, memory_mb)
    if options:
        await write_config(run.parts, vm, options, seen=guest)


async def _resize(run: Run) -> str | None:
    found, wanted_gb = run.output("find"), run.params["after"].get("disk_gb", 0)
    if found["disk"] is None or found["disk_gb"] >= wanted_gb:
        return None
    return await run.parts.guests.resize(*_at(run), found["disk"], wanted_gb)


async def _resized(run: Run) -> dict[str, int] | None:
    guest = await require_guest(run.parts, await Vm.get(id=run.task.target_id))
    size = size_gb(boot_disk(guest.config))
    return {"disk_gb": size} if size >= run.params["after"].get("disk_gb", 0) else None


async def _settle(run: Run, status: TaskStatus) -> None:
    """Write what the machine is now; what a failed unwind left unclear goes on counting."""
    if status is TaskStatus.SUCCEEDED:
        values = run.params["after"]
    elif run.stuck is None:
        values = run.params["before"]
    else:
        return
    vm = await Vm.get(id=run.task.target_id)
    await vm.update_from_dict(values).save(update_fields=[*values, "updated_at"])


def _readmit(settings: Settings) -> Callable[[Task], Awaitable[None]]:
    async def readmit(task: Task) -> None:
        """Check it as if it were asked for anew, and take the quota again that it gave back."""
        vm = await machine_for_update(task.target_id)
        after = task.params["after"]
        await _check(vm, after)
        # Another change may have come between: what to go back to is what the machine is now.
        before = {key: getattr(vm, key) for key in after}
        await Task.filter(id=task.id).update(params={"before": before, "after": after})
        await _reserve(vm, after, settings)

    return readmit


def operation(settings: Settings) -> Operation:
    """The table of steps."""
    return Operation(
        kind=KIND,
        steps=(
            Step("find", _find),
            Step("configure", _configure, undo=_configure_back),
            PveStep("resize", _resize, look=_resized, type="resize", at=_at),
        ),
        settle=_settle,
        readmit=_readmit(settings),
    )
