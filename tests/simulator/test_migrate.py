"""Migration: offline and online, with local disks, and what stands against it."""

from tests.simulator.lab import QEMU, cluster, config, guest, job, make, refused, start
from tests.simulator.raw import RawClient

MIGRATE = f"{QEMU}/100/migrate"


async def test_afterwards_only_the_new_node_answers(api: RawClient) -> None:
    await make(api, 100)
    answer = await api("POST", MIGRATE, {"target": "pve2"})
    ended = await api.sim.jobs.wait(answer.data)
    assert (ended.kind, ended.status) == ("qmigrate", "OK")
    assert ended.lines[0].startswith("starting migration of VM 100 to node 'pve2'")
    text = "Configuration file 'nodes/pve1/qemu-server/100.conf' does not exist"
    assert refused(await api("GET", f"{QEMU}/100/config")) == (500, text)
    moved = (await api("GET", "/nodes/pve2/qemu/100/config")).data
    assert "lock" not in moved


async def test_a_running_guest_moves_online_without_a_break(api: RawClient) -> None:
    await make(api, 100)
    await start(api, 100)
    text = "can't migrate running VM without --online"
    assert refused(await api("POST", MIGRATE, {"target": "pve2"})) == (500, text)
    begun = guest(api, 100).started_at
    assert await api.done("POST", MIGRATE, {"target": "pve2", "online": 1}) == "OK"
    assert (guest(api, 100).running, guest(api, 100).started_at) == (True, begun)


async def test_local_disks_go_along_offline_and_online_if_told_to(api: RawClient) -> None:
    await make(api, 100, scsi0="local-lvm:1")
    volid = "local-lvm:vm-100-disk-0"
    (disk,) = (await api("GET", MIGRATE)).data["local_disks"]
    assert (disk["volid"], disk["size"]) == (volid, 2**30)
    await start(api, 100)
    online = {"target": "pve2", "online": 1}
    status = await api.done("POST", MIGRATE, online)
    assert "can't live migrate attached local disks" in status
    assert "lock" not in await config(api, 100)
    assert await api.done("POST", MIGRATE, {**online, "with-local-disks": 1}) == "OK"
    storage = api.sim.cluster.storage("local-lvm")
    assert volid in storage.on("pve2")
    assert volid not in storage.on("pve1")


async def test_a_storage_has_to_be_there_on_the_target(api: RawClient) -> None:
    await make(api, 100, scsi0="local-lvm:1")
    api.sim.cluster.storage("local-lvm").nodes = frozenset({"pve1", "pve2"})
    text = "storage 'local-lvm' is not available on node 'pve3'"
    assert refused(await api("POST", MIGRATE, {"target": "pve3"})) == (500, text)
    assert await api.done("POST", MIGRATE, {"target": "pve2"}) == "OK"


async def test_a_linked_clone_and_a_local_cdrom_stay_where_they_are(api: RawClient) -> None:
    images = api.sim.cluster.storage("local")
    images.content |= {"images"}
    await make(api, 100, scsi0="local:1,format=qcow2")
    await api.done("POST", f"{QEMU}/100/template")
    await api.done("POST", f"{QEMU}/100/clone", {"newid": 101})
    status = await api.done("POST", f"{QEMU}/101/migrate", {"target": "pve2"})
    assert "as it's a clone of 'local:100/base-100-disk-0.qcow2'" in status
    assert "base volume is in use" in await api.done("POST", MIGRATE, {"target": "pve2"})
    await make(api, 102)
    guest(api, 102).config["ide2"] = "local:iso/x.iso,media=cdrom"
    status = await api.done("POST", f"{QEMU}/102/migrate", {"target": "pve2"})
    assert "local cdrom image" in status
    for vmid in (100, 101, 102):
        assert guest(api, vmid).node == "pve1"
        assert "lock" not in guest(api, vmid).config


async def test_what_is_refused_at_once(api: RawClient) -> None:
    await make(api, 100)
    own = await api("POST", MIGRATE, {"target": "pve1"})
    assert own.json["errors"] == {"target": "target is local node."}
    unknown = await api("POST", MIGRATE, {"target": "pve9"})
    assert refused(unknown) == (500, "no such cluster node 'pve9'")
    guest(api, 100).config["lock"] = "backup"
    locked = await api("POST", MIGRATE, {"target": "pve2"})
    assert refused(locked) == (500, "VM is locked (backup)")


async def test_a_dead_target_aborts_the_migration(api: RawClient) -> None:
    await make(api, 100)
    await api.sim.node_down("pve3")
    status = await api.done("POST", MIGRATE, {"target": "pve3"})
    assert status.startswith("migration aborted")
    assert "lock" not in await config(api, 100)
    assert (await api("GET", MIGRATE)).data["allowed_nodes"] == ["pve2"]


async def test_the_guest_is_locked_on_its_way() -> None:
    async with cluster(frozen=True) as api:
        await api("POST", QEMU, {"vmid": 100})
        await api.sim.clock.advance(2)
        upid = (await api("POST", MIGRATE, {"target": "pve2"})).data
        await api.sim.clock.advance(0.5)
        assert (await config(api, 100))["lock"] == "migrate"
        await api("DELETE", f"/nodes/pve1/tasks/{upid}")
        assert job(api, upid).status == "interrupted by signal"
        assert guest(api, 100).node == "pve1"
        assert "lock" not in await config(api, 100)
