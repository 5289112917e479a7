"""`courses/{id}/templates/` and `templates/`: what machines are made from."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from tortoise.expressions import Q
from tortoise.functions import Count
from tortoise.queryset import QuerySet

from vmlab.errors import Conflict, NotFound, WrongState
from vmlab.handlers.endpoint import API, Call, Endpoints, Reply, Stream
from vmlab.handlers.file_uploads import REFUSALS
from vmlab.handlers.language import spoken
from vmlab.handlers.new_templates import admit, receive_template
from vmlab.handlers.objects import CourseObject, TemplateObject
from vmlab.handlers.paging import Page, page_of
from vmlab.handlers.replicas import check_links
from vmlab.handlers.schemas.courses import (
    NewTemplateBody,
    NewTemplateForm,
    TemplateAnswer,
    TemplateFields,
    TemplateListQuery,
    TemplateSchema,
)
from vmlab.handlers.schemas.tasks import TaskAnswer
from vmlab.handlers.task_rows import task_answer
from vmlab.models import Course, Template, TemplateStatus, Vm
from vmlab.operations import delete_template as deletion
from vmlab.operations import register_template, versions
from vmlab.rules.access import Actor, Permission
from vmlab.tasks import LockTaken, announce

templates = Endpoints(API, tag="templates")

TEMPLATE_COLUMNS = (
    "id",
    "name",
    "description",
    "status",
    "os_type",
    "is_public",
    "default_cpu_cores",
    "default_memory_mb",
    "default_disk_gb",
    "ssh_username",
    "ssh_certificates",
    "node",
    "vmid",
    "size_bytes",
    "format",
    "sha256",
    "validation",
    "series",
    "version",
    "created_at",
    "updated_at",
    "course_id",
    "course__name",
    "owner_id",
    "owner__username",
)


async def complete(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Turn rows of TEMPLATE_COLUMNS into templates, in place."""
    linked = Vm.filter(template_id__in=[row["id"] for row in rows], deleted_at__isnull=True)
    counted = linked.annotate(count=Count("id")).group_by("template_id")
    counts = {r["template_id"]: r["count"] for r in await counted.values("template_id", "count")}
    series = await versions.all_of(row["series"] for row in rows)
    for row in rows:
        row |= _place(row, series.get(row.pop("series"), []))
        row["course"] = {"id": row.pop("course_id"), "name": row.pop("course__name")}
        row["owner"] = {"id": row.pop("owner_id"), "username": row.pop("owner__username")}
        row["vm_count"] = counts.get(row["id"], 0)
        row["validation"] = _validation(row["validation"])
    return rows


def _place(row: dict[str, Any], known: list[versions.Version]) -> dict[str, Any]:
    """Where a template stands among its versions, of which the newest comes first."""
    newest = versions.current(known)
    replaced = newest is not None and newest.version > row["version"]
    return {
        "replaces": next((each.id for each in known if each.version < row["version"]), None),
        "replaced_by": newest.id if newest is not None and replaced else None,
        "is_current": row["status"] is TemplateStatus.READY and not replaced,
    }


def _validation(found: dict[str, Any] | None) -> dict[str, Any] | None:
    """What the last look found, as the API shows it, in the reader's language."""
    if found is None:
        return None
    shown = {name: found[name] for name in ("valid", "format", "virtual_size_bytes", "issues")}
    shown["issues"] = spoken(shown["issues"])
    return {**shown, "checked_at": datetime.fromisoformat(found["checked_at"])}


async def template_view(template_id: int) -> dict[str, Any]:
    """One template."""
    return (await complete(await Template.filter(id=template_id).values(*TEMPLATE_COLUMNS)))[0]


@templates.get(
    "/courses/{id}/templates/",
    on=CourseObject,
    needs=Permission.COURSE_READ,
    query=TemplateListQuery,
    lists=TemplateSchema(),
)
async def list_templates(call: Call, course: Course) -> Page:
    """List the templates of a course, and public ones of others.

    Machines are made from those with `is_current`: ready, and replaced by no newer version.
    """
    actor, query = call.actor, call.query
    replaced: list[int] = []
    if "current" in query:
        seen = _listed(actor, course.id, (), {**query, "current": None})
        replaced = await versions.replaced_ids(await seen.values_list("id", "series", "version"))
    about = (actor, course.id, tuple(replaced))
    page = await page_of(_listed, *about, query=query, columns=TEMPLATE_COLUMNS)
    await complete(page.results)
    return page


