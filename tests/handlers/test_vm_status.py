"""What a machine does at this moment, and what it used: asked of Proxmox, within limits."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.handlers.conftest import Client
from tests.handlers.lab import ServedLab, ask
from tests.handlers.people import Person
from tests.handlers.rows import make_task, make_vm
from vmlab.handlers.schemas.base import rfc3339
from vmlab.models import Vm, VmStatus

STATUS = {
    "status", "qmp_status", "uptime_s", "node", "vmid", "ip_addresses", "lock", "task", "agent",
    "observed_at",
}  # fmt: skip
POINT = {
    "timestamp", "cpu_percent", "memory_used_mb", "memory_total_mb", "disk_read_bps",
    "disk_write_bps", "net_in_bps", "net_out_bps",
}  # fmt: skip


async def status_of(lab: ServedLab, vm: dict[str, Any]) -> dict[str, Any]:
    """What is answered now."""
    answer = await lab.ask(lab.student, "GET", f"vms/{vm['id']}/status/")
    assert answer.status == 200
    assert set(answer.data) == STATUS
    return dict(answer.data)


async def test_a_running_machine_is_seen_as_it_is(worked_lab: ServedLab):
    lab = worked_lab
    vm = await lab.make_vm(start=True)
    seen = await status_of(lab, vm)
    assert (seen["status"], seen["qmp_status"]) == ("running", "running")
    assert (seen["node"], seen["vmid"]) == (vm["node"], vm["vmid"])
    assert (seen["lock"], seen["task"]) == (None, None)
    assert seen["observed_at"].endswith("Z")
    assert isinstance(seen["uptime_s"], int)


async def test_what_was_done_in_proxmox_is_seen_at_once(worked_lab: ServedLab):
    lab = worked_lab
    vm = await lab.make_vm(start=True)
    await lab.sim.admin("POST", f"/nodes/{vm['node']}/qemu/{vm['vmid']}/status/suspend", {})
    while lab.guest(vm).qmpstatus != "paused":
        await lab.sim.clock.sleep(1)
    assert (await status_of(lab, vm))["status"] == "paused"
    lab.guest(vm).config["lock"] = "backup"
    assert (await status_of(lab, vm))["lock"] == "backup"


async def test_addresses_are_the_agents_and_end_with_the_guest(worked_lab: ServedLab):
    lab = worked_lab
    vm = await lab.make_vm()
    guest = lab.guest(vm)
    guest.config["agent"] = "1"
    begun = await lab.ask(lab.student, "POST", f"vms/{vm['id']}/start/")
    await lab.ended(begun.data["task"])
    guest.agent_up = True
    seen = await status_of(lab, vm)
    assert seen["agent"] == {"running": True}
    assert seen["ip_addresses"]
    assert (await lab.row(vm)).ip_addresses == seen["ip_addresses"]
    begun = await lab.ask(lab.student, "POST", f"vms/{vm['id']}/stop/", {"force": True})
    await lab.ended(begun.data["task"])
    seen = await status_of(lab, vm)
    assert (seen["status"], seen["agent"]) == ("stopped", {"running": False})
    assert seen["ip_addresses"] == []


async def test_without_proxmox_the_last_sight_is_told(worked_lab: ServedLab):
    lab = worked_lab
    vm = await lab.make_vm(start=True)
    for name in lab.sim.cluster.nodes:
        await lab.sim.node_down(name)
    seen = await status_of(lab, vm)
    assert (seen["status"], seen["qmp_status"]) == ("running", None)
    assert seen["agent"] == {"running": False}
    assert seen["observed_at"] <= rfc3339(datetime.now(UTC))
    now = rfc3339(datetime.now(UTC))
    metrics = await lab.ask(lab.student, "GET", f"vms/{vm['id']}/metrics/", end_time=now)
    assert metrics.refusal == (503, "PROXMOX_001")


async def test_the_number_of_a_missing_machine_may_be_a_strangers(worked_lab: ServedLab):
    lab = worked_lab
    vm = await lab.make_vm(start=True)
    await Vm.filter(id=vm["id"]).update(status=VmStatus.MISSING)
    seen = await status_of(lab, vm)
    assert (seen["status"], seen["qmp_status"], seen["ip_addresses"]) == ("missing", None, [])
    metrics = (await lab.ask(lab.student, "GET", f"vms/{vm['id']}/metrics/")).data
    assert metrics == {"current": None, "series": []}


async def test_a_machine_that_is_on_its_way_says_so(client: Client, ann: Person):
    vm = await make_vm(ann, None, vmid=None, status=VmStatus.CREATING)
    task = await make_task(ann, "vm.create", ("vm", vm.id))
    seen = (await ask(client, ann, "GET", f"vms/{vm.id}/status/")).data
    assert (seen["status"], seen["vmid"], seen["observed_at"]) == ("creating", None, None)
    assert seen["task"]["id"] == task.id
    metrics = (await ask(client, ann, "GET", f"vms/{vm.id}/metrics/")).data
    assert metrics == {"current": None, "series": []}


async def test_metrics_are_of_the_time_that_is_named(worked_lab: ServedLab):
    lab = worked_lab
    vm = await lab.make_vm(start=True)
    await Vm.filter(id=vm["id"]).update(created_at=datetime.now(UTC) - timedelta(days=1))
    path = f"vms/{vm['id']}/metrics/"
    plain = (await lab.ask(lab.student, "GET", path)).data
    assert plain["series"] == []
    assert plain["current"] is None or set(plain["current"]) == POINT
    now = datetime.now(UTC)
    since = rfc3339((now - timedelta(minutes=30)).replace(microsecond=0))
    until = rfc3339(now.replace(microsecond=0))
    window = (await lab.ask(lab.student, "GET", path, start_time=since, end_time=until)).data
    assert window["series"]
    for point in window["series"]:
        assert set(point) == POINT
        assert since <= point["timestamp"] <= until
    half_an_hour = (await lab.ask(lab.student, "GET", path, end_time=until)).data["series"]
    assert half_an_hour == window["series"]
    open_end = (await lab.ask(lab.student, "GET", path, start_time=since)).data["series"]
    assert len(open_end) >= len(window["series"])


async def test_times_may_have_any_offset(worked_lab: ServedLab):
    lab = worked_lab
    vm = await lab.make_vm(start=True)
    await Vm.filter(id=vm["id"]).update(created_at=datetime.now(UTC) - timedelta(days=1))
    path = f"vms/{vm['id']}/metrics/"
    end = datetime.now(UTC).replace(microsecond=0)
    start = end - timedelta(minutes=20)
    shifted = timedelta(hours=8)
    asked = {
        "start_time": (start + shifted).strftime("%Y-%m-%dT%H:%M:%S+08:00"),
        "end_time": (end + shifted).strftime("%Y-%m-%dT%H:%M:%S+08:00"),
    }
    there = (await lab.ask(lab.student, "GET", path, **asked)).data["series"]
    here = await lab.ask(lab.student, "GET", path, start_time=rfc3339(start), end_time=rfc3339(end))
    assert there == here.data["series"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"start_time": "yesterday"}, "start_time"),
        ({"end_time": "9999-12-31T23:59:59-14:00"}, "end_time"),
        ({"start_time": "2026-01-02T00:00:00Z", "end_time": "2026-01-01T00:00:00Z"}, "start_time"),
        ({"aggregate": "max"}, "aggregate"),
    ],
)
async def test_what_is_wrong_with_a_time_is_named(
    client: Client, ann: Person, query: dict[str, str], field: str
):
    vm = await make_vm(ann, None)
    answer = await ask(client, ann, "GET", f"vms/{vm.id}/metrics/", **query)
    assert answer.refusal == (400, "VALIDATION_001")
    assert list(answer.details) == [field]
