"""What others run on VMLab's guests in Proxmox stands in the machine's log, with who ran it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.operations.lab import Lab
from vmlab.models import LogLevel, PveLogLine, Vm, VmStatus
from vmlab.models.vm_log import LogFilter, log_page
from vmlab.reconcile.pve_logs import PveLogs
from vmlab.simulator import Simulator
from vmlab.simulator.jobs import Job
from vmlab.simulator.routes import Identity


async def there(lab: Lab, vm: Vm, method: str, path: str, **params: Any) -> None:
    """What an administrator does in the Proxmox interface, to its end."""
    upid = await lab.sim.admin(method, f"/nodes/{vm.node}/qemu/{vm.vmid}{path}", params)
    await lab.sim.jobs.wait(upid)


async def headlines(vm: Vm) -> list[tuple[LogLevel, str]]:
    lines = PveLogLine.filter(vm_id=vm.id, line=0).order_by("id")
    return [(line.level, line.message) for line in await lines]


async def test_each_is_kept_once_with_who_ran_it(lab: Lab) -> None:
    vm = await lab.make_vm()
    keeper = PveLogs(lab.parts)
    await keeper.keep()
    assert await headlines(vm) == []
    await there(lab, vm, "POST", "/status/start")
    lab.sim.faults.add("task_fails", path="/qmstop/", text="no such luck")
    await there(lab, vm, "POST", "/status/stop")
    assert await keeper.keep() == 2
    expected = [
        (LogLevel.INFO, "qmstart by root@pam, not by VMLab: OK"),
        (LogLevel.ERROR, "qmstop by root@pam, not by VMLab: no such luck"),
    ]
    assert await headlines(vm) == expected
    assert await keeper.keep() == await PveLogs(lab.parts).keep() == 0
    assert await headlines(vm) == expected
    rows, _ = await log_page(
        vm.id, LogFilter(level=LogLevel.ERROR), newest_first=False, offset=0, limit=10
    )
    assert [(row["message"], row["task_id"]) for row in rows] == [
        (expected[1][1], None),
        ("TASK ERROR: no such luck", None),
    ]


async def test_another_token_is_named_and_other_guests_are_not_ours(lab: Lab) -> None:
    vm = await lab.make_vm()
    stranger = await lab.plant_stranger(500)
    who = Identity("root@pam", "backup")
    lab.sim.cluster.tokens["root@pam!backup"] = lab.sim.cluster.tokens["root@pam!vmlab"]
    path = f"/nodes/{vm.node}/qemu/{vm.vmid}/status/start"
    await lab.sim.jobs.wait(await lab.sim.admin("POST", path, who=who))
    foreign = f"/nodes/{stranger.node}/qemu/{stranger.vmid}/status/stop"
    await lab.sim.jobs.wait(await lab.sim.admin("POST", foreign))
    await PveLogs(lab.parts).keep()
    assert await headlines(vm) == [(LogLevel.INFO, "qmstart by root@pam!backup, not by VMLab: OK")]
    assert await PveLogLine.filter(line=0).count() == 1


async def test_more_than_proxmox_shows_at_a_time(lab: Lab) -> None:
    vm = await lab.make_vm()
    keeper = PveLogs(lab.parts)
    await keeper.keep()
    await there(lab, vm, "POST", "/status/start")
    for _ in range(30):
        await there(lab, vm, "POST", "/status/suspend")
        await there(lab, vm, "POST", "/status/resume")
    before = lab.api.calls.copy()
    assert await keeper.keep() == 61
    assert (lab.api.calls - before)["GET", "/nodes/{node}/tasks"] == 1
    assert len(await headlines(vm)) == 61
    before = lab.api.calls.copy()
    await there(lab, vm, "POST", "/status/suspend")
    assert await keeper.keep() == 1
    assert (lab.api.calls - before)["GET", "/nodes/{node}/tasks"] == 0


async def test_what_ran_long_and_ended_among_many_others(lab: Lab) -> None:
    vm = await lab.make_vm()
    moved = asyncio.Event()

    async def move(job: Job) -> None:
        await moved.wait()
        job.log("migration finished")

    long = lab.sim.jobs.fork(vm.node or "", "ann@pve", "qmigrate", str(vm.vmid), move)
    keeper = PveLogs(lab.parts)
    await keeper.keep()
    await there(lab, vm, "POST", "/status/start")
    moved.set()
    await lab.sim.jobs.wait(long.upid)
    for _ in range(30):
        await there(lab, vm, "POST", "/status/suspend")
        await there(lab, vm, "POST", "/status/resume")
    shown = {row.upid for row in await lab.parts.pve_tasks.recent()}
    assert long.upid not in shown
    await keeper.keep()
    assert (LogLevel.INFO, "qmigrate by ann@pve, not by VMLab: OK") in await headlines(vm)
    assert await PveLogLine.filter(upid=long.upid, message="migration finished").exists()


async def test_a_node_that_does_not_answer_holds_up_no_other(lab: Lab) -> None:
    vm = await lab.make_vm()
    other = next(name for name in lab.sim.cluster.nodes if name != vm.node)

    async def nothing(job: Job) -> None:
        job.log("done")

    lab.sim.jobs.fork(other, "root@pam", "qmstart", str(vm.vmid), nothing)
    await there(lab, vm, "POST", "/status/start")
    lab.sim.faults.add("refuse", path=f"/nodes/{other}/tasks")
    keeper = PveLogs(lab.parts)
    await keeper.keep()
    assert len(await headlines(vm)) == 1
    lab.sim.faults.clear()
    assert await keeper.keep() == 1
    assert len(await headlines(vm)) == 2


async def test_an_outage_only_puts_it_off(lab: Lab) -> None:
    vm = await lab.make_vm()
    keeper = PveLogs(lab.parts)
    await keeper.keep()
    await there(lab, vm, "POST", "/status/start")
    lab.sim.faults.add("refuse", path="/log$")
    await keeper.keep()
    assert await headlines(vm) == []
    lab.sim.faults.clear()
    assert await keeper.keep() == 1
    assert len(await headlines(vm)) == 1


async def test_what_destroyed_it_belongs_to_it_and_what_came_after_does_not(lab: Lab) -> None:
    vm = await lab.make_vm()
    await lab.sim.admin("PUT", f"/nodes/{vm.node}/qemu/{vm.vmid}/config", {"delete": "protection"})
    await there(lab, vm, "DELETE", "")
    stranger = {"vmid": vm.vmid, "name": "other"}
    await lab.sim.jobs.wait(await lab.sim.admin("POST", f"/nodes/{vm.node}/qemu", stranger))
    await Vm.filter(id=vm.id).update(status=VmStatus.MISSING)
    await PveLogs(lab.parts).keep()
    assert await headlines(vm) == [(LogLevel.INFO, "qmdestroy by root@pam, not by VMLab: OK")]


async def test_what_was_done_under_the_number_before_the_machine(lab: Lab) -> None:
    number = lab.settings.guests.vmid_first
    await lab.plant_stranger(number)
    node = lab.sim.cluster.guests[number].node
    path = f"/nodes/{node}/qemu/{number}"
    await lab.sim.jobs.wait(await lab.sim.admin("POST", f"{path}/status/stop"))
    await lab.sim.vanish(number)
    vm = await lab.make_vm()
    later = datetime.now(UTC) + timedelta(seconds=1)
    await Vm.filter(id=vm.id).update(vmid=number, created_at=later)
    await PveLogs(lab.parts).keep()
    assert await headlines(vm) == []


@pytest.mark.parametrize("sim", ["8.4", "9.2"], indirect=True)
async def test_without_the_right_to_see_them_there_are_none(lab: Lab, sim: Simulator) -> None:
    vm = await lab.make_vm()
    sim.cluster.acl = {entry for entry in sim.cluster.acl if entry.path != "/"}
    await there(lab, vm, "POST", "/status/start")
    await PveLogs(lab.parts).keep()
    assert await headlines(vm) == []
