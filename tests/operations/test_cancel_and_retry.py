"""Every kind of task, cancelled and taken up again in every state that it can be in.

    pending       cancelled, nothing was done; taken up again, it succeeds
    running       at each boundary: cancelled and undone, or done before anybody heard of it
    unwinding     it is on its way back already and fails as it would have
    failed        taken up again, it succeeds
    succeeded     neither: it has ended

    a parent      those of its children that have not ended; all that did not succeed

Whatever happens, VMLab tells the truth about the guest, nothing is left, and the quota is exact.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.operations.cases import CASES, machines_are_consistent
from tests.operations.lab import Lab, enrol, live, work_off
from tests.operations.template_lab import TemplateLab, template_lab
from tests.tasks.crashing import NEVER
from vmlab.errors import WrongTaskState
from vmlab.models import Quota, Task, TaskStatus, Vm
from vmlab.operations import class_action, operations, provision_class
from vmlab.rules.vm_state import Verb
from vmlab.simulator import Simulator
from vmlab.tasks import request_cancel, retry

pytestmark = pytest.mark.sweep

EVERY = pytest.mark.parametrize("kind", CASES)


@pytest.fixture
async def lab(sqlite: str, sim: Simulator, tmp_path: Path) -> AsyncIterator[TemplateLab]:
    """A lab in which templates are made, too."""
    async with template_lab(sim, tmp_path / "files") as lab:
        yield lab


@pytest.fixture(autouse=True)
async def room_for_many(lab: Lab) -> None:
    """What one boundary has left need not be cleared away before the next."""
    much = {"cpu_cores": 1000, "memory_mb": 1 << 20, "disk_gb": 10_000, "vm_limit": 1000}
    await Quota.filter(user_id=lab.student.id).update(**much)


def test_every_kind_has_its_case(lab: Lab) -> None:
    assert CASES.keys() == operations(lab.settings).keys()


async def now(row: Any) -> Any:
    """The row as it stands in the database, or stood there before it was deleted."""
    return await type(row).get_or_none(pk=row.pk) or row


async def cancel(lab: Lab, task: Task) -> None:
    await request_cancel(task.id, lab.parts.bus)


async def again(lab: Lab, task: Task) -> None:
    await retry(task.id, operations(lab.settings), lab.parts.bus)


async def ends(lab: Lab, kind: str, task: Task, row: object, *statuses: TaskStatus) -> Task:
    """Let a worker bring it to its end, and see that all is well."""
    task = await lab.walk(task)
    assert task.status in statuses, task.error
    assert "stuck" not in (task.error or {}).get("details", {})
    await CASES[kind].consistent(lab, await now(row))
    return task


async def succeeds_again(lab: Lab, kind: str, task: Task, row: object) -> None:
    """Taken up again, it does what it was asked for, once."""
    with pytest.raises(WrongTaskState):
        await cancel(lab, task)
    await again(lab, task)
    with pytest.raises(WrongTaskState):
        await again(lab, task)
    task = await ends(lab, kind, task, row, TaskStatus.SUCCEEDED)
    CASES[kind].succeeded(lab, await now(row), task)
    for verb in (cancel, again):
        with pytest.raises(WrongTaskState):
            await verb(lab, task)


@EVERY
async def test_pending(kind: str, lab: Lab) -> None:
    row, task = await CASES[kind].begin(lab)
    assert task.kind == kind
    with pytest.raises(WrongTaskState):
        await again(lab, task)
    await cancel(lab, task)
    await cancel(lab, task)
    task = await ends(lab, kind, task, row, TaskStatus.CANCELLED)
    assert task.started_at is None
    await succeeds_again(lab, kind, task, row)


@EVERY
async def test_running_at_each_boundary(kind: str, lab: Lab) -> None:
    boundary, cancelled, over = 0, 0, False
    while not over:
        row, task = await CASES[kind].begin(lab)
        over, _ = await live(lab, task, crash_at=boundary)
        boundary += 1
        if over:
            continue
        with pytest.raises(WrongTaskState):
            await again(lab, task)
        await cancel(lab, task)
        task = await ends(lab, kind, task, row, TaskStatus.CANCELLED, TaskStatus.SUCCEEDED)
        if task.status is TaskStatus.CANCELLED:
            cancelled += 1
            await succeeds_again(lab, kind, task, row)
        else:
            CASES[kind].succeeded(lab, await now(row), task)
    assert cancelled


@pytest.mark.parametrize("kind", [kind for kind, case in CASES.items() if case.fault])
async def test_failing_and_unwinding(kind: str, lab: Lab) -> None:
    row, task, boundaries = await failing(lab, kind, NEVER)
    assert task.status is TaskStatus.FAILED, task.status
    await CASES[kind].consistent(lab, await now(row))
    await succeeds_again(lab, kind, task, row)
    # From the last boundary back to the one at which the walk has just turned round.
    for boundary in reversed(range(boundaries)):
        row, task, _ = await failing(lab, kind, boundary)
        if not (task.unwinding or task.status.ended):
            break
        if not task.status.ended:
            await cancel(lab, task)
            task = await lab.walk(task)
        assert task.status is TaskStatus.FAILED, task.status
        await CASES[kind].consistent(lab, await now(row))
    assert boundary < boundaries - 1


async def failing(lab: Lab, kind: str, crash_at: int) -> tuple[Any, Task, int]:
    """One life of a worker whose work fails; its task, and how many boundaries it passed."""
    row, task = await CASES[kind].begin(lab)
    fault = lab.sim.faults.add("task_fails", **(CASES[kind].fault or {}))
    _, passed = await live(lab, task, crash_at=crash_at)
    assert fault.fired
    lab.sim.faults.clear()
    return row, await lab.reload(task), passed


async def test_a_parent_with_children_in_every_state(lab: Lab) -> None:
    for number in range(2, 6):
        await enrol(lab.course, f"student{number}")
    parent, machines = await provision(lab, start=True)
    await in_every_state(lab, parent)
    await ends_as_a_whole(lab, parent, machines)
    assert len(lab.own_guests()) == 5
    assert all(guest.running for guest in lab.own_guests())


async def test_a_verb_on_a_class_with_children_in_every_state(lab: Lab) -> None:
    owners = [lab.student, *[await enrol(lab.course, f"student{n}") for n in range(2, 6)]]
    machines = [await lab.make_vm(owner_id=owner.id) for owner in owners]
    parent, _ = await class_action.admit(lab.course.id, Verb.START, created_by_id=None)
    assert parent is not None
    await in_every_state(lab, parent)
    await ends_as_a_whole(lab, parent, machines)
    assert all(lab.guest(vm).running for vm in machines)


async def provision(lab: Lab, **wanted: Any) -> tuple[Task, list[Vm]]:
    """The class's machines, accepted."""
    asked = provision_class.ProvisionClass(
        course_id=lab.course.id, template_id=lab.template.id, **wanted
    )
    parent, planned = await provision_class.admit(asked, settings=lab.settings, created_by_id=None)
    assert parent is not None
    return parent, planned.machines


