"""Replicas of a template whose storage is local: made, used, lost and destroyed."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.operations.copies import (
    check_made,
    check_unmade,
    child_for,
    copies,
    keep_on_its_node,
    make_replica,
    replicate,
)
from tests.operations.lab import Lab, enrol, work_off
from vmlab.errors import Conflict, Invalid, NotFound, WrongState
from vmlab.models import GuestNumber, Replica, ReplicaStatus, Task, Template, Vm
from vmlab.operations import create_replica, delete_replica, operations, provision_class
from vmlab.reconcile.driver import Reconciler
from vmlab.simulator import pvestatd
from vmlab.tasks import request_cancel, retry


@pytest.fixture(autouse=True)
async def local(lab: Lab) -> None:
    """The template's storage is its own node's."""
    await keep_on_its_node(lab)


async def prefer(lab: Lab, node: str) -> None:
    """Give a node by far the most memory, and let that be seen."""
    lab.sim.cluster.nodes[node].memory_bytes = 1 << 44
    pvestatd.broadcast(lab.sim.cluster)
    await lab.parts.cluster.resources()


def reconciler(lab: Lab) -> Reconciler:
    """One that believes what it sees at once."""
    return Reconciler(lab.parts, lag_s=0.0, look_again_s=0.0)


async def test_a_replica_is_a_template_on_another_node_that_machines_are_made_from(lab: Lab):
    replica = await make_replica(lab, "pve2")
    task = await Task.filter(kind="replica.create").get()
    check_made(lab, replica, task)
    await prefer(lab, "pve2")
    vm = await lab.make_vm()
    assert (vm.node, vm.replica_id) == ("pve2", replica.id)
    assert lab.guest(vm).node == "pve2"
    assert lab.guest(vm).config["scsi0"].startswith(f"local-lvm:vm-{vm.vmid}-disk-0")


async def test_without_names_all_nodes_get_one(lab: Lab):
    parent = await work_off(lab, await replicate(lab))
    assert parent.status == "succeeded", parent.error
    assert copies(lab) == {"pve2": 1, "pve3": 1}
    view = await lab.parts.cluster.resources()
    again = await create_replica.admit(lab.template.id, None, view=view, created_by_id=None)
    assert again.task is None
    assert again.skipped == [{"node": n, "status": "ready"} for n in ("pve2", "pve3")]


async def test_a_class_spreads_over_the_template_and_its_replicas(lab: Lab):
    await work_off(lab, await replicate(lab))
    for number in range(5):
        await enrol(lab.course, f"student{number}")
    wanted = provision_class.ProvisionClass(
        course_id=lab.course.id, template_id=lab.template.id, start=True
    )
    parent, _ = await provision_class.admit(wanted, settings=lab.settings, created_by_id=None)
    ended = await work_off(lab, parent)
    assert ended.status == "succeeded", ended.error
    vms = await Vm.filter(course_id=lab.course.id)
    assert Counter(vm.node for vm in vms) == {"pve1": 2, "pve2": 2, "pve3": 2}
    assert {(vm.node, lab.guest(vm).node, lab.guest(vm).running) for vm in vms} == {
        (node, node, True) for node in ("pve1", "pve2", "pve3")
    }
    replicas = {replica.node: replica.id for replica in await Replica.all()}
    assert {(vm.node, vm.replica_id) for vm in vms} == {("pve1", None), *replicas.items()}


@pytest.mark.parametrize(
    "node", ["pve1", "pve9", "pve3"], ids=["the template's own", "unknown", "offline"]
)
async def test_nodes_that_will_not_do_are_named(lab: Lab, node: str):
    await lab.sim.node_down("pve3")
    with pytest.raises(Invalid) as refused:
        await replicate(lab, "pve2", node)
    [sentence] = refused.value.details["nodes"]
    assert sentence.endswith(f": {node}.")
    assert not await Replica.exists()


async def test_only_a_ready_template_on_local_storage_has_replicas(lab: Lab):
    await Template.filter(id=lab.template.id).update(shared_storage=True)
    with pytest.raises(Conflict):
        await replicate(lab, "pve2")
    await Template.filter(id=lab.template.id).update(shared_storage=False, status="invalid")
    with pytest.raises(Conflict):
        await replicate(lab, "pve2")


@pytest.mark.parametrize("job", ["/qmclone/", "/qmigrate/", "/qmtemplate/"])
async def test_work_that_fails_leaves_nothing_behind_and_can_be_done_again(lab: Lab, job: str):
    fault = lab.sim.faults.add("task_fails", path=job, times=1)
    task = await lab.walk(await child_for(lab, "pve2"))
    assert fault.fired == 1
    await check_unmade(lab, await Replica.get(), task)
    await retry(task.id, operations(lab.settings), lab.parts.bus)
    task = await lab.walk(task)
    check_made(lab, await Replica.get(), task)


@pytest.mark.parametrize("call", ["clone", "migrate", "template", "config"])
@pytest.mark.parametrize("fault", ["drop_reply", "refuse", "lock_timeout", "restart"])
async def test_a_call_that_fails_once_does_no_harm(lab: Lab, call: str, fault: str):
    method = "PUT" if call == "config" else "POST"
    path = rf"/qemu/\d+/{call}$"
    planned = lab.sim.faults.add(fault, method=method, path=path, times=1)  # type: ignore[arg-type]
    task = await lab.walk(await child_for(lab, "pve2"))
    assert planned.fired == 1
    check_made(lab, await Replica.get(), task)


async def test_cancelled_it_leaves_nothing_behind(lab: Lab):
    task = await child_for(lab, "pve2")
    await request_cancel(task.id, lab.parts.bus)
    task = await lab.walk(task)
    await check_unmade(lab, await Replica.get(), task)


async def test_a_replica_is_destroyed_and_nothing_else(lab: Lab):
    await make_replica(lab, "pve2")
    task = await delete_replica.admit(lab.template, "pve2", created_by_id=None)
    assert (await Replica.get()).status is ReplicaStatus.DELETING
    task = await lab.walk(task)
    assert task.status == "succeeded", task.error
    assert lab.own_guests() == []
    assert not await Replica.exists()
    assert not await GuestNumber.exists()
    with pytest.raises(NotFound):
        await delete_replica.admit(lab.template, "pve2", created_by_id=None)


async def test_a_replica_with_machines_stays(lab: Lab):
    replica = await make_replica(lab, "pve2")
    vm = await lab.make_vm()
    await Vm.filter(id=vm.id).update(replica_id=replica.id)
    with pytest.raises(Conflict):
        await delete_replica.admit(lab.template, "pve2", created_by_id=None)


async def test_a_replica_that_is_being_made_is_not_deleted(lab: Lab):
    task = await child_for(lab, "pve2")
    with pytest.raises(WrongState) as refused:
        await delete_replica.admit(lab.template, "pve2", created_by_id=None)
    assert refused.value.details == {"status": "creating", "task_id": task.id}


async def test_a_stranger_under_its_number_is_left_alone(lab: Lab):
    replica = await make_replica(lab, "pve2")
    guest = lab.sim.cluster.guests[replica.vmid or 0]
    guest.config["description"] = "mine"
    task = await lab.walk(await delete_replica.admit(lab.template, "pve2", created_by_id=None))
    assert task.status == "succeeded", task.error
    assert lab.own_guests() == [guest]
    assert not await Replica.exists()


async def test_one_that_an_administrator_deletes_is_noticed_and_not_used(lab: Lab):
    replica = await make_replica(lab, "pve2")
    guest = lab.sim.cluster.guests.pop(replica.vmid or 0)
    await reconciler(lab).tick()
    assert (await lab.reload(replica)).status is ReplicaStatus.MISSING
    await prefer(lab, "pve2")
    vm = await lab.make_vm()
    assert (vm.node, vm.replica_id) == ("pve1", None)
    # It comes back, from a backup say.
    lab.sim.cluster.guests[guest.vmid] = guest
    pvestatd.broadcast(lab.sim.cluster)
    await reconciler(lab).tick()
    assert (await lab.reload(replica)).status is ReplicaStatus.READY


async def test_what_is_seen_of_a_replica_too_late_sends_its_machines_elsewhere(lab: Lab):
    """Another template has its number by now: nothing is cloned from that."""
    replica = await make_replica(lab, "pve2")
    lab.sim.cluster.guests[replica.vmid or 0].config["description"] = "Windows, mine"
    await prefer(lab, "pve2")
    vm = await lab.make_vm()
    assert (vm.node, vm.replica_id) == ("pve1", None)
    assert (await lab.reload(replica)).status is ReplicaStatus.MISSING


async def test_a_machine_waits_for_no_node_that_is_offline(lab: Lab):
    await make_replica(lab, "pve2")
    await prefer(lab, "pve2")
    await lab.sim.node_down("pve2")
    await lab.parts.cluster.resources()
    vm = await lab.make_vm()
    assert vm.node == "pve1"
