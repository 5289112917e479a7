"""Making a machine while things go wrong: each step fails, is unwound, or has its answer lost.

| what happens to a call            | the task  | in Proxmox  | the quota   |
|-----------------------------------|-----------|-------------|-------------|
| its answer is lost                | succeeds  | one guest   | one machine |
| it is refused for a while         | succeeds  | one guest   | one machine |
| its work fails, each time         | fails     | nothing     | nothing     |
"""

from __future__ import annotations

import pytest

from tests.operations.lab import Lab, live
from vmlab.errors import QuotaExceeded, WrongState
from vmlab.models import Quota, Step, StepStatus, Task, Vm, VmStatus
from vmlab.operations import class_action, delete_vm, operations, power_vm
from vmlab.operations.reservation import usage
from vmlab.rules.quota import Resources
from vmlab.rules.vm_state import Verb
from vmlab.tasks import request_cancel, retry

CALLS = {
    "clone": ("POST", r"/qemu/9000/clone$"),
    "configure": ("PUT", r"/qemu/1\d+/config$"),
    "resize": ("PUT", r"/qemu/1\d+/resize$"),
    "start": ("POST", r"/status/start$"),
}
JOBS = {"clone": "/qmclone/", "resize": "/resize/", "start": "/qmstart/"}


async def used(lab: Lab) -> Resources:
    return (await usage([lab.student.id]))[lab.student.id]


async def check_made(lab: Lab, vm: Vm, task: Task) -> None:
    assert task.status == "succeeded", task.error
    [guest] = lab.own_guests()
    assert guest.running
    assert guest.vmid == vm.vmid
    assert "size=10G" in guest.config["scsi0"]
    assert await used(lab) == Resources(1, 1024, 10, 1)


async def check_unmade(lab: Lab, vm: Vm, task: Task) -> None:
    assert task.status == "failed"
    assert "stuck" not in (task.error or {})["details"]
    assert lab.own_guests() == []
    assert (vm.status, vm.reserved, vm.vmid) == (VmStatus.ERROR, False, None)
    assert await used(lab) == Resources()
    steps = await Step.filter(task_id=task.id)
    assert {step.status for step in steps} == {StepStatus.UNDONE}


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("fault", ["drop_reply", "refuse", "lock_timeout", "no_quorum", "restart"])
async def test_a_call_that_fails_once_does_no_harm(call: str, fault: str, lab: Lab) -> None:
    method, path = CALLS[call]
    planned = lab.sim.faults.add(fault, method=method, path=path, times=1)  # type: ignore[arg-type]
    vm, task = await lab.submit_vm(start=True, disk_gb=10)
    task = await lab.walk(task)
    assert planned.fired == 1
    await check_made(lab, await lab.reload(vm), task)


@pytest.mark.parametrize("call", JOBS)
async def test_work_that_fails_leaves_nothing_behind(call: str, lab: Lab) -> None:
    planned = lab.sim.faults.add("task_fails", path=JOBS[call])
    vm, task = await lab.submit_vm(start=True, disk_gb=10)
    task = await lab.walk(task)
    assert planned.fired
    assert (task.error or {})["details"]["reason"] == "simulated failure"
    await check_unmade(lab, await lab.reload(vm), task)


@pytest.mark.parametrize("call", CALLS)
async def test_a_call_that_never_works_leaves_nothing_behind(call: str, lab: Lab) -> None:
    method, path = CALLS[call]
    # Often enough for all attempts, also at the other hosts; then the unwinding gets through.
    times = 5 * 3 if call == "clone" else 5
    lab.sim.faults.add("lock_timeout", method=method, path=path, times=times)
    vm, task = await lab.submit_vm(start=True, disk_gb=10)
    task = await lab.walk(task)
    await check_unmade(lab, await lab.reload(vm), task)


async def test_the_unwinding_gets_through_lost_answers(lab: Lab) -> None:
    lab.sim.faults.add("task_fails", path="/qmstart/")
    lost = [
        lab.sim.faults.add("drop_reply", method="PUT", path=r"/qemu/1\d+/config$", times=2),
        lab.sim.faults.add("drop_reply", method="DELETE", path=r"/qemu/1\d+$", times=1),
    ]
    vm, task = await lab.submit_vm(start=True, disk_gb=10)
    task = await lab.walk(task)
    assert [fault.fired for fault in lost] == [2, 1]
    await check_unmade(lab, await lab.reload(vm), task)


async def test_a_failed_creation_can_be_taken_up_again(lab: Lab) -> None:
    fault = lab.sim.faults.add("task_fails", path="/qmstart/", times=1)
    vm, task = await lab.submit_vm(start=True, disk_gb=10)
    task = await lab.walk(task)
    assert fault.fired == 1
    await check_unmade(lab, await lab.reload(vm), task)
    await retry(task.id, operations(lab.settings), lab.parts.bus)
    again = await lab.reload(vm)
    assert (again.status, again.reserved) == (VmStatus.CREATING, True)
    task = await lab.walk(task)
    await check_made(lab, await lab.reload(vm), task)


