"""`courses/{id}/templates/` POST: where a new template comes from, and who may make it of that.

{"source": {"file_id"}}  an uploaded image         ─┐
a form with `file`       the image comes along     ─┴─> import_template
{"source": {"vm_id"}}    a machine that is stopped ───> template_from_vm
{"source": {"vmid"}}     an administrator's         ───> register_template
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from vmlab.errors import Forbidden
from vmlab.handlers.endpoint import Call
from vmlab.handlers.file_uploads import ReceivedFile, receive_file
from vmlab.handlers.objects import FileObject, VmObject
from vmlab.handlers.reading import in_time, json_of
from vmlab.handlers.schemas.courses import NewTemplateBody, NewTemplateForm
from vmlab.handlers.uploads import MULTIPART
from vmlab.models import Course, Task, Template
from vmlab.operations import import_template, register_template, template_from_vm
from vmlab.operations.import_template import ImportTemplate
from vmlab.operations.new_template import NewTemplate
from vmlab.operations.register_template import RegisterTemplate
from vmlab.rules.access import Permission, scopes
from vmlab.rules.images import Purpose

_OF_THE_FILE = ("file", "sha256")


@dataclass(frozen=True, kw_only=True)
class WantedTemplate:
    """What was sent: what is said of the template, and where it comes from."""

    said: dict[str, Any]
    source: dict[str, int]
    received: ReceivedFile | None = None
    """The image itself, if it came along."""

    @property
    def fingerprint(self) -> bytes:
        """Of all that was sent."""
        if self.received is not None:
            return self.received.fingerprint
        return repr((sorted(self.said.items()), sorted(self.source.items()))).encode()


@contextlib.asynccontextmanager
async def receive_template(call: Call, course: Course) -> AsyncIterator[WantedTemplate]:
    """Take JSON, or a form with the image in it."""
    if call.request.content_type != MULTIPART:
        reading = json_of(call.request, NewTemplateBody, required=True)
        said = await in_time(reading, call.parts.settings.server.body_timeout_s)
        yield WantedTemplate(source=said.pop("source"), said=said)
        return
    if not scopes(call.actor, Permission.FILE_CREATE):
        raise Forbidden
    # Before the bytes come: nothing could be made of them.
    import_template.require_storage(call.parts.settings)
    async with receive_file(call, NewTemplateForm, purpose=Purpose.TEMPLATE) as received:
        said = {key: v for key, v in received.fields.items() if key not in _OF_THE_FILE}
        yield WantedTemplate(source={}, said=said, received=received)


async def admit(call: Call, course: Course) -> tuple[Template, Task]:
    """Accept the template that was sent.

    Raises:
        NotFound: the caller may not see the file or the machine.
        Forbidden: they see the machine, but may not operate it.
        Invalid, Conflict, WrongState: as the operations refuse.
    """
    wanted: WantedTemplate = call.body
    settings, user_id = call.parts.settings, call.actor.user_id
    said = {**wanted.said, "course_id": course.id, "owner_id": user_id}
    if vmid := wanted.source.get("vmid"):
        asked = RegisterTemplate(**said, vmid=vmid)
        return await register_template.admit(asked, created_by_id=user_id)
    if vm_id := wanted.source.get("vm_id"):
        vm = await VmObject.load(call.actor, Permission.VM_OPERATE, vm_id)
        return await template_from_vm.admit(
            NewTemplate(**said), vm.id, settings=settings, created_by_id=user_id
        )
    file_id = await _file_id(call, wanted)
    return await import_template.admit(
        ImportTemplate(**said, source_file_id=file_id), settings=settings, created_by_id=user_id
    )


async def _file_id(call: Call, wanted: WantedTemplate) -> int:
    """The image's file, which is kept if it came along."""
    if wanted.received is None:
        file_id = wanted.source["file_id"]
        return (await FileObject.load(call.actor, Permission.FILE_READ, file_id)).id
    await call.parts.uploads.keep(wanted.received.file, wanted.received.size_bytes)
    return wanted.received.file.id
