"""A template on local storage, and what its replicas are to be like."""

from __future__ import annotations

import uuid
from collections import Counter

from tests.operations.lab import Lab
from vmlab.models import (
    GuestNumber,
    Replica,
    ReplicaStatus,
    Task,
    Template,
    TemplateStatus,
)
from vmlab.operations import create_replica, delete_replica, delete_template
from vmlab.operations.guest_identity import Known
from vmlab.proxmox import mark
from vmlab.simulator import Simulator


async def keep_on_its_node(lab: Lab) -> None:
    """Move the template's disk to storage that only its own node reaches."""
    await localize(lab.sim, lab.template)


async def localize(sim: Simulator, template: Template) -> None:
    """The same, where there is no lab."""
    cluster, vmid = sim.cluster, template.vmid or 0
    shared, local = cluster.storage("vmdisks"), cluster.storage("local-lvm")
    config = cluster.guests[vmid].config
    old = config["scsi0"].partition(",")[0]
    volume = shared.on("pve1").pop(old)
    volume.volid, volume.format = f"local-lvm:base-{vmid}-disk-0", "raw"
    local.on("pve1")[volume.volid] = volume
    config["scsi0"] = f"{volume.volid},size=8G"
    template.storage, template.shared_storage = "local-lvm", False
    await template.save()


async def replicate(lab: Lab, *nodes: str) -> Task:
    """Have replicas asked for, on all nodes if none are named; the parent of their tasks."""
    view = await lab.parts.cluster.resources()
    asked = await create_replica.admit(
        lab.template.id, nodes or None, view=view, created_by_id=lab.teacher.id
    )
    assert asked.task is not None
    return asked.task


async def make_replica(lab: Lab, node: str) -> Replica:
    """A replica that is there."""
    parent = await replicate(lab, node)
    task = await lab.walk(await Task.get(parent_id=parent.id))
    assert task.status == "succeeded", task.error
    return await Replica.get(id=task.target_id)


def copies(lab: Lab) -> Counter[str]:
    """How many guests there are beside the template, by node."""
    return Counter(guest.node for guest in lab.own_guests())


def volumes(lab: Lab) -> dict[str, list[str]]:
    """What lies on each node's own storage, the template's disk left out."""
    storage = lab.sim.cluster.storage("local-lvm")
    found = {node: sorted(storage.on(node)) for node in lab.sim.cluster.nodes}
    found["pve1"].remove("local-lvm:base-9000-disk-0")
    return found


async def child_for(lab: Lab, node: str) -> Task:
    """The task that is to make one replica."""
    parent = await replicate(lab, node)
    return await Task.get(parent_id=parent.id)


def check_made(lab: Lab, replica: Replica, task: Task) -> None:
    assert task.status == "succeeded", task.error
    assert replica.status is ReplicaStatus.READY
    [guest] = lab.own_guests()
    assert (guest.vmid, guest.node) == (replica.vmid, "pve2")
    assert guest.config["template"] == 1
    assert mark.find(guest.config["description"]) == replica.uuid
    assert replica.smbios_uuid is not None
    assert replica.smbios_uuid in guest.config["smbios1"]
    disk = f"local-lvm:base-{replica.vmid}-disk-0"
    assert volumes(lab) == {"pve1": [], "pve2": [disk], "pve3": []}


async def check_unmade(lab: Lab, replica: Replica, task: Task) -> None:
    assert task.status in ("failed", "cancelled")
    assert "stuck" not in (task.error or {}).get("details", {})
    assert lab.own_guests() == []
    assert not any(volumes(lab).values())
    assert (replica.status, replica.vmid) == (ReplicaStatus.ERROR, None)
    assert not await GuestNumber.exists()


async def own_template(lab: Lab) -> Template:
    """A template that VMLab has made from another, under a number of its range."""
    row = await Template.create(
        name="Ours",
        course=lab.course,
        owner=lab.teacher,
        status="ready",
        node="pve1",
        storage=lab.template.storage,
        shared_storage=lab.template.shared_storage,
        uuid=uuid.uuid4(),
    )
    row.vmid = lab.settings.guests.vmid_last
    await lab.parts.pve_tasks.wait(
        await lab.parts.guests.clone(
            "pve1",
            9000,
            row.vmid,
            name="ours",
            description=mark.build("", row.uuid or uuid.uuid4()),
            pool="vmlab",
            full=True,
        ),
        60,
    )
    await lab.parts.pve_tasks.wait(await lab.parts.guests.template("pve1", row.vmid), 60)
    lab.sim.cluster.guests[row.vmid].config["protection"] = 1
    await row.save()
    return row


async def clear(lab: Lab) -> None:
    """Take away what was made before, as its people would."""
    if lab.template.shared_storage:
        await keep_on_its_node(lab)
    for replica in await Replica.all():
        task = await delete_replica.admit(lab.template, replica.node, created_by_id=None)
        assert (await lab.walk(task)).status == "succeeded"
    for template in await Template.filter(uuid__isnull=False):
        gone = await delete_template.admit(template.id, created_by_id=None)
        assert gone is not None
        assert (await lab.walk(gone)).status == "succeeded"


async def creation(lab: Lab) -> tuple[Replica, Task]:
    await clear(lab)
    task = await child_for(lab, "pve2")
    return await Replica.get(id=task.target_id), task


async def deletion(lab: Lab) -> tuple[Template, Task]:
    await clear(lab)
    await make_replica(lab, "pve2")
    return lab.template, await delete_replica.admit(lab.template, "pve2", created_by_id=None)


def nothing_is_left(lab: Lab, _row: object, task: Task) -> None:
    assert task.status == "succeeded", task.error
    assert lab.own_guests() == []


async def copies_are_consistent(lab: Lab, _row: object) -> None:
    """Each replica and each template of ours is one protected template, or nothing."""
    guests = {guest.vmid: guest for guest in lab.own_guests()}
    replicas, templates = await Replica.all(), await Template.filter(uuid__isnull=False)
    for replica in replicas:
        assert replica.status is (ReplicaStatus.READY if replica.vmid else ReplicaStatus.ERROR)
    assert {template.status for template in templates} <= {TemplateStatus.READY}
    known: list[Known] = [*replicas, *templates]
    for row in known:
        if row.vmid is not None:
            guest = guests.pop(row.vmid)
            assert mark.find(guest.config["description"]) == row.uuid
            assert (guest.node, guest.config["template"]) == (row.node, 1)
            assert guest.config["protection"] == 1
            assert "lock" not in guest.config
    assert not guests
    assert not await Task.filter(lock__isnull=False).exists()
