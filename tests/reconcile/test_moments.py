"""When machines ran, as far as it can be known, also while VMLab was away."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from tests.operations.lab import person
from vmlab.models import Vm, VmEvent, VmEventKind, VmStatus
from vmlab.models.connection import transaction
from vmlab.reconcile import moments

NOW = datetime.now(UTC)
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _on_both(database: str) -> None:
    """States are noted by the database itself, so both kinds are tried."""


async def machine(status: VmStatus, **columns: Any) -> Vm:
    """A machine that has been so for a day, and was last seen to be three hours ago."""
    vm = await Vm.create(
        uuid=uuid4(),
        name="web",
        owner=await person("ann"),
        cpu_cores=2,
        memory_mb=512,
        disk_gb=8,
        status=status,
        observed_at=NOW - 3 * HOUR,
        **columns,
    )
    await VmEvent.filter(vm_id=vm.id).update(at=NOW - 24 * HOUR)
    return await Vm.get(id=vm.id)


async def see(vm: Vm, **changed: Any) -> None:
    """What the reconciler does when it sees this."""
    async with transaction():
        await Vm.filter(id=vm.id).update(**changed)
        await moments.correct(vm, changed)


async def states(vm: Vm) -> list[tuple[str | None, int]]:
    """All states, and how many hours ago each began."""
    rows = VmEvent.filter(vm_id=vm.id, kind=VmEventKind.STATE).order_by("at", "id")
    return [(row.status, round((NOW - row.at) / HOUR)) for row in await rows]


async def test_started_while_nobody_looked() -> None:
    vm = await machine(VmStatus.STOPPED)
    await see(vm, status=VmStatus.RUNNING, started_at=NOW - 2 * HOUR)
    assert await states(vm) == [("stopped", 24), ("running", 2)]


@pytest.mark.parametrize("status", [VmStatus.STOPPED, VmStatus.MISSING, VmStatus.ERROR])
async def test_it_ran_as_long_as_it_was_seen(status: VmStatus) -> None:
    vm = await machine(VmStatus.RUNNING)
    await see(vm, status=status, started_at=None)
    assert await states(vm) == [("running", 24), (status, 3)]


async def test_started_anew_while_nobody_looked() -> None:
    vm = await machine(VmStatus.RUNNING, started_at=NOW - 24 * HOUR)
    await see(vm, started_at=NOW - HOUR)
    assert await states(vm) == [("running", 24), ("stopped", 3), ("running", 1)]


async def test_a_start_reckoned_a_little_differently_is_the_same() -> None:
    vm = await machine(VmStatus.RUNNING, started_at=NOW - 24 * HOUR)
    await see(vm, started_at=NOW - 23 * HOUR)
    assert await states(vm) == [("running", 24)]


async def test_time_never_goes_back() -> None:
    vm = await machine(VmStatus.STOPPED)
    await see(vm, status=VmStatus.RUNNING, started_at=NOW - 100 * HOUR)
    assert await states(vm) == [("stopped", 24), ("running", 24)]


async def test_other_hardware_counts_from_now() -> None:
    vm = await machine(VmStatus.RUNNING)
    await see(vm, cpu_cores=4)
    assert await states(vm) == [("running", 24), ("running", 0)]
    newest = await VmEvent.filter(vm_id=vm.id).order_by("-id").first()
    assert newest is not None
    assert newest.cpu_cores == 4
