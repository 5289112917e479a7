"""Metrics over time: as fine as Proxmox has them, thinned on wish, and never made up."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from tests.handlers.conftest import Client
from tests.handlers.lab import ServedLab, ask
from tests.handlers.people import People
from tests.handlers.rows import make_vm
from vmlab.handlers.observation import MEASUREMENTS
from vmlab.handlers.schemas.base import rfc3339
from vmlab.models import Vm
from vmlab.simulator import Simulator, pvestatd

HOUR = timedelta(hours=1)


@pytest.fixture(params=["8.4", "9.2"])
async def sim(request: pytest.FixtureRequest) -> AsyncIterator[Simulator]:
    """Time goes as it does, so that what is recorded lies in the past."""
    async with Simulator(version=request.param, auth_delay_s=0.0) as simulator:
        yield simulator


async def aged(lab: ServedLab, age: timedelta) -> dict[str, Any]:
    """A running machine that has been there for a time, as Proxmox has it too."""
    vm = await lab.make_vm(start=True)
    await Vm.filter(id=vm["id"]).update(created_at=datetime.now(UTC) - age)
    guest = lab.guest(vm)
    guest.born_at = guest.started_at = lab.sim.clock.time() - age.total_seconds()
    return vm


async def history(
    lab: ServedLab, vm: dict[str, Any], start: datetime, end: datetime, **how: Any
) -> dict[str, Any]:
    query = {"start_time": rfc3339(start), "end_time": rfc3339(end), **how}
    answer = await lab.ask(lab.student, "GET", f"vms/{vm['id']}/metrics/history/", **query)
    assert answer.status == 200, answer
    return dict(answer.data)


async def test_the_finest_resolution_that_reaches_back(worked_lab: ServedLab):
    lab = worked_lab
    vm = await aged(lab, timedelta(days=40))
    now = datetime.now(UTC)
    old = lab.sim.cluster.major < 9
    for back, step in (
        (HOUR - timedelta(minutes=2), 60),
        (23 * HOUR, 1800 if old else 60),
        (30 * HOUR, 1800),
        (timedelta(days=6), 10_800 if old else 1800),
        (timedelta(days=28), 43_200 if old else 1800),
        (timedelta(days=39), 604_800 if old else 21_600),
    ):
        found = await history(lab, vm, now - back, now, max_points=5000)
        assert found["interval_s"] == step, back
        assert abs(len(found["points"]) - back.total_seconds() / step) <= 1
        assert all(point["cpu_percent"] is not None for point in found["points"][1:-1])


async def test_thinned_honestly(worked_lab: ServedLab):
    lab = worked_lab
    vm = await aged(lab, timedelta(days=2))
    end = datetime.fromtimestamp(lab.sim.clock.time() // 60 * 60, UTC)
    window = (end - timedelta(minutes=50), end - timedelta(minutes=11))
    fine = await history(lab, vm, *window)
    assert (fine["interval_s"], len(fine["points"])) == (60, 40)
    loads = [point["cpu_percent"] for point in fine["points"]]
    for aggregate, of in (("average", lambda four: sum(four) / 4), ("max", max)):
        coarse = await history(lab, vm, *window, max_points=10, aggregate=aggregate)
        assert (coarse["interval_s"], len(coarse["points"])) == (240, 10)
        assert [point["cpu_percent"] for point in coarse["points"]] == pytest.approx(
            [of(loads[n : n + 4]) for n in range(0, 40, 4)]
        )
        assert coarse["points"][1]["timestamp"] == fine["points"][7]["timestamp"]


async def test_any_offset_and_any_window(worked_lab: ServedLab):
    lab = worked_lab
    vm = await aged(lab, timedelta(days=2))
    end = datetime.fromtimestamp(lab.sim.clock.time() // 60 * 60, UTC) - timedelta(minutes=5)
    start = end - timedelta(minutes=20)
    here = await history(lab, vm, start, end)
    assert len(here["points"]) == 21
    far_east = timezone(timedelta(hours=8))
    path = f"vms/{vm['id']}/metrics/history/"
    there = await lab.ask(
        lab.student,
        "GET",
        path,
        start_time=start.astimezone(far_east).isoformat(),
        end_time=end.astimezone(far_east).isoformat(),
    )
    assert there.data == here
    one = await history(lab, vm, end, end)
    assert [point["timestamp"] for point in one["points"]] == [rfc3339(end)]
    between = await history(lab, vm, end + timedelta(seconds=1), end + timedelta(seconds=59))
    assert between["points"] == []
    future = await history(lab, vm, end + timedelta(days=1), end + timedelta(days=2))
    assert future["points"] == []
    into_the_future = await history(lab, vm, start, end + timedelta(days=30))
    assert into_the_future["interval_s"] == 60
    assert into_the_future["points"][:21] == here["points"]
    assert len(into_the_future["points"]) in (26, 27)


async def test_what_was_not_measured_is_null(worked_lab: ServedLab):
    lab = worked_lab
    vm = await aged(lab, timedelta(minutes=20))
    now = datetime.now(UTC)
    points = (await history(lab, vm, now - timedelta(minutes=40), now))["points"]
    assert len(points) in (40, 41)
    for point in points[:18]:
        assert {value for name, value in point.items() if name != "timestamp"} == {None}
    assert all(point["cpu_percent"] is not None for point in points[22:38])


async def test_the_figures_of_whoever_had_the_number_before_are_not_shown(worked_lab: ServedLab):
    lab = worked_lab
    vm = await aged(lab, timedelta(days=2))
    await Vm.filter(id=vm["id"]).update(created_at=datetime.now(UTC) - timedelta(minutes=10))
    now = datetime.now(UTC)
    found = await history(lab, vm, now - timedelta(minutes=30), now)
    measured = [point["cpu_percent"] is not None for point in found["points"]]
    assert not any(measured[:18])
    assert all(measured[22:28])


async def test_a_class_at_one_look(worked_lab: ServedLab):
    lab = worked_lab
    vm = await lab.make_vm(start=True)
    stopped = await lab.make_vm(name="db")
    path = f"courses/{lab.course.id}/metrics/"
    cluster = lab.parts.work.cluster
    for _ in range(2):
        lab.guest(vm).started_at -= 10.0  # type: ignore[operator]
        pvestatd.broadcast(lab.sim.cluster)
        await cluster.resources()
    answer = await lab.ask(lab.teacher, "GET", path)
    assert answer.status == 200, answer
    db, web = answer.data["machines"]
    assert (db["vm"]["id"], db["vm"]["status"]) == (stopped["id"], "stopped")
    assert (db["net_in_bps"], db["disk_read_bps"]) == (None, None)
    assert web["vm"] == {"id": vm["id"], "name": "web", "status": "running"}
    assert web["owner"] == {"id": lab.student.id, "username": "student"}
    assert web["cpu_percent"] >= 0
    assert web["memory_total_mb"] == vm["memory_mb"]
    assert web["net_in_bps"] > 0


async def test_what_is_current_comes_from_the_look_that_all_share(worked_lab: ServedLab):
    lab = worked_lab
    vm = await lab.make_vm(start=True)
    cluster, path = lab.parts.work.cluster, f"vms/{vm['id']}/metrics/"
    for _ in range(2):
        lab.guest(vm).started_at -= 10.0  # type: ignore[operator]
        pvestatd.broadcast(lab.sim.cluster)
        view = await cluster.resources()
    before = lab.parts.api.calls.copy()
    current = (await lab.ask(lab.student, "GET", path)).data["current"]
    assert lab.parts.api.calls - before in ({}, {("GET", "/cluster/resources"): 1})
    assert set(current) == set(MEASUREMENTS) | {"timestamp"}
    assert current["memory_total_mb"] == vm["memory_mb"]
    assert current["net_in_bps"] > 0
    assert current["timestamp"] >= rfc3339(view.seen_at)
    await lab.ended((await lab.ask(lab.student, "POST", f"vms/{vm['id']}/stop/")).data["task"])
    pvestatd.broadcast(lab.sim.cluster)
    await cluster.resources()
    assert (await lab.ask(lab.student, "GET", path)).data["current"] is None


async def test_a_class_costs_one_call_whatever_its_size(lab: ServedLab):
    for n in range(20):
        await make_vm(lab.student, lab.course, name=f"vm{n}", node="pve1", vmid=10_000 + n)
    before = lab.parts.api.calls.copy()
    for _ in range(3):
        answer = await lab.ask(lab.teacher, "GET", f"courses/{lab.course.id}/metrics/")
        assert len(answer.data["machines"]) == 20
    assert lab.parts.api.calls - before == {("GET", "/cluster/resources"): 1}


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"max_points": "0"}, "max_points"),
        ({"max_points": "5001"}, "max_points"),
        ({"aggregate": "median"}, "aggregate"),
        ({"start_time": "2026-01-02T00:00:00Z", "end_time": "2026-01-01T00:00:00Z"}, "start_time"),
    ],
)
async def test_what_is_wrong_is_named(
    client: Client, people: People, query: dict[str, str], field: str
):
    ann = await people.add("ann", "student")
    vm = await make_vm(ann, None)
    answer = await ask(client, ann, "GET", f"vms/{vm.id}/metrics/history/", **query)
    assert answer.refusal == (400, "VALIDATION_001")
    assert list(answer.details) == [field]


@pytest.mark.parametrize("end", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
async def test_a_machine_that_was_never_there_has_nothing(client: Client, people: People, end: str):
    ann = await people.add("ann", "student")
    vm = await make_vm(ann, None)
    query = {"start_time": "0001-01-01T00:00:00Z", "end_time": end, "max_points": 5}
    answer = await ask(client, ann, "GET", f"vms/{vm.id}/metrics/history/", **query)
    assert answer.status == 200
    assert {point["cpu_percent"] for point in answer.data["points"]} <= {None}