async def test_a_failed_creation_needs_its_quota_again(lab: Lab) -> None:
    lab.sim.faults.add("task_fails", path="/qmstart/", times=1)
    _, task = await lab.submit_vm(start=True)
    await lab.walk(task)
    await Quota.filter(user_id=lab.student.id).update(vm_limit=0)
    with pytest.raises(QuotaExceeded):
        await retry(task.id, operations(lab.settings), lab.parts.bus)
    assert (await lab.reload(task)).status == "failed"


async def test_a_failed_creation_can_be_deleted(lab: Lab) -> None:
    lab.sim.faults.add("task_fails", path="/qmclone/", times=1)
    vm, task = await lab.submit_vm()
    await lab.walk(task)
    calls = sum(lab.api.calls.values())
    task = await lab.walk(await delete_vm.admit(vm.id, created_by_id=None))
    assert task.status == "succeeded", task.error
    assert (await lab.reload(vm)).deleted_at is not None
    assert sum(lab.api.calls.values()) <= calls + 1


@pytest.mark.parametrize("verb", [Verb.STOP, Verb.RESET])
async def test_what_never_came_to_be_can_only_be_deleted(verb: Verb, lab: Lab) -> None:
    lab.sim.faults.add("task_fails", path="/qmclone/", times=1)
    vm, task = await lab.submit_vm()
    await lab.walk(task)
    with pytest.raises(WrongState):
        await power_vm.admit(vm.id, verb, created_by_id=None)
    parent, skipped = await class_action.admit(lab.course.id, verb, created_by_id=None)
    assert parent is None
    owner = {"id": lab.student.id, "username": "student"}
    left = {"vm_id": vm.id, "name": "web", "owner": owner, "status": "error", "reason": "state"}
    assert skipped == [left]


async def test_cancelled_before_it_began(lab: Lab) -> None:
    vm, task = await lab.submit_vm(start=True)
    await request_cancel(task.id, lab.parts.bus)
    task = await lab.walk(task)
    vm = await lab.reload(vm)
    assert task.status == "cancelled"
    assert (vm.status, vm.reserved, vm.vmid) == (VmStatus.ERROR, False, None)
    assert lab.own_guests() == []


async def test_a_stranger_has_a_number_of_our_range(lab: Lab) -> None:
    vm, task = await lab.submit_vm(start=True, disk_gb=10)
    first = lab.settings.guests.vmid_first + vm.id
    stranger = await lab.plant_stranger(first)
    # Outside our pool our token does not see it: only the number's being taken tells of it.
    lab.sim.cluster.pools["vmlab"].vms.discard(first)
    before = dict(stranger.config)
    task = await lab.walk(task)
    assert task.status == "succeeded", task.error
    assert (await lab.reload(vm)).vmid == first + 1
    assert (stranger.config, stranger.running) == (before, True)


async def test_a_stranger_takes_the_number_that_was_reserved(lab: Lab) -> None:
    vm, task = await lab.submit_vm(start=True, disk_gb=10)
    await live(lab, task, crash_at=1)
    vm = await lab.reload(vm)
    reserved = vm.vmid
    assert reserved is not None
    assert (await Step.get(task_id=task.id, name="place")).status is StepStatus.DONE
    stranger = await lab.plant_stranger(reserved)
    before = dict(stranger.config)
    task = await lab.walk(task)
    assert task.status == "succeeded", task.error
    vm = await lab.reload(vm)
    assert vm.vmid not in (None, reserved)
    assert lab.guest(vm).running
    assert (stranger.config, stranger.running) == (before, True)


async def test_an_offline_node_gets_nothing(lab: Lab) -> None:
    await lab.sim.node_down("pve3")
    placed = [(await lab.make_vm(name=f"vm{n}", memory_mb=64)).node for n in range(4)]
    assert "pve3" not in placed
    assert len(set(placed)) > 1


async def test_a_guest_that_is_moved_meanwhile_is_followed(lab: Lab) -> None:
    """An administrator migrates it between any two of the writes and calls of its creation."""
    moved = boundary = 0
    over = False
    while not over:
        vm, task = await lab.submit_vm(start=True, disk_gb=10)
        over, _ = await live(lab, task, crash_at=boundary)
        vm = await lab.reload(vm)
        moved += vm.vmid is not None and await move(lab, vm)
        task = await lab.walk(task) if not over else await lab.reload(task)
        await check_made(lab, await lab.reload(vm), task)
        await lab.walk(await delete_vm.admit(vm.id, created_by_id=None))
        boundary += 1
    assert moved >= 5


async def move(lab: Lab, vm: Vm) -> bool:
    """Migrate a guest to the next node, if it is there and Proxmox lets it."""
    guest = lab.sim.cluster.guests.get(vm.vmid or 0)
    if guest is None:
        return False
    target = "pve2" if guest.node == "pve1" else "pve1"
    path = f"/nodes/{guest.node}/qemu/{guest.vmid}/migrate"
    await lab.settled(lambda: "lock" not in guest.config)
    await lab.sim.admin("POST", path, {"target": target, "online": 1})
    await lab.settled(lambda: guest.node == target)
    return True
