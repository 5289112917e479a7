"""Destroying guests and making templates of them: what stands against it, what goes with them."""

import pytest

from tests.simulator.lab import QEMU, TEMPLATE, cluster, config, guest, make, refused, start, token
from tests.simulator.raw import RawClient
from vmlab.simulator.state import AclEntry


async def test_a_guest_goes_with_all_that_is_its(api: RawClient) -> None:
    made = await make(api, 100, pool="vmlab", scsi1="vmdisks:1,format=qcow2")
    await api("PUT", f"{QEMU}/100/config", {"delete": "scsi1"})
    await api.done("POST", f"{QEMU}/100/snapshot", {"snapname": "s1"})
    api.sim.cluster.acl.add(AclEntry("/vms/100", "user", "vmlab@pve", "VMLabGuest"))
    assert await api.done("DELETE", f"{QEMU}/100") == "OK"
    assert made.vmid not in api.sim.cluster.guests
    assert not [v for v in api.sim.cluster.storage("vmdisks").on("pve1") if ":100/" in v]
    assert api.sim.cluster.pool_of(100) is None
    assert not [entry for entry in api.sim.cluster.acl if entry.path == "/vms/100"]
    text = "Configuration file 'nodes/pve1/qemu-server/100.conf' does not exist"
    assert refused(await api("DELETE", f"{QEMU}/100")) == (500, text)


async def test_what_is_refused_at_once(api: RawClient) -> None:
    await make(api, 100, protection=1)
    text = "can't remove VM 100 - protection mode enabled"
    assert refused(await api("DELETE", f"{QEMU}/100")) == (500, text)
    await api("PUT", f"{QEMU}/100/config", {"delete": "protection"})
    await start(api, 100)
    text = "VM 100 is running - destroy failed"
    assert refused(await api("DELETE", f"{QEMU}/100")) == (500, text)
    await api.done("POST", f"{QEMU}/100/status/stop")
    guest(api, 100).ha = {"state": "started"}
    text = "unable to remove VM 100 - used in HA resources and purge parameter not set."
    assert refused(await api("DELETE", f"{QEMU}/100")) == (500, text)
    assert await api.done("DELETE", f"{QEMU}/100", {"purge": 1}) == "OK"


async def test_what_only_the_task_refuses(api: RawClient) -> None:
    (await make(api, 100)).config["lock"] = "backup"
    assert await api.done("DELETE", f"{QEMU}/100") == "VM is locked (backup)"
    await api.done("POST", f"{QEMU}/{TEMPLATE}/clone", {"newid": 500})
    assert await api.done("DELETE", f"{QEMU}/{TEMPLATE}") == (
        "base volume 'vmdisks:9000/base-9000-disk-0.qcow2' is still in use by linked cloned"
    )
    assert TEMPLATE in api.sim.cluster.guests
    assert await api.done("DELETE", f"{QEMU}/500") == "OK"
    assert await api.done("DELETE", f"{QEMU}/{TEMPLATE}") == "OK"


@pytest.mark.parametrize(
    ("params", "stays"), [({}, True), ({"destroy-unreferenced-disks": 1}, False)]
)
async def test_disks_that_no_guest_refers_to(
    api: RawClient, params: dict[str, int], stays: bool
) -> None:
    await make(api, 100, scsi1="local-lvm:1")
    del guest(api, 100).config["scsi1"]
    assert await api.done("DELETE", f"{QEMU}/100", params) == "OK"
    left = "local-lvm:vm-100-disk-0" in api.sim.cluster.storage("local-lvm").on("pve1")
    assert left is stays


async def test_a_pool_lends_no_rights_on_what_is_gone(api: RawClient) -> None:
    await make(api, 100, pool="vmlab")
    async with await token(api, ("/pool/vmlab", "VM.Allocate,VM.Audit")) as client:
        assert (await client("GET", f"{QEMU}/100/config")).status == 200
        assert await client.done("DELETE", f"{QEMU}/100", {"purge": 1}) == "OK"
        text = "Permission check failed (/vms/100, VM.Audit)"
        assert refused(await client("GET", f"{QEMU}/100/config")) == (403, text)


async def test_a_template_has_base_volumes_and_never_runs(api: RawClient) -> None:
    await make(api, 100)
    assert await api.done("POST", f"{QEMU}/100/template") == "OK"
    found = await config(api, 100)
    assert found["template"] == 1
    assert found["scsi0"] == "vmdisks:100/base-100-disk-0.qcow2,size=1G"
    again = await api("POST", f"{QEMU}/100/template")
    assert refused(again) == (500, "you can't convert a template to a template")
    assert await api.done("POST", f"{QEMU}/100/clone", {"newid": 101}) == "OK"


async def test_what_cannot_become_a_template(api: RawClient) -> None:
    await make(api, 100)
    path = f"{QEMU}/100/template"
    await start(api, 100)
    text = "you can't convert a VM to template if VM is running"
    assert refused(await api("POST", path)) == (500, text)
    await api.done("POST", f"{QEMU}/100/status/stop")
    await api.done("POST", f"{QEMU}/100/snapshot", {"snapname": "s1"})
    text = "unable to create template, because VM contains snapshots"
    assert refused(await api("POST", path)) == (500, text)
    guest(api, 100).config["lock"] = "backup"
    assert refused(await api("POST", path)) == (500, "VM is locked (backup)")


async def test_features(api: RawClient) -> None:
    await make(api, 100)
    await make(api, 101, scsi0="local-lvm:1")
    await make(api, 102, scsi0="vmdisks:1")
    every = ["pve1", "pve2", "pve3"]
    for vmid, feature, able, nodes in (
        (100, "snapshot", 1, every),
        (100, "clone", 0, every),
        (TEMPLATE, "clone", 1, every),
        (101, "snapshot", 1, ["pve1"]),
        (102, "snapshot", 0, every),
        (102, "copy", 1, every),
    ):
        answer = await api("GET", f"{QEMU}/{vmid}/feature", {"feature": feature})
        assert answer.data == {"hasFeature": able, "nodes": nodes}


async def test_the_vmid_is_free_only_at_the_very_end() -> None:
    async with cluster(frozen=True) as api:
        await api("POST", QEMU, {"vmid": 100})
        await api.sim.clock.advance(2)
        await api("DELETE", f"{QEMU}/100")
        assert (await api("GET", "/cluster/nextid", {"vmid": 100})).status == 400
        await api.sim.clock.advance(1)
        assert (await api("GET", "/cluster/nextid", {"vmid": 100})).status == 200
