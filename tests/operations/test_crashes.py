"""A worker dies after every write and after every call of every verb; the next one goes on.

In the end the machine is as if nothing had happened: one guest, in the state that was asked for, or
none. The second table lets the following worker die as well, at the same place.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from tests.operations.lab import Lab, lives
from vmlab.models import Task, Vm, VmStatus
from vmlab.operations import (
    change_vm,
    delete_snapshot,
    delete_vm,
    power_vm,
    rollback_vm,
    snapshot_vm,
)
from vmlab.operations.reservation import usage
from vmlab.proxmox import mark
from vmlab.rules.vm_state import Verb

pytestmark = pytest.mark.sweep

Case = Callable[[Lab], Awaitable[tuple[Vm, Task]]]
Check = Callable[[Lab, Vm, Task], None]


def creation(start: bool = True) -> Case:
    async def case(lab: Lab) -> tuple[Vm, Task]:
        return await lab.submit_vm(start=start, disk_gb=10)

    return case


def power(verb: Verb, *before: Verb, running: bool = True) -> Case:
    async def case(lab: Lab) -> tuple[Vm, Task]:
        vm = await lab.make_vm(start=running)
        for earlier in before:
            task = await power_vm.admit(vm.id, earlier, created_by_id=None)
            assert task is not None
            await lab.walk(task)
        task = await power_vm.admit(vm.id, verb, created_by_id=None)
        assert task is not None
        return vm, task

    return case


async def change(lab: Lab) -> tuple[Vm, Task]:
    vm = await lab.make_vm()
    wanted = change_vm.ChangeVm(name="db", cpu_cores=2, disk_gb=11)
    task = await change_vm.admit(vm.id, wanted, settings=lab.settings, created_by_id=None)
    assert task is not None
    return vm, task


async def deletion(lab: Lab) -> tuple[Vm, Task]:
    vm = await lab.make_vm(start=True)
    return vm, await delete_vm.admit(vm.id, created_by_id=None)


async def deletion_of_what_is_gone(lab: Lab) -> tuple[Vm, Task]:
    vm = await lab.make_vm()
    lab.sim.cluster.guests.pop(vm.vmid or 0)
    return vm, await delete_vm.admit(vm.id, created_by_id=None)


async def snapshot(lab: Lab) -> tuple[Vm, Task]:
    vm = await lab.make_vm()
    wanted = snapshot_vm.SnapshotVm(name="base")
    return vm, await snapshot_vm.admit(vm.id, wanted, created_by_id=None)


async def deletion_of_snapshot(lab: Lab) -> tuple[Vm, Task]:
    vm, task = await snapshot(lab)
    await lab.walk(task)
    return vm, await delete_snapshot.admit(vm.id, "base", created_by_id=None)


async def rollback(lab: Lab) -> tuple[Vm, Task]:
    vm, task = await snapshot(lab)
    await lab.walk(task)
    lab.guest(vm).config["cores"] = 4
    return vm, await rollback_vm.admit(vm.id, "base", created_by_id=None)


def is_(status: VmStatus) -> Check:
    def check(lab: Lab, vm: Vm, task: Task) -> None:
        assert task.status == "succeeded", task.error
        assert vm.status is status
        guest = lab.guest(vm)
        assert mark.find(guest.config["description"]) == vm.uuid
        assert guest.running is (status is not VmStatus.STOPPED)
        assert (guest.qmpstatus == "paused") is (status is VmStatus.PAUSED)

    return check


def is_changed(lab: Lab, vm: Vm, task: Task) -> None:
    is_(VmStatus.STOPPED)(lab, vm, task)
    config = lab.guest(vm).config
    assert (vm.name, vm.cpu_cores, vm.disk_gb) == ("db", 2, 11)
    assert (config["name"], int(config["cores"])) == ("db", 2)
    assert "size=11G" in config["scsi0"]


def has_snapshots(*names: str) -> Check:
    def check(lab: Lab, vm: Vm, task: Task) -> None:
        is_(VmStatus.STOPPED)(lab, vm, task)
        assert list(lab.guest(vm).snapshots) == list(names)
        assert "lock" not in lab.guest(vm).config
        assert (vm.cpu_cores, int(lab.guest(vm).config["cores"])) == (1, 1)

    return check


def is_gone(lab: Lab, vm: Vm, task: Task) -> None:
    assert task.status == "succeeded", task.error
    assert vm.deleted_at is not None
    assert vm.vmid is None


CASES: dict[str, tuple[Case, Check]] = {
    "create": (creation(), is_(VmStatus.RUNNING)),
    "create, not started": (creation(start=False), is_(VmStatus.STOPPED)),
    "start": (power(Verb.START, running=False), is_(VmStatus.RUNNING)),
    "stop": (power(Verb.STOP), is_(VmStatus.STOPPED)),
    "restart": (power(Verb.RESTART), is_(VmStatus.RUNNING)),
    "reset": (power(Verb.RESET), is_(VmStatus.RUNNING)),
    "pause": (power(Verb.PAUSE), is_(VmStatus.PAUSED)),
    "resume": (power(Verb.RESUME, Verb.PAUSE), is_(VmStatus.RUNNING)),
    "change": (change, is_changed),
    "delete": (deletion, is_gone),
    "delete what is gone": (deletion_of_what_is_gone, is_gone),
    "snapshot": (snapshot, has_snapshots("base")),
    "rollback": (rollback, has_snapshots("base")),
    "delete a snapshot": (deletion_of_snapshot, has_snapshots()),
}


async def check_marks(lab: Lab) -> None:
    """Every guest belongs to one machine, and counts once."""
    marks = [mark.find(guest.config["description"]) for guest in lab.own_guests()]
    alive = await Vm.filter(deleted_at__isnull=True, vmid__isnull=False)
    assert sorted(map(str, marks)) == sorted(str(vm.uuid) for vm in alive)
    used = (await usage([lab.student.id]))[lab.student.id]
    assert used.vms == len(alive)


@pytest.mark.parametrize(
    ("case", "lives_lost"),
    [*((case, 1) for case in CASES), *((case, 2) for case in ("create", "restart", "delete"))],
)
async def test_dying_at_each_boundary(case: str, lives_lost: int, lab: Lab) -> None:
    begin, check = CASES[case]

    async def after(crashes: list[int]) -> int:
        vm, task = await begin(lab)
        task, passed = await lives(lab, task, crashes)
        vm = await lab.reload(vm)
        check(lab, vm, task)
        await check_marks(lab)
        await remove(lab, vm)
        return passed

    boundaries = await after([])
    assert boundaries > 4
    for boundary in range(boundaries):
        await after([boundary] * lives_lost)


async def remove(lab: Lab, vm: Vm) -> None:
    if vm.deleted_at is None:
        task = await lab.walk(await delete_vm.admit(vm.id, created_by_id=None))
        assert task.status == "succeeded", task.error


async def test_dying_at_each_boundary_of_an_unwinding(lab: Lab) -> None:
    async def after(crashes: list[int]) -> int:
        fault = lab.sim.faults.add("task_fails", path="/qmstart/")
        vm, task = await lab.submit_vm(start=True)
        task, passed = await lives(lab, task, crashes)
        lab.sim.faults.clear()
        assert fault.fired
        vm = await lab.reload(vm)
        assert (task.status, vm.status) == ("failed", VmStatus.ERROR)
        assert "stuck" not in (task.error or {})["details"]
        assert (vm.vmid, vm.reserved) == (None, False)
        assert lab.own_guests() == []
        await remove(lab, vm)
        return passed

    for boundary in range(await after([])):
        await after([boundary])
