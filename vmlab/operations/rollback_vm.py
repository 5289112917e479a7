"""Takes a machine back to a snapshot: its disks, and the hardware that it had then.

find      the guest, by mark and uuid, the snapshot, and what hardware that has
reserve   what it adds to the machine counts from now on    undo: no more
rollback  a running guest is stopped hard                   no way back
see       what the machine is now; from a snapshot with memory it comes back running
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from typing import Any

from vmlab import config
from vmlab.config import Settings
from vmlab.models import Task, TaskStatus, Vm, VmStatus
from vmlab.models.connection import transaction
from vmlab.operations import reservation, snapshots
from vmlab.operations.admission import is_to_be_done, machine_for_update
from vmlab.operations.hardware import boot_disk, size_gb
from vmlab.proxmox.shapes import GuestConfig
from vmlab.rules.quota import Resources
from vmlab.rules.vm_state import Verb
from vmlab.tasks.operation import Operation, PveStep, Step
from vmlab.tasks.run import Run
from vmlab.tasks.store import INTERACTIVE, NewTask, submit

KIND = "vm.rollback"

_COMING_BACK_S = 30
"""How long a guest with its memory may take to run again after Proxmox's task has ended."""


async def admit(vm_id: int, name: str, *, created_by_id: int | None) -> Task:
    """Accept a rollback of a machine: one transaction.

    Raises:
        Invalid: the name is none.
        NotFound: there is no such machine; whether there is the snapshot only the task can tell.
        WrongState: its state does not allow it, or a task is under way on it.
    """
    snapshots.check_name(name)
    async with transaction():
        vm = await machine_for_update(vm_id)
        await is_to_be_done(vm, Verb.ROLLBACK)
        return await submit(task_for(vm, name, created_by_id=created_by_id))


def task_for(
    vm: Vm, name: str, *, created_by_id: int | None, priority: int = INTERACTIVE
) -> NewTask:
    """The task that goes back to a snapshot."""
    return snapshots.task_on(
        vm, KIND, {"name": name}, created_by_id=created_by_id, priority=priority
    )


async def _find(run: Run) -> dict[str, Any]:
    guest = await snapshots.own_guest(run)
    snapshot = await snapshots.require_snapshot(run, guest)
    if snapshot.incomplete:
        raise snapshots.SnapshotIncomplete
    then = await run.parts.guests.snapshot_config(guest.node, guest.vmid, snapshot.name)
    vm = await Vm.get(id=run.task.target_id)
    after = _sizes(then)
    return {
        "node": guest.node,
        "vmid": guest.vmid,
        "with_memory": snapshot.with_memory,
        "before": {key: getattr(vm, key) for key in after},
        "after": after,
    }


def _sizes(then: GuestConfig) -> dict[str, int]:
    sizes = {
        "cpu_cores": then.cores * then.sockets,
        "memory_mb": then.memory_mb,
        "disk_gb": size_gb(boot_disk(then)),
    }
    return {key: value for key, value in sizes.items() if value}


def _reserve(defaults: config.Quota) -> Callable[[Run], Coroutine[Any, Any, None]]:
    async def reserve(run: Run) -> None:
        """Count the larger of what is and what was.

        Raises:
            QuotaExceeded: the owner has given what the machine had then to others meanwhile.
        """
        found = run.output("find")
        async with transaction():
            vm = await machine_for_update(run.task.target_id)
            larger = {key: max(size, found["before"][key]) for key, size in found["after"].items()}
            growth = {key: size - getattr(vm, key) for key, size in larger.items()}
            await reservation.require(vm.owner_id, Resources(**growth), defaults)
            await _write(vm, larger)

    return reserve


async def _release(run: Run) -> None:
    await _write(await Vm.get(id=run.task.target_id), run.output("find")["before"])


async def _write(vm: Vm, values: dict[str, Any]) -> None:
    await vm.update_from_dict(values).save(update_fields=[*values, "updated_at"])


async def _rollback(run: Run) -> str:
    guest = await snapshots.own_guest(run)
    return await run.parts.guests.rollback(guest.node, guest.vmid, run.params["name"])


async def _see(run: Run) -> dict[str, Any]:
    """What the guest is now.

    A guest with its memory is started by the rollback itself or right after it (qemu-server 8.4).
    """
    guest = await snapshots.own_guest(run)
    status = await run.parts.guests.status(guest.node, guest.vmid)
    for _ in range(_COMING_BACK_S if run.output("find")["with_memory"] else 0):
        if status.running:
            break
        await run.sleep(1)
        status = await run.parts.guests.status(guest.node, guest.vmid)
    hardware = _sizes(guest.config)
    return {"running": status.running, "paused": status.paused, "hardware": hardware}


async def _settle(run: Run, status: TaskStatus) -> None:
    """Write what was seen; after a failure the reconciler sees what it is."""
    if status is not TaskStatus.SUCCEEDED:
        return
    seen = run.output("see")
    now = datetime.now(UTC)
    state = VmStatus.RUNNING if seen["running"] else VmStatus.STOPPED
    values: dict[str, Any] = {
        **seen["hardware"],
        "status": VmStatus.PAUSED if seen["paused"] else state,
        "observed_at": now,
        "started_at": now if seen["running"] else None,
    }
    await _write(await Vm.get(id=run.task.target_id), values)


def operation(settings: Settings) -> Operation:
    """The table of steps."""
    return Operation(
        kind=KIND,
        steps=(
            Step("find", _find),
            Step("reserve", _reserve(settings.quota), undo=_release),
            PveStep("rollback", _rollback, type="qmrollback", at=snapshots.at),
            Step("see", _see),
        ),
        settle=_settle,
    )
