"""Letting go of machines whose guest VMLab may not touch: nothing changes in Proxmox."""

from __future__ import annotations

from typing import Any

import pytest

from tests.operations.lab import Lab
from vmlab.errors import NotFound, ProxmoxUnavailable, WrongState
from vmlab.models import Vm
from vmlab.operations import delete_vm, power_vm
from vmlab.operations.forget_vm import StillOurs, forget
from vmlab.operations.reservation import usage
from vmlab.rules.quota import Resources
from vmlab.rules.vm_state import Verb


def taken_over(lab: Lab, vm: Vm) -> None:
    """An administrator has removed VMLab's mark."""
    lab.guest(vm).config["description"] = "mine now"


def out_of_sight(lab: Lab, vm: Vm) -> None:
    """Somebody else's guest has the number, where our token may not look."""
    taken_over(lab, vm)
    for pool in lab.sim.cluster.pools.values():
        pool.vms.discard(vm.vmid)


def gone(lab: Lab, vm: Vm) -> None:
    """It was deleted in the Proxmox interface."""
    del lab.sim.cluster.guests[vm.vmid or 0]


def everything(lab: Lab) -> dict[int, Any]:
    return {
        guest.vmid: (dict(guest.config), guest.running) for guest in lab.sim.cluster.guests.values()
    }


@pytest.mark.parametrize("happened", [taken_over, out_of_sight, gone])
async def test_what_vmlab_may_not_touch_is_let_go(lab: Lab, happened: Any) -> None:
    vm = await lab.make_vm(start=True)
    happened(lab, vm)
    before = everything(lab)
    await forget(lab.parts, vm)
    assert everything(lab) == before
    forgotten = await lab.reload(vm)
    assert forgotten.deleted_at is not None
    assert (forgotten.vmid, forgotten.reserved) == (None, False)
    assert (await usage([lab.student.id]))[lab.student.id] == Resources()
    with pytest.raises(NotFound):
        await forget(lab.parts, forgotten)
    # The number that is somebody else's now is nobody's of ours, and is passed over.
    assert (await lab.make_vm(start=True)).deleted_at is None


async def test_what_is_ours_and_there_is_not_let_go(lab: Lab) -> None:
    vm = await lab.make_vm()
    with pytest.raises(StillOurs):
        await forget(lab.parts, vm)
    assert (await lab.reload(vm)).deleted_at is None


async def test_nothing_is_let_go_on_which_a_task_is_under_way(lab: Lab) -> None:
    vm = await lab.make_vm()
    task = await power_vm.admit(vm.id, Verb.START, created_by_id=None)
    assert task is not None
    taken_over(lab, vm)
    with pytest.raises(WrongState) as caught:
        await forget(lab.parts, vm)
    assert caught.value.details["task_id"] == task.id


async def test_a_cluster_that_cannot_say_lets_nothing_go(lab: Lab) -> None:
    vm = await lab.make_vm()
    for node in ("pve1", "pve2", "pve3"):
        await lab.sim.node_down(node)
    with pytest.raises(ProxmoxUnavailable):
        await forget(lab.parts, vm)
    assert (await lab.reload(vm)).deleted_at is None


async def test_what_never_came_to_be_is_let_go(lab: Lab) -> None:
    lab.sim.faults.add("task_fails", path="/qmclone/", times=1)
    vm, task = await lab.submit_vm()
    await lab.walk(task)
    await forget(lab.parts, await lab.reload(vm))
    with pytest.raises(NotFound):
        await delete_vm.admit(vm.id, created_by_id=None)
