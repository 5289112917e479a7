"""A template is destroyed only if VMLab made it, and while nothing is linked to it."""

from __future__ import annotations

import dataclasses

import pytest

from tests.operations.copies import keep_on_its_node, make_replica, own_template
from tests.operations.lab import Lab
from vmlab.errors import Conflict
from vmlab.models import Replica, ReplicaStatus, Task, Template, TemplateStatus, Vm
from vmlab.operations import courses, delete_replica, delete_template, linked_guests, operations
from vmlab.proxmox.guests import Guests
from vmlab.tasks import retry


@pytest.fixture
async def ours(lab: Lab) -> Template:
    """A template on shared storage that VMLab has made."""
    return await own_template(lab)


async def delete(lab: Lab, template: Template) -> Task:
    """Have it deleted, and wait for the end."""
    task = await delete_template.admit(template.id, created_by_id=None)
    assert task is not None
    assert (await lab.reload(template)).status is TemplateStatus.DELETING
    return await lab.walk(task)


async def link(lab: Lab, template: Template, vmid: int = 500) -> None:
    """An administrator's linked clone, of which VMLab sees nothing but its disk."""
    path = f"/nodes/{template.node}/qemu/{template.vmid}/clone"
    await lab.sim.admin("POST", path, {"newid": vmid, "name": "theirs"})
    guests = lab.sim.cluster.guests
    await lab.settled(lambda: vmid in guests and "lock" not in guests[vmid].config)


async def test_ours_is_destroyed(lab: Lab, ours: Template):
    task = await delete(lab, ours)
    assert task.status == "succeeded", task.error
    assert not await Template.exists(id=ours.id)
    assert lab.own_guests() == []


async def test_an_administrator_s_is_forgotten_at_once_and_stays(lab: Lab):
    assert await delete_template.admit(lab.template.id, created_by_id=None) is None
    assert not await Template.exists()
    assert lab.sim.cluster.guests[9000].config["template"] == 1
    assert not await Task.exists()


async def test_of_an_administrator_s_only_the_replicas_are_destroyed(lab: Lab):
    await keep_on_its_node(lab)
    await make_replica(lab, "pve2")
    task = await delete(lab, lab.template)
    assert task.status == "succeeded", task.error
    assert list(lab.sim.cluster.guests) == [9000]
    assert not await Template.exists()
    assert not await Replica.exists()


async def test_what_is_not_ours_any_more_is_left_alone(lab: Lab, ours: Template):
    guest = lab.sim.cluster.guests[ours.vmid or 0]
    guest.config["description"] = "taken over"
    task = await delete(lab, ours)
    assert task.status == "succeeded", task.error
    assert lab.own_guests() == [guest]
    assert not await Template.exists(id=ours.id)


async def test_machines_keep_it(lab: Lab, ours: Template):
    vm = await lab.make_vm(template_id=ours.id)
    with pytest.raises(Conflict) as refused:
        await delete_template.admit(ours.id, created_by_id=None)
    assert refused.value.details == {"vm_count": 1}
    await Vm.filter(id=vm.id).update(deleted_at=vm.created_at)
    # The row is gone, its guest is not: the storage knows.
    [linked] = await linked_guests.linked_to(lab.parts, ours)
    assert (linked.vmid, linked.name) == (vm.vmid, "web")
    task = await delete(lab, ours)
    assert (task.status, (await lab.reload(ours)).status) == ("failed", TemplateStatus.READY)
    assert (task.error or {})["details"]["guests"] == [{"vmid": vm.vmid, "name": "web"}]


@pytest.mark.parametrize("seen", [True, False])
async def test_an_administrator_s_linked_clone_keeps_it(lab: Lab, ours: Template, seen: bool):
    """Where VMLab may not see the clone's disk, Proxmox's own refusal is what counts."""
    if seen:
        lab.sim.cluster.pools["vmlab"].vms.add(500)
    await link(lab, ours)
    task = await delete(lab, ours)
    assert task.status == "failed"
    assert (await lab.reload(ours)).status is TemplateStatus.READY
    error = task.error or {}
    if seen:
        assert error["message"] == "Guests in Proxmox are linked to this template."
        assert error["details"]["guests"] == [{"vmid": 500, "name": "theirs"}]
    else:
        assert error["message"] == "Linked clones still use the disks of this template."
    guest = lab.sim.cluster.guests[ours.vmid or 0]
    assert guest.config["protection"] == 1
    del lab.sim.cluster.guests[500]
    lab.sim.cluster.storage("vmdisks").on("pve1").pop(
        f"vmdisks:{ours.vmid}/base-{ours.vmid}-disk-0.qcow2/500/vm-500-disk-0.qcow2"
    )
    await retry(task.id, operations(lab.settings), lab.parts.bus)
    task = await lab.walk(task)
    assert task.status == "succeeded", task.error
    assert lab.own_guests() == []


class _Late(Guests):
    """Calls by a worker that an administrator is quicker than."""

    def __init__(self, lab: Lab, template: Template) -> None:
        super().__init__(lab.api)
        self._lab, self._template = lab, template

    async def delete(self, node: str, vmid: int) -> str:
        await link(self._lab, self._template)
        return await super().delete(node, vmid)


async def test_one_that_is_linked_between_the_look_and_the_destruction_stays(
    lab: Lab, ours: Template
):
    lab.parts = dataclasses.replace(lab.parts, guests=_Late(lab, ours))
    task = await delete(lab, ours)
    assert (task.error or {})["message"] == "Linked clones still use the disks of this template."
    assert (await lab.reload(ours)).status is TemplateStatus.READY
    assert lab.sim.cluster.guests[ours.vmid or 0].config["protection"] == 1


async def test_a_failed_deletion_keeps_the_replicas_that_are_left(lab: Lab):
    await keep_on_its_node(lab)
    for node in ("pve2", "pve3"):
        await make_replica(lab, node)
    lab.sim.faults.add("task_fails", path="/qmdestroy/")
    task = await delete(lab, lab.template)
    assert task.status == "failed"
    lab.sim.faults.clear()
    assert (await lab.reload(lab.template)).status is TemplateStatus.READY
    replicas = await Replica.all()
    assert {replica.status for replica in replicas} == {ReplicaStatus.READY}
    for replica in replicas:
        assert lab.sim.cluster.guests[replica.vmid or 0].config["protection"] == 1


async def test_a_replica_under_way_keeps_the_template(lab: Lab):
    await keep_on_its_node(lab)
    await make_replica(lab, "pve2")
    task = await delete_replica.admit(lab.template, "pve2", created_by_id=None)
    with pytest.raises(Conflict) as refused:
        await delete_template.admit(lab.template.id, created_by_id=None)
    assert refused.value.details == {"task_id": task.id}


async def test_a_course_goes_after_what_vmlab_has_made_for_it(lab: Lab, ours: Template):
    with pytest.raises(Conflict) as refused:
        await courses.remove_course(lab.course, lab.settings, removed_by_id=None)
    assert refused.value.details == {"template_ids": [ours.id]}
    await delete(lab, ours)
    await keep_on_its_node(lab)
    await make_replica(lab, "pve2")
    with pytest.raises(Conflict) as refused:
        await courses.remove_course(lab.course, lab.settings, removed_by_id=None)
    assert refused.value.details == {"template_ids": [lab.template.id]}
    await delete(lab, lab.template)
    await courses.remove_course(lab.course, lab.settings, removed_by_id=None)
