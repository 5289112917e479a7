"""A worker dies at each boundary of what is done with replicas and templates of VMLab's own.

The next one goes on, and in the end there is one replica or none, and nothing beside it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from tests.operations.copies import (
    check_made,
    check_unmade,
    child_for,
    keep_on_its_node,
    make_replica,
    own_template,
    volumes,
)
from tests.operations.lab import Lab, lives
from vmlab.models import GuestNumber, Replica, Task, Template
from vmlab.operations import delete_replica, delete_template

Case = Callable[[Lab], Awaitable[Task]]
Check = Callable[[Lab, Task], Awaitable[None]]


@pytest.fixture(autouse=True)
async def local(lab: Lab) -> None:
    """The template's storage is its own node's."""
    await keep_on_its_node(lab)


async def creation(lab: Lab) -> Task:
    return await child_for(lab, "pve2")


async def deletion(lab: Lab) -> Task:
    await make_replica(lab, "pve2")
    return await delete_replica.admit(lab.template, "pve2", created_by_id=None)


async def deletion_of_all(lab: Lab) -> Task:
    """An administrator's template, of which only the replicas go."""
    await make_replica(lab, "pve2")
    await make_replica(lab, "pve3")
    task = await delete_template.admit(lab.template.id, created_by_id=None)
    assert task is not None
    return task


async def is_made(lab: Lab, task: Task) -> None:
    check_made(lab, await Replica.get(), task)


async def is_gone(lab: Lab, task: Task) -> None:
    assert task.status == "succeeded", task.error
    assert lab.own_guests() == []
    assert not any(volumes(lab).values())
    assert not await Replica.exists()
    assert not await GuestNumber.exists()


CASES: dict[str, tuple[Case, Check]] = {
    "create": (creation, is_made),
    "delete": (deletion, is_gone),
    "delete the template": (deletion_of_all, is_gone),
}


@pytest.mark.parametrize(
    ("case", "lives_lost"),
    [("create", 1), ("create", 2), ("delete", 1), ("delete the template", 1)],
)
async def test_dying_at_each_boundary(case: str, lives_lost: int, lab: Lab) -> None:
    begin, check = CASES[case]

    async def after(crashes: list[int]) -> int:
        task, passed = await lives(lab, await begin(lab), crashes)
        await check(lab, task)
        await start_anew(lab)
        return passed

    boundaries = await after([])
    assert boundaries > 4
    for boundary in range(boundaries):
        await after([boundary] * lives_lost)


async def start_anew(lab: Lab) -> None:
    """The template is there, without a replica."""
    if await Replica.exists():
        task = await delete_replica.admit(lab.template, "pve2", created_by_id=None)
        task = await lab.walk(task)
        assert task.status == "succeeded", task.error
    await Task.all().delete()
    if not await Template.exists(id=lab.template.id):
        await lab.template.save(force_create=True)


@pytest.mark.parametrize("job", ["/qmigrate/", "/qmtemplate/"])
async def test_dying_at_each_boundary_of_an_unwinding(lab: Lab, job: str) -> None:
    async def after(crashes: list[int]) -> int:
        fault = lab.sim.faults.add("task_fails", path=job)
        task, passed = await lives(lab, await child_for(lab, "pve2"), crashes)
        lab.sim.faults.clear()
        assert fault.fired
        await check_unmade(lab, await Replica.get(), task)
        await Replica.all().delete()
        await start_anew(lab)
        return passed

    for boundary in range(await after([])):
        await after([boundary])


async def test_dying_at_each_boundary_of_destroying_a_template_of_our_own(lab: Lab) -> None:
    async def after(crashes: list[int]) -> int:
        template = await own_template(lab)
        task = await delete_template.admit(template.id, created_by_id=None)
        assert task is not None
        task, passed = await lives(lab, task, crashes)
        await is_gone(lab, task)
        assert not await Template.exists(id=template.id)
        await start_anew(lab)
        return passed

    for boundary in range(await after([])):
        await after([boundary])
