"""What databases could do differently: locks, unique numbers, several workers at once."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable
from functools import partial
from pathlib import Path

import pytest

from tests.operations.lab import QUICK, Lab, enrol, parts_of, populate, work_off
from tests.operations.template_lab import template_lab
from tests.storage import corpus
from vmlab import config
from vmlab.errors import VMLabError
from vmlab.models import File, GuestNumber, TaskStatus, Template, TemplateStatus, Vm, VmStatus
from vmlab.operations import class_action, create_vm, delete_template, placing, provision_class
from vmlab.operations.uploads import Uploads
from vmlab.proxmox import mark
from vmlab.reconcile import Reconciler
from vmlab.rules.vm_state import Verb
from vmlab.simulator import Simulator, pvestatd

STUDENTS = 12


@pytest.fixture
async def lab(database: str, sim: Simulator) -> AsyncIterator[Lab]:
    """A lab on each kind of database."""
    rows = await populate()
    async with parts_of(sim, config.Settings(tasks=QUICK)) as (parts, api):
        yield Lab(sim, api, parts, *rows)


async def test_a_class_by_three_workers(lab: Lab) -> None:
    for n in range(1, STUDENTS):
        await enrol(lab.course, f"student{n}")
    wanted = provision_class.ProvisionClass(
        course_id=lab.course.id, template_id=lab.template.id, start=True
    )
    parent, _ = await provision_class.admit(wanted, settings=lab.settings, created_by_id=None)
    ended = await work_off(lab, parent, workers=3)
    assert ended.status is TaskStatus.SUCCEEDED, ended.error
    vms = await Vm.all()
    assert len({vm.vmid for vm in vms}) == len(lab.own_guests()) == STUDENTS
    marks = {mark.find(guest.config["description"]) for guest in lab.own_guests()}
    assert marks == {vm.uuid for vm in vms}

    reconciler = Reconciler(lab.parts, lag_s=0)
    stopped = lab.guest(vms[0])
    path = f"/nodes/{stopped.node}/qemu/{stopped.vmid}/status/stop"
    await lab.sim.admin("POST", path, {})
    await lab.settled(lambda: not stopped.running)
    pvestatd.broadcast(lab.sim.cluster)
    await reconciler.tick()
    assert (await lab.reload(vms[0])).status is VmStatus.STOPPED
    assert await Vm.filter(status=VmStatus.RUNNING).count() == STUDENTS - 1

    parent, skipped = await class_action.admit(lab.course.id, Verb.DELETE, created_by_id=None)
    assert skipped == []
    ended = await work_off(lab, parent, workers=3)
    assert ended.status is TaskStatus.SUCCEEDED, ended.error
    assert lab.own_guests() == []
    assert not await Vm.filter(reserved=True).exists()


async def test_machines_that_want_the_same_number(lab: Lab) -> None:
    count = 6
    settings = config.Guests(vmid_first=700, vmid_last=700 + count - 1)
    templates, vms = [], []
    for n in range(1, count + 1):
        # Of templates of their own, so that nothing but the unique number keeps them apart.
        lab.template.id = 1000 + n
        await lab.template.save(force_create=True)
        templates.append(await Template.get(id=lab.template.id))
        wanted = create_vm.CreateVm(name="web", template_id=0, owner_id=lab.student.id)
        vm = create_vm.new_machine(wanted, templates[-1])
        # Numbers are looked for from the machine's id on: these all begin at the same one.
        vm.id = 1000 * count * n
        await vm.save(force_create=True)
        vms.append(vm)
    cluster = lab.parts.cluster
    await asyncio.gather(
        *(placing.place(v, t, cluster, settings) for v, t in zip(vms, templates, strict=True))
    )
    placed = [(await lab.reload(vm)).vmid for vm in vms]
    assert sorted(vmid or 0 for vmid in placed) == list(range(700, 700 + count))


async def test_machines_and_templates_that_want_the_same_number(lab: Lab) -> None:
    count = 4
    settings = config.Guests(vmid_first=700, vmid_last=700 + 3 * count - 1)
    cluster = lab.parts.cluster
    wants: list[Awaitable[object]] = []
    for n in range(count):
        wanted = create_vm.CreateVm(name="web", template_id=0, owner_id=lab.student.id)
        vm = create_vm.new_machine(wanted, lab.template)
        vm.id = 3 * count * (n + 1)
        await vm.save(force_create=True)
        wants.append(placing.place(vm, lab.template, cluster, settings))
        template = await Template.create(
            name="Lab", course=lab.course, owner=lab.teacher, uuid=uuid.uuid4()
        )
        wants.append(placing.number(0, partial(_number, template), cluster, settings))
        wants.append(placing.number(0, _reserved, cluster, settings))
    await asyncio.gather(*wants)
    numbers = sorted(row.vmid for row in await GuestNumber.all())
    assert numbers == list(range(700, 700 + 3 * count))
    of_machines = [vm.vmid for vm in await Vm.all()]
    of_templates = [each.vmid for each in await Template.filter(uuid__isnull=False)]
    assert len({*of_machines, *of_templates}) == 2 * count


async def _number(template: Template, vmid: int) -> None:
    await Template.filter(id=template.id).update(vmid=vmid)


async def _reserved(vmid: int) -> None:
    await GuestNumber.create(vmid=vmid, uuid=uuid.uuid4())


async def test_a_file_is_deleted_or_imported_but_not_both(
    database: str, sim: Simulator, tmp_path: Path
) -> None:
    async with template_lab(sim, tmp_path / "files") as lab:
        uploads = Uploads(lab.parts.files, lab.settings)
        for _ in range(6):
            file = await lab.upload(corpus.boot_sector())
            done = await asyncio.gather(
                uploads.remove(file), lab.submit_import(file), return_exceptions=True
            )
            removed, admitted = (not isinstance(each, BaseException) for each in done)
            assert removed is not admitted, done
            assert all(isinstance(e, VMLabError) for e in done if isinstance(e, BaseException)), (
                done
            )
            assert await File.exists(id=file.id) is admitted


async def test_templates_made_and_destroyed_by_two_workers(
    database: str, sim: Simulator, tmp_path: Path
) -> None:
    async with template_lab(sim, tmp_path / "files") as lab:
        file, vm = await lab.upload(corpus.boot_sector()), await lab.make_vm()
        made = [
            *[await lab.submit_import(file, name=f"Lab {n}") for n in range(3)],
            await lab.submit_copy(vm.id, name="Copy"),
        ]
        for template, task in made:
            ended = await work_off(lab, task, workers=2)
            assert ended.status is TaskStatus.SUCCEEDED, ended.error
            assert (await lab.reload(template)).status is TemplateStatus.READY
        assert len(lab.made_guests()) == len(made) + 1
        deletions = [
            await delete_template.admit(template.id, created_by_id=None) for template, _ in made
        ]
        for deletion in deletions:
            ended = await work_off(lab, deletion, workers=2)
            assert ended.status is TaskStatus.SUCCEEDED, ended.error
        assert [guest.vmid for guest in lab.made_guests()] == [vm.vmid]
        assert [row.uuid for row in await GuestNumber.all()] == [vm.uuid]
        assert lab.images() == []