def _listed(
    actor: Actor, course_id: int, replaced: Collection[int], query: Mapping[str, Any]
) -> QuerySet[Template]:
    rows = Template.filter(Q(course_id=course_id) | Q(is_public=True))
    rows = rows.filter(TemplateObject.visible(actor))
    if "status" in query:
        rows = rows.filter(status=query["status"])
    if text := query.get("search"):
        rows = rows.filter(name__icontains=text)
    if (wanted := query.get("current")) is not None:
        is_current = Q(status=TemplateStatus.READY) & Q(id__not_in=list(replaced))
        rows = rows.filter(is_current if wanted else ~is_current)
    return rows


@templates.post(
    "/courses/{id}/templates/",
    on=CourseObject,
    needs=Permission.COURSE_CHANGE,
    makes=TemplateObject,
    streams=Stream(
        content_type="application/json",
        receive=receive_template,
        schema=NewTemplateBody,
        form=NewTemplateForm,
    ),
    returns=TemplateAnswer(),
    status=202,
    errors=(NotFound, WrongState, *REFUSALS),
)
async def add_template(call: Call, course: Course) -> dict[str, Any]:
    """Add a template to a course: of an uploaded image, a machine, or one that is in Proxmox.

    A form with the image in it is taken as well. The task finds out whether it will do; a template
    that VMLab makes is tried out by a machine that is started and destroyed again. Of a machine
    (`vm_id`), which has to be stopped, all disks are copied; it stays as it is.

    With `replaces` it is a new version of another template of the course: once it is ready, new
    machines are made from it and no longer from that one, whose machines stay as they are.
    """
    template, task = await admit(call, course)
    await announce(call.parts.bus, task)
    return {**await template_view(template.id), **await task_answer(task.id)}


@templates.get(
    "/templates/{id}/",
    on=TemplateObject,
    needs=Permission.TEMPLATE_READ,
    returns=TemplateSchema(),
)
async def get_template(call: Call, template: Template) -> dict[str, Any]:
    """One template."""
    return await template_view(template.id)


@templates.put(
    "/templates/{id}/",
    on=TemplateObject,
    needs=Permission.TEMPLATE_CHANGE,
    accepts=TemplateFields,
    returns=TemplateSchema(),
)
async def put_template(call: Call, template: Template) -> dict[str, Any]:
    """Replace what is said about a template; the machines made from it stay as they are.

    The default disk is never smaller than the template's own.
    """
    values = dict(call.body)
    values["default_disk_gb"] = max(values["default_disk_gb"], template.disk_gb)
    await template.update_from_dict(values).save(update_fields=[*values, "updated_at"])
    return await template_view(template.id)


@templates.delete(
    "/templates/{id}/",
    on=TemplateObject,
    needs=Permission.TEMPLATE_CHANGE,
    also={202: TemplateAnswer()},
    errors=(Conflict,),
)
async def delete_template(call: Call, template: Template) -> Reply:
    """Delete a template that nothing is linked to; an administrator's stays in Proxmox.

    One that VMLab has made is destroyed there, and so are replicas: then the answer is 202 with the
    task, and the template is `deleting` until it is gone. `details.guests` of a refusal names the
    guests of Proxmox that are linked to it, as far as VMLab may see them.
    """
    if template.made_here and not await Vm.exists(template_id=template.id, deleted_at__isnull=True):
        await check_links(call, template)
    task = await deletion.admit(template.id, created_by_id=call.actor.user_id)
    if task is None:
        return Reply(data=None)
    await announce(call.parts.bus, task)
    view = await template_view(template.id)
    return Reply(data={**view, **await task_answer(task.id)}, status=202)


@templates.post(
    "/templates/{id}/validate/",
    on=TemplateObject,
    needs=Permission.TEMPLATE_CHANGE,
    returns=TaskAnswer(),
    status=202,
    errors=(Conflict, WrongState),
)
async def validate_template(call: Call, template: Template) -> dict[str, Any]:
    """Look at the template in Proxmox once more; `validation` then says what was found."""
    try:
        task = await register_template.admit_validation(template, created_by_id=call.actor.user_id)
    except LockTaken as taken:
        details = {"status": template.status.value, "task_id": taken.task_id}
        raise WrongState(details=details) from None
    await announce(call.parts.bus, task)
    return await task_answer(task.id)
