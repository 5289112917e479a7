"""Resources with their lag, next ids, nodes, pools, graphs."""

from collections.abc import AsyncIterator

import pytest

from tests.simulator.raw import RawClient
from vmlab.simulator import Clock, Simulator
from vmlab.simulator.state import Guest


@pytest.fixture
async def service(sim: Simulator) -> AsyncIterator[RawClient]:
    """A client with the least-privilege token."""
    async with RawClient(sim, f"PVEAPIToken={sim.token_id}={sim.token_secret}") as client:
        yield client


def _add(sim: Simulator, vmid: int, node: str = "pve1", **config: object) -> Guest:
    guest = Guest(vmid, node, {"memory": "512", "name": f"g{vmid}", **config})
    sim.cluster.guests[vmid] = guest
    return guest


async def test_what_pvestatd_has_not_seen_is_unknown() -> None:
    clock = Clock(explicit=True)
    async with Simulator(clock=clock) as sim, RawClient(sim) as api:
        _add(sim, 100, tags="b;a", lock="clone")

        async def row() -> dict[str, object]:
            rows = (await api("GET", "/cluster/resources", {"type": "vm"})).data
            found: dict[str, object] = next(r for r in rows if r["vmid"] == 100)
            return found

        assert await row() == {
            "id": "qemu/100",
            "type": "qemu",
            "vmid": 100,
            "node": "pve1",
            "status": "unknown",
            "tags": "b;a",
            "lock": "clone",
        }
        await clock.advance(10)
        told = await row()
        assert (told["name"], told["status"], told["template"]) == ("g100", "stopped", 0)
        assert told["maxmem"] == 512 * 2**20
        sim.cluster.guests[100].config |= {"name": "new", "tags": "c"}
        told = await row()
        assert (told["name"], told["tags"]) == ("g100", "c"), "only tags are read live"
        await clock.advance(10)
        assert (await row())["name"] == "new"


async def test_what_a_dead_node_said_expires() -> None:
    clock = Clock(explicit=True)
    async with Simulator(clock=clock) as sim, RawClient(sim) as api:
        _add(sim, 100, node="pve2")
        await clock.advance(10)
        await sim.node_down("pve2")

        async def status() -> object:
            rows = (await api("GET", "/cluster/resources", {"type": "vm"})).data
            return next(r for r in rows if r["vmid"] == 100)["status"]

        await clock.advance(290)
        assert await status() == "stopped"
        await clock.advance(10)
        assert await status() == "unknown"


async def test_kinds_of_resources(sim: Simulator, api: RawClient) -> None:
    rows = (await api("GET", "/cluster/resources")).data
    ids = {row["id"] for row in rows}
    assert {"/pool/vmlab", "node/pve3", "storage/pve2/local", "qemu/9000"} <= ids
    assert "sdn/pve1/localnetwork" in ids
    node = next(row for row in rows if row["id"] == "node/pve1")
    assert (node["status"], node["cgroup-mode"], node["level"]) == ("online", 1, "")
    storage = (await api("GET", "/cluster/resources", {"type": "storage"})).data
    assert len(storage) == 3 * len(sim.cluster.storages)
    assert {row["status"] for row in storage} == {"available"}


async def test_nine_shows_networks_only_without_a_filter() -> None:
    async with Simulator(version="9.2") as sim, RawClient(sim) as api:
        rows = (await api("GET", "/cluster/resources")).data
        assert next(row for row in rows if row["type"] == "network") == {
            "id": "network/pve1/zone/localnetwork",
            "type": "network",
            "network": "localnetwork",
            "network-type": "zone",
            "node": "pve1",
            "status": "ok",
        }
        guest = next(row for row in rows if row["type"] == "qemu")
        assert guest["memhost"] == 0
        assert (await api("GET", "/cluster/resources", {"type": "sdn"})).data == []
        wrong = await api("GET", "/cluster/resources", {"type": "network"})
        choices = "vm, storage, node, sdn"
        text = f"value 'network' does not have a value in the enumeration '{choices}'"
        assert wrong.json["errors"] == {"type": text}


