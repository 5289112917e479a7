"""A whole class at once: provisioning, and one verb on all its machines."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.operations.lab import Lab, enrol, work_off
from vmlab.errors import Invalid, NotFound, QuotaExceeded
from vmlab.models import Course, Task, TaskStatus, Vm, VmStatus
from vmlab.operations import class_action, delete_vm, power_vm, provision_class
from vmlab.operations.reservation import usage
from vmlab.proxmox import mark
from vmlab.rules.vm_state import Verb


async def provision(lab: Lab, **wanted: Any) -> tuple[Task | None, provision_class.Plan]:
    asked = provision_class.ProvisionClass(
        course_id=lab.course.id, template_id=lab.template.id, **wanted
    )
    return await provision_class.admit(asked, settings=lab.settings, created_by_id=lab.teacher.id)


async def test_every_student_gets_a_machine(lab: Lab) -> None:
    students = [lab.student, *[await enrol(lab.course, f"student{n}") for n in range(2, 7)]]
    parent, planned = await provision(lab, name_pattern="{course}-{username}", start=True)
    assert len(planned.machines) == 6
    ended = await work_off(lab, parent)
    assert ended.status is TaskStatus.SUCCEEDED, ended.error
    vms = await Vm.all().order_by("owner_id")
    assert [vm.owner_id for vm in vms] == [student.id for student in students]
    assert {vm.status for vm in vms} == {VmStatus.RUNNING}
    assert vms[0].name == "net-101-student"
    assert {mark.find(g.config["description"]) for g in lab.own_guests()} == {v.uuid for v in vms}
    # Spread over the nodes although all were placed at once.
    assert {vm.node for vm in vms} == {"pve1", "pve2", "pve3"}


async def test_who_has_one_is_skipped(lab: Lab) -> None:
    vm = await lab.make_vm()
    other = await enrol(lab.course, "other")
    parent, planned = await provision(lab)
    assert [row.owner_id for row in planned.machines] == [other.id]
    skipped = {"user_id": lab.student.id, "username": "student", "vm_id": vm.id}
    skipped |= {"template_id": lab.template.id, "version": 1, "status": "stopped"}
    assert planned.skipped == [skipped]
    assert (await work_off(lab, parent)).status is TaskStatus.SUCCEEDED
    assert (await provision(lab))[0] is None


async def test_if_one_quota_lacks_nobody_gets_anything(lab: Lab) -> None:
    poor = await enrol(lab.course, "poor", memory_mb=512)
    with pytest.raises(QuotaExceeded) as caught:
        await provision(lab)
    assert caught.value.details == {
        "students": [
            {
                "user_id": poor.id,
                "username": "poor",
                "lacking": [{"resource": "memory_mb", "quota": 512, "used": 0, "requested": 1024}],
            }
        ]
    }
    assert await Vm.all().count() == await Task.all().count() == 0


async def test_one_that_fails_takes_no_others_along(lab: Lab) -> None:
    others = [await enrol(lab.course, f"student{n}") for n in range(2, 4)]
    lab.sim.faults.add("task_fails", path="/qmclone/", times=1)
    parent, _ = await provision(lab)
    ended = await work_off(lab, parent)
    assert ended.status is TaskStatus.FAILED
    details = (ended.error or {})["details"]
    assert (details["succeeded"], len(details["failed"])) == (len(others), 1)
    failed = await Vm.get(id=details["failed"][0]["target_id"])
    assert (failed.status, failed.reserved) == (VmStatus.ERROR, False)
    assert len(lab.own_guests()) == 2


async def test_only_students_of_the_course(lab: Lab) -> None:
    with pytest.raises(Invalid) as caught:
        await provision(lab, student_ids=(lab.student.id, lab.teacher.id))
    assert str(lab.teacher.id) in caught.value.details["students"][0]


async def test_an_unknown_course(lab: Lab) -> None:
    asked = provision_class.ProvisionClass(course_id=99, template_id=lab.template.id)
    with pytest.raises(NotFound):
        await provision_class.admit(asked, settings=lab.settings, created_by_id=None)


async def test_a_template_of_another_course_needs_to_be_public(lab: Lab) -> None:
    lab.template.course = await Course.create(name="Another")
    await lab.template.save()
    with pytest.raises(Invalid):
        await provision(lab)
    lab.template.is_public = True
    await lab.template.save()
    assert (await provision(lab))[0] is not None


async def test_asking_twice_at_once_makes_one_machine_each(lab: Lab) -> None:
    for n in range(2, 6):
        await enrol(lab.course, f"student{n}")
    answers = await asyncio.gather(*(provision(lab) for _ in range(4)))
    assert sorted(len(planned.machines) for _, planned in answers) == [0, 0, 0, 5]
    assert await Vm.all().count() == 5


async def test_one_verb_on_all_machines(lab: Lab) -> None:
    owners = [lab.student, *[await enrol(lab.course, f"student{n}") for n in range(2, 5)]]
    stopped, running, busy, broken = [
        await lab.make_vm(owner_id=owner.id, start=n == 1) for n, owner in enumerate(owners)
    ]
    await Vm.filter(id=broken.id).update(status=VmStatus.ERROR)
    held = await power_vm.admit(busy.id, Verb.START, created_by_id=None)
    assert held is not None
    parent, skipped = await class_action.admit(lab.course.id, Verb.START, created_by_id=None)
    assert [(each["vm_id"], each["status"], each["reason"]) for each in skipped] == [
        (running.id, "running", "already"),
        (busy.id, "stopped", "busy"),
        (broken.id, "error", "state"),
    ]
    assert (await work_off(lab, parent)).status is TaskStatus.SUCCEEDED
    assert lab.guest(stopped).running


async def test_of_some_students_only(lab: Lab) -> None:
    other = await enrol(lab.course, "other")
    mine, theirs = await lab.make_vm(), await lab.make_vm(owner_id=other.id)
    parent, skipped = await class_action.admit(
        lab.course.id, Verb.START, created_by_id=None, student_ids=[other.id]
    )
    assert skipped == []
    await work_off(lab, parent)
    assert (lab.guest(mine).running, lab.guest(theirs).running) == (False, True)


async def test_deleting_a_class_leaves_other_machines(lab: Lab) -> None:
    other = await enrol(lab.course, "other")
    await lab.make_vm(start=True)
    await lab.make_vm(owner_id=other.id)
    lab.template.is_public = True
    await lab.template.save()
    alone = await lab.make_vm(course_id=None)
    parent, _ = await class_action.admit(lab.course.id, Verb.DELETE, created_by_id=None)
    assert (await work_off(lab, parent)).status is TaskStatus.SUCCEEDED
    assert [guest.vmid for guest in lab.own_guests()] == [alone.vmid]
    assert (await usage([other.id]))[other.id].vms == 0
    assert (await class_action.admit(lab.course.id, Verb.DELETE, created_by_id=None))[0] is None
    await delete_vm.admit(alone.id, created_by_id=None)
