"""The quota holds exactly, however many ask at once; on both kinds of database."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any

import pytest

from tests.operations.lab import QUICK, enrol, populate
from vmlab import config
from vmlab.errors import QuotaExceeded
from vmlab.models import Course, Quota, Task, Template, User, Vm, VmStatus
from vmlab.operations import change_vm, create_vm, provision_class
from vmlab.operations.reservation import usage
from vmlab.rules.quota import Resources

SETTINGS = config.Settings(tasks=QUICK)


@pytest.fixture
async def school(database: str) -> tuple[User, Course, Template]:
    """A student, a course and its template; nothing of this needs a cluster."""
    _, student, course, template = await populate()
    return student, course, template


async def create(user: User, course: Course, template: Template, **sizes: Any) -> Vm:
    wanted = create_vm.CreateVm(
        name="web", template_id=template.id, owner_id=user.id, course_id=course.id, **sizes
    )
    vm, _ = await create_vm.admit(wanted, settings=SETTINGS, created_by_id=user.id)
    return vm


async def outcomes(attempts: list[Awaitable[Any]]) -> tuple[int, int]:
    """How many were accepted, how many refused for want of quota; anything else is a failure."""
    answers = await asyncio.gather(*attempts, return_exceptions=True)
    refused = [a for a in answers if isinstance(a, QuotaExceeded)]
    others = [a for a in answers if isinstance(a, BaseException) and a not in refused]
    assert others == []
    return len(answers) - len(refused), len(refused)


async def test_creations_at_once(school: tuple[User, Course, Template]) -> None:
    student, course, template = school
    attempts = [create(student, course, template, cpu_cores=2) for _ in range(20)]
    assert await outcomes([*attempts]) == (4, 16)
    assert (await usage([student.id]))[student.id] == Resources(8, 4096, 32, 4)


async def test_growth_at_once(school: tuple[User, Course, Template]) -> None:
    student, course, template = school
    vms = [await create(student, course, template) for _ in range(4)]
    for vm in vms:
        await Vm.filter(id=vm.id).update(status=VmStatus.STOPPED, node="pve1", vmid=700 + vm.id)
    await Quota.filter(user_id=student.id).update(cpu_cores=9)
    # The creations' tasks still hold the machines; growth is refused by them, so let them go.
    await Task.all().delete()

    def grow(vm: Vm) -> Awaitable[Any]:
        wanted = change_vm.ChangeVm(cpu_cores=3)
        return change_vm.admit(vm.id, wanted, settings=SETTINGS, created_by_id=None)

    assert await outcomes([grow(vm) for vm in vms]) == (2, 2)
    assert (await usage([student.id]))[student.id].cpu_cores == 8


async def test_a_class_and_its_students_at_once(school: tuple[User, Course, Template]) -> None:
    student, course, template = school
    students = [student, *[await enrol(course, f"s{n}", vm_limit=1) for n in range(5)]]
    wanted = provision_class.ProvisionClass(course_id=course.id, template_id=template.id)
    attempts: list[Awaitable[Any]] = [
        provision_class.admit(wanted, settings=SETTINGS, created_by_id=None),
        *(create(each, course, template) for each in students for _ in range(3)),
        provision_class.admit(wanted, settings=SETTINGS, created_by_id=None),
    ]
    await outcomes(attempts)
    for owner_id, used in (await usage([s.id for s in students])).items():
        quota = await Quota.get(user_id=owner_id)
        assert 1 <= used.vms <= quota.vm_limit


async def test_who_has_no_quota_yet_gets_the_usual_one(
    school: tuple[User, Course, Template],
) -> None:
    student, course, template = school
    await Quota.all().delete()
    attempts = [create(student, course, template) for _ in range(8)]
    assert await outcomes([*attempts]) == (SETTINGS.quota.vm_limit, 3)


async def test_the_owner_s_quota_counts_whoever_asks(
    school: tuple[User, Course, Template],
) -> None:
    student, course, template = school
    teacher = await User.get(username="teacher")
    wanted = create_vm.CreateVm(
        name="web", template_id=template.id, owner_id=student.id, course_id=course.id
    )
    await create_vm.admit(wanted, settings=SETTINGS, created_by_id=teacher.id)
    used = await usage([student.id, teacher.id])
    assert (used[student.id].vms, used[teacher.id].vms) == (1, 0)


async def test_what_lacks_is_named(school: tuple[User, Course, Template]) -> None:
    student, course, template = school
    with pytest.raises(QuotaExceeded) as caught:
        await create(student, course, template, cpu_cores=9, memory_mb=99_999)
    details = caught.value.details
    assert details["resource"] == "cpu_cores"
    assert [row["resource"] for row in details["lacking"]] == ["cpu_cores", "memory_mb"]
    assert await Vm.all().count() == 0
