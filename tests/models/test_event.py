"""The history of changes: written with them, complete in its order, and bounded."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

import asyncpg
import pytest

from vmlab.models import Cursor, Event, EventType, Task, TaskStatus, User, Vm, VmStatus, connected
from vmlab.models.connection import transaction
from vmlab.models.event import BEGINNING

Noted = tuple[EventType, int, int | None, int | None]


async def person(name: str) -> User:
    """Somebody who can own things."""
    return await User.create(username=name, email=f"{name}@example.edu", password_hash="-")


async def machine(owner: User) -> Vm:
    """A machine of theirs."""
    return await Vm.create(
        uuid=uuid.uuid4(), name="web", owner=owner, cpu_cores=1, memory_mb=1024, disk_gb=8
    )


async def task_on(vm: Vm, by: User, **values: Any) -> Task:
    """A task on a machine."""
    now = datetime.now(UTC)
    return await Task.create(
        kind="vm.start", target_type="vm", target_id=vm.id, created_by=by, run_at=now, **values
    )


async def noted(cursor: Cursor = BEGINNING) -> list[Noted]:
    """What the history says from a place on."""
    return [
        (EventType(event.type), event.object_id, event.owner_id, event.created_by_id)
        for event in await Event.after(cursor, 100)
    ]


@pytest.mark.usefixtures("database")
async def test_what_is_shown_of_a_machine_is_noted_and_nothing_else():
    ann = await person("ann")
    vm = await machine(ann)
    assert await noted() == [("vm", vm.id, ann.id, None)]
    cursor = await Event.newest()
    await Vm.filter(id=vm.id).update(observed_at=datetime.now(UTC))
    await Vm.filter(id=vm.id).update(status=VmStatus.CREATING, name="web")
    assert await noted(cursor) == []
    await Vm.filter(id=vm.id).update(status=VmStatus.RUNNING, observed_at=datetime.now(UTC))
    await Vm.filter(id=vm.id).update(ip_addresses=["10.0.0.1"])
    await Vm.filter(id=vm.id).update(deleted_at=datetime.now(UTC))
    assert await noted(cursor) == [("vm", vm.id, ann.id, None)] * 3


@pytest.mark.usefixtures("database")
async def test_a_task_is_noted_for_its_machines_owner_and_its_beginning_and_end_for_the_machine():
    ann, bob = await person("ann"), await person("bob")
    vm = await machine(ann)
    cursor = await Event.newest()
    task = await task_on(vm, bob, lock=f"vm:{vm.id}")
    of_task, of_vm = ("task", task.id, ann.id, bob.id), ("vm", vm.id, ann.id, None)
    assert sorted(await noted(cursor)) == [of_task, of_vm]
    cursor = await Event.newest()
    await Task.filter(id=task.id).update(lease_until=datetime.now(UTC), fence=7)
    assert await noted(cursor) == []
    await Task.filter(id=task.id).update(progress=50)
    assert await noted(cursor) == [of_task]
    cursor = await Event.newest()
    await Task.filter(id=task.id).update(status=TaskStatus.SUCCEEDED, lock=None)
    assert sorted(await noted(cursor)) == [of_task, of_vm]


@pytest.mark.usefixtures("database")
async def test_what_is_rolled_back_was_never_noted():
    ann = await person("ann")

    async def begun_and_dropped() -> None:
        async with transaction():
            await machine(ann)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await begun_and_dropped()
    assert await noted() == []
    assert await Event.newest() == await Event.oldest() == BEGINNING


@pytest.mark.usefixtures("database")
async def test_the_history_is_bounded():
    ann = await person("ann")
    for _ in range(8):
        await machine(ann)
    before = await Event.after(BEGINNING, 100)
    assert await Event.forget(3) == 5
    assert [event.id for event in await Event.after(BEGINNING, 100)] == [e.id for e in before[5:]]
    assert await Event.oldest() == before[5].cursor
    assert await Event.newest() == before[-1].cursor
    assert await Event.forget(3) == 0


async def test_nothing_comes_late_when_a_later_transaction_ends_first(postgres_url: str):
    slow = await asyncpg.connect(postgres_url)
    try:
        async with connected(postgres_url):
            ann = await person("ann")
            vm, other = await machine(ann), await machine(ann)
            cursor = await Event.newest()
            ending = slow.transaction()
            await ending.start()
            await slow.execute("UPDATE vms SET name = 'slow' WHERE id = $1", vm.id)
            await Vm.filter(id=other.id).update(name="quick")
            assert await noted(cursor) == []
            await ending.commit()
            assert [object_id for _, object_id, _, _ in await noted(cursor)] == [vm.id, other.id]
    finally:
        await slow.close()


@pytest.mark.parametrize(
    "text", ["", "-", "1", "1-", "-1", "a-b", "1-2-3", "1--2", "9" * 30 + "-1", "1-" + "9" * 19]
)
def test_what_is_no_place_is_none(text: str):
    assert Cursor.parsed(text) is None


def test_a_place_survives_being_written():
    assert Cursor.parsed(str(Cursor(7, 42))) == Cursor(7, 42)
    assert Cursor(7, 42) < Cursor(8, 1)
