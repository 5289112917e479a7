"""Who is in a course: people are added, and taken out with or without their machines."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from vmlab.errors import Conflict, Invalid, NotFound, WrongState
from vmlab.models import Course, CourseRole, Membership, Task, User, Vm, VmStatus
from vmlab.models.connection import transaction
from vmlab.operations import class_action
from vmlab.operations.admission import task_under_way
from vmlab.rules.access import ADMIN, TEACHER
from vmlab.rules.vm_state import Verb

_NO_TEACHERS = "These users are not teachers: {names}."


@dataclass(frozen=True, kw_only=True)
class Added:
    """What came of adding people; each list holds what was named, ids or usernames."""

    added: list[Any]
    already: list[Any]
    unknown: list[Any]


async def add_members(
    course: Course, role: CourseRole, named: Sequence[int | str], *, field: str
) -> Added:
    """Add people to a course, named by id or by username.

    Args:
        named: all of one kind.
        field: where they were named, for the one who reads of an error.

    Raises:
        Invalid: somebody is to teach it without the role that lets them; nobody is added then.
    """
    column = "id" if isinstance(named[0], int) else "username"
    async with transaction():
        found = dict(
            await User.filter(**{f"{column}__in": list(named)}, is_active=True).values_list(
                column, "id"
            )
        )
        present = set(
            await Membership.filter(course_id=course.id, role=role).values_list(
                "user_id", flat=True
            )
        )
        wanted = [name for name in dict.fromkeys(named) if name in found]
        added = [name for name in wanted if found[name] not in present]
        if role is CourseRole.TEACHER:
            await _require_teachers([found[name] for name in added], field)
        await Membership.bulk_create(
            [Membership(course_id=course.id, user_id=found[name], role=role) for name in added],
            ignore_conflicts=True,
        )
    return Added(
        added=added,
        already=[name for name in wanted if name not in added],
        unknown=[name for name in dict.fromkeys(named) if name not in found],
    )


async def _require_teachers(user_ids: Sequence[int], field: str) -> None:
    teachers = User.filter(id__in=list(user_ids), roles__name__in=[TEACHER, ADMIN])
    able = {row["id"] for row in await teachers.values("id")}
    unable = User.filter(id__in=[user_id for user_id in user_ids if user_id not in able])
    if rows := await unable.order_by("username").values("username"):
        names = ", ".join(row["username"] for row in rows)
        raise Invalid(details={field: [_NO_TEACHERS.format(names=names)]})


async def remove_teacher(course: Course, user_id: int) -> None:
    """Take a teacher out of a course.

    Raises:
        NotFound: they are no teacher of it.
        Conflict: it is the last one.
    """
    async with transaction():
        # Two that remove each other at the same moment: the second finds itself the last.
        await Course.filter(id=course.id).select_for_update(no_key=True)
        teachers = Membership.filter(course_id=course.id, role=CourseRole.TEACHER)
        if not await teachers.filter(user_id=user_id).exists():
            raise NotFound
        if await teachers.count() == 1:
            raise Conflict("A course keeps at least one teacher.")
        await teachers.filter(user_id=user_id).delete()


async def remove_student(
    course: Course, user_id: int, *, delete_vms: bool, removed_by_id: int
) -> Task | None:
    """Take a student out of a course: one transaction.

    Raises:
        NotFound: they are no student of it.
        Conflict, WrongState: as in `drop_students`.
    """
    async with transaction():
        task, dropped = await drop_students(
            course, [user_id], delete_vms=delete_vms, dropped_by_id=removed_by_id
        )
        if not dropped:
            raise NotFound
    return task


async def drop_students(
    course: Course, user_ids: Collection[int], *, delete_vms: bool, dropped_by_id: int
) -> tuple[Task | None, int]:
    """Take students out of a course, all or none; to be called in the caller's transaction.

    Args:
        delete_vms: have their machines in it deleted as well.
        dropped_by_id: the user who asks for it.

    Returns:
        The task that deletes their machines, None if there is nothing to delete; and how many
        students there were.

    Raises:
        Conflict: some have machines in it, which are to stay.
        WrongState: one of the machines cannot be deleted now; then none is.
    """
    task = None
    # Nobody is given a machine meanwhile: who provisions a class holds the course's row, and who
    # makes one machine the owner's place in the course.
    await Course.filter(id=course.id).select_for_update(no_key=True)
    rows = Membership.filter(
        course_id=course.id, user_id__in=list(user_ids), role=CourseRole.STUDENT
    )
    found = await rows.order_by("user_id").select_for_update()
    if found and delete_vms:
        task, left_out = await class_action.admit(
            course.id,
            Verb.DELETE,
            created_by_id=dropped_by_id,
            student_ids=[row.user_id for row in found],
        )
        await _refuse_left_out(left_out)
    else:
        await _refuse_owners(course, [row.user_id for row in found])
    await Membership.filter(id__in=[row.id for row in found]).delete()
    return task, len(found)


async def machines_by_owner(
    course_id: int, owner_ids: Collection[int]
) -> dict[int, list[dict[str, Any]]]:
    """`{id, name}` of the machines that people have in a course, by owner."""
    found: dict[int, list[dict[str, Any]]] = {}
    machines = Vm.filter(course_id=course_id, owner_id__in=list(owner_ids), deleted_at__isnull=True)
    for row in await machines.order_by("id").values("id", "name", "owner_id"):
        found.setdefault(row.pop("owner_id"), []).append(row)
    return found


async def _refuse_left_out(machines: list[dict[str, Any]]) -> None:
    """Machines that are on their way out already are in nobody's way."""
    staying = [vm for vm in machines if vm["status"] != VmStatus.DELETING]
    if staying:
        task_id = await task_under_way(staying[0]["vm_id"])
        details = {"status": staying[0]["status"], "task_id": task_id, "skipped": staying}
        raise WrongState(details=details)


async def _refuse_owners(course: Course, user_ids: Collection[int]) -> None:
    machines = await machines_by_owner(course.id, user_ids)
    if not machines:
        return
    owners = await User.filter(id__in=list(machines)).order_by("username")
    students = [
        {"user_id": owner.id, "username": owner.username, "vms": machines[owner.id]}
        for owner in owners
    ]
    ids = sorted(vm["id"] for vms in machines.values() for vm in vms)
    raise Conflict(
        "Students have machines in this course.", details={"vms": ids, "students": students}
    )