async def test_what_one_may_not_see_is_left_out(sim: Simulator, service: RawClient) -> None:
    _add(sim, 100)
    _add(sim, 101)
    sim.cluster.pools["vmlab"].vms.add(101)
    sim.cluster.acl = {entry for entry in sim.cluster.acl if entry.roleid != "VMLabAudit"}
    rows = (await service("GET", "/cluster/resources")).data
    guests = {row["vmid"]: row.get("pool") for row in rows if row["type"] == "qemu"}
    assert guests == {9000: None, 101: "vmlab"}
    node = next(row for row in rows if row["type"] == "node")
    assert node.keys() == {"id", "type", "node", "status", "level", "cgroup-mode"}
    listed = (await service("GET", "/nodes")).data
    assert listed[0].keys() == {"id", "type", "node", "status", "level", "ssl_fingerprint"}
    refused = await service("GET", "/nodes/pve1/status")
    assert refused.reason == "Permission check failed (/nodes/pve1, Sys.Audit)"
    refused = await service("GET", "/cluster/status")
    assert refused.reason == "Permission check failed (/, Sys.Audit)"


async def test_nextid_looks_and_reserves_nothing(sim: Simulator, api: RawClient) -> None:
    assert [(await api("GET", "/cluster/nextid")).data for _ in range(2)] == ["100", "100"]
    _add(sim, 100)
    assert (await api("GET", "/cluster/nextid")).data == "101"
    assert (await api("GET", "/cluster/nextid", {"vmid": 500})).data == "500"
    taken = await api("GET", "/cluster/nextid", {"vmid": 100})
    assert (taken.status, taken.json["errors"]) == (400, {"vmid": "VM 100 already exists"})
    sim.cluster.options["next-id"] = {"lower": 100, "upper": 101}
    none = await api("GET", "/cluster/nextid")
    assert none.reason == "unable to get any free VMID in range [100, 101]"


async def test_cluster_status(sim: Simulator, api: RawClient) -> None:
    rows = (await api("GET", "/cluster/status")).data
    assert rows[0]["type"] == "cluster"
    assert (rows[0]["nodes"], rows[0]["quorate"]) == (3, 1)
    assert [row["local"] for row in rows[1:]] == [1, 0, 0]
    async with Simulator(nodes=["solo"]) as single, RawClient(single) as client:
        only = (await client("GET", "/cluster/status")).data
    assert [(row["type"], row["nodeid"]) for row in only] == [("node", 0)]


async def test_options_are_cut_down_for_the_humble(
    sim: Simulator, api: RawClient, service: RawClient
) -> None:
    full = (await api("GET", "/cluster/options")).data
    assert full == {"allowed-tags": ["template"], "description": "", "mac_prefix": "BC:24:11"}
    sim.cluster.acl = {entry for entry in sim.cluster.acl if entry.roleid != "VMLabAudit"}
    assert (await service("GET", "/cluster/options")).data == {"allowed-tags": ["template"]}


@pytest.mark.parametrize(("version", "extra"), [("8.4", set()), ("9.2", {"available"})])
async def test_node_status(version: str, extra: set[str]) -> None:
    async with Simulator(version=version) as sim, RawClient(sim) as api:
        data = (await api("GET", "/nodes/pve2/status")).data
    assert data["memory"].keys() == {"total", "used", "free"} | extra
    assert ("vendor" in data["cpuinfo"]) == bool(extra)
    assert all(isinstance(load, str) for load in data["loadavg"])
    assert data["pveversion"].startswith(f"pve-manager/{version}.")


@pytest.mark.parametrize(
    ("version", "timeframe", "rows", "step_s"),
    [
        ("8.4", "hour", 70, 60),
        ("8.4", "day", 70, 1800),
        ("9.2", "hour", 59, 60),
        ("9.2", "week", 335, 1800),
        ("9.2", "decade", 569, 604_800),
    ],
)
async def test_node_graphs(version: str, timeframe: str, rows: int, step_s: int) -> None:
    async with Simulator(version=version) as sim, RawClient(sim) as api:
        data = (await api("GET", "/nodes/pve1/rrddata", {"timeframe": timeframe})).data
    assert len(data) == rows
    assert data[1]["time"] - data[0]["time"] == step_s
    assert data[0]["time"] % step_s == 0
    recent = data[-1] if timeframe != "decade" else {}
    assert timeframe == "decade" or ("memavailable" in recent) == (version == "9.2")


async def test_storage_graphs_have_no_decade() -> None:
    async with Simulator(version="9.2") as sim, RawClient(sim) as api:
        path = "/nodes/pve1/storage/vmdisks/rrddata"
        assert len((await api("GET", path, {"timeframe": "month"})).data) == 1439
        assert (await api("GET", path, {"timeframe": "decade"})).status == 400


async def test_networks_need_rights(sim: Simulator, api: RawClient, service: RawClient) -> None:
    assert [row["iface"] for row in (await api("GET", "/nodes/pve1/network")).data] == [
        "vmbr0",
        "eno1",
    ]
    bridges = await service("GET", "/nodes/pve1/network", {"type": "any_bridge"})
    assert [row["iface"] for row in bridges.data] == ["vmbr0"]
    sim.cluster.acl = {entry for entry in sim.cluster.acl if not entry.path.startswith("/sdn")}
    bridges = await service("GET", "/nodes/pve1/network", {"type": "any_bridge"})
    assert bridges.data == []


