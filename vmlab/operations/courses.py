"""Courses and their members: verbs that need nothing of Proxmox, so they end at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tortoise.exceptions import IntegrityError

from vmlab.errors import Conflict
from vmlab.models import Course, CourseRole, Membership, Template, User, Vm
from vmlab.models.connection import transaction


@dataclass(frozen=True, kw_only=True)
class Added:
    """What came of adding people; each list holds what was named, ids or usernames."""

    added: list[Any]
    already: list[Any]
    unknown: list[Any]


async def create_course(values: dict[str, Any], creator_id: int) -> Course:
    """Make a course; whoever makes it teaches it.

    Raises:
        Conflict: another course has this code.
    """
    async with transaction():
        try:
            course = await Course.create(**values)
        except IntegrityError:
            raise _taken(values) from None
        await Membership.create(course=course, user_id=creator_id, role=CourseRole.TEACHER)
    return course


async def change_course(course: Course, values: dict[str, Any]) -> None:
    """Change what is named.

    Raises:
        Conflict: another course has this code.
    """
    if not values:
        return
    try:
        await course.update_from_dict(values).save(update_fields=[*values, "updated_at"])
    except IntegrityError:
        raise _taken(values) from None


def _taken(values: dict[str, Any]) -> Conflict:
    return Conflict("Another course has this code.", details={"code": [values.get("code")]})


async def remove_course(course: Course) -> None:
    """Delete a course in which no machines are left, with its templates' entries.

    Raises:
        Conflict: there are machines in it, or machines elsewhere made from its templates.
    """
    async with transaction():
        await Course.filter(id=course.id).select_for_update()
        left = await Vm.filter(course_id=course.id, deleted_at__isnull=True).count()
        if left:
            raise Conflict("There are machines in this course.", details={"vm_count": left})
        own = await Template.filter(course_id=course.id).values_list("id", flat=True)
        users = Vm.filter(template_id__in=list(own), deleted_at__isnull=True)
        if linked := await users.count():
            raise Conflict("Machines are linked to its templates.", details={"vm_count": linked})
        # Machines that are gone keep their row, but no longer need to say where they were.
        await Vm.filter(course_id=course.id).update(course_id=None)
        await Template.filter(course_id=course.id).delete()
        await course.delete()


async def add_members(course: Course, role: CourseRole, named: Sequence[int | str]) -> Added:
    """Add people to a course, named by id or by username.

    Args:
        named: all of one kind.
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
        await Membership.bulk_create(
            [Membership(course_id=course.id, user_id=found[name], role=role) for name in added],
            ignore_conflicts=True,
        )
    return Added(
        added=added,
        already=[name for name in wanted if name not in added],
        unknown=[name for name in dict.fromkeys(named) if name not in found],
    )


async def remove_teacher(course: Course, user_id: int) -> bool:
    """Take a teacher out of a course; False if they were none.

    Raises:
        Conflict: it is the last one.
    """
    async with transaction():
        # Two that remove each other at the same moment: the second finds itself the last.
        await Course.filter(id=course.id).select_for_update()
        teachers = Membership.filter(course_id=course.id, role=CourseRole.TEACHER)
        if not await teachers.filter(user_id=user_id).exists():
            return False
        if await teachers.count() == 1:
            raise Conflict("A course keeps at least one teacher.")
        await teachers.filter(user_id=user_id).delete()
    return True


async def remove_student(course: Course, user_id: int, *, keep_vms: bool = False) -> bool:
    """Take a student out of a course; False if they were none.

    Args:
        keep_vms: their machines in it do not stand in the way: they are being deleted.

    Raises:
        Conflict: they have machines in it.
    """
    async with transaction():
        rows = Membership.filter(course_id=course.id, user_id=user_id, role=CourseRole.STUDENT)
        if not await rows.exists():
            return False
        machines = Vm.filter(course_id=course.id, owner_id=user_id, deleted_at__isnull=True)
        if not keep_vms and (ids := await machines.values_list("id", flat=True)):
            raise Conflict("The student has machines in this course.", details={"vms": list(ids)})
        await rows.delete()
    return True


async def remove_template(template: Template) -> None:
    """Forget a template; what it is in Proxmox stays there.

    Raises:
        Conflict: machines are linked to it.
    """
    async with transaction():
        await Template.filter(id=template.id).select_for_update()
        linked = await Vm.filter(template_id=template.id, deleted_at__isnull=True).count()
        if linked:
            raise Conflict("Machines are linked to this template.", details={"vm_count": linked})
        await template.delete()
