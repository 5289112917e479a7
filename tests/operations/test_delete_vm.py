"""Deleting machines: verify, then destroy; what is not proven to be ours is left alone."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.operations.lab import Lab
from vmlab.errors import NotFound, WrongState
from vmlab.models import Task, Vm, VmStatus
from vmlab.operations import delete_vm, power_vm
from vmlab.operations.reservation import usage
from vmlab.proxmox import mark
from vmlab.rules.quota import Resources
from vmlab.rules.vm_state import Verb
from vmlab.simulator.state import Guest


async def delete(lab: Lab, vm: Vm) -> tuple[Task, Vm]:
    task = await lab.walk(await delete_vm.admit(vm.id, created_by_id=None))
    return task, await lab.reload(vm)


async def check_ended(lab: Lab, task: Task, vm: Vm) -> None:
    assert task.status == "succeeded", task.error
    assert vm.deleted_at is not None
    assert (vm.reserved, vm.vmid) == (False, None)
    assert (await usage([lab.student.id]))[lab.student.id] == Resources()


async def test_a_running_machine_is_stopped_first(lab: Lab) -> None:
    vm = await lab.make_vm(start=True)
    await check_ended(lab, *await delete(lab, vm))
    assert lab.own_guests() == []
    assert vm.vmid not in lab.sim.cluster.pools["vmlab"].vms


async def test_a_paused_machine_too(lab: Lab) -> None:
    vm = await lab.make_vm(start=True)
    task = await power_vm.admit(vm.id, Verb.PAUSE, created_by_id=None)
    assert task is not None
    await lab.walk(task)
    await check_ended(lab, *await delete(lab, vm))
    assert lab.own_guests() == []


async def test_what_is_gone_already_only_ends_in_the_database(lab: Lab) -> None:
    vm = await lab.make_vm()
    await destroy_there(lab, vm)
    await check_ended(lab, *await delete(lab, vm))


async def test_a_guest_on_another_node_is_found(lab: Lab) -> None:
    vm = await lab.make_vm()
    await Vm.filter(id=vm.id).update(node="pve2" if vm.node != "pve2" else "pve3")
    await check_ended(lab, *await delete(lab, vm))
    assert lab.own_guests() == []


def without_mark(guest: Guest, vm: Vm) -> None:
    guest.config["description"] = "taken over by an administrator"


def marked_for_another(guest: Guest, vm: Vm) -> None:
    guest.config["description"] = mark.build("", type(vm.uuid)(int=1))


def copied_with_the_mark(guest: Guest, vm: Vm) -> None:
    guest.config["smbios1"] = "uuid=11111111-2222-3333-4444-555555555555"


@pytest.mark.parametrize("estrange", [without_mark, marked_for_another, copied_with_the_mark])
async def test_a_stranger_under_our_number_is_never_touched(
    estrange: Callable[[Guest, Vm], None], lab: Lab
) -> None:
    vm = await lab.make_vm(start=True)
    guest = lab.guest(vm)
    estrange(guest, vm)
    before = dict(guest.config)
    await check_ended(lab, *await delete(lab, vm))
    assert lab.own_guests() == [guest]
    assert guest.running
    assert guest.config == before


async def test_what_may_not_be_seen_is_not_taken_for_gone(lab: Lab) -> None:
    vm = await lab.make_vm()
    lab.sim.cluster.pools["vmlab"].vms.clear()
    task, vm = await delete(lab, vm)
    assert task.status == "failed"
    assert (task.error or {})["details"]["cause"] == "VM_001"
    assert (vm.deleted_at, vm.reserved, vm.status) == (None, True, VmStatus.STOPPED)


@pytest.mark.parametrize("fault", ["drop_reply", "refuse", "lock_timeout"])
@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/status/stop$"), ("PUT", "/config$"), ("DELETE", r"/qemu/\d+$")],
)
async def test_a_call_that_fails_once(fault: str, method: str, path: str, lab: Lab) -> None:
    vm = await lab.make_vm(start=True)
    planned = lab.sim.faults.add(fault, method=method, path=path, times=1)  # type: ignore[arg-type]
    await check_ended(lab, *await delete(lab, vm))
    assert planned.fired == 1
    assert lab.own_guests() == []


async def test_a_destruction_that_fails_leaves_the_machine_protected(lab: Lab) -> None:
    vm = await lab.make_vm()
    lab.sim.faults.add("task_fails", path="/qmdestroy/")
    task, vm = await delete(lab, vm)
    assert task.status == "failed"
    assert (vm.deleted_at, vm.reserved, vm.status) == (None, True, VmStatus.STOPPED)
    assert int(lab.guest(vm).config["protection"]) == 1


async def test_nobody_writes_between_the_look_and_the_end_of_protection(lab: Lab) -> None:
    vm = await lab.make_vm()
    # Another write to the guest between our GET and our PUT: the digest refuses ours.
    guest = lab.guest(vm)
    slow = lab.sim.faults.add("slow", method="PUT", path="/config$", times=1, seconds=100)
    task = await delete_vm.admit(vm.id, created_by_id=None)
    walking = lab.in_background(lab.walk(task))
    await lab.settled(lambda: slow.fired)
    without_mark(guest, vm)
    ended = await walking
    assert lab.own_guests() == [guest]
    assert int(guest.config["protection"]) == 1
    assert ended.status == "failed"


async def test_one_task_at_a_time(lab: Lab) -> None:
    vm, task = await lab.submit_vm()
    with pytest.raises(WrongState) as caught:
        await delete_vm.admit(vm.id, created_by_id=None)
    assert caught.value.details == {"status": "creating", "task_id": task.id}


async def test_deleted_is_deleted(lab: Lab) -> None:
    vm = await lab.make_vm()
    await delete(lab, vm)
    with pytest.raises(NotFound):
        await delete_vm.admit(vm.id, created_by_id=None)


async def destroy_there(lab: Lab, vm: Vm) -> None:
    """What an administrator does in the Proxmox interface."""
    path = f"/nodes/{vm.node}/qemu/{vm.vmid}"
    await lab.sim.admin("PUT", f"{path}/config", {"delete": "protection"})
    await lab.sim.admin("DELETE", path)
    await lab.settled(lambda: vm.vmid not in lab.sim.cluster.guests)