async def test_pools_in_both_forms(sim: Simulator, api: RawClient) -> None:
    _add(sim, 103)
    await api("POST", "/pools", {"poolid": "p1", "comment": "first"})
    assert (await api("POST", "/pools", {"poolid": "p1"})).reason.endswith("already exists")
    assert (await api("PUT", "/pools/p1", {"vms": "103"})).json == {"data": None}
    again = await api("PUT", "/pools", {"poolid": "p1", "vms": "103"})
    assert again.reason == "update pools failed: VM 103 is already a pool member"
    old = (await api("GET", "/pools/p1")).data
    new = (await api("GET", "/pools", {"poolid": "p1"})).data
    assert new == [old]
    assert (old["comment"], [m["vmid"] for m in old["members"]]) == ("first", [103])
    full = await api("DELETE", "/pools/p1")
    assert full.reason == "delete pool failed: pool 'p1' is not empty (contains VM 103)"
    await api("PUT", "/pools", {"poolid": "p1", "vms": "103", "delete": 1})
    assert (await api("DELETE", "/pools", {"poolid": "p1"})).status == 200
    assert (await api("GET", "/pools/p1")).reason == "pool 'p1' does not exist"


async def test_a_guest_moves_between_pools_only_if_asked(sim: Simulator, api: RawClient) -> None:
    _add(sim, 103)
    for poolid in ("p1", "p2"):
        await api("POST", "/pools", {"poolid": poolid})
    await api("PUT", "/pools/p1", {"vms": "103"})
    assert (await api("PUT", "/pools/p2", {"vms": "103"})).status == 500
    moved = await api("PUT", "/pools", {"poolid": "p2", "vms": "103", "allow-move": 1})
    assert moved.status == 200
    assert sim.cluster.pool_of(103) == "p2"


async def test_nested_pools_and_names(sim: Simulator, api: RawClient) -> None:
    assert (await api("POST", "/pools", {"poolid": "no/child"})).status == 500
    assert (await api("POST", "/pools", {"poolid": "vmlab/sub"})).status == 200
    nested = await api("GET", "/pools", {"poolid": "vmlab/sub"})
    assert nested.data == [{"poolid": "vmlab/sub", "members": []}]
    assert (await api("DELETE", "/pools", {"poolid": "vmlab"})).status == 500
    assert (await api("POST", "/pools", {"poolid": "1pool"})).status == 200
    async with Simulator(version="9.2") as nine, RawClient(nine) as client:
        refused = await client("POST", "/pools", {"poolid": "1pool"})
    assert refused.reason == "create pool failed: pool name must start with a letter"


async def test_high_availability_differs_by_version(api: RawClient) -> None:
    assert (await api("GET", "/cluster/ha/groups")).data == []
    assert (await api("GET", "/cluster/ha/rules")).status == 501
    async with Simulator(version="9.2") as nine, RawClient(nine) as client:
        groups = await client("GET", "/cluster/ha/groups")
        text = "cannot index groups: ha groups have been migrated to rules"
        assert (groups.status, groups.reason) == (500, text)
        assert (await client("GET", "/cluster/ha/rules")).data == []


async def test_a_guest_under_management(sim: Simulator, api: RawClient) -> None:
    _add(sim, 100)
    path = "/cluster/ha/resources"
    assert (await api("POST", path, {"sid": "vm:100"})).status == 200
    assert (await api("POST", path, {"sid": "vm:100"})).status == 500
    await api("PUT", f"{path}/vm:100", {"state": "stopped"})
    managed = {"sid": "vm:100", "type": "vm", "state": "stopped"}
    assert (await api("GET", path)).data == [managed]
    assert (await api("GET", f"{path}/vm:100")).data == managed
    rows = (await api("GET", "/cluster/resources", {"type": "vm"})).data
    assert next(row for row in rows if row["vmid"] == 100)["hastate"] == "stopped"
    await api("DELETE", f"{path}/vm:100")
    assert (await api("GET", f"{path}/vm:100")).reason == "no such resource 'vm:100'"


async def test_an_administrator_acts_without_http(sim: Simulator) -> None:
    assert await sim.admin("GET", "/cluster/nextid") == "100"
    assert await sim.admin("POST", "/pools", {"poolid": "p9"}) is None
    assert "p9" in sim.cluster.pools
