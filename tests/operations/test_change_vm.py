"""Changing machines: what is taken over, what is refused, what a failure leaves."""

from __future__ import annotations

from typing import Any

import pytest

from tests.operations.lab import Lab
from vmlab.errors import Invalid, QuotaExceeded, WrongState
from vmlab.models import Task, Vm
from vmlab.operations import change_vm, operations, power_vm
from vmlab.operations.reservation import usage
from vmlab.proxmox import mark
from vmlab.rules.quota import Resources
from vmlab.rules.vm_state import Verb
from vmlab.tasks import retry


async def admit(lab: Lab, vm: Vm, **wanted: Any) -> Task | None:
    return await change_vm.admit(
        vm.id, change_vm.ChangeVm(**wanted), settings=lab.settings, created_by_id=None
    )


async def change(lab: Lab, vm: Vm, **wanted: Any) -> tuple[Task, Vm]:
    task = await admit(lab, vm, **wanted)
    assert task is not None
    task = await lab.walk(task)
    return task, await lab.reload(vm)


async def used(lab: Lab) -> Resources:
    return (await usage([lab.student.id]))[lab.student.id]


async def test_a_stopped_machine_takes_everything(lab: Lab) -> None:
    vm = await lab.make_vm(memory_mb=2048)
    task, vm = await change(
        lab, vm, name="db", description="Database", cpu_cores=4, memory_mb=1024, disk_gb=12
    )
    assert task.status == "succeeded", task.error
    assert (vm.name, vm.description) == ("db", "Database")
    config = lab.guest(vm).config
    assert (config["name"], int(config["cores"]), int(config["memory"])) == ("db", 4, 1024)
    assert "size=12G" in config["scsi0"]
    assert config["description"].startswith("Database\n")
    assert mark.find(config["description"]) == vm.uuid
    assert await used(lab) == Resources(4, 1024, 12, 1)


async def test_a_running_machine_takes_name_and_disk(lab: Lab) -> None:
    vm = await lab.make_vm(start=True)
    task, vm = await change(lab, vm, name="db", disk_gb=12)
    assert task.status == "succeeded", task.error
    assert "size=12G" in lab.guest(vm).config["scsi0"]


@pytest.mark.parametrize("wanted", [{"cpu_cores": 2}, {"memory_mb": 512}])
async def test_hardware_needs_a_stopped_machine(wanted: dict[str, int], lab: Lab) -> None:
    vm = await lab.make_vm(start=True)
    with pytest.raises(WrongState) as caught:
        await admit(lab, vm, **wanted)
    assert caught.value.details["status"] == "running"


async def test_no_change_is_no_work(lab: Lab) -> None:
    vm = await lab.make_vm()
    assert await admit(lab, vm, name=vm.name, cpu_cores=vm.cpu_cores) is None


async def test_a_disk_never_shrinks(lab: Lab) -> None:
    vm = await lab.make_vm(disk_gb=12)
    with pytest.raises(Invalid) as caught:
        await admit(lab, vm, disk_gb=11)
    assert list(caught.value.details) == ["disk_gb"]


async def test_a_name_is_a_host_name(lab: Lab) -> None:
    vm = await lab.make_vm()
    with pytest.raises(Invalid) as caught:
        await admit(lab, vm, name="not a name")
    assert list(caught.value.details) == ["name"]


async def test_growth_needs_quota(lab: Lab) -> None:
    vm = await lab.make_vm()
    with pytest.raises(QuotaExceeded) as caught:
        await admit(lab, vm, disk_gb=300)
    assert caught.value.details["resource"] == "disk_gb"
    assert (caught.value.details["used"], caught.value.details["requested"]) == (8, 292)
    assert await used(lab) == Resources(1, 1024, 8, 1)


async def test_growth_counts_from_acceptance_and_shrinking_from_the_end(lab: Lab) -> None:
    vm = await lab.make_vm(memory_mb=2048)
    task = await admit(lab, vm, cpu_cores=3, memory_mb=1024)
    assert task is not None
    assert await used(lab) == Resources(3, 2048, 8, 1)
    await lab.walk(task)
    assert await used(lab) == Resources(3, 1024, 8, 1)


async def test_what_fails_is_taken_back(lab: Lab) -> None:
    vm = await lab.make_vm()
    before = {k: lab.guest(vm).config[k] for k in ("name", "cores", "memory", "scsi0")}
    lab.sim.faults.add("task_fails", path="/resize/")
    task, vm = await change(lab, vm, name="db", cpu_cores=2, memory_mb=2048, disk_gb=12)
    assert task.status == "failed"
    assert (vm.name, vm.cpu_cores, vm.memory_mb, vm.disk_gb) == ("web", 1, 1024, 8)
    after = {k: lab.guest(vm).config[k] for k in before}
    assert {k: str(v) for k, v in after.items()} == {k: str(v) for k, v in before.items()}
    assert await used(lab) == Resources(1, 1024, 8, 1)


@pytest.mark.parametrize("fault", ["drop_reply", "refuse", "lock_timeout"])
@pytest.mark.parametrize("path", ["/config$", "/resize$"])
async def test_a_call_that_fails_once(fault: str, path: str, lab: Lab) -> None:
    vm = await lab.make_vm()
    planned = lab.sim.faults.add(fault, method="PUT", path=path, times=1)  # type: ignore[arg-type]
    task, vm = await change(lab, vm, cpu_cores=2, disk_gb=12)
    assert planned.fired == 1
    assert task.status == "succeeded", task.error
    assert int(lab.guest(vm).config["cores"]) == 2


async def test_a_stranger_under_our_number_is_never_touched(lab: Lab) -> None:
    vm = await lab.make_vm()
    guest = lab.guest(vm)
    guest.config["description"] = "somebody else's"
    before = dict(guest.config)
    task, vm = await change(lab, vm, cpu_cores=2)
    assert task.status == "failed"
    assert guest.config == before
    assert vm.cpu_cores == 1


async def test_taken_up_again_it_is_checked_again(lab: Lab) -> None:
    vm = await lab.make_vm()
    lab.sim.faults.add("task_fails", path="/resize/", times=1)
    task, vm = await change(lab, vm, cpu_cores=2, disk_gb=12)
    assert task.status == "failed"
    started = await power_vm.admit(vm.id, Verb.START, created_by_id=None)
    assert started is not None
    await lab.walk(started)
    with pytest.raises(WrongState):
        await retry(task.id, operations(lab.settings), lab.parts.bus)
    stopped = await power_vm.admit(vm.id, Verb.STOP, created_by_id=None)
    assert stopped is not None
    await lab.walk(stopped)
    await retry(task.id, operations(lab.settings), lab.parts.bus)
    assert await used(lab) == Resources(2, 1024, 12, 1)
    task = await lab.walk(task)
    assert task.status == "succeeded", task.error
    assert int(lab.guest(vm).config["cores"]) == 2
