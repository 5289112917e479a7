"""Accepts the making of a template from an uploaded image.

What is done then stands in `vmlab.operations.import_template_steps`.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from vmlab.config import Settings
from vmlab.errors import Conflict, Invalid, NotFound
from vmlab.models import File, FileStatus, Task, Template
from vmlab.models.connection import transaction
from vmlab.operations import new_template
from vmlab.operations.new_template import NewTemplate
from vmlab.operations.own_template import lanes_in_line
from vmlab.rules.images import Purpose
from vmlab.tasks.store import NewTask, submit

KIND = "template.import"


@dataclass(frozen=True, kw_only=True)
class ImportTemplate(NewTemplate):
    """A template from an uploaded image."""

    source_file_id: int


async def admit(
    wanted: ImportTemplate, *, settings: Settings, created_by_id: int | None
) -> tuple[Template, Task]:
    """Accept a template from an image: one transaction.

    Raises:
        Conflict: the settings name no storage for images, or the file is still being uploaded.
        NotFound: there is no such file.
        Invalid: it is not there for templates.
        Invalid, Conflict: what it is to replace cannot be, see `versions.place_after`.
    """
    require_storage(settings)
    async with transaction():
        await _usable_file(wanted.source_file_id)
        template = await new_template.create(wanted, uuid=uuid.uuid4())
        task = await submit(_task_for(template, settings, created_by_id))
    return template, task


def require_storage(settings: Settings) -> None:
    """See that templates are made from images at all.

    Raises:
        Conflict: the settings name no storage for them.
    """
    if not settings.templates.import_storage:
        raise Conflict("This service makes no templates from images: no storage is set for them.")


async def _usable_file(file_id: int) -> None:
    """See that a file may be imported; it is not deleted meanwhile.

    Raises:
        NotFound, Invalid, Conflict: as for `admit`.
    """
    file = await File.filter(id=file_id).select_for_update(no_key=True).first()
    if file is None:
        raise NotFound(details={"file_id": ["There is no such file."]})
    if file.purpose is not Purpose.TEMPLATE:
        raise Invalid(details={"source": {"file_id": ["It was not uploaded for a template."]}})
    if file.status is not FileStatus.READY:
        raise Conflict("The file is still being uploaded.")


def _task_for(template: Template, settings: Settings, created_by_id: int | None) -> NewTask:
    return NewTask(
        kind=KIND,
        target_type="template",
        target_id=template.id,
        lanes=lanes_in_line({}, settings),
        course_id=template.course_id,
        created_by_id=created_by_id,
    )


async def readmit(task: Task) -> None:
    """Whether a failed or cancelled import can be taken up again.

    Raises:
        NotFound: the template has been deleted.
        Conflict: its file has been deleted.
    """
    template = await Template.get_or_none(id=task.target_id)
    if template is None:
        raise NotFound
    if template.source_file_id is None:
        raise Conflict("The file that it was to be made from has been deleted.")
    await _usable_file(template.source_file_id)
