"""Clones: linked and full, what is new and what is kept, which states a client sees on the way."""

import asyncio

import pytest

from tests.simulator.lab import (
    QEMU,
    TEMPLATE,
    cluster,
    config,
    guest,
    job,
    make,
    refused,
    start,
    token,
)
from tests.simulator.raw import RawClient

CLONE = f"{QEMU}/{TEMPLATE}/clone"


async def test_a_template_is_cloned_linked(api: RawClient) -> None:
    answer = await api("POST", CLONE, {"newid": 500, "name": "a", "description": "vmlab:1"})
    ended = await api.sim.jobs.wait(answer.data)
    assert (ended.status, ended.id) == ("OK", "9000")
    assert ended.lines[0] == (
        "create linked clone of drive scsi0 (vmdisks:9000/base-9000-disk-0.qcow2)"
    )
    made = await config(api, 500)
    base = "vmdisks:9000/base-9000-disk-0.qcow2/500/vm-500-disk-0.qcow2"
    assert made["scsi0"] == f"{base},size=8G"
    assert (made["name"], made["description"]) == ("a", "vmlab:1")
    assert "template" not in made


async def test_identity_is_new_and_the_rest_is_kept(api: RawClient) -> None:
    assert await api.done("POST", CLONE, {"newid": 500}) == "OK"
    template, made = await config(api, TEMPLATE), await config(api, 500)
    for key in ("smbios1", "vmgenid", "net0", "digest"):
        assert made[key] != template[key]
    for key in ("meta", "tags", "memory", "boot", "agent"):
        assert made[key] == template[key]
    assert made["name"] == f"Copy-of-VM-{template['name']}"


async def test_the_order_in_which_a_clone_shows_itself() -> None:
    async with cluster(frozen=True) as api:
        privs = "VM.Allocate,VM.Audit"
        grants = (
            ("/pool/vmlab", privs),
            (f"/vms/{TEMPLATE}", "VM.Clone"),
            ("/storage/vmdisks", "Datastore.AllocateSpace"),
            ("/sdn/zones/localnetwork", "SDN.Use"),
        )
        async with await token(api, *grants) as scoped:
            answer = await scoped("POST", CLONE, {"newid": 500, "name": "a", "pool": "vmlab"})
            seen: list[tuple[object, ...]] = []
            digests: set[str] = set()
            path = f"{QEMU}/500/config"
            for _ in range(60):
                found = await config(api, 500)
                digests.add(found["digest"])
                mine = (await scoped("GET", path)).status
                state = (found.get("lock"), found.get("name"), found.get("description"), mine)
                if state not in seen:
                    seen.append(state)
                await api.sim.clock.advance(0.01)
            assert job(api, answer.data).status == "OK"
    assert seen == [
        ("clone", None, " qmclone temporary file", 403),
        ("clone", "a", None, 403),
        (None, "a", None, 403),
        (None, "a", None, 200),
    ]
    assert len(digests) == 3
    # The SHA-1 of the file that 8.4 and 9.2 write first, as both showed it.
    assert "eb54fb9d9f120ba0c3bdf694f73b10002c375c38" in digests


async def test_exactly_one_of_many_clones_wins_the_id(api: RawClient) -> None:
    names = [f"n{number}" for number in range(6)]
    wanted = [{"newid": 500, "name": name} for name in names]
    answers = await asyncio.gather(*(api("POST", CLONE, params) for params in wanted))
    taken = "unable to create VM 500: config file already exists"
    outcomes = [
        (await api.sim.jobs.wait(answer.data)).status if answer.status == 200 else answer.reason
        for answer in answers
    ]
    assert outcomes.count("OK") == 1
    assert set(outcomes) <= {
        "OK",
        taken,
        "can't lock file '/var/lock/qemu-server/lock-500.conf' - got timeout",
    }
    assert (await config(api, 500))["name"] == names[outcomes.index("OK")]