async def in_every_state(lab: Lab, parent: Task) -> None:
    """Bring one child each to its success, failure, cancellation, and into its middle."""
    succeeds, fails, is_cancelled, runs, waits = await Task.filter(parent_id=parent.id).order_by(
        "id"
    )
    await lab.walk(succeeds)
    fault = lab.sim.faults.add("task_fails", path="/qmstart/")
    await lab.walk(fails)
    assert fault.fired
    lab.sim.faults.clear()
    await cancel(lab, is_cancelled)
    await lab.walk(is_cancelled)
    await live(lab, runs, crash_at=1)
    found = [(await lab.reload(task)).status for task in (succeeds, fails, is_cancelled, runs)]
    assert found == [
        TaskStatus.SUCCEEDED,
        TaskStatus.FAILED,
        TaskStatus.CANCELLED,
        TaskStatus.RUNNING,
    ]
    assert (await lab.reload(waits)).status is TaskStatus.PENDING


async def ends_as_a_whole(lab: Lab, parent: Task, machines: list[Vm]) -> None:
    """Cancel the parent, let its children end, and take it up again."""
    with pytest.raises(WrongTaskState):
        await again(lab, parent)
    await cancel(lab, parent)
    for child in await Task.filter(parent_id=parent.id).order_by("-id"):
        if not child.status.ended:
            await lab.walk(child)
    parent = await lab.reload(parent)
    assert parent.status is TaskStatus.CANCELLED, parent.error
    children = await Task.filter(parent_id=parent.id).order_by("id")
    assert [child.status.value for child in children] == ["succeeded", "failed", *["cancelled"] * 3]
    await machines_are_consistent(lab, machines[0])
    await again(lab, parent)
    with pytest.raises(WrongTaskState):
        await again(lab, parent)
    parent = await work_off(lab, parent)
    assert parent.status is TaskStatus.SUCCEEDED, parent.error
    await machines_are_consistent(lab, machines[0])
