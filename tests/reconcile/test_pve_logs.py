"""The logs of Proxmox's tasks are kept, once, before Proxmox forgets them."""

from __future__ import annotations

from tests.operations.lab import Lab
from vmlab.models import LogLevel, PveLogLine, Step, Task, Vm
from vmlab.operations import power_vm
from vmlab.reconcile import pve_logs
from vmlab.reconcile.pve_logs import PveLogs
from vmlab.rules.vm_state import Verb


async def power(lab: Lab, vm: Vm, verb: Verb) -> Task:
    task = await power_vm.admit(vm.id, verb, created_by_id=None)
    assert task is not None
    return await lab.walk(task)


async def lines_of(task: Task) -> list[PveLogLine]:
    return await PveLogLine.filter(task_id=task.id).order_by("line")


async def test_each_is_fetched_once_also_by_a_new_process(lab: Lab) -> None:
    vm = await lab.make_vm(start=True)
    keeper = PveLogs(lab.parts)
    assert await keeper.keep() == 2
    kept = await PveLogLine.all().count()
    task = await power(lab, vm, Verb.STOP)
    assert await keeper.keep() == 1
    assert [line.message for line in await lines_of(task)][-1] == "TASK OK"
    assert await PveLogs(lab.parts).keep() == await keeper.keep() == 0
    assert await PveLogLine.all().count() > kept


async def test_what_failed_is_an_error(lab: Lab) -> None:
    vm = await lab.make_vm()
    lab.sim.faults.add("task_fails", path="/qmstart/", text="no such bridge")
    task = await power(lab, vm, Verb.START)
    await PveLogs(lab.parts).keep()
    last = (await lines_of(task))[-1]
    assert (last.level, last.message) == (LogLevel.ERROR, "TASK ERROR: no such bridge")


async def test_what_proxmox_has_forgotten_is_asked_for_once(lab: Lab) -> None:
    vm = await lab.make_vm(start=True)
    keeper = PveLogs(lab.parts)
    await keeper.keep()
    task = await power(lab, vm, Verb.STOP)
    unknown = f"UPID:{vm.node}:0000AAAA:0000BBBB:6B0290A7:qmstop:{vm.vmid}:vmlab@pve!api:"
    await Step.filter(task_id=task.id, name="stop").update(upid=unknown)
    await keeper.keep()
    [line] = await PveLogLine.filter(upid=unknown)
    assert (line.level, line.line) == (LogLevel.WARNING, 1)
    assert await keeper.keep() == 0


async def test_an_outage_only_puts_it_off(lab: Lab) -> None:
    vm = await lab.make_vm(start=True)
    keeper = PveLogs(lab.parts)
    await keeper.keep()
    task = await power(lab, vm, Verb.STOP)
    refused = lab.sim.faults.add("refuse", path="/log$")
    await keeper.keep()
    assert refused.fired
    assert await lines_of(task) == []
    lab.sim.faults.clear()
    assert await keeper.keep() == 1
    assert await lines_of(task)


async def test_long_logs_are_shortened_in_the_middle(lab: Lab) -> None:
    vm = await lab.make_vm(start=True)
    task = await power(lab, vm, Verb.STOP)
    job = max(lab.sim.jobs.on(vm.node or ""), key=lambda job: job.pid)
    for n in range(1000):
        job.log(f"{n} " + "x" * 2000)
    await PveLogs(lab.parts).keep()
    lines = await lines_of(task)
    assert len(lines) == pve_logs.FIRST_LINES + pve_logs.LAST_LINES + 1
    assert "lines left out" in lines[pve_logs.FIRST_LINES].message
    assert max(len(line.message) for line in lines) == pve_logs.LINE_LENGTH


async def test_a_machine_keeps_so_many_lines_and_no_more(lab: Lab) -> None:
    vm = await lab.make_vm()
    await PveLogLine.bulk_create(
        PveLogLine(
            vm_id=vm.id,
            task_id=0,
            upid="UPID:old",
            line=n,
            at=vm.created_at,
            level=LogLevel.INFO,
            message="",
        )
        for n in range(pve_logs.LINES_PER_VM + 10)
    )
    await PveLogs(lab.parts).keep()
    assert await PveLogLine.filter(vm_id=vm.id).count() == pve_logs.LINES_PER_VM
    assert await PveLogLine.filter(vm_id=vm.id, message="TASK OK").exists()
