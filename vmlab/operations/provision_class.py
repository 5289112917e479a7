"""Gives each student of a class a machine: one parent task with a child for each student.

All or nothing is accepted: if one quota lacks, nobody gets anything and the answer names who lacks.
From then on the machines are each other's strangers: one that fails does not take others along.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from tortoise.expressions import Q

from vmlab.config import Settings
from vmlab.errors import Invalid, NotFound, QuotaExceeded
from vmlab.models import Course, CourseRole, Membership, Task, Template, Vm
from vmlab.models.connection import transaction
from vmlab.operations import create_vm, reservation
from vmlab.rules import names
from vmlab.tasks.store import BULK, NewTask, submit

KIND = "course.provision"

_STRANGERS = "Not students of this course: {ids}."


@dataclass(frozen=True, kw_only=True)
class ProvisionClass:
    """What is asked for; sizes that are None are the template's.

    Attributes:
        student_ids: None for all students of the course.
        name_pattern: see `vmlab.rules.names.class_names`.
        memory_mb: MiB.
        disk_gb: GiB.
    """

    course_id: int
    template_id: int
    student_ids: tuple[int, ...] | None = None
    name_pattern: str = names.DEFAULT_PATTERN
    cpu_cores: int | None = None
    memory_mb: int | None = None
    disk_gb: int | None = None
    start: bool = False


@dataclass(frozen=True)
class Plan:
    """What provisioning would do, or does.

    Attributes:
        machines: rows to be, one for each student who gets one.
        skipped: `{user_id, username, vm_id, template_id, version, status}` of those who have one
            already, of this version of the template or of an older one: who is at work on a machine
            is not given a second one because the teacher has put up a new version.
        lacking: `{user_id, username, lacking}` of those whose quota does not allow it.
    """

    course: Course
    template: Template
    machines: list[Vm]
    skipped: list[dict[str, Any]]
    lacking: list[dict[str, Any]]


async def plan(wanted: ProvisionClass, settings: Settings) -> Plan:
    """Work out who gets what; within a transaction, what it found stays true to its end.

    Raises:
        NotFound: there is no such course.
        Invalid: somebody is no student of it, the template will not do, or the pattern.
        Conflict: the template is not ready, or a newer version has replaced it.
    """
    # Two that provision one course at once: the second finds the machines of the first.
    course = await Course.filter(id=wanted.course_id).select_for_update(no_key=True).first()
    if course is None:
        raise NotFound
    template = await create_vm.usable_template(wanted.template_id, course.id)
    students = await _students(course, wanted.student_ids)
    have = await _machines_of(course, template, students)
    lack_one = [(user_id, name) for user_id, name in students.items() if user_id not in have]
    machines = _machines(wanted, course, template, lack_one)
    needs = {vm.owner_id: reservation.needs_of(vm) for vm in machines}
    short = await reservation.shortages(needs, settings.quota)
    return Plan(
        course=course,
        template=template,
        machines=machines,
        skipped=[
            {"user_id": user_id, "username": students[user_id], **machine}
            for user_id, machine in have.items()
        ],
        lacking=[
            {"user_id": user_id, "username": students[user_id], "lacking": lacks}
            for user_id, lacks in short.items()
        ],
    )


async def admit(
    wanted: ProvisionClass, *, settings: Settings, created_by_id: int | None
) -> tuple[Task | None, Plan]:
    """Accept the machines of a whole class, or refuse them all: one transaction.

    Returns:
        The parent task, None if everybody has a machine already; and what was planned.

    Raises:
        NotFound, Invalid, Conflict: as in `plan`.
        QuotaExceeded: `details.students` names who lacks what.
    """
    async with transaction():
        planned = await plan(wanted, settings)
        if planned.lacking:
            raise QuotaExceeded(details={"students": planned.lacking})
        if not planned.machines:
            return None, planned
        await Vm.bulk_create(planned.machines)
        # The database has given them ids that the objects do not know.
        saved = await Vm.filter(uuid__in=[vm.uuid for vm in planned.machines]).order_by("id")
        children = [
            create_vm.task_for(
                vm,
                planned.template,
                settings,
                start=wanted.start,
                created_by_id=created_by_id,
                priority=BULK,
            )
            for vm in saved
        ]
        task = await submit(
            NewTask(
                kind=KIND,
                target_type="course",
                target_id=planned.course.id,
                params={"template_id": planned.template.id},
                priority=BULK,
                course_id=planned.course.id,
                created_by_id=created_by_id,
                children=children,
            )
        )
    return task, planned


async def _students(course: Course, ids: tuple[int, ...] | None) -> dict[int, str]:
    """Usernames of the students who are meant, by id, in the order of their names."""
    rows = Membership.filter(course_id=course.id, role=CourseRole.STUDENT, user__is_active=True)
    found: dict[int, str] = dict(
        await rows.order_by("user__username").values_list("user_id", "user__username")
    )
    if ids is None:
        return found
    strangers = [str(user_id) for user_id in ids if user_id not in found]
    if strangers:
        raise Invalid(details={"students": [_STRANGERS.format(ids=", ".join(strangers))]})
    return {user_id: name for user_id, name in found.items() if user_id in ids}


async def _machines_of(
    course: Course, template: Template, students: Collection[int]
) -> dict[int, dict[str, Any]]:
    """Whose machine of any version of the template is which, by student; the latest of several."""
    one = Q(template_id=template.id)
    if template.series is not None:
        one |= Q(template__series=template.series)
    rows = Vm.filter(one, course_id=course.id, deleted_at__isnull=True)
    found = (
        await rows.filter(owner_id__in=list(students))
        .order_by("id")
        .values("owner_id", "template_id", "status", vm_id="id", version="template__version")
    )
    return {row.pop("owner_id"): row for row in found}


def _machines(
    wanted: ProvisionClass, course: Course, template: Template, students: list[tuple[int, str]]
) -> list[Vm]:
    by_student = names.class_names(
        wanted.name_pattern,
        course=course.code or course.name,
        template=template.name,
        students=students,
    )
    return [
        create_vm.new_machine(
            create_vm.CreateVm(
                name=name,
                template_id=template.id,
                owner_id=user_id,
                cpu_cores=wanted.cpu_cores,
                memory_mb=wanted.memory_mb,
                disk_gb=wanted.disk_gb,
                course_id=course.id,
            ),
            template,
        )
        for user_id, name in by_student.items()
    ]
