"""Courses: verbs that need nothing of Proxmox, so they end at once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tortoise.exceptions import IntegrityError
from tortoise.expressions import Q

from vmlab.config import Settings
from vmlab.errors import Conflict, Invalid, NotFound
from vmlab.models import Course, CourseRole, Membership, Task, Template, Vm
from vmlab.models.connection import transaction
from vmlab.operations import release_pool
from vmlab.tasks.store import submit


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
        NotFound: it is gone.
        Conflict: another course has this code.
        Invalid: it would end before it starts.
    """
    if not values:
        return
    async with transaction():
        # Its two ends may be changed by two people at once.
        row = await Course.filter(id=course.id).select_for_update(no_key=True).first()
        if row is None:
            raise NotFound
        row.update_from_dict(values)
        if row.starts_at and row.ends_at and row.ends_at <= row.starts_at:
            raise Invalid(details={"ends_at": ["Must be later than starts_at."]})
        try:
            await row.save(update_fields=[*values, "updated_at"])
        except IntegrityError:
            raise _taken(values) from None


def _taken(values: dict[str, Any]) -> Conflict:
    return Conflict("Another course has this code.", details={"code": [values.get("code")]})


async def remove_course(
    course: Course, settings: Settings, *, removed_by_id: int | None
) -> Task | None:
    """Delete a course in which no machines are left, with its templates' entries.

    Returns:
        The task that takes away its pool in Proxmox, None if it has none of its own.

    Raises:
        Conflict: there are machines in it, or elsewhere machines made from its templates, or a task
            works on one of these; or there are templates in it that VMLab has made, or copied to
            other nodes, in Proxmox.
    """
    async with transaction():
        await Course.filter(id=course.id).select_for_update()
        left = await Vm.filter(course_id=course.id, deleted_at__isnull=True).count()
        if left:
            raise Conflict("There are machines in this course.", details={"vm_count": left})
        own = [template.id for template in await Template.filter(course_id=course.id)]
        users = Vm.filter(template_id__in=own, deleted_at__isnull=True)
        if linked := await users.count():
            raise Conflict("Machines are linked to its templates.", details={"vm_count": linked})
        await _refuse_busy(own)
        ours = Q(uuid__isnull=False, vmid__isnull=False) | Q(replicas__id__isnull=False)
        rows = Template.filter(ours, course_id=course.id).order_by("id").distinct()
        if made_here := await rows.values_list("id", flat=True):
            text = "VMLab has made templates in this course: delete them first."
            raise Conflict(text, details={"template_ids": made_here})
        # Machines that are gone keep their row, but no longer need to say where they were.
        await Vm.filter(course_id=course.id).update(course_id=None)
        await Template.filter(course_id=course.id).delete()
        await course.delete()
        pool = release_pool.task_for(course.id, settings.guests, created_by_id=removed_by_id)
        return None if pool is None else await submit(pool)


async def _refuse_busy(template_ids: Iterable[int]) -> None:
    locks = [f"template:{template_id}" for template_id in template_ids]
    if task := await Task.filter(lock__in=locks).order_by("id").first():
        raise Conflict("A task is under way on the template.", details={"task_id": task.id})
