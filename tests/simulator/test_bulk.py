"""Bulk actions, which only 9.x has."""

from tests.simulator.lab import cluster, guest, make, start, token
from tests.simulator.raw import RawClient

BULK = "/cluster/bulk-action/guest"


async def test_eight_has_none(api: RawClient) -> None:
    assert (await api("POST", f"{BULK}/start", {"vms": 100})).status == 501


async def test_each_guest_gets_a_task_of_its_own() -> None:
    async with cluster("9.2") as api:
        for vmid in (100, 101):
            await make(api, vmid)
        await start(api, 100)
        answer = await api("POST", f"{BULK}/start", {"vms": [100, 101, 799]})
        ended = await api.sim.jobs.wait(answer.data)
        assert (ended.kind, ended.id) == ("bulk-start", "")
        assert ended.lines == [
            "Starting guests: 100, 101, 799",
            "WARN: Skipping VM 100, already running.",
            "Starting VM 101",
            "TASK WARNINGS: 1",
        ]
        assert guest(api, 101).running
        assert await api.done("POST", f"{BULK}/suspend", {"vms": [101]}) == "OK"
        assert guest(api, 101).qmpstatus == "paused"
        forced = {"vms": [101], "timeout": 3, "force-stop": 1}
        assert await api.done("POST", f"{BULK}/shutdown", forced) == "OK"
        assert not guest(api, 101).running
        kinds = [job.kind for job in api.sim.jobs]
        assert {"qmstart", "qmpause", "qmshutdown"} <= set(kinds)


async def test_without_a_list_every_guest_is_started() -> None:
    async with cluster("9.2") as api:
        for vmid in (100, 101):
            await make(api, vmid)
        assert await api.done("POST", f"{BULK}/start") == "OK"
        assert [guest(api, vmid).running for vmid in (100, 101, 9000)] == [True, True, False]


async def test_rights_are_each_guests() -> None:
    async with cluster("9.2") as api:
        for vmid in (100, 101):
            await make(api, vmid)
        async with await token(api, ("/vms/100", "VM.PowerMgmt")) as client:
            answer = await client("POST", f"{BULK}/start", {"vms": [100, 101]})
            ended = await api.sim.jobs.wait(answer.data)
        assert ended.status == "WARNINGS: 1"
        assert "WARN: Permission check failed (/vms/101, VM.PowerMgmt)" in ended.lines
        assert [guest(api, vmid).running for vmid in (100, 101)] == [True, False]