async def test_full_clones_take_storage_and_format(api: RawClient) -> None:
    params = {"newid": 500, "full": 1, "storage": "local-lvm"}
    assert await api.done("POST", CLONE, params) == "OK"
    assert (await config(api, 500))["scsi0"] == "local-lvm:vm-500-disk-0,size=8G"
    assert await api.done("POST", CLONE, {"newid": 501, "full": 1, "format": "raw"}) == "OK"
    assert (await config(api, 501))["scsi0"] == "vmdisks:501/vm-501-disk-0.raw,size=8G"


@pytest.mark.parametrize(
    ("source", "params", "answer"),
    [
        (TEMPLATE, {"newid": 100}, "unable to create VM 100: config file already exists"),
        (
            TEMPLATE,
            {"storage": "local-lvm"},
            "parameter 'storage' not allowed for linked clones",
        ),
        (TEMPLATE, {"format": "raw"}, "parameter 'format' not allowed for linked clones"),
        (TEMPLATE, {"snapname": "s1"}, "snapshot 's1' does not exist"),
        (TEMPLATE, {"target": "pve9"}, "no such cluster node 'pve9'"),
        (
            100,
            {"full": 0},
            "Linked clone feature is not supported for 'vmdisks:100/vm-100-disk-0.qcow2' (scsi0)",
        ),
        (
            101,
            {"target": "pve2"},
            "can't clone VM to node 'pve2' (VM uses local storage)",
        ),
        (102, {"full": 1}, "VM is locked (backup)"),
    ],
)
async def test_what_is_refused_at_once(
    api: RawClient, source: int, params: dict[str, object], answer: str
) -> None:
    await make(api, 100)
    await make(api, 101, scsi0="local-lvm:1")
    (await make(api, 102)).config["lock"] = "backup"
    path = f"{QEMU}/{source}/clone"
    assert refused(await api("POST", path, {"newid": 500, **params})) == (500, answer)


async def test_a_target_node_gets_the_guest_at_the_end(api: RawClient) -> None:
    assert await api.done("POST", CLONE, {"newid": 500, "target": "pve2"}) == "OK"
    assert guest(api, 500).node == "pve2"
    assert (await api("GET", f"{QEMU}/500/config")).status == 500


async def test_while_a_full_clone_runs_its_source_cannot_be_locked() -> None:
    async with cluster(frozen=True) as api:
        made = asyncio.create_task(make(api, 110))
        await api.sim.clock.advance(0.0)
        while not made.done():
            await asyncio.sleep(0.01)
            await api.sim.clock.advance(1)
        params = {"newid": 140, "full": 1, "bwlimit": 4096}
        clone = (await api("POST", f"{QEMU}/110/clone", params)).data
        await api.sim.clock.advance(1)
        begun = (await api("POST", f"{QEMU}/110/status/start")).data
        other = (await api("POST", f"{QEMU}/140/status/start")).data
        await api.sim.clock.advance(10.5)
        for upid, vmid in ((begun, 110), (other, 140)):
            assert job(api, upid).lines == [
                "trying to acquire lock...",
                f"TASK ERROR: can't lock file '/var/lock/qemu-server/lock-{vmid}.conf' "
                "- got timeout",
            ]
        second = (await api("POST", f"{QEMU}/110/clone", {"newid": 141, "full": 1})).data
        await api.sim.clock.advance(5)
        assert job(api, second).status == "OK"
        assert job(api, clone).running


async def test_a_stopped_clone_cleans_up_after_itself() -> None:
    async with cluster(frozen=True) as api:
        params = {"newid": 140, "full": 1, "bwlimit": 4096}
        upid = (await api("POST", CLONE, params)).data
        await api.sim.clock.advance(30)
        await api("DELETE", f"/nodes/pve1/tasks/{upid}")
        status = job(api, upid).status
        assert status is not None
        assert status.startswith("clone failed: copy failed: ")
        assert status.endswith("interrupted by signal")
        assert 140 not in api.sim.cluster.guests
        assert not [v for v in api.sim.cluster.storage("vmdisks").on("pve1") if ":140/" in v]


