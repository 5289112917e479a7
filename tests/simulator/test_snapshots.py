"""Snapshots: with and without memory, their tree, rolling back, what refuses them."""

import pytest

from tests.simulator.lab import QEMU, cluster, config, guest, job, make, refused, start, status
from tests.simulator.raw import RawClient

SNAPSHOT = f"{QEMU}/100/snapshot"


async def names(api: RawClient) -> dict[str, dict[str, object]]:
    return {row["name"]: row for row in (await api("GET", SNAPSHOT)).data}


async def test_a_chain_of_snapshots(api: RawClient) -> None:
    await make(api, 100)
    for name, params in (("s1", {"description": "first"}), ("s2", {}), ("s3", {})):
        assert await api.done("POST", SNAPSHOT, {"snapname": name, **params}) == "OK"
    rows = await names(api)
    assert rows["s1"].keys() == {"name", "snaptime", "description", "vmstate"}
    assert (rows["s1"]["description"], rows["s1"]["vmstate"]) == ("first", 0)
    assert (rows["s2"]["parent"], rows["s2"]["description"]) == ("s1", "")
    assert rows["current"]["parent"] == "s3"
    assert rows["current"]["digest"] == (await config(api, 100))["digest"]
    assert await api.done("DELETE", f"{SNAPSHOT}/s2") == "OK"
    rows = await names(api)
    assert rows["s3"]["parent"] == "s1"
    assert "s2" not in rows


async def test_rolling_back_restores_configuration_and_disk_size(api: RawClient) -> None:
    await make(api, 100, name="old")
    await api.done("POST", SNAPSHOT, {"snapname": "s1"})
    await api("PUT", f"{QEMU}/100/config", {"name": "new", "memory": 256})
    await api.done("PUT", f"{QEMU}/100/resize", {"disk": "scsi0", "size": "+1G"})
    assert await api.done("POST", f"{SNAPSHOT}/s1/rollback") == "OK"
    found = await config(api, 100)
    assert (found["name"], found["memory"], found["parent"]) == ("old", "128", "s1")
    assert not {"lock", "snaptime", "snapstate"} & found.keys()
    assert await api.done("PUT", f"{QEMU}/100/resize", {"disk": "scsi0", "size": "1G"}) == "OK"


async def test_a_snapshot_with_memory_goes_on_running(api: RawClient) -> None:
    await make(api, 100, agent=1)
    await start(api, 100)
    params = {"snapname": "s1", "vmstate": 1, "description": "with ram"}
    answer = await api("POST", SNAPSHOT, params)
    lines = (await api.sim.jobs.wait(answer.data)).lines
    assert "saving VM state and RAM using storage 'vmdisks'" in lines
    assert lines[-1] == "TASK OK"
    assert (await names(api))["s1"]["vmstate"] == 1
    saved = (await api("GET", f"{SNAPSHOT}/s1/config")).data
    assert saved["vmstate"] == "vmdisks:100/vm-100-state-s1.raw"
    assert saved["runningmachine"] == "pc-i440fx-10.0+pve0"
    first = guest(api, 100).pid
    assert await api.done("POST", f"{SNAPSHOT}/s1/rollback") == "OK"
    assert (await status(api, 100))["status"] == "running"
    assert guest(api, 100).pid != first
    assert "vmstate" not in await config(api, 100)
    assert await api.done("DELETE", f"{SNAPSHOT}/s1") == "OK"
    assert saved["vmstate"] not in api.sim.cluster.storage("vmdisks").on("pve1")


async def test_rolling_back_without_memory_stops_unless_told_to_start(api: RawClient) -> None:
    await make(api, 100)
    await start(api, 100)
    await api.done("POST", SNAPSHOT, {"snapname": "s1"})
    assert await api.done("POST", f"{SNAPSHOT}/s1/rollback") == "OK"
    assert not guest(api, 100).running
    assert await api.done("POST", f"{SNAPSHOT}/s1/rollback", {"start": 1}) == "OK"
    latest = max(api.sim.jobs, key=lambda job: job.pid)
    assert latest.kind == "qmstart"
    await latest.ended.wait()
    assert guest(api, 100).running


