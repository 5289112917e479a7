"""What each kind of caller sees of each kind of object, in lists and one by one."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.handlers.people import People, Person
from tests.handlers.world import World, build
from vmlab.errors import Forbidden, NotFound
from vmlab.handlers import sessions
from vmlab.handlers.objects import (
    AnyKind,
    CourseObject,
    TaskObject,
    TemplateObject,
    UserObject,
    VmObject,
)
from vmlab.models import Task, Template, Vm
from vmlab.rules.access import Actor, Permission

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def store(database: str) -> str:
    """SQLite and PostgreSQL: the conditions run there."""
    return database


@pytest.fixture
async def world(people: People) -> World:
    """The school."""
    return await build(people)


async def actor(person: Person) -> Actor:
    """What the door makes of somebody."""
    found = await sessions.find(session_id=person.session_id)
    assert found is not None
    return found.actor


async def make_vm(owner: Person, **columns: Any) -> Vm:
    """A machine's row."""
    amounts: dict[str, Any] = {"cpu_cores": 1, "memory_mb": 512, "disk_gb": 8}
    return await Vm.create(uuid=uuid.uuid4(), name="web", owner=owner.user, **amounts, **columns)


async def make_task(target: Vm, by: Person, **columns: Any) -> Task:
    """A task's row."""
    return await Task.create(
        kind="start_vm",
        target_type="vm",
        target_id=target.id,
        created_by=by.user,
        run_at=NOW,
        **columns,
    )


async def seen_by(kind: AnyKind, world: World) -> dict[str, set[int]]:
    """The ids that each person sees; checked to be those that can be opened, and no others."""
    seen = {}
    everything = [row.id for row in await kind.model.all()]
    for name in "student", "other_student", "teacher", "other_teacher", "admin":
        who = await actor(getattr(world, name))
        seen[name] = {row.id for row in await kind.model.filter(kind.visible(who))}
        for object_id in everything:
            try:
                opened = {(await kind.load(who, kind.reads, object_id)).id}
            except NotFound:
                opened = set()
            assert opened == seen[name] & {object_id}
    return seen


async def test_machines(world: World):
    taught = (await make_vm(world.student, course=world.course)).id
    outside = (await make_vm(world.student)).id
    other = (await make_vm(world.other_student, course=world.other_course)).id
    teachers = (await make_vm(world.teacher)).id
    await make_vm(world.student, course=world.course, deleted_at=NOW)
    assert await seen_by(VmObject, world) == {
        "student": {taught, outside},
        "other_student": {other},
        "teacher": {taught, teachers},
        "other_teacher": {other},
        "admin": {taught, outside, other, teachers},
    }


async def test_tasks_are_seen_by_who_began_them_and_by_the_owner_of_their_machine(world: World):
    vm = await make_vm(world.student, course=world.course)
    of_teacher = (await make_task(vm, world.teacher, course=world.course)).id
    outside = await make_vm(world.other_student)
    of_other = (await make_task(outside, world.other_student)).id
    assert await seen_by(TaskObject, world) == {
        "student": {of_teacher},
        "other_student": {of_other},
        "teacher": {of_teacher},
        "other_teacher": set(),
        "admin": {of_teacher, of_other},
    }


async def test_templates_of_ones_courses_and_public_ones(world: World):
    public = world.public_template
    private = private_copy(public)
    await private.save(force_create=True)
    everything = {public.id, private.id}
    assert await seen_by(TemplateObject, world) == {
        "student": everything,
        "other_student": {public.id},
        "teacher": everything,
        "other_teacher": {public.id},
        "admin": everything,
    }


def private_copy(public: Template) -> Template:
    """The same template again, for its own course only."""
    copy = public.clone()
    copy.id, copy.is_public = public.id + 1, False
    return copy


async def test_courses_and_users(world: World):
    mine, other = world.course.id, world.other_course.id
    assert await seen_by(CourseObject, world) == {
        "student": {mine},
        "other_student": {other},
        "teacher": {mine},
        "other_teacher": {other},
        "admin": {mine, other},
    }
    people = await seen_by(UserObject, world)
    assert people.pop("admin") > {getattr(world, name).id for name in people}
    assert people == {name: {getattr(world, name).id} for name in people}


async def test_what_one_sees_and_may_not_change_is_forbidden_and_not_missing(world: World):
    student, teacher = await actor(world.student), await actor(world.teacher)
    with pytest.raises(Forbidden):
        await CourseObject.load(student, Permission.COURSE_CHANGE, world.course.id)
    with pytest.raises(NotFound):
        await CourseObject.load(student, Permission.COURSE_CHANGE, world.other_course.id)
    await CourseObject.load(teacher, Permission.COURSE_CHANGE, world.course.id)


async def test_a_teacher_who_is_also_a_student_may_not_change_what_they_attend(
    world: World, people: People
):
    attended = await people.course("Logic", [world.other_teacher], [world.teacher])
    teacher = await actor(world.teacher)
    assert attended.id in teacher.enrolled
    with pytest.raises(Forbidden):
        await CourseObject.load(teacher, Permission.COURSE_CHANGE, attended.id)


async def test_without_a_role_there_is_nothing_to_see(world: World):
    await make_vm(world.student)
    nobody = replace(await actor(world.student), roles=frozenset())
    assert not await Vm.filter(VmObject.visible(nobody)).exists()
