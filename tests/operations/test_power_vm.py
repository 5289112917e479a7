"""Power: what reaches the guest, what needs no work, what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from tests.operations.lab import Lab
from vmlab.errors import NotFound, WrongState
from vmlab.models import Task, Vm, VmStatus
from vmlab.operations import delete_vm, power_vm
from vmlab.rules.vm_state import Verb


async def power(lab: Lab, vm: Vm, verb: Verb, **how: Any) -> tuple[Task, Vm]:
    task = await power_vm.admit(vm.id, verb, created_by_id=None, **how)
    assert task is not None
    task = await lab.walk(task)
    return task, await lab.reload(vm)


def jobs(lab: Lab, vm: Vm) -> list[tuple[str, bool]]:
    """What Proxmox did to a machine, oldest first, and whether each ended well."""
    own = [job for job in lab.sim.jobs.on(vm.node or "") if job.id == str(vm.vmid)]
    return [(job.kind, job.status == "OK") for job in sorted(own, key=lambda job: job.pid)]


async def test_a_day_in_the_life(lab: Lab) -> None:
    vm = await lab.make_vm()
    for verb, status, running in (
        (Verb.START, VmStatus.RUNNING, True),
        (Verb.PAUSE, VmStatus.PAUSED, True),
        (Verb.RESUME, VmStatus.RUNNING, True),
        (Verb.RESET, VmStatus.RUNNING, True),
        (Verb.RESTART, VmStatus.RUNNING, True),
        (Verb.STOP, VmStatus.STOPPED, False),
    ):
        task, vm = await power(lab, vm, verb)
        assert task.status == "succeeded", task.error
        assert (vm.status, lab.guest(vm).running) == (status, running)
        assert (vm.started_at is not None) is running


@pytest.mark.parametrize(
    ("verb", "started"), [(Verb.START, True), (Verb.STOP, False), (Verb.RESUME, True)]
)
async def test_what_is_so_already_needs_no_task(verb: Verb, started: bool, lab: Lab) -> None:
    vm = await lab.make_vm(start=started)
    assert await power_vm.admit(vm.id, verb, created_by_id=None) is None


@pytest.mark.parametrize("verb", [Verb.RESTART, Verb.RESET, Verb.PAUSE, Verb.RESUME])
async def test_what_makes_no_sense_is_refused(verb: Verb, lab: Lab) -> None:
    vm = await lab.make_vm()
    with pytest.raises(WrongState) as caught:
        await power_vm.admit(vm.id, verb, created_by_id=None)
    assert caught.value.details == {"status": "stopped", "task_id": None}


async def test_the_second_request_learns_of_the_first(lab: Lab) -> None:
    vm = await lab.make_vm()
    first = await power_vm.admit(vm.id, Verb.START, created_by_id=None)
    assert first is not None
    with pytest.raises(WrongState) as caught:
        await power_vm.admit(vm.id, Verb.START, created_by_id=None)
    assert caught.value.details["task_id"] == first.id


async def test_nothing_can_be_done_to_what_is_gone(lab: Lab) -> None:
    vm = await lab.make_vm()
    await lab.walk(await delete_vm.admit(vm.id, created_by_id=None))
    with pytest.raises(NotFound):
        await power_vm.admit(vm.id, Verb.START, created_by_id=None)


async def test_the_database_may_be_behind(lab: Lab) -> None:
    vm = await lab.make_vm()
    task = await power_vm.admit(vm.id, Verb.START, created_by_id=None)
    assert task is not None
    await lab.sim.admin("POST", f"/nodes/{vm.node}/qemu/{vm.vmid}/status/start", {})
    await lab.settled(lambda: lab.guest(vm).running)
    pid = lab.guest(vm).pid
    task = await lab.walk(task)
    assert task.status == "succeeded", task.error
    assert lab.guest(vm).pid == pid


async def test_a_guest_that_does_not_listen_is_switched_off(lab: Lab) -> None:
    vm = await lab.make_vm(start=True)
    lab.guest(vm).extra["deaf"] = True
    task, vm = await power(lab, vm, Verb.STOP, timeout_s=5)
    assert task.status == "succeeded", task.error
    assert jobs(lab, vm)[-1] == ("qmshutdown", True)
    assert not lab.guest(vm).running


async def test_force_does_not_ask(lab: Lab) -> None:
    vm = await lab.make_vm(start=True)
    task, vm = await power(lab, vm, Verb.STOP, force=True)
    assert task.status == "succeeded", task.error
    assert jobs(lab, vm)[-2:] == [("qmstart", True), ("qmstop", True)]


async def test_a_guest_that_does_not_listen_is_restarted_the_hard_way(lab: Lab) -> None:
    vm = await lab.make_vm(start=True)
    lab.guest(vm).extra["deaf"] = True
    pid = lab.guest(vm).pid
    task, vm = await power(lab, vm, Verb.RESTART, timeout_s=5)
    assert task.status == "succeeded", task.error
    guest = lab.guest(vm)
    assert guest.running
    assert guest.pid != pid
    assert jobs(lab, vm)[-3:] == [("qmreboot", False), ("qmstop", True), ("qmstart", True)]


@pytest.mark.parametrize("fault", ["drop_reply", "refuse", "lock_timeout"])
@pytest.mark.parametrize("verb", [Verb.STOP, Verb.RESTART, Verb.RESET, Verb.PAUSE])
async def test_a_call_that_fails_once(fault: str, verb: Verb, lab: Lab) -> None:
    vm = await lab.make_vm(start=True)
    planned = lab.sim.faults.add(fault, method="POST", path="/status/", times=1)  # type: ignore[arg-type]
    task, vm = await power(lab, vm, verb)
    assert planned.fired == 1
    assert task.status == "succeeded", task.error
    assert lab.guest(vm).running is (verb is not Verb.STOP)


@pytest.mark.parametrize("verb", [Verb.STOP, Verb.RESET, Verb.PAUSE])
async def test_work_that_fails_leaves_the_machine_as_it_was(verb: Verb, lab: Lab) -> None:
    vm = await lab.make_vm(start=True)
    lab.sim.faults.add("task_fails", path=f"/{vm.vmid}$")
    task, vm = await power(lab, vm, verb)
    assert task.status == "failed"
    assert (task.error or {})["details"]["reason"] == "simulated failure"
    assert (vm.status, lab.guest(vm).running) == (VmStatus.RUNNING, True)


@pytest.mark.parametrize("verb", [Verb.STOP, Verb.RESTART, Verb.RESET, Verb.PAUSE])
async def test_a_stranger_under_our_number_is_never_touched(verb: Verb, lab: Lab) -> None:
    vm = await lab.make_vm(start=True)
    guest = lab.guest(vm)
    guest.config["description"] = "somebody else's"
    pid = guest.pid
    task, _ = await power(lab, vm, verb)
    assert task.status == "failed"
    assert (guest.running, guest.qmpstatus, guest.pid) == (True, "running", pid)
