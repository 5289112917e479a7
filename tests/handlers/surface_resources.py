"""Who reaches the endpoints on courses, templates, machines and tasks; see `surface`.

Whatever succeeds may change what it is done to, so most makers make something new each time.
"""

from __future__ import annotations

import itertools
import uuid
from datetime import UTC, datetime
from typing import Any

from tests.handlers.people import Person
from tests.handlers.rows import make_template, make_vm
from tests.handlers.surface import Maker, Parameters, Public, Reach, admin_only, everybody
from tests.handlers.world import World
from vmlab.models import Course, Replica, Task, TaskStatus, VmStatus
from vmlab.operations.join_codes import make_code

_NUMBERS = itertools.count(20_000)
_SIZES: dict[str, Any] = {"cpu_cores": 1, "memory_mb": 512, "disk_gb": 8}


def read(status: int = 200, **how: Any) -> Reach:
    """On something in the student's course, or of theirs: the course's teacher may too."""
    return Reach(
        student=status, other_student=404, teacher=status, other_teacher=404, admin=status, **how
    )


def taught(status: int, **how: Any) -> Reach:
    """On a course or what belongs to it: students see it, and only teachers may do this."""
    return Reach(
        student=403, other_student=404, teacher=status, other_teacher=404, admin=status, **how
    )


async def course(world: World, owner: Person) -> Parameters:
    """The student's course."""
    return {"id": world.course_of(owner).id}


async def new_course(world: World, owner: Person) -> Course:
    """Another course of the same people, with the admin as its second teacher."""
    teacher = world.teacher if owner.id == world.student.id else world.other_teacher
    return await world.people.course("New", [teacher, world.admin], [owner])


async def empty_course(world: World, owner: Person) -> Parameters:
    """A course that may be ended."""
    return {"id": (await new_course(world, owner)).id}


async def enrolled(world: World, owner: Person) -> Parameters:
    """A course and the student in it."""
    return {"id": (await new_course(world, owner)).id, "user_id": owner.id}


async def taught_by_two(world: World, owner: Person) -> Parameters:
    """A course and one of its two teachers."""
    return {"id": (await new_course(world, owner)).id, "user_id": world.admin.id}


async def with_join_code(world: World, owner: Person) -> Parameters:
    """A course and a code for it."""
    security = world.people.parts.settings.security
    course = world.course_of(owner)
    _, code = await make_code(course, security, created_by_id=world.admin.id)
    return {"id": course.id, "code": code}


async def new_template(world: World, owner: Person) -> Parameters:
    """A template of the student's course."""
    template = await make_template(world.course_of(owner), world.teacher)
    return {"id": template.id}


async def replicated(world: World, owner: Person) -> Parameters:
    """Such a template with a replica, and its node."""
    on = await new_template(world, owner)
    await Replica.create(uuid=uuid.uuid4(), template_id=on["id"], node="pve2", status="error")
    return {**on, "node": "pve2"}


def machine(status: VmStatus) -> Maker:
    """A machine of the student's, in their course and in some state; it is not in Proxmox."""

    async def make(world: World, owner: Person) -> Parameters:
        vm = await make_vm(owner, world.course_of(owner), status=status, **_SIZES)
        return {"id": vm.id}

    return make


async def unmade(world: World, owner: Person) -> Parameters:
    """A machine that never came to be in Proxmox."""
    vm = await make_vm(
        owner, world.course_of(owner), status=VmStatus.ERROR, vmid=None, reserved=False, **_SIZES
    )
    return {"id": vm.id}


async def snapshotted(world: World, owner: Person) -> Parameters:
    """Such a machine and a name of a snapshot."""
    return {**await machine(VmStatus.STOPPED)(world, owner), "name": "base"}


def task(status: TaskStatus) -> Maker:
    """A task on such a machine."""

    async def make(world: World, owner: Person) -> Parameters:
        on = await machine(VmStatus.STOPPED)(world, owner)
        made = await Task.create(
            kind="vm.start",
            status=status,
            params={"force": False, "timeout_s": 60},
            target_type="vm",
            target_id=on["id"],
            course=world.course_of(owner),
            created_by=owner.user,
            run_at=datetime.now(UTC),
        )
        return {"id": made.id}

    return make


def source(_world: World, _on: Parameters) -> dict[str, Any]:
    """A template that the course does not have yet."""
    return {"name": "Debian", "source": {"vmid": next(_NUMBERS)}}


def from_public_template(world: World, _on: Parameters) -> dict[str, Any]:
    """A machine that anybody may make."""
    return {"name": "web", "template_id": world.public_template.id}


def whole_class(world: World, _on: Parameters) -> dict[str, Any]:
    """A machine for everybody."""
    return {"template_id": world.public_template.id, "students": "all"}


