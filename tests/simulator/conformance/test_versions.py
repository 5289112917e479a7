"""What 9.2 answers differently from 8.4: the version of a simulator changes it, row by row.

The facts were observed on pve-manager 8.4.21 and 9.2.11.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from itertools import pairwise

import pytest

from tests.simulator.conformance import cast
from tests.simulator.conformance.stage import NODE, Stage, stage

QEMU = f"/nodes/{NODE}/qemu"


@asynccontextmanager
async def furnished(version: str) -> AsyncIterator[Stage]:
    """A stage of that version with storages and an administrator."""
    async with stage(version) as made:
        cast.furnish(made)
        yield made


@pytest.fixture
async def old() -> AsyncIterator[Stage]:
    async with furnished("8.4") as made:
        yield made


@pytest.fixture
async def new() -> AsyncIterator[Stage]:
    async with furnished("9.2") as made:
        yield made


def pressures(keys: Iterable[str]) -> set[str]:
    return {key for key in keys if key.startswith("pressure")}


async def log_of(played: Stage, upid: str) -> list[str]:
    await played.finish(upid)
    rows = await played.admin("GET", f"/nodes/{NODE}/tasks/{upid}/log")
    return [row["t"] for row in rows]


async def test_status_tells_memory_on_the_host_and_pressure(old: Stage, new: Stage):
    for played in (old, new):
        await cast.guest(played, 101, cast.IMPORTED)
        await cast.running_guest(played, 102, cast.TCG)
    for path in (f"{QEMU}/101/status/current", QEMU):
        before, now = await old.admin("GET", path), await new.admin("GET", path)
        off_before, off = (
            found if isinstance(found, dict) else next(r for r in found if r["vmid"] == 101)
            for found in (before, now)
        )
        assert "memhost" not in off_before
        assert off["memhost"] == 0
        assert pressures(off) == set()
    path = f"{QEMU}/102/status/current"
    before, now = await old.admin("GET", path), await new.admin("GET", path)
    assert pressures(before) == set()
    assert len(pressures(now)) == 6
    assert now["memhost"] > 0
    assert all("idle_time_ns" in drive for drive in now["blockstat"].values())


async def test_memory_of_a_guest_without_a_balloon_is_what_the_host_gives_it(
    old: Stage, new: Stage
):
    for played in (old, new):
        await cast.running_guest(played, 102, {"memory": 64, "kvm": 0, "balloon": 0})
    path = f"{QEMU}/102/status/current"
    before, now = await old.admin("GET", path), await new.admin("GET", path)
    assert before["mem"] <= before["maxmem"]
    assert now["mem"] == now["memhost"]


async def test_resources_have_network_rows_instead_of_sdn_rows(old: Stage, new: Stage):
    for played in (old, new):
        await cast.guest(played, 101, cast.IMPORTED)
        await played.advance(30)
    before, now = [
        {row["type"]: row for row in await s.admin("GET", "/cluster/resources")} for s in (old, new)
    ]
    assert before["sdn"]["id"] == f"sdn/{NODE}/localnetwork"
    assert "network" not in before
    assert now["network"]["id"] == f"network/{NODE}/zone/localnetwork"
    assert {"network", "network-type"} <= set(now["network"])
    assert "sdn" not in now
    assert "memhost" not in before["qemu"]
    assert now["qemu"]["memhost"] == 0


async def test_resources_by_type(old: Stage, new: Stage):
    assert len(await old.admin("GET", "/cluster/resources", type="sdn")) == 1
    assert await new.admin("GET", "/cluster/resources", type="sdn") == []
    assert (await new.ask("GET", "/cluster/resources", type="network")).status == 400


async def test_pool_members_tell_memory_on_the_host(old: Stage, new: Stage):
    members = []
    for played in (old, new):
        await played.admin("POST", "/pools", poolid="lab")
        await cast.guest(played, 101, cast.IMPORTED, pool="lab")
        await played.advance(30)
        members += (await played.admin("GET", "/pools/lab"))["members"]
    assert ["memhost" in member for member in members] == [False, True]


async def test_node_status_tells_more_of_memory_and_processor(old: Stage, new: Stage):
    path = f"/nodes/{NODE}/status"
    before, now = await old.admin("GET", path), await new.admin("GET", path)
    assert set(now["memory"]) - set(before["memory"]) == {"available"}
    assert set(now["cpuinfo"]) - set(before["cpuinfo"]) == {"family", "vendor"}


@pytest.mark.parametrize(
    ("timeframe", "rows", "period_s"),
    [
        ("hour", {59, 60}, 60),
        ("day", {1439, 1440}, 60),
        ("week", {335, 336}, 1800),
        ("month", {1439, 1440}, 1800),
        ("year", {1439, 1440}, 6 * 3600),
    ],
)
async def test_rows_of_curves(new: Stage, timeframe: str, rows: set[int], period_s: int):
    await cast.guest(new, 101, cast.IMPORTED)
    for path in (f"/nodes/{NODE}/rrddata", f"{QEMU}/101/rrddata"):
        data = await new.admin("GET", path, timeframe=timeframe)
        assert len(data) in rows
        assert {b["time"] - a["time"] for a, b in pairwise(data)} == {period_s}


async def test_curves_of_the_last_hour_and_decade(old: Stage, new: Stage):
    path = f"/nodes/{NODE}/rrddata"
    assert len(await old.admin("GET", path, timeframe="hour")) == 70
    assert (await old.ask("GET", path, timeframe="decade")).status == 400
    assert len(await new.admin("GET", path, timeframe="decade")) in {569, 570}
    await cast.guest(new, 101, cast.IMPORTED)
    assert (await new.ask("GET", f"{QEMU}/101/rrddata", timeframe="decade")).status == 400


async def test_what_curves_measure(old: Stage, new: Stage):
    async def measured(played: Stage, path: str) -> set[str]:
        return set().union(*await played.admin("GET", path, timeframe="hour"))

    for played in (old, new):
        await cast.running_guest(played, 101, cast.TCG)
        await played.advance(300)
    guest, node = f"{QEMU}/101/rrddata", f"/nodes/{NODE}/rrddata"
    added = await measured(new, guest) - await measured(old, guest)
    assert added == {"memhost"} | pressures(added)
    assert len(pressures(added)) == 6
    added = await measured(new, node) - await measured(old, node)
    assert added == {"arcsize", "memavailable"} | pressures(added)
    assert len(pressures(added)) == 5


async def test_the_privilege_vm_monitor_is_gone(old: Stage, new: Stage):
    role = {"roleid": "Mon", "privs": "VM.Audit,VM.Monitor"}
    assert (await old.ask("POST", "/access/roles", **role)).status == 200
    refused = await new.ask("POST", "/access/roles", **role)
    assert refused.body["errors"] == {"privs": "invalid format - invalid privilege 'VM.Monitor'\n"}


@pytest.mark.parametrize(
    ("method", "call", "reasons"),
    [
        (
            "GET",
            "agent/get-osinfo",
            ("VM.Monitor", "VM.GuestAgent.Audit|VM.GuestAgent.Unrestricted"),
        ),
        ("POST", "monitor", ("VM.Monitor", "Sys.Audit|Sys.Modify")),
    ],
)
async def test_privileges_named_by_refusals(
    old: Stage, new: Stage, method: str, call: str, reasons: tuple[str, str]
):
    who = "ag@pve!tk"
    params = {"command": "info status"} if call == "monitor" else {}
    for played, privileges in zip((old, new), reasons, strict=True):
        await cast.running_guest(played, 101, cast.TCG)
        await cast.account(played, who, "VM.Audit", path="/vms/101")
        answer = await played.ask(method, f"{QEMU}/101/{call}", who=who, **params)
        assert answer.status == 403
        assert answer.reason == f"Permission check failed (/vms/101, {privileges})"


async def test_post_of_configuration_does_not_wait_for_another_worker(old: Stage, new: Stage):
    """8.4 waits for the lock inside the request, 9.2 in the task; PUT waits in both."""
    begun = []
    for played in (old, new):
        await cast.guest(played, 110, cast.IMPORTED)
        clone = await played.ask("POST", f"{QEMU}/110/clone", newid=140, full=1, bwlimit=1024)
        assert clone.status == 200
        await played.advance(1)
        clock = played.simulator.clock
        start = clock.time()
        answer = await played.ask("POST", f"{QEMU}/110/config", scsi1="vmdisks:1")
        begun.append((answer.status, clock.time() - start))
    (_, waited_before), (status, waited) = begun
    assert waited_before >= 10
    assert status == 200
    assert waited < 5
    put = await new.ask("PUT", f"{QEMU}/110/config", memory=64)
    assert put.status == 500
    assert put.reason.endswith("got timeout")


async def test_start_on_a_missing_bridge(old: Stage, new: Stage):
    ends = []
    for played in (old, new):
        config = {"memory": 64, "kvm": 0, "net0": "virtio,bridge=vmbr9"}
        await cast.guest(played, 101, config)
        upid = (await played.ask("POST", f"{QEMU}/101/status/start")).data
        ends.append(await played.finish(upid))
    assert ends == ["start failed: QEMU exited with code 1", "bridge 'vmbr9' does not exist"]


async def test_log_of_clones(old: Stage, new: Stage):
    for played, is_new in ((old, False), (new, True)):
        await cast.template(played)
        linked = (await played.ask("POST", f"{QEMU}/9000/clone", newid=500)).data
        full = (await played.ask("POST", f"{QEMU}/9000/clone", newid=501, full=1)).data
        lines, full_lines = await log_of(played, linked), await log_of(played, full)
        assert ("creating a clone of VM 9000 with ID 500" in lines) is is_new
        volume = "allocated target volume 'vmdisks:501/vm-501-disk-0.qcow2'"
        assert (volume in full_lines) is is_new
        (formatting,) = (line for line in lines if line.startswith("Formatting"))
        assert ("cluster_size=131072 extended_l2=on" in formatting) is is_new


async def test_pools_must_begin_with_a_letter(old: Stage, new: Stage):
    assert (await old.ask("POST", "/pools", poolid="1pool")).status == 200
    refused = await new.ask("POST", "/pools", poolid="1pool")
    assert refused.reason == "create pool failed: pool name must start with a letter"


async def test_tokens_can_be_renewed_in_place(old: Stage, new: Stage):
    path = "/access/users/tt@pve/token/tk"
    for played in (old, new):
        await played.admin("POST", "/access/users", userid="tt@pve")
        await cast.token(played, "tt@pve!tk")
    assert (await old.ask("PUT", path, regenerate=1)).status == 400
    renewed = await new.admin("PUT", path, regenerate=1)
    assert renewed["full-tokenid"] == "tt@pve!tk"
    assert (await new.ask("GET", "/version", who="tt@pve!tk")).status == 401
    new.secrets["tt@pve!tk"] = renewed["value"]
    assert (await new.ask("GET", "/version", who="tt@pve!tk")).status == 200


async def test_high_availability_has_rules_instead_of_groups(old: Stage, new: Stage):
    assert await old.admin("GET", "/cluster/ha/groups") == []
    refused = await new.ask("GET", "/cluster/ha/groups")
    assert refused.status == 500
    assert refused.reason == "cannot index groups: ha groups have been migrated to rules"
    assert (await old.ask("GET", "/cluster/ha/rules")).status == 501
    assert await new.admin("GET", "/cluster/ha/rules") == []


async def test_an_error_text_beyond_latin_1_breaks_the_answer(new: Stage):
    await cast.guest(new, 101, cast.IMPORTED)
    answer = await new.ask("PUT", f"{QEMU}/101/config", scsi1="vmdisks:日本.qcow2")
    assert (answer.status, answer.reason, answer.body) == (596, "Broken pipe", "")
