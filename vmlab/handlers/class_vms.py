"""`courses/{id}/vms/`: machines for a whole class, and verbs on all of them."""

from __future__ import annotations

import asyncio
from typing import Any

from vmlab.errors import (
    Conflict,
    ProxmoxFailed,
    ProxmoxUnavailable,
    QuotaExceeded,
    WrongState,
)
from vmlab.handlers.endpoint import API, Call, Endpoints, Options, Reply
from vmlab.handlers.language import language_of, sentences
from vmlab.handlers.objects import CourseObject
from vmlab.handlers.schemas.classes import (
    ClassActionAnswer,
    ClassActionBody,
    ForecastAnswer,
    ProvisionAnswer,
    ProvisionBody,
)
from vmlab.handlers.schemas.snapshots import ClassSnapshotBody
from vmlab.handlers.task_rows import task_view
from vmlab.models import Course, Task
from vmlab.operations import class_action, forecast_class, provision_class
from vmlab.rules.access import Permission
from vmlab.rules.vm_state import Verb
from vmlab.tasks import announce

LOOK_LIMIT_S = 3.0
"""How long a forecast waits for Proxmox."""

NOTHING_TO_DO: dict[str, Any] = {
    "task": None,
    "fits": True,
    "students": [],
    "reasons": [],
    "nodes": [],
    "storage": None,
    "storages": [],
    "estimate_s": 0.0,
}
"""The forecast for a class in which everybody has a machine."""

class_vms = Endpoints(f"{API}/courses/{{id}}/vms", tag="class")

_ACTION: Options = {
    "on": CourseObject,
    "accepts": ClassActionBody,
    "returns": ClassActionAnswer(),
    "status": 202,
    "also": {200: ClassActionAnswer()},
    "errors": (WrongState,),
}

_SNAPSHOT: Options = {**_ACTION, "accepts": ClassSnapshotBody}


@class_vms.post(
    "/",
    on=CourseObject,
    needs=Permission.VM_PROVISION,
    accepts=ProvisionBody,
    returns=ProvisionAnswer(),
    status=202,
    also={200: ForecastAnswer()},
    errors=(QuotaExceeded, Conflict, ProxmoxFailed, ProxmoxUnavailable),
)
async def provision(call: Call, course: Course) -> Reply:
    """Give each student a machine: one parent task with a child for each.

    Who has one of this template in this course is skipped, also with one of an older version, which
    `skipped` names: they get one of the new version once that machine is deleted. All quotas are
    checked before anything starts; `details.students` names who lacks what. With `dry_run` the
    answer, 200, says what would come of it and nothing happens; so it does if everybody has a
    machine already.
    """
    body = dict(call.body)
    dry_run = body.pop("dry_run")
    wanted = provision_class.ProvisionClass(
        course_id=course.id, student_ids=body.pop("students"), **body
    )
    if dry_run:
        return Reply(data=await _forecast(call, wanted), status=200)
    task, planned = await provision_class.admit(
        wanted, settings=call.parts.settings, created_by_id=call.actor.user_id
    )
    if task is None:
        return Reply(data={**NOTHING_TO_DO, "skipped": planned.skipped}, status=200)
    await announce(call.parts.bus, task)
    return Reply(data={"task": await task_view(task.id), "skipped": planned.skipped})


async def _forecast(call: Call, wanted: provision_class.ProvisionClass) -> dict[str, Any]:
    """What would come of it.

    An idempotency key makes this a part of a transaction, so the look at the cluster is kept short.
    """
    try:
        async with asyncio.timeout(LOOK_LIMIT_S):
            view = await call.parts.work.cluster.resources()
    except TimeoutError:
        raise ProxmoxUnavailable from None
    found = await forecast_class.forecast(wanted, settings=call.parts.settings, view=view)
    return {
        "task": None,
        "fits": not found.reasons,
        "students": found.students,
        "skipped": found.planned.skipped,
        "reasons": [_said(call, reason) for reason in found.reasons],
        "nodes": [vars(node) for node in found.nodes],
        "storage": vars(found.storage),
        "storages": [vars(storage) for storage in found.storages],
        "estimate_s": found.estimate_s,
    }


def _said(call: Call, reason: forecast_class.Reason) -> dict[str, Any]:
    language = language_of(call.request)
    message = sentences().say(reason.message, language, reason.details)
    return {"code": reason.code, "message": message, "details": reason.details}


async def _answer(call: Call, task: Task | None, skipped: list[dict[str, Any]]) -> Reply:
    if task is None:
        return Reply(data={"task": None, "skipped": skipped}, status=200)
    await announce(call.parts.bus, task)
    return Reply(data={"task": await task_view(task.id), "skipped": skipped})


@class_vms.post("/start/", needs=Permission.VM_PROVISION, **_ACTION)
async def start_class(call: Call, course: Course) -> Reply:
    """Start the machines of a course, or of some of its students."""
    return await _act(call, course, Verb.START)


@class_vms.post("/stop/", needs=Permission.VM_PROVISION, **_ACTION)
async def stop_class(call: Call, course: Course) -> Reply:
    """Stop the machines of a course."""
    return await _act(call, course, Verb.STOP)


@class_vms.post("/restart/", needs=Permission.VM_PROVISION, **_ACTION)
async def restart_class(call: Call, course: Course) -> Reply:
    """Restart the machines of a course."""
    return await _act(call, course, Verb.RESTART)


@class_vms.post("/reset/", needs=Permission.VM_PROVISION, **_ACTION)
async def reset_class(call: Call, course: Course) -> Reply:
    """Press the reset button of all machines of a course."""
    return await _act(call, course, Verb.RESET)


@class_vms.post("/pause/", needs=Permission.VM_PROVISION, **_ACTION)
async def pause_class(call: Call, course: Course) -> Reply:
    """Pause the machines of a course."""
    return await _act(call, course, Verb.PAUSE)


@class_vms.post("/resume/", needs=Permission.VM_PROVISION, **_ACTION)
async def resume_class(call: Call, course: Course) -> Reply:
    """Let the paused machines of a course go on."""
    return await _act(call, course, Verb.RESUME)


@class_vms.post("/delete/", needs=Permission.VM_PROVISION, **_ACTION)
async def delete_class(call: Call, course: Course) -> Reply:
    """Delete the machines of a course, or of some of its students."""
    return await _act(call, course, Verb.DELETE)


@class_vms.post("/snapshot/", needs=Permission.VM_PROVISION, **_SNAPSHOT)
async def snapshot_class(call: Call, course: Course) -> Reply:
    """Take a snapshot of each machine of a course, all by one name: a baseline to go back to."""
    return await _act(call, course, Verb.SNAPSHOT)


@class_vms.post("/rollback/", needs=Permission.VM_PROVISION, **_SNAPSHOT)
async def rollback_class(call: Call, course: Course) -> Reply:
    """Take the machines of a course back to their snapshots of one name.

    Running machines are stopped. The task of a machine without such a snapshot fails.
    """
    return await _act(call, course, Verb.ROLLBACK)


async def _act(call: Call, course: Course, verb: Verb) -> Reply:
    task, skipped = await class_action.admit(
        course.id,
        verb,
        created_by_id=call.actor.user_id,
        student_ids=call.body["students"],
        snapshot=call.body.get("name", ""),
    )
    return await _answer(call, task, skipped)
