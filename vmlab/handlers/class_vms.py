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
from vmlab.models import Course
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


_SUMMARIES = {
    Verb.START: "Start the machines of a course, or of some of its students",
    Verb.STOP: "Stop the machines of a course: each guest is asked, then its plug is pulled",
    Verb.RESTART: "Restart the machines of a course",
    Verb.RESET: "Press the reset button of all machines of a course",
    Verb.PAUSE: "Hold the running machines of a course still, in memory",
    Verb.RESUME: "Let the paused machines of a course go on",
    Verb.DELETE: "Delete the machines of a course, or of some of its students",
    Verb.SNAPSHOT: "Take a snapshot of each machine of a course, all by one name: a baseline",
    Verb.ROLLBACK: "Take the machines of a course back to their snapshots of one name",
}
"""What can be done to a whole class, and what the document says of it."""

_DESCRIPTION = """
    The parent task has a child for each machine. Machines that are busy, in no state for this, or
    already as they should be are left out and named under `skipped`; if none is left the answer is
    200 and `task` is null.
"""
_OF_ROLLBACK = """
    Running machines are stopped. The task of a machine without such a snapshot fails.
"""


def _offer(verb: Verb, summary: str) -> None:
    """Declare the endpoint of one verb, `start_class` and the like."""
    named = verb in (Verb.SNAPSHOT, Verb.ROLLBACK)

    async def act(call: Call, course: Course) -> Reply:
        task, skipped = await class_action.admit(
            course.id,
            verb,
            created_by_id=call.actor.user_id,
            student_ids=call.body["students"],
            snapshot=call.body["name"] if named else "",
        )
        if task is None:
            return Reply(data={"task": None, "skipped": skipped}, status=200)
        await announce(call.parts.bus, task)
        return Reply(data={"task": await task_view(task.id), "skipped": skipped})

    act.__name__ = f"{verb.value}_class"
    more = _OF_ROLLBACK if verb is Verb.ROLLBACK else ""
    act.__doc__ = f"{summary}.\n{_DESCRIPTION}{more}"
    options = _SNAPSHOT if named else _ACTION
    class_vms.post(f"/{verb.value}/", needs=Permission.VM_PROVISION, **options)(act)


for _verb, _summary in _SUMMARIES.items():
    _offer(_verb, _summary)
