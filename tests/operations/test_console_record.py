"""Places, signs of life and ends of consoles, on both databases, and where many come at once."""

from __future__ import annotations

import asyncio
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.operations.lab import populate
from vmlab.errors import ServiceUnavailable
from vmlab.models import AuthSession, ConsoleSession, Vm, VmEvent, VmEventKind
from vmlab.operations import console_record
from vmlab.operations.console_record import NewConsole
from vmlab.rules.access import Actor

LEASE_S = 15.0
NODE = "pve1"
LOGIN = "0123456789abcdef"


@pytest.fixture
async def vm(database: str) -> Vm:
    """A machine of a student's."""
    _, student, course, template = await populate()
    await AuthSession.create(id=LOGIN, user=student, expires_at=datetime.now(UTC))
    return await Vm.create(
        uuid="6d0b7a52-6a9e-4c0e-9f0f-0d6f3c5f4a11",
        name="web",
        owner=student,
        course=course,
        template=template,
        cpu_cores=1,
        memory_mb=512,
        disk_gb=4,
    )


def console(vm: Vm, **more: Any) -> NewConsole:
    actor = Actor(vm.owner_id, "student", frozenset({"student"}), LOGIN)
    wanted: dict[str, Any] = {
        "vm_id": vm.id,
        "actor": actor,
        "protocol": "vnc",
        "mode": "control",
        "process": "here",
        "chain": secrets.token_hex(16),
        "node": NODE,
    }
    return NewConsole(**wanted | more)


async def opened(vm: Vm, **more: Any) -> ConsoleSession:
    """A console whose process does not live to close it."""
    new, now = vars(console(vm, **more)), datetime.now(UTC)
    actor = new.pop("actor")
    return await ConsoleSession.create(**new, user_id=actor.user_id, opened_at=now, seen_at=now)


async def age(session: ConsoleSession, seconds: float) -> None:
    """Let it have been open for a time, and silent for a lease."""
    silent_s = LEASE_S + 1
    await ConsoleSession.filter(id=session.id).update(
        seen_at=session.seen_at - timedelta(seconds=silent_s),
        opened_at=session.seen_at - timedelta(seconds=silent_s + seconds),
    )


async def closings() -> list[VmEvent]:
    return await VmEvent.filter(kind=VmEventKind.CONSOLE_CLOSED)


async def test_of_many_who_come_at_once_as_many_get_in_as_there_are_places(vm: Vm):
    leave = asyncio.Event()
    turned_away = 0

    async def come() -> None:
        nonlocal turned_away
        try:
            async with console_record.placed(console(vm), per_node=5):
                await leave.wait()
        except ServiceUnavailable:
            turned_away += 1
            if turned_away == 15:
                leave.set()

    async with asyncio.timeout(60):
        await asyncio.gather(*(come() for _ in range(20)))
    assert turned_away == 15
    await console_record.require_place(NODE, per_node=1)


async def test_another_node_has_places_of_its_own_and_a_shell_takes_none(vm: Vm):
    await opened(vm)
    async with (
        console_record.placed(console(vm, node="pve2"), per_node=1),
        console_record.placed(console(vm, node=None, protocol="ssh"), per_node=1),
    ):
        pass
    with pytest.raises(ServiceUnavailable):
        await console_record.require_place(NODE, per_node=1)


async def test_a_machine_that_has_moved_takes_its_place_along(vm: Vm):
    session = await opened(vm)
    await console_record.move(session, "pve2", per_node=1)
    await console_record.require_place(NODE, per_node=1)
    with pytest.raises(ServiceUnavailable):
        await console_record.move(await opened(vm), "pve2", per_node=1)


async def test_who_comes_back_takes_the_place_that_they_had(vm: Vm):
    first = await opened(vm)
    async with console_record.placed(console(vm, chain=first.chain), per_node=1) as second:
        assert [row.id for row in await console_record.open_on([vm.id], LEASE_S)] == [second.id]
    await first.refresh_from_db()
    assert first.ending == "replaced"
    assert len(await closings()) == 1


async def test_a_console_that_never_opened_leaves_nothing(vm: Vm):
    async with console_record.placed(console(vm), per_node=1):
        pass
    assert await ConsoleSession.all().count() == 0
    assert await closings() == []


async def test_what_a_dead_process_leaves_counts_up_to_its_last_sign_of_life(vm: Vm):
    dead, alive = await opened(vm), await opened(vm)
    await age(dead, 90.5)
    assert [row.id for row in await console_record.open_on([vm.id], LEASE_S)] == [alive.id]
    # Two processes find it at the same moment.
    swept = await asyncio.gather(*(console_record.sweep(LEASE_S) for _ in range(4)))
    assert sum(swept) == 1
    await dead.refresh_from_db()
    assert (dead.ending, dead.seconds) == ("lost", 90.5)
    [closing] = await closings()
    assert (closing.seconds, closing.user_id) == (90.5, vm.owner_id)
    assert await console_record.sweep(LEASE_S) == 0


async def test_a_sign_of_life_keeps_it_and_does_not_bring_it_back(vm: Vm):
    session = await opened(vm)
    await age(session, 10)
    await console_record.seen([session.id])
    assert await console_record.sweep(LEASE_S) == 0
    await age(session, 10)
    assert await console_record.sweep(LEASE_S) == 1
    await console_record.seen([session.id])
    assert await console_record.open_on([vm.id], LEASE_S) == []


async def test_a_page_ends_with_all_its_consoles(vm: Vm):
    of_page, other = await opened(vm, chain="one page"), await opened(vm)
    await console_record.end_chain("one page")
    await of_page.refresh_from_db()
    assert of_page.ending == "revoked"
    assert of_page.renewal_spent_at is not None
    assert [row.id for row in await console_record.open_on([vm.id], LEASE_S)] == [other.id]
