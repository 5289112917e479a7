"""What guests report: keys by state and version, who sees which, curves."""

from itertools import pairwise

from tests.simulator.lab import QEMU, cluster, guest, make, start, status, token
from tests.simulator.raw import RawClient

STOPPED = {"vmid", "name", "status", "qmpstatus", "cpus", "cpu", "maxmem", "mem", "maxdisk"}
STOPPED |= {"disk", "netin", "netout", "uptime", "ha"}


async def test_a_stopped_guest(api: RawClient) -> None:
    await make(api, 100)
    found = await status(api, 100)
    assert found.keys() == STOPPED
    assert found["name"] == "VM 100"
    assert (found["maxmem"], found["maxdisk"]) == (128 * 2**20, 2**30)
    assert found["ha"] == {"managed": 0}


async def test_keys_that_only_some_guests_have(api: RawClient) -> None:
    options = {"agent": 1, "serial0": "socket", "vga": "std", "tags": "a;b"}
    (await make(api, 100, **options)).config["lock"] = "backup"
    found = await status(api, 100)
    assert found.keys() == STOPPED | {"agent", "serial", "clipboard", "tags", "lock"}
    assert (found["agent"], found["serial"], found["clipboard"]) == (1, 1, None)
    assert (found["tags"], found["lock"]) == ("a;b", "backup")
    assert (await status(api, 9000))["template"] == 1


async def test_a_running_guest(api: RawClient) -> None:
    await make(api, 100, net0="virtio,bridge=vmbr0")
    await start(api, 100)
    guest(api, 100).started_at = api.sim.clock.time() - 100
    found = await status(api, 100)
    assert found.keys() - STOPPED == {
        "pid",
        "nics",
        "balloon",
        "ballooninfo",
        "freemem",
        "blockstat",
        "diskread",
        "diskwrite",
        "running-machine",
        "running-qemu",
        "proxmox-support",
    }
    assert found["uptime"] >= 100
    assert found["nics"].keys() == {"tap100i0"}
    assert 0 < found["cpu"] <= 1
    assert found["mem"] == found["maxmem"] - found["freemem"]
    assert len(found["blockstat"]["scsi0"]) == 33


async def test_nine_tells_of_the_host() -> None:
    async with cluster("9.2") as nine:
        await make(nine, 100)
        assert (await status(nine, 100)).keys() == STOPPED | {"memhost"}
        await start(nine, 100)
        guest(nine, 100).started_at = nine.sim.clock.time() + 1000  # the balloon is not up yet
        found = await status(nine, 100)
    pressures = {key for key in found if key.startswith("pressure")}
    assert len(pressures) == 6
    assert found["mem"] == found["memhost"]
    assert found["running-machine"].endswith("+pve1")


async def test_lists_leave_out_what_qemu_would_say(api: RawClient) -> None:
    await make(api, 100)
    await start(api, 100)
    rows = {row["vmid"]: row for row in (await api("GET", QEMU)).data}
    assert rows.keys() == {100, 9000}
    assert not {"qmpstatus", "blockstat", "balloon", "ha"} & rows[100].keys()
    full = {row["vmid"]: row for row in (await api("GET", QEMU, {"full": 1})).data}
    assert {"qmpstatus", "blockstat", "balloon"} <= full[100].keys()
    assert full[9000]["qmpstatus"] == "stopped"
    assert (await api("GET", "/nodes/pve2/qemu")).data == []


async def test_lists_show_what_the_caller_may_audit(api: RawClient) -> None:
    await make(api, 100)
    async with await token(api, ("/vms/100", "VM.Audit")) as client:
        assert [row["vmid"] for row in (await client("GET", QEMU)).data] == [100]


async def test_curves(api: RawClient) -> None:
    await make(api, 100)
    await start(api, 100)
    now = api.sim.clock.time()
    guest(api, 100).born_at, guest(api, 100).started_at = now - 1800, now - 600
    rows = (await api("GET", f"{QEMU}/100/rrddata", {"timeframe": "hour"})).data
    assert len(rows) == 70
    assert {after["time"] - before["time"] for before, after in pairwise(rows)} == {60}
    assert rows[0].keys() == {"time"}
    stopped = next(row for row in rows if row["time"] > now - 1700)
    assert stopped.keys() == {"time", "maxcpu", "maxmem", "maxdisk", "disk"}
    assert {"cpu", "mem", "netin", "netout", "diskread", "diskwrite"} <= rows[-1].keys()


async def test_every_node_draws_every_curve_and_none_for_nobody(api: RawClient) -> None:
    await make(api, 100)
    path = "/nodes/pve2/qemu/100/rrddata"
    assert (await api("GET", path, {"timeframe": "day"})).status == 200
    missing = await api("GET", f"{QEMU}/199/rrddata", {"timeframe": "day"})
    assert missing.status == 500
    assert missing.reason.startswith("RRD error: opening ")
