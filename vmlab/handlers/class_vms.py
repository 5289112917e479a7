"""`courses/{id}/vms/`: machines for a whole class, and verbs on all of them."""

from __future__ import annotations

from typing import Any

from vmlab.errors import Conflict, QuotaExceeded, WrongState
from vmlab.handlers.endpoint import API, Call, Endpoints, Options, Reply
from vmlab.handlers.objects import CourseObject
from vmlab.handlers.schemas.courses import (
    ClassActionAnswer,
    ClassActionBody,
    ProvisionAnswer,
    ProvisionBody,
)
from vmlab.handlers.task_rows import task_view
from vmlab.models import Course, Task
from vmlab.operations import class_action, provision_class
from vmlab.rules.access import Permission
from vmlab.rules.vm_state import Verb
from vmlab.tasks import announce

class_vms = Endpoints(f"{API}/courses/{{id}}/vms", tag="class")

_ACTION: Options = {
    "on": CourseObject,
    "accepts": ClassActionBody,
    "returns": ClassActionAnswer(),
    "status": 202,
    "also": {200: ClassActionAnswer()},
    "errors": (WrongState,),
}


@class_vms.post(
    "/",
    on=CourseObject,
    needs=Permission.VM_PROVISION,
    accepts=ProvisionBody,
    returns=ProvisionAnswer(),
    status=202,
    also={200: ProvisionAnswer()},
    errors=(QuotaExceeded, Conflict),
)
async def provision(call: Call, course: Course) -> Reply:
    """Give each student a machine: one parent task with a child for each.

    Who has one of this template in this course is skipped. All quotas are checked before anything
    starts; `details.students` names who lacks what. 200 if everybody has a machine already.
    """
    body = dict(call.body)
    wanted = provision_class.ProvisionClass(
        course_id=course.id, student_ids=body.pop("students"), **body
    )
    task, planned = await provision_class.admit(
        wanted, settings=call.parts.settings, created_by_id=call.actor.user_id
    )
    return await _answer(call, task, planned.skipped)


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


async def _act(call: Call, course: Course, verb: Verb) -> Reply:
    task, skipped = await class_action.admit(
        course.id,
        verb,
        created_by_id=call.actor.user_id,
        student_ids=call.body["students"],
    )
    return await _answer(call, task, skipped)
