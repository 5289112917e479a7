"""Hours of machines as they were: across restarts of VMLab and what is done in Proxmox meanwhile.

Hours pass by putting everything that is known of the past, here and in the cluster, further back.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.operations.lab import QUICK, Lab, parts_of, populate
from tests.tasks.crashing import ended
from vmlab import config
from vmlab.models import Course, Vm, VmEvent, VmStatus
from vmlab.models.usage import running_spans
from vmlab.operations import change_vm, delete_vm, power_vm
from vmlab.reconcile import Reconciler
from vmlab.rules.usage import Usage
from vmlab.rules.vm_state import Verb
from vmlab.simulator import Simulator, pvestatd

HOUR = timedelta(hours=1)
CLOSE = 0.01
"""Hours: what the test itself takes, and pvestatd's whole seconds."""


@pytest.fixture
async def lab(database: str, sim: Simulator) -> AsyncIterator[Lab]:
    """On SQLite and on PostgreSQL: states are noted by the database, and read by its functions."""
    rows = await populate()
    async with parts_of(sim, config.Settings(tasks=QUICK)) as (parts, api):
        yield Lab(sim, api, parts, *rows)


async def pass_by(lab: Lab, hours: float) -> None:
    """Let hours pass in which nobody does or looks at anything."""
    by = hours * HOUR
    for event in await VmEvent.all():
        await VmEvent.filter(id=event.id).update(at=event.at - by)
    for vm in await Vm.all():
        earlier = {
            column: at - by
            for column in ("observed_at", "started_at")
            if (at := getattr(vm, column)) is not None
        }
        if earlier:
            await Vm.filter(id=vm.id).update(**earlier)
    for guest in lab.sim.cluster.guests.values():
        if guest.started_at is not None:
            guest.started_at -= by.total_seconds()


async def look(lab: Lab) -> None:
    """VMLab, begun anew, looks at the cluster."""
    pvestatd.broadcast(lab.sim.cluster)
    await Reconciler(lab.parts, lag_s=0, look_again_s=0).tick()


async def there(lab: Lab, vm: Vm, method: str, path: str, **params: Any) -> None:
    """What an administrator does in the Proxmox interface, to its end."""
    await lab.sim.admin(method, f"/nodes/{vm.node}/qemu/{vm.vmid}{path}", params)
    await lab.settled(lambda: not any(job.running for job in lab.sim.jobs.on(vm.node or "")))


async def done(lab: Lab, vm: Vm, verb: Verb) -> None:
    """What is asked of VMLab, to its end."""
    task = await power_vm.admit(vm.id, verb, created_by_id=None)
    assert task is not None
    assert (await lab.walk(task)).status == "succeeded"


async def hours(course: Course, since: float = 1000, until: float = 0) -> tuple[float, float]:
    """Hours and core-hours of a course between two moments, so many hours ago."""
    now = datetime.now(UTC)
    spans = await running_spans(course.id, now - since * HOUR, now - until * HOUR)
    used = sum((Usage.of(span) for span in spans), Usage())
    return used.running_s / 3600, used.core_s / 3600


def about(*figures: float) -> Any:
    """Hours to some seconds."""
    return pytest.approx(figures, abs=CLOSE)


async def test_a_restart_of_vmlab_loses_and_invents_nothing(lab: Lab) -> None:
    await lab.make_vm(start=True)
    await pass_by(lab, 2)
    await look(lab)
    await pass_by(lab, 5)
    assert await hours(lab.course) == about(7, 7)
    await look(lab)
    await pass_by(lab, 1)
    assert await hours(lab.course) == about(8, 8)
    # Periods that cut the time it ran, at one end and at both.
    assert await hours(lab.course, since=3) == about(3, 3)
    assert await hours(lab.course, since=20, until=6) == about(2, 2)
    assert await hours(lab.course, since=6, until=1.5) == about(4.5, 4.5)
    assert await hours(lab.course, since=20, until=9) == about(0, 0)


async def test_what_is_started_in_proxmox_while_vmlab_is_away_runs_since_then(lab: Lab) -> None:
    vm = await lab.make_vm()
    await pass_by(lab, 4)
    await look(lab)
    await there(lab, vm, "POST", "/status/start")
    await pass_by(lab, 3)
    await look(lab)
    assert await hours(lab.course) == about(3, 3)
    await pass_by(lab, 1)
    await done(lab, vm, Verb.STOP)
    await pass_by(lab, 10)
    await look(lab)
    assert await hours(lab.course) == about(4, 4)


async def test_what_is_stopped_in_proxmox_ran_until_it_was_last_seen_to(lab: Lab) -> None:
    vm = await lab.make_vm(start=True)
    await pass_by(lab, 6)
    await look(lab)
    await pass_by(lab, 2)
    await there(lab, vm, "POST", "/status/stop")
    await look(lab)
    # Nobody knows when in these two hours; none of them is made up.
    assert await hours(lab.course) == about(6, 6)


async def test_a_restart_in_proxmox_counts_from_the_new_start(lab: Lab) -> None:
    vm = await lab.make_vm(start=True)
    await pass_by(lab, 3)
    await look(lab)
    await pass_by(lab, 2)
    await there(lab, vm, "POST", "/status/stop")
    await there(lab, vm, "POST", "/status/start")
    await pass_by(lab, 1)
    await look(lab)
    assert await hours(lab.course) == about(4, 4)


async def test_vmlabs_own_restart_is_no_pause(lab: Lab) -> None:
    vm = await lab.make_vm(start=True)
    await pass_by(lab, 3)
    await done(lab, vm, Verb.RESTART)
    await pass_by(lab, 2)
    await look(lab)
    assert await hours(lab.course) == about(5, 5)


async def test_other_processors_count_since_they_are_there(lab: Lab) -> None:
    vm = await lab.make_vm(start=True)
    await pass_by(lab, 2)
    await done(lab, vm, Verb.STOP)
    wanted = change_vm.ChangeVm(cpu_cores=4)
    task = await change_vm.admit(vm.id, wanted, settings=lab.settings, created_by_id=None)
    assert task is not None
    assert (await lab.walk(task)).status == "succeeded"
    await done(lab, vm, Verb.START)
    await pass_by(lab, 3)
    assert await hours(lab.course) == about(5, 2 + 3 * 4)


@pytest.mark.parametrize("where", ["VMLab", "Proxmox"])
async def test_what_is_deleted_counts_until_then(lab: Lab, where: str) -> None:
    vm = await lab.make_vm(start=True)
    await pass_by(lab, 5)
    await look(lab)
    if where == "Proxmox":
        await there(lab, vm, "PUT", "/config", delete="protection")
        await there(lab, vm, "POST", "/status/stop")
        await there(lab, vm, "DELETE", "")
        await look(lab)
        assert (await lab.reload(vm)).status is VmStatus.MISSING
    task = await delete_vm.admit(vm.id, created_by_id=None)
    assert (await lab.walk(task)).status == "succeeded"
    assert await ended(task.id)
    await pass_by(lab, 7)
    assert await hours(lab.course) == about(5, 5)
    assert await hours(lab.course, since=9) == about(2, 2)