RESOURCES: dict[str, Reach | Public] = {
    # courses/
    "list_courses": everybody(200),
    "post_course": Reach(
        student=403,
        other_student=403,
        teacher=201,
        other_teacher=201,
        admin=201,
        body={"name": "New"},
    ),
    "get_course": read(on=course),
    "put_course": taught(200, on=course, body={"name": "Renamed"}),
    "patch_course": taught(200, on=course, body={"description": "Changed"}),
    "delete_course": taught(200, on=empty_course),
    # members
    "list_students": taught(200, on=course),
    "list_teachers": taught(200, on=course),
    "add_students": taught(200, on=course, body={"usernames": ["nobody"]}),
    "add_teachers": taught(200, on=course, body={"usernames": ["nobody"]}),
    "remove_one_student": taught(200, on=enrolled),
    "remove_one_teacher": taught(200, on=taught_by_two),
    "apply_roster": taught(200, on=course, file=("file", b"username\nnobody\n")),
    "list_join_codes": taught(200, on=course),
    "create_join_code": taught(201, on=course, body={"max_uses": 30}),
    "delete_join_code": taught(200, on=with_join_code),
    "join_course": everybody(400, body={"code": "KM4T-X9QW"}),
    # templates
    "list_templates": read(on=course),
    "add_template": taught(202, on=course, body=source),
    "get_template": read(on=new_template),
    "put_template": taught(200, on=new_template, body={"name": "Renamed"}),
    "delete_template": taught(200, on=new_template),
    "list_replicas": taught(200, on=replicated),
    "make_replicas": taught(503, on=new_template, body={}),
    "remove_replica": taught(202, on=replicated),
    "validate_template": taught(202, on=new_template),
    # a whole class
    "provision": taught(202, on=empty_course, body=whole_class),
    **{
        f"{verb}_class": taught(200, on=empty_course)
        for verb in ("start", "stop", "restart", "reset", "pause", "resume", "delete")
    },
    **{
        f"{verb}_class": taught(200, on=empty_course, body={"name": "base"})
        for verb in ("snapshot", "rollback")
    },
    "get_class_metrics": taught(503, on=course),
    "get_class_statistics": taught(200, on=course),
    "get_class_usage": taught(200, on=course),
    "get_student_activity": taught(200, on=course),
    # vms/
    "list_vms": everybody(200),
    "create_machine": everybody(202, body=from_public_template),
    "get_machine": read(on=machine(VmStatus.STOPPED)),
    "change_machine": read(
        202, on=machine(VmStatus.STOPPED), body={"name": "db", "description": "", **_SIZES}
    ),
    "forget_machine": Reach(
        student=403, other_student=404, teacher=403, other_teacher=404, admin=200, on=unmade
    ),
    "delete_machine": read(202, on=machine(VmStatus.STOPPED)),
    "start_vm": read(202, on=machine(VmStatus.STOPPED)),
    "stop_vm": read(202, on=machine(VmStatus.RUNNING)),
    "restart_vm": read(202, on=machine(VmStatus.RUNNING)),
    "reset_vm": read(202, on=machine(VmStatus.RUNNING)),
    "pause_vm": read(202, on=machine(VmStatus.RUNNING)),
    "resume_vm": read(202, on=machine(VmStatus.PAUSED)),
    "get_vm_status": read(on=machine(VmStatus.STOPPED)),
    "get_vm_metrics": read(on=machine(VmStatus.STOPPED)),
    "get_vm_metrics_history": read(on=machine(VmStatus.STOPPED)),
    "list_vm_logs": read(on=machine(VmStatus.STOPPED)),
    # snapshots
    "list_snapshots": read(on=machine(VmStatus.STOPPED)),
    "take_snapshot": read(202, on=machine(VmStatus.STOPPED), body={"name": "base"}),
    "remove_snapshot": read(202, on=snapshotted),
    "roll_back": read(202, on=snapshotted),
    # consoles; a request that is no WebSocket's is refused only after the door
    "vnc_console": read(on=machine(VmStatus.STOPPED)),
    "issue_vnc_token": read(201, on=machine(VmStatus.RUNNING)),
    "open_vnc_console": read(400, on=machine(VmStatus.RUNNING), grant_details={"mode": "view"}),
    "ssh_console": read(on=machine(VmStatus.STOPPED)),
    "issue_ssh_token": read(
        201, on=machine(VmStatus.RUNNING), body={"username": "root", "password": "secret"}
    ),
    "forget_host_key": read(on=machine(VmStatus.STOPPED)),
    "open_ssh_console": read(400, on=machine(VmStatus.RUNNING), grant_details={"login": ""}),
    "renew_console": Public(status=401, body={"secret": "unknown"}),
    "get_ssh_authority": Reach(
        student=403, other_student=403, teacher=200, other_teacher=200, admin=200
    ),
    # tasks/
    "get_queue_status": everybody(200),
    "list_workers": admin_only(200),
    "get_task_statistics": everybody(200),
    "list_tasks": everybody(200),
    "get_task": read(on=task(TaskStatus.RUNNING)),
    "cancel_task": read(202, on=task(TaskStatus.PENDING)),
    "retry_task": read(202, on=task(TaskStatus.FAILED)),
    # audit/
    "list_audit_entries": admin_only(200),
    # service; there is no cluster behind
    "follow_events": everybody(200),
    "get_health": Public(status=200),
    "get_metrics": Public(status=404),
    "list_nodes": admin_only(503),
    "list_storages": admin_only(503),
    "list_cluster_templates": admin_only(503),
    "get_liveness": Public(status=200),
    "get_readiness": Public(status=503),
    "get_course_monitor_page": Public(status=200),
    "get_vm_monitor_page": Public(status=200),
    "get_vnc_page": Public(status=200),
    "get_ssh_page": Public(status=200),
}
