"""Workers: how they end, who sees them, what stopping does."""

import asyncio

import pytest

from tests.simulator.raw import RawClient
from vmlab.simulator import Simulator
from vmlab.simulator.errors import ApiError
from vmlab.simulator.jobs import UPID, Job

ROOT = "root@pam!vmlab"


async def _nothing(job: Job) -> None:
    job.log("one\ntwo")


async def _warning(job: Job) -> None:
    job.warn("careful")


async def _failing(job: Job) -> None:
    raise ApiError(500, "no such\nthing")


async def _endless(job: Job) -> None:
    await asyncio.Event().wait()


async def _stubborn(job: Job) -> None:
    while True:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            if not job.running:
                raise


async def test_how_workers_end(sim: Simulator, api: RawClient) -> None:
    expected = {
        _nothing: ("OK", ["one", "two", "TASK OK"]),
        _warning: ("WARNINGS: 1", ["WARN: careful", "TASK WARNINGS: 1"]),
        _failing: ("no such thing", ["TASK ERROR: no such thing"]),
    }
    for work, (status, lines) in expected.items():
        upid = sim.fork("pve1", ROOT, "qmstart", "100", work)
        await sim.jobs.wait(upid)
        answer = await api("GET", f"/nodes/pve1/tasks/{upid}/status")
        assert answer.data["exitstatus"] == status
        log = await api("GET", f"/nodes/pve1/tasks/{upid}/log")
        assert [row["t"] for row in log.data] == lines
        assert [row["n"] for row in log.data] == list(range(1, len(lines) + 1))
        assert log.json["total"] == len(lines)


async def test_a_status_takes_the_upid_apart(sim: Simulator, api: RawClient) -> None:
    upid = sim.fork("pve2", ROOT, "qmclone", "9000", _endless)
    match = UPID.fullmatch(upid)
    assert match
    running = (await api("GET", f"/nodes/pve2/tasks/{upid}/status")).data
    assert running == {
        "upid": upid,
        "node": "pve2",
        "pid": int(match[2], 16),
        "pstart": int(match[3], 16),
        "starttime": int(match[4], 16),
        "type": "qmclone",
        "id": "9000",
        "user": "root@pam",
        "tokenid": "vmlab",
        "status": "running",
    }


async def test_wrong_upids(sim: Simulator, api: RawClient) -> None:
    upid = sim.fork("pve1", ROOT, "qmstart", "100", _nothing)
    garbage = await api("GET", "/nodes/pve1/tasks/UPID:pve1:xxx/status")
    assert garbage.json["errors"] == {"upid": "unable to parse worker upid"}
    elsewhere = await api("GET", f"/nodes/pve2/tasks/{upid}/status")
    assert (elsewhere.status, elsewhere.json["errors"]) == (400, {"upid": "no such task"})


async def test_the_list_shows_what_ended_unless_asked(sim: Simulator, api: RawClient) -> None:
    ended = sim.fork("pve1", ROOT, "qmstart", "100", _nothing)
    failed = sim.fork("pve1", ROOT, "qmstop", "101", _failing)
    warned = sim.fork("pve1", ROOT, "qmstop", "101", _warning)
    running = sim.fork("pve1", ROOT, "qmclone", "9000", _endless)
    await sim.jobs.wait(warned)

    async def listed(**filters: object) -> list[str]:
        answer = await api("GET", "/nodes/pve1/tasks", filters)
        assert answer.json.get("total", 0) >= len(answer.data)
        return [row["upid"] for row in answer.data]

    assert await listed() == [warned, failed, ended]
    assert await listed(source="active") == [running]
    assert await listed(source="all") == [running, warned, failed, ended]
    assert await listed(errors=1) == [warned, failed]
    assert await listed(statusfilter="warning") == [warned]
    assert await listed(typefilter="qmstop", statusfilter="error,ok") == [failed]
    assert await listed(vmid=100) == [ended]
    assert await listed(limit=1) == [warned]
    assert await listed(start=2) == [ended]
    assert await listed(since=int(sim.clock.time()) + 60) == []
    assert await listed(userfilter="VMLAB") == [warned, failed, ended]
    active = (await api("GET", "/nodes/pve1/tasks", {"source": "active"})).data[0]
    assert (active["user"], active["status"], active["saved"]) == (ROOT, "RUNNING", "0")
    assert "tokenid" not in active
    last = (await api("GET", "/nodes/pve1/tasks", {"vmid": 100})).data[0]
    assert (last["user"], last["tokenid"], last["status"]) == ("root@pam", "vmlab", "OK")
    assert last["endtime"] >= last["starttime"]


