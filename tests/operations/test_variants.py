"""The same machine under other settings and on another version of Proxmox VE."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from tests.operations.lab import QUICK, Lab, lives, parts_of, populate
from vmlab import config
from vmlab.errors import Conflict, Invalid
from vmlab.models import Course, Membership, Step, Task, Template, TemplateStatus, VmStatus
from vmlab.operations import delete_vm, operations, power_vm
from vmlab.operations.courses import remove_course
from vmlab.rules.vm_state import Verb
from vmlab.simulator import Simulator
from vmlab.simulator.state import AclEntry, Role
from vmlab.tasks import request_cancel
from vmlab.tasks.worker import Worker


@asynccontextmanager
async def a_lab(sim: Simulator, **guests: Any) -> AsyncIterator[Lab]:
    """A lab with these settings for guests."""
    rows = await populate()
    settings = config.Settings(tasks=QUICK, guests=config.Guests(**guests))
    async with parts_of(sim, settings) as (parts, api):
        yield Lab(sim, api, parts, *rows)


async def test_a_life_on_proxmox_9(sqlite: str) -> None:
    async with Simulator(version="9.2", auth_delay_s=0.0, speed=1000.0) as sim, a_lab(sim) as lab:
        vm = await lab.make_vm(start=True, disk_gb=12)
        for verb in (Verb.PAUSE, Verb.RESUME, Verb.RESTART, Verb.STOP):
            task = await power_vm.admit(vm.id, verb, created_by_id=None)
            assert task is not None
            task = await lab.walk(task)
            assert task.status == "succeeded", task.error
        task = await lab.walk(await delete_vm.admit(vm.id, created_by_id=None))
        assert task.status == "succeeded", task.error
        assert lab.own_guests() == []


async def test_copies_in_place_of_links(sqlite: str, sim: Simulator) -> None:
    async with a_lab(sim, full_clone=True) as lab:
        vm, task = await lab.submit_vm()
        assert task.lanes == ["storage:vmdisks:full:next", "cluster"]
        task = await lab.walk(task)
        assert task.status == "succeeded", task.error
        vm = await lab.reload(vm)
        assert task.lanes == [f"node:{vm.node}", "cluster"]
        assert "base-9000" not in lab.guest(vm).config["scsi0"]


async def test_cancelled_in_the_middle_of_a_copy(sqlite: str) -> None:
    async with (
        Simulator(auth_delay_s=0.0, speed=0.5) as sim,
        a_lab(sim, full_clone=True) as lab,
    ):
        vm, task = await lab.submit_vm(start=True)
        worker = Worker(operations(lab.settings), lab.parts)
        working = asyncio.create_task(worker.run())
        clone = Step.filter(task_id=task.id, name="clone", upid__isnull=False)
        async with asyncio.timeout(60), lab.parts.bus.subscribe("events") as events:
            await lab.settled(lambda: any(job.kind == "qmclone" for job in sim.jobs.on("pve1")))
            while not await clone.exists():  # noqa: ASYNC110
                await asyncio.sleep(0.01)
            await request_cancel(task.id, lab.parts.bus)
            while not (await lab.reload(task)).status.ended:
                await anext(events)
        worker.stop()
        await working
        [copy] = [job for job in sim.jobs.on("pve1") if job.kind == "qmclone"]
        assert copy.status != "OK"
        vm, task = await lab.reload(vm), await lab.reload(task)
        assert task.status == "cancelled"
        assert (vm.status, vm.reserved, vm.vmid) == (VmStatus.ERROR, False, None)
        assert lab.own_guests() == []


async def test_links_by_default(lab: Lab) -> None:
    vm, task = await lab.submit_vm()
    assert task.lanes == ["storage:vmdisks:linked:next", "cluster"]
    await lab.walk(task)
    assert "base-9000" in lab.guest(await lab.reload(vm)).config["scsi0"]


async def test_a_pool_for_each_course(sqlite: str, sim: Simulator) -> None:
    grant_all_pools(sim)
    async with a_lab(sim, pool_per_course=True) as lab:
        vm = await lab.make_vm()
        pool = f"vmlab-course-{lab.course.id}"
        assert sim.cluster.pools[pool].vms == {vm.vmid}
        assert await lab.make_vm(name="second")


async def test_without_protection(sqlite: str, sim: Simulator) -> None:
    async with a_lab(sim, protect=False) as lab:
        vm = await lab.make_vm()
        assert not int(lab.guest(vm).config.get("protection", 0))
        task = await lab.walk(await delete_vm.admit(vm.id, created_by_id=None))
        assert task.status == "succeeded", task.error


async def test_numbers_run_out(sqlite: str, sim: Simulator) -> None:
    async with a_lab(sim, vmid_first=700, vmid_last=701) as lab:
        vmids = {(await lab.make_vm(name=f"vm{n}")).vmid for n in range(2)}
        assert vmids == {700, 701}
        _, task = await lab.submit_vm(name="vm3")
        task = await lab.walk(task)
        assert task.status == "failed"
        assert (task.error or {})["details"]["last"] == 701


async def test_a_name_is_a_host_name(lab: Lab) -> None:
    with pytest.raises(Invalid) as caught:
        await lab.submit_vm(name="no_name")
    assert list(caught.value.details) == ["name"]


async def test_a_template_has_to_be_ready(lab: Lab) -> None:
    await Template.filter(id=lab.template.id).update(status=TemplateStatus.IMPORTING)
    with pytest.raises(Conflict):
        await lab.submit_vm()


async def test_the_owner_has_to_be_enrolled(lab: Lab) -> None:
    await Membership.filter(user_id=lab.student.id).delete()
    for course_id in (lab.course.id, None):
        with pytest.raises(Invalid) as caught:
            await lab.submit_vm(course_id=course_id)
        assert list(caught.value.details) == ["course_id"]


async def test_a_disk_is_never_smaller_than_the_template_s(lab: Lab) -> None:
    vm, _ = await lab.submit_vm(disk_gb=1)
    assert vm.disk_gb == lab.template.disk_gb


def grant_all_pools(sim: Simulator) -> None:
    """What an administrator does so that VMLab may make pools."""
    cluster = sim.cluster
    guest = cluster.roles["VMLabGuest"]
    cluster.roles["VMLabPools"] = Role("VMLabPools", guest.privs | {"Pool.Allocate"})
    userid = sim.token_id.partition("!")[0]
    cluster.acl.add(AclEntry("/pool", "user", userid, "VMLabPools"))
    cluster.acl.add(AclEntry("/pool", "token", sim.token_id, "VMLabPools"))


async def removed(lab: Lab, course: Course) -> Task:
    """The course is deleted, and a worker does what comes of it."""
    task = await remove_course(course, lab.settings, removed_by_id=lab.teacher.id)
    assert task is not None
    return await lab.walk(task)


async def test_a_courses_pool_goes_with_it(sqlite: str, sim: Simulator) -> None:
    grant_all_pools(sim)
    async with a_lab(sim, pool_per_course=True) as lab:
        vm, other = await lab.make_vm(), await Course.create(name="Empty")
        pool = f"vmlab-course-{lab.course.id}"
        with pytest.raises(Conflict):
            await remove_course(lab.course, lab.settings, removed_by_id=None)
        await lab.walk(await delete_vm.admit(vm.id, created_by_id=None))
        assert pool in sim.cluster.pools
        # The reply is lost, and it is asked for once more.
        sim.faults.add("drop_reply", method="DELETE", path="/pools", times=1)
        task = await removed(lab, lab.course)
        assert task.status == "succeeded", task.error
        assert pool not in sim.cluster.pools
        # One in which no machine ever was has none.
        assert (await removed(lab, other)).status == "succeeded"
        assert "vmlab" in sim.cluster.pools


@pytest.mark.parametrize("crash_at", range(1, 5))
async def test_a_pool_goes_though_a_worker_dies(sqlite: str, sim: Simulator, crash_at: int) -> None:
    grant_all_pools(sim)
    async with a_lab(sim, pool_per_course=True) as lab:
        vm = await lab.make_vm()
        await lab.walk(await delete_vm.admit(vm.id, created_by_id=None))
        task = await remove_course(lab.course, lab.settings, removed_by_id=None)
        assert task is not None
        task, _ = await lives(lab, task, [crash_at, crash_at])
        assert task.status == "succeeded", task.error
        assert list(sim.cluster.pools) == ["vmlab"]


@pytest.mark.parametrize("theirs", ["guest", "pool"])
async def test_what_others_have_in_a_pool_or_made_of_it_stays(
    sqlite: str, sim: Simulator, theirs: str
) -> None:
    grant_all_pools(sim)
    async with a_lab(sim, pool_per_course=True) as lab:
        vm = await lab.make_vm()
        pool = sim.cluster.pools[f"vmlab-course-{lab.course.id}"]
        await lab.walk(await delete_vm.admit(vm.id, created_by_id=None))
        if theirs == "guest":
            await sim.admin(
                "POST", "/nodes/pve1/qemu", {"vmid": 555, "name": "x", "pool": pool.poolid}
            )
            await lab.settled(lambda: 555 in pool.vms)
        else:
            pool.comment = "Networks, by hand"
        task = await removed(lab, lab.course)
        assert task.status == "succeeded", task.error
        assert pool.poolid in sim.cluster.pools


async def test_without_pools_of_their_own_nothing_is_to_be_done(lab: Lab) -> None:
    course = await Course.create(name="Empty")
    assert await remove_course(course, lab.settings, removed_by_id=None) is None