async def test_the_guest_is_locked_meanwhile() -> None:
    async with cluster(frozen=True) as api:
        await api("POST", QEMU, {"vmid": 100, "scsi0": "vmdisks:1,format=qcow2"})
        await api.sim.clock.advance(2)
        upid = (await api("POST", SNAPSHOT, {"snapname": "s1"})).data
        await api.sim.clock.advance(0.1)
        assert (await config(api, 100))["lock"] == "snapshot"
        assert (await names(api))["s1"]["snapstate"] == "prepare"
        answer = await api("PUT", f"{QEMU}/100/config", {"name": "x"})
        assert refused(answer) == (500, "VM is locked (snapshot)")
        await api.sim.clock.advance(1)
        assert job(api, upid).status == "OK"
        assert "snapstate" not in (await names(api))["s1"]


async def test_a_stopped_snapshot_leaves_nothing() -> None:
    async with cluster(frozen=True) as api:
        await api("POST", QEMU, {"vmid": 100, "scsi0": "vmdisks:1,format=qcow2"})
        await api.sim.clock.advance(2)
        upid = (await api("POST", SNAPSHOT, {"snapname": "s1"})).data
        await api.sim.clock.advance(0.1)
        await api("DELETE", f"/nodes/pve1/tasks/{upid}")
        assert job(api, upid).status == "interrupted by signal"
        assert "lock" not in await config(api, 100)
        assert (await names(api)).keys() == {"current"}


@pytest.mark.parametrize(
    ("options", "prepare", "text"),
    [
        ({"scsi0": "vmdisks:1,format=raw"}, {}, "snapshot feature is not available"),
        ({}, {"lock": "backup"}, "VM is locked (backup)"),
        ({}, {"template": 1}, "you can't take a snapshot if it's a template"),
    ],
)
async def test_refusals_come_in_the_task(
    api: RawClient, options: dict[str, str], prepare: dict[str, object], text: str
) -> None:
    (await make(api, 100, **options)).config.update(prepare)
    assert await api.done("POST", SNAPSHOT, {"snapname": "s1"}) == text


async def test_names(api: RawClient) -> None:
    await make(api, 100)
    await api.done("POST", SNAPSHOT, {"snapname": "s1"})
    again = await api.done("POST", SNAPSHOT, {"snapname": "s1"})
    assert again == "snapshot name 's1' already used"
    reserved = await api("POST", SNAPSHOT, {"snapname": "current"})
    text = "unable to use snapshot name 'current' (reserved name)"
    assert refused(reserved) == (500, text)
    for method, path in (("DELETE", "nosuch"), ("POST", "nosuch/rollback")):
        assert await api.done(method, f"{SNAPSHOT}/{path}") == "snapshot 'nosuch' does not exist"


async def test_a_silent_agent_is_told_of(api: RawClient) -> None:
    (await make(api, 100, agent=1)).extra["silent_agent"] = True
    await start(api, 100)
    answer = await api("POST", SNAPSHOT, {"snapname": "s1"})
    assert (await api.sim.jobs.wait(answer.data)).lines == [
        "QEMU Guest Agent is not running - VM 100 qmp command 'guest-ping' failed - got timeout",
        "snapshotting 'drive-scsi0' (vmdisks:100/vm-100-disk-0.qcow2)",
        "TASK OK",
    ]


async def test_descriptions_change_later(api: RawClient) -> None:
    await make(api, 100)
    await api.done("POST", SNAPSHOT, {"snapname": "s1"})
    answer = await api("PUT", f"{SNAPSHOT}/s1/config", {"description": "better"})
    assert answer.json == {"data": None}
    assert (await names(api))["s1"]["description"] == "better"
