"""What administrators do in the Proxmox interface stands in the machine's log as theirs."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from tests.operations.lab import Lab
from tests.reconcile.test_reconcile import destroy_there, look, there
from vmlab.models import Vm, VmEvent
from vmlab.models.vm_log import LogFilter, log_page
from vmlab.proxmox import mark
from vmlab.reconcile import Reconciler


@pytest.fixture
def reconciler(lab: Lab) -> Reconciler:
    """It believes what it sees at once: the tests let pvestatd report before each tick."""
    return Reconciler(lab.parts, lag_s=0, look_again_s=0)


async def events(vm: Vm) -> list[str]:
    wanted = LogFilter(source="event")
    rows, _ = await log_page(vm.id, wanted, newest_first=False, offset=0, limit=100)
    return [row["message"] for row in rows]


async def test_before_and_after_and_that_it_was_not_vmlab(lab: Lab, reconciler: Reconciler) -> None:
    vm = await lab.make_vm()
    target = "pve2" if vm.node != "pve2" else "pve3"
    noted = len(await events(vm))
    await there(lab, vm, "PUT", "/config", name="renamed", memory=2048, cores=3)
    await there(lab, vm, "PUT", "/resize", disk="scsi0", size="20G")
    await look(lab, reconciler)
    await there(lab, vm, "POST", "/status/start")
    await look(lab, reconciler)
    lab.guest(vm).node = target
    await look(lab, reconciler)
    sizes = f"cpu_cores: 1 → 3, memory_mb: {vm.memory_mb} → 2048, disk_gb: {vm.disk_gb} → 20"
    assert (await events(vm))[noted:] == [
        f"name: web → renamed, {sizes} (not by VMLab)",
        "status: stopped → running (not by VMLab)",
        f"node: {vm.node} → {target} (not by VMLab)",
    ]


async def test_what_vmlab_does_is_not_called_others_doing(lab: Lab, reconciler: Reconciler) -> None:
    vm = await lab.make_vm(start=True)
    await look(lab, reconciler, times=3)
    assert not any("not by VMLab" in message for message in await events(vm))


async def test_gone_and_there_again(lab: Lab, reconciler: Reconciler) -> None:
    vm = await lab.make_vm()
    guest = lab.sim.cluster.guests.pop(vm.vmid or 0)
    await look(lab, reconciler, times=2)
    lab.sim.cluster.guests[guest.vmid] = guest
    await look(lab, reconciler, times=2)
    assert (await events(vm))[-2:] == [
        f"status: stopped → missing (VM {vm.vmid} is gone from Proxmox, not by VMLab)",
        f"status: missing → stopped (VM {vm.vmid} is there again in Proxmox, not by VMLab)",
    ]
    await destroy_there(lab, vm)
    await look(lab, reconciler)
    [entry] = await VmEvent.filter(vm_id=vm.id).order_by("-id").limit(1)
    assert entry.level == "warning"


@pytest.mark.parametrize(
    ("config", "why"),
    [
        ({"description": "mine", "tags": ""}, "does not carry VMLab's mark any more"),
        (
            {"description": mark.build("", uuid4()), "tags": ""},
            "carries the mark of another machine",
        ),
        ({"smbios1": f"uuid={uuid4()}", "name": "copy"}, "has another UUID"),
        ({"template": 1}, "is a template now"),
    ],
)
async def test_why_a_guest_is_not_ours_any_more(
    config: dict[str, Any], why: str, lab: Lab, reconciler: Reconciler
) -> None:
    vm = await lab.make_vm()
    lab.guest(vm).config.update(config)
    await look(lab, reconciler, times=2)
    last = (await events(vm))[-1]
    assert last.startswith(f"status: stopped → missing (VM {vm.vmid} in Proxmox {why}")


async def test_tags_also_by_a_process_that_has_just_begun(lab: Lab, reconciler: Reconciler) -> None:
    vm = await lab.make_vm()
    await look(lab, reconciler, times=2)
    noted = len(await events(vm))
    own = f"course-{lab.course.id}, vmlab"
    await there(lab, vm, "PUT", "/config", tags="important")
    await look(lab, reconciler, times=2)
    again = Reconciler(lab.parts, lag_s=0, look_again_s=0)
    await look(lab, again, times=2)
    await there(lab, vm, "PUT", "/config", delete="tags")
    await look(lab, again)
    assert (await events(vm))[noted:] == [
        f"tags: {own} → important (not by VMLab)",
        "tags: important → - (not by VMLab)",
    ]
