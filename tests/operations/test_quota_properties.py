"""The quota is exact whatever happens at once: nothing too much is taken, and all is given back.

Rounds of requests and ends of tasks go on at the same moment; between two rounds what counts is
compared with what the tasks say was accepted. Nobody asks Proxmox: a task ends as it is told to.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.operations.lab import QUICK, enrol, populate
from tests.tasks.conftest import NOWHERE, parts_for
from vmlab import config
from vmlab.errors import Invalid, NotFound, QuotaExceeded, VMLabError, WrongState, WrongTaskState
from vmlab.models import Course, CourseRole, Membership, Quota, Task, TaskStatus, Template, User, Vm
from vmlab.operations import change_vm, create_vm, delete_vm, operations, provision_class
from vmlab.operations.reservation import usage
from vmlab.rules.quota import Resources
from vmlab.tasks import Parts, retry
from vmlab.tasks.claim import claim
from vmlab.tasks.journal import Journal
from vmlab.tasks.run import Run

SETTINGS = config.Settings(tasks=QUICK)
OPERATIONS = operations(SETTINGS)
LIMITS = {"cpu_cores": 6, "memory_mb": 6144, "disk_gb": 60, "vm_limit": 4}
LIMIT = Resources(6, 6144, 60, 4)
ENDS = (TaskStatus.SUCCEEDED, TaskStatus.FAILED, TaskStatus.CANCELLED)
REFUSALS = (QuotaExceeded, WrongState, WrongTaskState, NotFound, Invalid)
"""The last two where a machine is deleted or enlarged while somebody else asks for a change."""

Action = tuple[str, int, int]
which = st.integers(0, 5)
actions = st.one_of(
    st.tuples(st.just("create"), st.integers(0, 1), st.integers(1, 4)),
    st.tuples(st.just("class"), st.just(0), st.integers(1, 3)),
    st.tuples(st.just("resize"), which, st.integers(1, 5)),
    st.tuples(st.just("enlarge"), which, st.integers(8, 40)),
    st.tuples(st.just("delete"), which, st.just(0)),
    st.tuples(st.just("end"), st.just(0), st.integers(0, 2)),
    st.tuples(st.just("end"), st.just(0), st.just(0)),
    st.tuples(st.just("retry"), which, st.just(0)),
)
rounds = st.lists(st.lists(actions, min_size=1, max_size=6), min_size=3, max_size=12)


@dataclass
class School:
    """Two students of a course, whose quotas are asked for."""

    parts: Parts
    students: list[User]
    course: Course
    template: Template

    async def act(self, action: Action) -> VMLabError | None:
        """Do one thing; a refusal is returned, anything else that goes wrong is raised."""
        name, one, other = action
        try:
            await getattr(self, f"_{name}")(one, other)
        except REFUSALS as refusal:
            return refusal
        return None

    async def _create(self, who: int, cores: int) -> None:
        wanted = create_vm.CreateVm(
            name="web",
            template_id=self.template.id,
            owner_id=self.students[who].id,
            course_id=self.course.id,
            cpu_cores=cores,
        )
        await create_vm.admit(wanted, settings=SETTINGS, created_by_id=None)

    async def _class(self, _: int, cores: int) -> None:
        wanted = provision_class.ProvisionClass(
            course_id=self.course.id, template_id=self.template.id, cpu_cores=cores
        )
        await provision_class.admit(wanted, settings=SETTINGS, created_by_id=None)

    async def _resize(self, number: int, cores: int) -> None:
        await self._change(number, cpu_cores=cores)

    async def _enlarge(self, number: int, disk_gb: int) -> None:
        vm = await self._vm(number)
        if vm is not None:
            await self._change(number, disk_gb=max(disk_gb, vm.disk_gb))

    async def _change(self, number: int, **sizes: Any) -> None:
        if (vm := await self._vm(number)) is not None:
            wanted = change_vm.ChangeVm(**sizes)
            await change_vm.admit(vm.id, wanted, settings=SETTINGS, created_by_id=None)

    async def _delete(self, number: int, _: int) -> None:
        if (vm := await self._vm(number)) is not None:
            await delete_vm.admit(vm.id, created_by_id=None)

    async def _vm(self, number: int) -> Vm | None:
        vms = await Vm.filter(deleted_at__isnull=True).order_by("id")
        return vms[number % len(vms)] if vms else None

    async def _retry(self, number: int, _: int) -> None:
        ended = Task.filter(kind=create_vm.KIND, status__in=ENDS[1:]).order_by("id")
        if tasks := await ended:
            await retry(tasks[number % len(tasks)].id, OPERATIONS, self.parts.bus)

    async def _end(self, _: int, how: int) -> None:
        for task in await claim("worker", 1, SETTINGS):
            if task.kind == create_vm.KIND and ENDS[how] is TaskStatus.SUCCEEDED:
                await Vm.filter(id=task.target_id).update(vmid=10_000 + task.target_id)
            journal = Journal(task, {})
            run = Run(OPERATIONS[task.kind], journal, self.parts)

            async def settle(run: Run = run) -> None:
                await run.operation.settle(run, ENDS[how])

            await journal.end(ENDS[how], None, settle)

    async def check(self) -> None:
        """What counts is what was accepted and not given back, and is never too much."""
        used = await usage([student.id for student in self.students])
        for student in self.students:
            expected = total(await self._accepted(student))
            assert used[student.id] == expected
            assert not exceeds(expected), expected

    async def _accepted(self, student: User) -> list[Resources]:
        """By machine, what its tasks say that it takes."""
        found = []
        for vm in await Vm.filter(owner_id=student.id):
            tasks = await Task.filter(target_type="vm", target_id=vm.id).order_by("id")
            if taken := _taken(vm, tasks):
                found.append(taken)
        return found

    async def free(self, student: User) -> Resources:
        """What a student may still have."""
        return LIMIT - total(await self._accepted(student))


def _taken(vm: Vm, tasks: list[Task]) -> Resources | None:
    for task in tasks:
        if task.kind == create_vm.KIND and task.status in ENDS[1:]:
            return None
        if task.kind == delete_vm.KIND and task.status is TaskStatus.SUCCEEDED:
            return None
    changes = [task for task in tasks if task.kind == change_vm.KIND]
    cores, disk_gb = _size(vm, changes, "cpu_cores"), _size(vm, changes, "disk_gb")
    return Resources(cores, vm.memory_mb, disk_gb, 1)


def _size(vm: Vm, changes: list[Task], name: str) -> int:
    """What counts: while it is changed the larger, then what it came to."""
    last = next((task for task in reversed(changes) if name in task.params["after"]), None)
    if last is None:
        return int(getattr(vm, name))
    before, after = int(last.params["before"][name]), int(last.params["after"][name])
    if not last.status.ended:
        return max(before, after)
    return after if last.status is TaskStatus.SUCCEEDED else before


def total(parts: Iterable[Resources]) -> Resources:
    """The sum."""
    return sum(parts, Resources())


def exceeds(used: Resources) -> bool:
    """Whether it is more than anybody may have."""
    return any(value < 0 for value in (LIMIT - used).by_name().values())


async def school_of(parts: Parts) -> School:
    """The same people for every example, without machines."""
    await Task.all().delete()
    await Vm.all().delete()
    if (course := await Course.first()) is None:
        _, first, course, template = await populate()
        await Quota.filter(user_id=first.id).update(**LIMITS)
        await enrol(course, "second", **LIMITS)
    template = await Template.get()
    members = Membership.filter(course=course, role=CourseRole.STUDENT).order_by("user_id")
    students = [member.user for member in await members.select_related("user")]
    return School(parts, students, course, template)


@given(rounds)
@settings(
    max_examples=20,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
async def test_any_rounds_of_anything_at_once(database: str, done: list[list[Action]]) -> None:
    async with parts_for(NOWHERE) as parts:
        school = await school_of(parts)
        for together in done:
            await asyncio.gather(*(school.act(action) for action in together))
            await school.check()
        await empty(school)


async def empty(school: School) -> None:
    """Once everything is deleted, everything is given back."""
    while await Task.exclude(status__in=ENDS).exists():
        await school.act(("end", 0, 0))
    for number in range(await Vm.filter(deleted_at__isnull=True).count()):
        assert await school.act(("delete", number, 0)) is None
    while await Task.exclude(status__in=ENDS).exists():
        await school.act(("end", 0, 0))
    assert set((await usage([s.id for s in school.students])).values()) == {Resources()}


@given(st.lists(actions, min_size=1, max_size=20))
@settings(
    max_examples=20,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
async def test_one_after_the_other_is_refused_only_what_does_not_fit(
    database: str, done: list[Action]
) -> None:
    async with parts_for(NOWHERE) as parts:
        school = await school_of(parts)
        for action in done:
            name, who, cores = action
            if name == "create":
                free = await school.free(school.students[who])
                memory_mb = school.template.default_memory_mb
                fits = not exceeds(LIMIT - free + Resources(cores, memory_mb, 8, 1))
                refusal = await school.act(action)
                assert isinstance(refusal, QuotaExceeded) is not fits
                assert (refusal is None) is fits
            else:
                await school.act(action)
            await school.check()


async def test_a_change_that_fails_again_goes_back_to_what_came_between(database: str) -> None:
    async with parts_for(NOWHERE) as parts:
        school = await school_of(parts)
        await school.act(("create", 0, 1))
        await school.act(("end", 0, 0))
        await school.act(("enlarge", 0, 12))
        await school.act(("end", 0, 1))
        failed = await Task.get(kind=change_vm.KIND)
        await school.act(("enlarge", 0, 10))
        await school.act(("end", 0, 0))
        await retry(failed.id, OPERATIONS, parts.bus)
        used = await usage([school.students[0].id])
        assert used[school.students[0].id].disk_gb == 12
        await school.act(("end", 0, 1))
        used = await usage([school.students[0].id])
        assert used[school.students[0].id].disk_gb == 10
