"""The whole cluster in one look."""

from dataclasses import replace

import pytest

from tests.proxmox.conftest import POOL, connection_to
from vmlab.proxmox.client import Api, connect
from vmlab.proxmox.cluster import Cluster
from vmlab.proxmox.faults import BadToken, Failure, NoQuorum, ObjectMissing, PermissionMissing
from vmlab.proxmox.guests import Guests
from vmlab.proxmox.pve_tasks import PveTasks
from vmlab.simulator import Simulator


async def test_everything_the_token_may_see(api: Api):
    view = await Cluster(api).resources()
    assert set(view.nodes) == {"pve1", "pve2", "pve3"}
    assert all(node.online for node in view.nodes.values())
    assert view.guests[9000].template is True
    assert ("pve2", "vmdisks") in view.storages
    assert view.storages["pve1", "vmdisks"].shared is True
    assert view.pools == {POOL}
    assert api.calls.total() == 1


async def test_a_node_that_is_away(sim: Simulator, api: Api):
    await sim.node_down("pve3")
    nodes = (await Cluster(api).resources()).nodes
    assert (nodes["pve3"].online, nodes["pve1"].online) == (False, True)


@pytest.mark.parametrize(("version", "release"), [("8.4", (8, 4)), ("9.2", (9, 2))])
async def test_versions(version: str, release: tuple[int, int]):
    async with (
        Simulator(auth_delay_s=0.0, version=version) as sim,
        connect(connection_to(sim)) as api,
    ):
        found = await Cluster(api).version()
        assert found.release == release
        assert found.text.startswith(version)
        assert 9000 in (await Cluster(api).resources()).guests


async def test_whether_a_number_is_free(api: Api):
    cluster = Cluster(api)
    assert await cluster.is_free(12_345) is True
    assert await cluster.is_free(9000) is False


async def test_status_needs_a_right_of_its_own(sim: Simulator, api: Api):
    sim.cluster.acl -= {entry for entry in sim.cluster.acl if entry.path == "/"}
    with pytest.raises(PermissionMissing):
        await Cluster(api).status()
    async with connect(connection_to(sim, root=True)) as root:
        status = await Cluster(root).status()
    assert status.quorate is True
    assert status.online == {"pve1": True, "pve2": True, "pve3": True}
    assert status.local == "pve1"


async def test_hosts_are_told_apart_by_their_certificates(sim: Simulator, api: Api):
    """All of them have the same address here; the token has no right on the whole cluster."""
    await Cluster(api).learn_hosts()
    assert api.wire.hosts.of_node == dict(zip(("pve1", "pve2", "pve3"), sim.hosts, strict=True))


async def test_what_the_configuration_says_of_a_host_stands(sim: Simulator):
    connection = replace(connection_to(sim), node_hosts={"pve1": "proxy.example:443"})
    async with connect(connection) as api:
        await Cluster(api).learn_hosts()
        assert api.wire.hosts.of_node["pve1"] == "proxy.example:443"
        assert api.wire.hosts.of_node["pve2"] == sim.hosts[1]


async def test_a_host_that_is_away_is_left_out(sim: Simulator, api: Api):
    await sim.node_down("pve2")
    await Cluster(api).learn_hosts()
    assert set(api.wire.hosts.of_node) == {"pve1", "pve3"}


async def test_own_permissions(api: Api):
    cluster = Cluster(api)
    assert "VM.Clone" in (await cluster.permissions("/vms/9000"))["/vms/9000"]
    everything = await cluster.permissions()
    assert "VM.PowerMgmt" in everything[f"/pool/{POOL}"]
    assert "Datastore.Allocate" not in everything["/storage/vmdisks"]


async def test_pools(sim: Simulator, api: Api):
    async with connect(connection_to(sim, root=True)) as root:
        cluster = Cluster(root)
        assert await cluster.ensure_pool("course-7", "Networks 1") is True
        assert await cluster.ensure_pool("course-7", "Networks 1") is False
        assert (await cluster.pools())["course-7"] == "Networks 1"
        await cluster.delete_pool("course-7")
        assert "course-7" not in await cluster.pools()
        with pytest.raises(ObjectMissing):
            await cluster.pool_members("course-7")
    upid = await Guests(api).clone("pve1", 9000, 10_000, name="a", description="x", pool=POOL)
    await PveTasks(api, first_tick_s=0.02).wait(upid, timeout_s=20)
    assert await Cluster(api).pool_members(POOL) == {10_000}


async def test_a_pool_that_is_not_empty(sim: Simulator, api: Api):
    upid = await Guests(api).clone("pve1", 9000, 10_000, name="a", description="x", pool=POOL)
    await PveTasks(api, first_tick_s=0.02).wait(upid, timeout_s=20)
    async with connect(connection_to(sim, root=True)) as root:
        with pytest.raises(Failure, match="not empty"):
            await Cluster(root).delete_pool(POOL)


async def test_a_wrong_token(sim: Simulator):
    connection = replace(connection_to(sim), token_secret="0" * 8)
    async with connect(connection) as api:
        with pytest.raises(BadToken):
            await Cluster(api).version()
        assert api.calls.total() == 1


async def test_no_quorum(sim: Simulator, api: Api):
    sim.faults.add("no_quorum", method="POST")
    with pytest.raises(NoQuorum):
        await Guests(api).start("pve1", 9000)
