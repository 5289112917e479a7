"""Accepts the making of a machine: a clone of a template, with its own size, for one owner.

What is done then stands in `vmlab.operations.create_vm_steps`.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime

from vmlab.config import Settings
from vmlab.errors import Conflict, Invalid
from vmlab.models import Course, CourseRole, Membership, Task, Template, TemplateStatus, Vm
from vmlab.models.connection import transaction
from vmlab.operations import reservation, versions
from vmlab.operations.sources import Source
from vmlab.rules import names
from vmlab.tasks import lanes
from vmlab.tasks.store import INTERACTIVE, NewTask, submit

KIND = "vm.create"


@dataclass(frozen=True, kw_only=True)
class CreateVm:
    """What is asked for; sizes that are None are the template's.

    Attributes:
        name: a host name.
        owner_id: on whose quota it counts, whoever asks.
        memory_mb: MiB.
        disk_gb: GiB of the boot disk; at least the template's, however little is asked for.
        course_id: None for a machine outside any course.
        start: whether it is to run in the end.
    """

    name: str
    template_id: int
    owner_id: int
    cpu_cores: int | None = None
    memory_mb: int | None = None
    disk_gb: int | None = None
    course_id: int | None = None
    description: str = ""
    start: bool = False


async def admit(
    wanted: CreateVm,
    *,
    settings: Settings,
    created_by_id: int | None,
    enrolled_only: bool = True,
) -> tuple[Vm, Task]:
    """Accept the creation of a machine, or refuse it: one transaction.

    Args:
        enrolled_only: the owner has to be in the course (or, outside courses, in the template's,
            unless that is public); an admin may go without.

    Raises:
        Invalid: the name is no host name, the template is unknown or not for this course, or the
            owner is not enrolled.
        Conflict: the template is not ready, or a newer version has replaced it; or the course is
            closed, and no teacher of it asks.
        QuotaExceeded: the owner's quota does not allow it.
    """
    if not names.is_hostname(wanted.name):
        raise Invalid(details={"name": ["Must be a host name: letters, digits and hyphens."]})
    async with transaction():
        template = await usable_template(wanted.template_id, wanted.course_id)
        if enrolled_only:
            await _check_course(wanted, template, created_by_id)
        vm = new_machine(wanted, template)
        needs = reservation.needs_of(vm)
        await reservation.require(vm.owner_id, needs, settings.quota)
        await vm.save(force_create=True)
        task = await submit(
            task_for(vm, template, settings, start=wanted.start, created_by_id=created_by_id)
        )
    return vm, task


async def usable_template(template_id: int, course_id: int | None) -> Template:
    """Load a template that machines of a course may be cloned from.

    Raises:
        Invalid: there is none, or it belongs to another course and is not public.
        Conflict: it is not ready, or a newer version has replaced it.
    """
    template = await Template.get_or_none(id=template_id)
    if template is None:
        raise Invalid(details={"template_id": ["There is no such template."]})
    if course_id not in (None, template.course_id) and not template.is_public:
        raise Invalid(details={"template_id": ["This template belongs to another course."]})
    if template.status is not TemplateStatus.READY:
        raise Conflict(
            "The template is not ready.", details={"template_status": template.status.value}
        )
    await versions.refuse_replaced(template)
    return template


async def _check_course(wanted: CreateVm, template: Template, created_by_id: int | None) -> None:
    """See that the owner is in the course, and that the course is open or a teacher of it asks."""
    if wanted.course_id is None and template.is_public:
        return
    where = template.course_id if wanted.course_id is None else wanted.course_id
    places = Membership.filter(course_id=where, user_id__in=[wanted.owner_id, created_by_id or 0])
    # Whoever takes students out of a course locks these too, see `members.drop_students`.
    found = await places.order_by("user_id", "id").select_for_update(no_key=True)
    if not any(place.user_id == wanted.owner_id for place in found):
        raise Invalid(details={"course_id": ["The owner is not enrolled in this course."]})
    asks_as_teacher = any(
        place.user_id == created_by_id and place.role is CourseRole.TEACHER for place in found
    )
    course = await Course.get(id=where)
    if not asks_as_teacher and not course.is_open(datetime.now(UTC)):
        raise Conflict("This course is closed.", details={"course_id": where})


def new_machine(wanted: CreateVm, template: Template) -> Vm:
    """The row of a machine to be, not saved yet."""
    return Vm(
        uuid=uuid.uuid4(),
        name=wanted.name,
        description=wanted.description,
        owner_id=wanted.owner_id,
        course_id=wanted.course_id,
        template_id=template.id,
        cpu_cores=wanted.cpu_cores or template.default_cpu_cores,
        memory_mb=wanted.memory_mb or template.default_memory_mb,
        disk_gb=max(wanted.disk_gb or template.default_disk_gb, template.disk_gb),
    )


def task_for(
    vm: Vm,
    template: Template,
    settings: Settings,
    *,
    start: bool,
    created_by_id: int | None,
    priority: int = INTERACTIVE,
) -> NewTask:
    """The task that makes a machine whose row is saved."""
    return NewTask(
        kind=KIND,
        target_type="vm",
        target_id=vm.id,
        params={"start": start},
        lanes=lanes_in_line(template, settings),
        priority=priority,
        course_id=vm.course_id,
        created_by_id=created_by_id,
    )


def lanes_of_clone(template: Template, source: Source, settings: Settings) -> list[str]:
    """A place among the clones on the storage, and on the source's node, which does the work."""
    own = None if template.shared_storage else source.node
    return [_clones(template, settings, on_node=own), lanes.node(source.node)]


def lanes_in_line(template: Template, settings: Settings) -> list[str]:
    """A place among those who are made ready to be cloned next; on which node is not known yet."""
    return [lanes.line_before(_clones(template, settings))]


def _clones(template: Template, settings: Settings, *, on_node: str | None = None) -> str:
    storage, other = template.storage or "", settings.guests.full_clone_storage
    if not settings.guests.full_clone:
        return lanes.linked_clones(storage, on_node=on_node)
    return lanes.full_clones(other) if other else lanes.full_clones(storage, on_node=on_node)
