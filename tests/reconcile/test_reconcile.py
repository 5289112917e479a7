"""What is done behind VMLab's back shows within one tick; nothing is ever done about it there."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from tests.operations.lab import Lab, enrol
from vmlab.models import Vm, VmStatus, Worker
from vmlab.operations import delete_vm, power_vm
from vmlab.operations.reservation import usage
from vmlab.proxmox import mark
from vmlab.reconcile import Orphan, Reconciler
from vmlab.rules.vm_state import Verb
from vmlab.simulator import pvestatd


@pytest.fixture
def reconciler(lab: Lab) -> Reconciler:
    """It believes what it sees at once: the tests let pvestatd report before each tick."""
    return Reconciler(lab.parts, lag_s=0, look_again_s=0)


async def look(lab: Lab, reconciler: Reconciler, times: int = 1) -> None:
    """Let pvestatd report and the reconciler look."""
    for _ in range(times):
        pvestatd.broadcast(lab.sim.cluster)
        await reconciler.tick()


async def there(lab: Lab, vm: Vm, method: str, path: str, **params: Any) -> None:
    """What an administrator does in the Proxmox interface, to its end."""
    base = f"/nodes/{vm.node}/qemu/{vm.vmid}"
    upid = await lab.sim.admin(method, f"{base}{path}", params)
    if isinstance(upid, str) and upid.startswith("UPID:"):
        await lab.settled(lambda: not any(job.running for job in lab.sim.jobs.on(vm.node or "")))


async def destroy_there(lab: Lab, vm: Vm) -> None:
    await there(lab, vm, "PUT", "/config", delete="protection")
    await there(lab, vm, "DELETE", "")


def untouched(lab: Lab) -> dict[int, Any]:
    """Everything about all guests that a call could change."""
    return {
        guest.vmid: (dict(guest.config), guest.running, guest.qmpstatus, guest.node)
        for guest in lab.sim.cluster.guests.values()
    }


async def test_power_is_followed(lab: Lab, reconciler: Reconciler) -> None:
    vm = await lab.make_vm()
    for path, status in (
        ("/status/start", VmStatus.RUNNING),
        ("/status/suspend", VmStatus.PAUSED),
        ("/status/resume", VmStatus.RUNNING),
        ("/status/stop", VmStatus.STOPPED),
    ):
        await there(lab, vm, "POST", path)
        await look(lab, reconciler)
        vm = await lab.reload(vm)
        assert vm.status is status
        assert (vm.started_at is None) is (status is VmStatus.STOPPED)


async def test_a_new_name_and_new_sizes_are_followed(lab: Lab, reconciler: Reconciler) -> None:
    vm = await lab.make_vm()
    await there(lab, vm, "PUT", "/config", name="renamed", cores=3, memory=2048)
    await there(lab, vm, "PUT", "/resize", disk="scsi0", size="20G")
    await look(lab, reconciler)
    vm = await lab.reload(vm)
    assert (vm.name, vm.cpu_cores, vm.memory_mb, vm.disk_gb) == ("renamed", 3, 2048, 20)
    used = (await usage([lab.student.id]))[lab.student.id]
    assert (used.cpu_cores, used.memory_mb, used.disk_gb) == (3, 2048, 20)


async def test_a_migration_is_followed(lab: Lab, reconciler: Reconciler) -> None:
    vm = await lab.make_vm()
    target = "pve2" if vm.node != "pve2" else "pve3"
    guest = lab.guest(vm)
    guest.node = target
    await look(lab, reconciler)
    vm = await lab.reload(vm)
    assert vm.node == target
    task = await lab.walk(await delete_vm.admit(vm.id, created_by_id=None))
    assert task.status == "succeeded", task.error


async def test_what_is_destroyed_there_is_missing_at_the_next_look(
    lab: Lab, reconciler: Reconciler
) -> None:
    vm = await lab.make_vm()
    await destroy_there(lab, vm)
    await look(lab, reconciler)
    vm = await lab.reload(vm)
    assert (vm.status, vm.reserved) == (VmStatus.MISSING, False)
    await lab.walk(await delete_vm.admit(vm.id, created_by_id=None))
    assert (await lab.reload(vm)).deleted_at is not None


async def test_what_is_out_of_sight_for_a_moment_is_not_missing(lab: Lab) -> None:
    reconciler = Reconciler(lab.parts, lag_s=0, look_again_s=1)
    vm = await lab.make_vm()
    guest = lab.sim.cluster.guests.pop(vm.vmid or 0)
    tick = asyncio.create_task(look(lab, reconciler))
    await asyncio.sleep(0.5)
    lab.sim.cluster.guests[guest.vmid] = guest
    await tick
    assert (await lab.reload(vm)).status is VmStatus.STOPPED


async def test_what_comes_back_is_taken_back(lab: Lab, reconciler: Reconciler) -> None:
    vm = await lab.make_vm()
    guest = lab.sim.cluster.guests.pop(vm.vmid or 0)
    await look(lab, reconciler, times=2)
    assert (await lab.reload(vm)).status is VmStatus.MISSING
    lab.sim.cluster.guests[guest.vmid] = guest
    await look(lab, reconciler)
    vm = await lab.reload(vm)
    assert (vm.status, vm.reserved) == (VmStatus.STOPPED, True)


async def test_a_stranger_under_the_number_of_a_missing_one(
    lab: Lab, reconciler: Reconciler
) -> None:
    vm = await lab.make_vm()
    await destroy_there(lab, vm)
    stranger = await lab.plant_stranger(vm.vmid or 0)
    before = untouched(lab)
    await look(lab, reconciler, times=3)
    vm = await lab.reload(vm)
    assert (vm.status, vm.name, vm.reserved) == (VmStatus.MISSING, "web", False)
    assert untouched(lab) == before
    assert stranger.running


@pytest.mark.parametrize(
    "config",
    [
        {"description": "let go by an administrator", "tags": ""},
        {"description": mark.build("", uuid4()), "tags": ""},
        {"smbios1": f"uuid={uuid4()}", "name": "copy"},
    ],
)
async def test_a_guest_that_stops_being_ours(
    config: dict[str, str], lab: Lab, reconciler: Reconciler
) -> None:
    vm = await lab.make_vm(start=True)
    lab.guest(vm).config.update(config)
    before = untouched(lab)
    await look(lab, reconciler, times=2)
    assert (await lab.reload(vm)).status is VmStatus.MISSING
    assert untouched(lab) == before


async def test_a_guest_without_our_tag_is_still_ours(lab: Lab, reconciler: Reconciler) -> None:
    vm = await lab.make_vm()
    await there(lab, vm, "PUT", "/config", tags="important")
    await there(lab, vm, "POST", "/status/start")
    await look(lab, reconciler)
    assert (await lab.reload(vm)).status is VmStatus.RUNNING


async def test_lost_rights_are_no_proof(lab: Lab, reconciler: Reconciler) -> None:
    vm = await lab.make_vm()
    lab.sim.cluster.pools["vmlab"].vms.clear()
    await look(lab, reconciler, times=4)
    assert (await lab.reload(vm)).status is VmStatus.STOPPED


async def test_a_node_that_is_off_is_no_proof(lab: Lab, reconciler: Reconciler) -> None:
    vm = await lab.make_vm(start=True)
    node = "pve3"
    lab.guest(vm).node = node
    await look(lab, reconciler)
    await lab.sim.node_down(node)
    lab.sim.cluster.guests.pop(vm.vmid or 0)
    await look(lab, reconciler, times=4)
    assert (await lab.reload(vm)).status is VmStatus.RUNNING


async def test_a_minority_of_nodes_is_no_proof(lab: Lab, reconciler: Reconciler) -> None:
    vm = await lab.make_vm()
    lab.guest(vm).node = "pve1"
    await look(lab, reconciler)
    for node in ("pve2", "pve3"):
        await lab.sim.node_down(node)
    lab.sim.cluster.guests.pop(vm.vmid or 0)
    await look(lab, reconciler, times=4)
    assert (await lab.reload(vm)).status is VmStatus.STOPPED


async def test_unknown_says_nothing(lab: Lab, reconciler: Reconciler) -> None:
    vm = await lab.make_vm(start=True)
    lab.sim.cluster.statd.pop(vm.vmid or 0, None)
    await reconciler.tick()
    after = await lab.reload(vm)
    assert (after.status, after.name) == (VmStatus.RUNNING, "web")


async def test_a_machine_with_a_task_is_left_to_it(lab: Lab, reconciler: Reconciler) -> None:
    vm = await lab.make_vm()
    task = await power_vm.admit(vm.id, Verb.START, created_by_id=None)
    assert task is not None
    await there(lab, vm, "POST", "/status/start")
    await look(lab, reconciler)
    assert (await lab.reload(vm)).status is VmStatus.STOPPED
    await lab.walk(task)
    assert (await lab.reload(vm)).status is VmStatus.RUNNING


async def test_an_old_report_does_not_undo_a_task(lab: Lab) -> None:
    vm = await lab.make_vm()
    pvestatd.broadcast(lab.sim.cluster)
    told = dict(lab.sim.cluster.statd[vm.vmid or 0])
    task = await power_vm.admit(vm.id, Verb.START, created_by_id=None)
    assert task is not None
    await lab.walk(task)
    patient = Reconciler(lab.parts)
    lab.sim.cluster.statd[vm.vmid or 0] = told
    await patient.tick()
    assert (await lab.reload(vm)).status is VmStatus.RUNNING


async def test_creations_under_way_are_nobody_else_s_business(
    lab: Lab, reconciler: Reconciler
) -> None:
    vm, _ = await lab.submit_vm()
    await look(lab, reconciler, times=3)
    assert (await lab.reload(vm)).status is VmStatus.CREATING


async def test_orphans_are_reported_and_left_alone(lab: Lab, reconciler: Reconciler) -> None:
    vm = await lab.make_vm(start=True)
    uuid, vmid = vm.uuid, vm.vmid
    foreign = await lab.plant_stranger(lab.settings.guests.vmid_first + 500)
    elsewhere = await lab.plant_stranger(500)
    await vm.delete()
    before = untouched(lab)
    await look(lab, reconciler)
    assert reconciler.orphans == ()
    await look(lab, reconciler)
    orphans: tuple[Orphan, ...] = reconciler.orphans
    found = {orphan.vmid: orphan.mark for orphan in orphans}
    assert found == {vmid: uuid, foreign.vmid: None}
    assert elsewhere.vmid not in found
    assert untouched(lab) == before


async def test_changes_are_told(lab: Lab, reconciler: Reconciler) -> None:
    vm = await lab.make_vm()
    async with lab.parts.bus.subscribe("events") as events:
        await there(lab, vm, "POST", "/status/start")
        await look(lab, reconciler)
        async with asyncio.timeout(5):
            event = await anext(events)
    assert event == {"type": "vm", "id": vm.id, "changed": ["started_at", "status"]}


async def test_one_call_a_tick_whatever_is_there(lab: Lab, reconciler: Reconciler) -> None:
    for n in range(2, 8):
        owner = await enrol(lab.course, f"student{n}")
        await lab.make_vm(owner_id=owner.id, start=n % 2 == 0)
    # One that is told apart by its notes: read once, then remembered.
    odd = await lab.make_vm()
    await there(lab, odd, "PUT", "/config", tags="")
    await look(lab, reconciler, times=2)
    before = lab.api.calls.copy()
    await look(lab, reconciler, times=5)
    assert lab.api.calls - before == {("GET", "/cluster/resources"): 5}


async def test_it_goes_on_after_an_outage(lab: Lab) -> None:
    vm = await lab.make_vm()
    reconciler = Reconciler(lab.parts, lag_s=0)
    reconciler.tick_s = 0.02
    lab.sim.faults.add("no_quorum", path="/cluster/resources", times=3)
    running = asyncio.create_task(reconciler.run())
    async with asyncio.timeout(10), lab.parts.bus.subscribe("events") as events:
        await there(lab, vm, "POST", "/status/start")
        while (await anext(events))["id"] != vm.id:
            pass
    reconciler.stop()
    await running
    assert (await lab.reload(vm)).status is VmStatus.RUNNING


async def test_of_all_workers_the_oldest_looks(lab: Lab) -> None:
    now = datetime.now(UTC)
    for name, age_s, silent_s in (("dead", 300, 100), ("old", 200, 0), ("young", 100, 0)):
        await Worker.create(
            id=name,
            host="h",
            pid=1,
            version="0",
            concurrency=1,
            started_at=now - timedelta(seconds=age_s),
            last_seen_at=now - timedelta(seconds=silent_s),
        )
    leading = [
        name
        for name in ("dead", "old", "young")
        if await Reconciler(lab.parts, worker=name).leads()
    ]
    assert leading == ["old"]