async def test_the_first_page_of_a_log_is_fifty_lines(sim: Simulator, api: RawClient) -> None:
    async def talk(job: Job) -> None:
        job.log("\n".join(f"line {n}" for n in range(120)))

    upid = sim.fork("pve1", ROOT, "qmclone", "9000", talk)
    await sim.jobs.wait(upid)
    path = f"/nodes/pve1/tasks/{upid}/log"
    first = await api("GET", path)
    assert (len(first.data), first.json["total"]) == (50, 121)
    assert (await api("GET", path, {"start": 119})).data == [
        {"n": 120, "t": "line 119"},
        {"n": 121, "t": "TASK OK"},
    ]
    assert len((await api("GET", path, {"limit": 0})).data) == 121


async def test_foreign_tasks_need_rights(sim: Simulator) -> None:
    audit = ("/", "/nodes")
    sim.cluster.acl = {entry for entry in sim.cluster.acl if entry.path not in audit}
    foreign = sim.fork("pve1", ROOT, "qmstart", "100", _endless)
    own = sim.fork("pve1", sim.token_id, "qmstart", "100", _endless)
    async with RawClient(sim, f"PVEAPIToken={sim.token_id}={sim.token_secret}") as client:
        refused = await client("GET", f"/nodes/pve1/tasks/{foreign}/status")
        assert refused.reason == "Permission check failed (/nodes/pve1, Sys.Audit)"
        refused = await client("DELETE", f"/nodes/pve1/tasks/{foreign}")
        assert refused.reason == "Permission check failed (/nodes/pve1, Sys.Modify)"
        assert (await client("GET", f"/nodes/pve1/tasks/{own}/status")).status == 200
        listed = await client("GET", "/nodes/pve1/tasks", {"source": "all"})
        assert [row["upid"] for row in listed.data] == [own]
        assert (await client("GET", "/cluster/tasks")).data == []


async def test_stopping(sim: Simulator, api: RawClient) -> None:
    upid = sim.fork("pve1", ROOT, "qmclone", "9000", _endless)
    path = f"/nodes/pve1/tasks/{upid}"
    assert (await api("DELETE", path)).json == {"data": None}
    assert (await api("GET", path + "/status")).data["exitstatus"] == "interrupted by signal"
    assert (await api("DELETE", path)).json == {"data": None}
    assert (await api("GET", path)).data == [{"name": "log"}, {"name": "status"}]


async def test_who_does_not_end_is_killed(sim: Simulator, api: RawClient) -> None:
    upid = sim.fork("pve1", ROOT, "qmclone", "9000", _stubborn)
    await asyncio.sleep(0)
    await api("DELETE", f"/nodes/pve1/tasks/{upid}")
    status = await api("GET", f"/nodes/pve1/tasks/{upid}/status")
    assert status.data["exitstatus"] == "unexpected status"


async def test_tasks_of_all_nodes(sim: Simulator, api: RawClient) -> None:
    for node in ("pve1", "pve2"):
        await sim.jobs.wait(sim.fork(node, ROOT, "qmstart", "100", _nothing))
    rows = (await api("GET", "/cluster/tasks")).data
    assert {row["node"] for row in rows} == {"pve1", "pve2"}
    assert all(row["status"] == "OK" and "pid" not in row for row in rows)


@pytest.mark.parametrize("kind", ["qmstart", "imgcopy"])
def test_upids_have_eight_fields(kind: str) -> None:
    job = Job("pve1", 1, 2, 3, kind, "", "a@pve!t")
    assert job.upid == f"UPID:pve1:00000001:00000002:00000003:{kind}::a@pve!t:"
    assert UPID.fullmatch(job.upid)
