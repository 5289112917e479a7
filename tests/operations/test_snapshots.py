"""Snapshots: taken, gone back to, deleted; what is refused, what a failure leaves."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.operations.lab import Lab, enrol, work_off
from tests.operations.test_variants import a_lab
from vmlab.errors import Invalid, NotFound, WrongState
from vmlab.models import Step, Task, TaskStatus, Vm, VmStatus
from vmlab.operations import (
    change_vm,
    class_action,
    delete_snapshot,
    operations,
    power_vm,
    rollback_vm,
    snapshot_vm,
)
from vmlab.operations.reservation import usage
from vmlab.rules.vm_state import Verb
from vmlab.simulator import Simulator
from vmlab.tasks import request_cancel
from vmlab.tasks.worker import Worker


async def take(lab: Lab, vm: Vm, name: str = "base", **how: Any) -> Task:
    wanted = snapshot_vm.SnapshotVm(name=name, **how)
    return await lab.walk(await snapshot_vm.admit(vm.id, wanted, created_by_id=None))


async def go_back(lab: Lab, vm: Vm, name: str = "base") -> Task:
    return await lab.walk(await rollback_vm.admit(vm.id, name, created_by_id=None))


async def delete(lab: Lab, vm: Vm, name: str = "base") -> Task:
    return await lab.walk(await delete_snapshot.admit(vm.id, name, created_by_id=None))


async def change(lab: Lab, vm: Vm, **wanted: Any) -> None:
    asked = change_vm.ChangeVm(**wanted)
    task = await change_vm.admit(vm.id, asked, settings=lab.settings, created_by_id=None)
    assert task is not None
    assert (await lab.walk(task)).status == "succeeded"


def ended(task: Task, status: str = "succeeded") -> None:
    assert task.status == status, task.error


def failure(task: Task) -> str:
    assert task.status == "failed"
    assert "stuck" not in (task.error or {})["details"]
    return str((task.error or {})["message"])


async def test_a_tree_grows_and_is_cut(lab: Lab) -> None:
    vm = await lab.make_vm()
    ended(await take(lab, vm, description="as it came"))
    ended(await take(lab, vm, "later"))
    ended(await go_back(lab, vm))
    ended(await take(lab, vm, "other"))
    found = await lab.parts.guests.snapshots(vm.node or "", vm.vmid or 0)
    assert [(s.name, s.parent, s.current) for s in found] == [
        ("base", None, False),
        ("later", "base", False),
        ("other", "base", True),
    ]
    assert found[0].description == "as it came"
    ended(await delete(lab, vm))
    assert set(lab.guest(vm).snapshots) == {"later", "other"}


async def test_a_running_machine_comes_back_as_it_was_saved(lab: Lab) -> None:
    vm = await lab.make_vm(start=True)
    ended(await take(lab, vm, "live", with_memory=True))
    ended(await take(lab, vm, "disk"))
    for name, status in (("disk", VmStatus.STOPPED), ("live", VmStatus.RUNNING)):
        ended(await go_back(lab, vm, name))
        vm = await lab.reload(vm)
        assert vm.status is status
        assert lab.guest(vm).running is (status is VmStatus.RUNNING)
        assert (vm.started_at is not None) is (status is VmStatus.RUNNING)


async def test_the_hardware_comes_back_and_counts(lab: Lab) -> None:
    vm = await lab.make_vm(cpu_cores=4)
    ended(await take(lab, vm))
    await change(lab, vm, cpu_cores=1)
    ended(await go_back(lab, vm))
    assert (await lab.reload(vm)).cpu_cores == 4
    assert (await usage([lab.student.id]))[lab.student.id].cpu_cores == 4


async def test_what_was_given_to_another_machine_is_not_there_any_more(lab: Lab) -> None:
    vm = await lab.make_vm(cpu_cores=4)
    ended(await take(lab, vm))
    await change(lab, vm, cpu_cores=1)
    await lab.make_vm(name="other", cpu_cores=6)
    before = dict(lab.guest(vm).config)
    task = await go_back(lab, vm)
    assert failure(task) == "The quota does not allow this."
    assert lab.guest(vm).config == before
    assert (await usage([lab.student.id]))[lab.student.id].cpu_cores == 7


async def test_a_rollback_that_fails_gives_the_quota_back(lab: Lab) -> None:
    vm = await lab.make_vm(cpu_cores=4)
    ended(await take(lab, vm))
    await change(lab, vm, cpu_cores=1)
    lab.sim.faults.add("task_fails", path="/qmrollback/")
    assert failure(await go_back(lab, vm))
    assert (await usage([lab.student.id]))[lab.student.id].cpu_cores == 1


@pytest.mark.parametrize("name", ["", "x", "1st", "a b", "a" * 41, "ünder", "current", "a\n"])
async def test_names_that_proxmox_does_not_take(name: str, lab: Lab) -> None:
    vm = await lab.make_vm()
    with pytest.raises(Invalid) as caught:
        await snapshot_vm.admit(vm.id, snapshot_vm.SnapshotVm(name=name), created_by_id=None)
    assert list(caught.value.details) == ["name"]


async def test_a_name_that_is_taken(lab: Lab) -> None:
    vm = await lab.make_vm()
    ended(await take(lab, vm))
    assert "already" in failure(await take(lab, vm))
    assert list(lab.guest(vm).snapshots) == ["base"]


async def test_what_is_not_there(lab: Lab) -> None:
    vm = await lab.make_vm()
    for task in (await go_back(lab, vm), await delete(lab, vm)):
        assert failure(task) == "The virtual machine has no snapshot of this name."


async def test_no_more_than_allowed(lab: Lab) -> None:
    vm = await lab.make_vm()
    for n in range(lab.settings.guests.snapshots_per_vm):
        ended(await take(lab, vm, f"s{n}"))
    assert "as many snapshots as allowed" in failure(await take(lab, vm, "more"))
    ended(await delete(lab, vm, "s0"))
    ended(await take(lab, vm, "more"))


async def test_one_task_at_a_time(lab: Lab) -> None:
    vm = await lab.make_vm()
    first = await rollback_vm.admit(vm.id, "base", created_by_id=None)
    with pytest.raises(WrongState) as caught:
        await delete_snapshot.admit(vm.id, "base", created_by_id=None)
    assert caught.value.details["task_id"] == first.id
    with pytest.raises(NotFound):
        await rollback_vm.admit(vm.id + 1, "base", created_by_id=None)


@pytest.mark.parametrize("fault", ["drop_reply", "refuse", "lock_timeout"])
@pytest.mark.parametrize("verb", ["take", "go_back", "delete"])
async def test_a_call_that_fails_once(fault: str, verb: str, lab: Lab) -> None:
    vm = await lab.make_vm()
    if verb != "take":
        ended(await take(lab, vm))
    method = "DELETE" if verb == "delete" else "POST"
    planned = lab.sim.faults.add(fault, method=method, path="/snapshot", times=1)  # type: ignore[arg-type]
    ended(await {"take": take, "go_back": go_back, "delete": delete}[verb](lab, vm))
    assert planned.fired == 1
    assert set(lab.guest(vm).snapshots) == (set() if verb == "delete" else {"base"})
    kinds = [job.kind for job in lab.sim.jobs.on(vm.node or "")]
    kind = {"take": "qmsnapshot", "go_back": "qmrollback", "delete": "qmdelsnapshot"}[verb]
    assert kinds.count(kind) == 1


@pytest.mark.parametrize("kind", ["qmsnapshot", "qmdelsnapshot"])
async def test_work_that_fails_leaves_what_was(kind: str, lab: Lab) -> None:
    vm = await lab.make_vm()
    ended(await take(lab, vm))
    lab.sim.faults.add("task_fails", path=f"/{kind}/")
    task = await (take(lab, vm, "more") if kind == "qmsnapshot" else delete(lab, vm))
    assert failure(task)
    assert list(lab.guest(vm).snapshots) == ["base"]
    assert "lock" not in lab.guest(vm).config


async def test_cancelled_while_memory_is_saved(sqlite: str) -> None:
    async with Simulator(auth_delay_s=0.0, speed=4.0) as sim, a_lab(sim) as lab:
        vm = await lab.make_vm(start=True, memory_mb=8192)
        wanted = snapshot_vm.SnapshotVm(name="live", with_memory=True)
        task = await snapshot_vm.admit(vm.id, wanted, created_by_id=None)
        worker = Worker(operations(lab.settings), lab.parts)
        working = asyncio.create_task(worker.run())
        begun = Step.filter(task_id=task.id, name="snapshot", upid__isnull=False)
        async with asyncio.timeout(60):
            while not await begun.exists():  # noqa: ASYNC110
                await asyncio.sleep(0.01)
            await request_cancel(task.id, lab.parts.bus)
            while not (await lab.reload(task)).status.ended:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        worker.stop()
        await working
        ended(await lab.reload(task), "cancelled")
        assert lab.guest(vm).snapshots == {}
        assert lab.guest(vm).running
        assert "lock" not in lab.guest(vm).config


@pytest.mark.parametrize("verb", ["take", "go_back", "delete"])
async def test_a_stranger_under_our_number_is_never_touched(verb: str, lab: Lab) -> None:
    vm = await lab.make_vm(start=True)
    ended(await take(lab, vm))
    guest = lab.guest(vm)
    guest.config["description"] = "somebody else's"
    pid = guest.pid
    name = "more" if verb == "take" else "base"
    failure(await {"take": take, "go_back": go_back, "delete": delete}[verb](lab, vm, name))
    assert (guest.running, guest.pid, list(guest.snapshots)) == (True, pid, ["base"])


async def test_a_class_goes_back_together(lab: Lab) -> None:
    other = await enrol(lab.course, "other")
    vms = [await lab.make_vm(start=True), await lab.make_vm(owner_id=other.id)]

    async def act(verb: Verb) -> Task:
        parent, skipped = await class_action.admit(
            lab.course.id, verb, created_by_id=None, snapshot="baseline"
        )
        assert skipped == []
        return await work_off(lab, parent)

    assert (await act(Verb.SNAPSHOT)).status is TaskStatus.SUCCEEDED
    for vm in vms:
        assert list(lab.guest(vm).snapshots) == ["baseline"]
        lab.guest(vm).config["cores"] = 2
    assert (await act(Verb.ROLLBACK)).status is TaskStatus.SUCCEEDED
    assert [int(lab.guest(vm).config["cores"]) for vm in vms] == [1, 1]
    ended(await delete(lab, vms[1], "baseline"))
    parent = await act(Verb.ROLLBACK)
    assert parent.status is TaskStatus.FAILED
    details = (parent.error or {})["details"]
    assert (details["succeeded"], [each["target_id"] for each in details["failed"]]) == (
        1,
        [vms[1].id],
    )


async def test_a_class_needs_a_name(lab: Lab) -> None:
    await lab.make_vm()
    with pytest.raises(Invalid):
        await class_action.admit(lab.course.id, Verb.SNAPSHOT, created_by_id=None)


async def test_a_machine_that_is_gone_has_none(lab: Lab) -> None:
    vm = await lab.make_vm()
    task = await power_vm.admit(vm.id, Verb.START, created_by_id=None)
    assert task is not None
    await lab.walk(task)
    del lab.sim.cluster.guests[vm.vmid or 0]
    assert failure(await take(lab, vm)) == "The machine is no longer in Proxmox."