async def test_a_killed_clone_leaves_its_lock() -> None:
    async with cluster(frozen=True) as api:
        params = {"newid": 140, "full": 1, "bwlimit": 4096}
        upid = (await api("POST", CLONE, params)).data
        await api.sim.clock.advance(30)
        api.sim.jobs.kill(job(api, upid))
        await api.sim.clock.settle()
        assert job(api, upid).status == "unexpected status"
        assert guest(api, 140).config["lock"] == "clone"


async def test_a_running_guest_with_a_silent_agent_is_waited_for(api: RawClient) -> None:
    made = await make(api, 100, agent=1)
    made.extra["silent_agent"] = True
    await start(api, 100)
    answer = await api("POST", f"{QEMU}/100/clone", {"newid": 101, "full": 1})
    ended = await api.sim.jobs.wait(answer.data)
    assert ended.status == "OK"
    assert (
        "QEMU Guest Agent is not running - VM 100 qmp command 'guest-ping' failed - got timeout"
    ) in ended.lines


async def test_nine_says_more_in_the_log() -> None:
    async with cluster("9.2") as api:
        answer = await api("POST", CLONE, {"newid": 500})
        lines = (await api.sim.jobs.wait(answer.data)).lines
        assert lines[0] == "creating a clone of VM 9000 with ID 500"
        assert "cluster_size=131072 extended_l2=on preallocation=metadata" in lines[3]
        answer = await api("POST", CLONE, {"newid": 501, "full": 1})
        lines = (await api.sim.jobs.wait(answer.data)).lines
        assert "allocated target volume 'vmdisks:501/vm-501-disk-0.qcow2'" in lines


async def test_the_least_rights_for_a_clone_one_after_the_other(api: RawClient) -> None:
    params = {"newid": 500, "pool": "vmlab"}
    steps = (
        (f"/vms/{TEMPLATE}", "VM.Clone", f"Permission check failed (/vms/{TEMPLATE}, VM.Clone)"),
        ("/pool/vmlab", "VM.Allocate", "Permission check failed"),
        (
            "/storage/vmdisks",
            "Datastore.AllocateSpace",
            "Permission check failed (/storage/vmdisks, Datastore.AllocateSpace)",
        ),
        (
            "/sdn/zones/localnetwork",
            "SDN.Use",
            "Permission check failed (/sdn/zones/localnetwork/vmbr0, SDN.Use)",
        ),
    )
    async with await token(api) as client:
        for number, (path, priv, answer) in enumerate(steps):
            assert refused(await client("POST", CLONE, params)) == (403, answer)
            role = f"Step{number}"
            await api.sim.admin("POST", "/access/roles", {"roleid": role, "privs": priv})
            acl = {"path": path, "users": "min@pve", "roles": role}
            await api.sim.admin("PUT", "/access/acl", acl)
        assert await client.done("POST", CLONE, params) == "OK"


async def test_a_linked_clone_gets_a_cloud_init_drive_of_its_own(api: RawClient) -> None:
    await make(api, 100, ide2="vmdisks:cloudinit", ciuser="lab")
    assert await api.done("POST", f"{QEMU}/100/template") == "OK"
    assert await api.done("POST", f"{QEMU}/100/clone", {"newid": 101}) == "OK"
    made = await config(api, 101)
    assert made["ide2"].startswith("vmdisks:101/vm-101-cloudinit.qcow2,media=cdrom")
    assert made["scsi0"].startswith("vmdisks:100/base-100-disk-0.qcow2/101/")
    assert made["ciuser"] == "lab"
    assert await api.done("DELETE", f"{QEMU}/101") == "OK"
    assert (await config(api, 100))["ide2"].startswith("vmdisks:100/vm-100-cloudinit")
