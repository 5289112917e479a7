"""Configuration: what applies at once, what is pending, digests, detached disks, cloud-init."""

import asyncio
from typing import Any
from urllib.parse import quote

import pytest

from tests.simulator.lab import QEMU, cluster, config, guest, job, make, refused, start, token
from tests.simulator.raw import Answer, RawClient

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJXv+2b/abc= lab@x"


async def put(api: RawClient, **options: Any) -> Answer:
    """Change guest 100."""
    return await api("PUT", f"{QEMU}/100/config", options)


async def pending(api: RawClient) -> dict[str, dict[str, Any]]:
    rows = (await api("GET", f"{QEMU}/100/pending")).data
    return {row.pop("key"): row for row in rows}


async def test_a_stopped_guest_takes_everything_at_once(api: RawClient) -> None:
    await make(api, 100)
    before = (await config(api, 100))["digest"]
    assert (await put(api, memory=256, cores=2, description="line 1\nline 2 äö")).json == {
        "data": None
    }
    found = await config(api, 100)
    assert (found["memory"], found["cores"]) == ("256", 2)
    assert found["description"] == "line 1\nline 2 äö"
    assert found["digest"] != before


async def test_a_change_that_changes_nothing_keeps_the_digest(api: RawClient) -> None:
    await make(api, 100)
    before = (await config(api, 100))["digest"]
    assert (await put(api, memory=128)).status == 200
    assert (await config(api, 100))["digest"] == before


async def test_of_several_changes_with_one_digest_one_wins(api: RawClient) -> None:
    await make(api, 100)
    digest = (await config(api, 100))["digest"]
    answers = await asyncio.gather(
        *(put(api, description=f"writer {number}", digest=digest) for number in range(5))
    )
    mismatch = (500, "checksum mismatch (file change by other user?)")
    assert sorted(refused(answer) for answer in answers) == [(200, "OK"), *[mismatch] * 4]


async def test_a_running_guest_keeps_what_cannot_be_hot_plugged_pending(api: RawClient) -> None:
    await make(api, 100)
    await start(api, 100)
    assert (await put(api, memory=256, cores=2, name="new")).status == 200
    assert (await config(api, 100))["memory"] == "256"
    running = await config(api, 100, current=1)
    assert (running["memory"], running["name"]) == ("128", "new")
    rows = await pending(api)
    assert rows["memory"] == {"value": "128", "pending": "256"}
    assert rows["cores"] == {"pending": 2}
    assert (await put(api, revert="cores")).status == 200
    assert "cores" not in await pending(api)
    assert await api.done("POST", f"{QEMU}/100/status/stop") == "OK"
    assert (await config(api, 100, current=1))["memory"] == "256"


async def test_disks_and_nets_are_hot_plugged(api: RawClient) -> None:
    await make(api, 100)
    await start(api, 100)
    answer = await put(api, scsi1="vmdisks:1,format=qcow2", net0="virtio,bridge=vmbr0")
    assert answer.status == 200
    found = await config(api, 100, current=1)
    assert found["scsi1"] == "vmdisks:100/vm-100-disk-1.qcow2,size=1G"
    assert found["net0"].startswith("virtio=BC:24:11:")


async def test_a_deleted_disk_becomes_unused_and_is_freed_by_name(api: RawClient) -> None:
    await make(api, 100, scsi1="vmdisks:1,format=qcow2")
    volid = "vmdisks:100/vm-100-disk-1.qcow2"
    volumes = api.sim.cluster.storage("vmdisks").on("pve1")
    assert (await put(api, delete="scsi1")).status == 200
    assert (await config(api, 100))["unused0"] == volid
    assert volid in volumes
    assert (await put(api, delete="unused0")).status == 200
    assert "unused0" not in await config(api, 100)
    assert volid not in volumes


async def test_unlink_with_force_erases(api: RawClient) -> None:
    await make(api, 100, scsi1="vmdisks:1,format=qcow2")
    answer = await api("PUT", f"{QEMU}/100/unlink", {"idlist": "scsi1", "force": 1})
    assert answer.json == {"data": None}
    assert not {"scsi1", "unused0"} & (await config(api, 100)).keys()
    assert len(api.sim.cluster.storage("vmdisks").on("pve1")) == 2


async def test_deleting_a_boot_device_takes_it_from_the_order(api: RawClient) -> None:
    await make(api, 100, net0="virtio,bridge=vmbr0")
    assert (await put(api, delete="net0")).status == 200
    assert (await config(api, 100))["boot"] == "order=scsi0"


async def test_boot_beside_a_new_cdrom_is_decided_by_chance(api: RawClient) -> None:
    await make(api, 100)
    seen = set()
    for _ in range(40):
        await put(api, ide2="none,media=cdrom", boot="order=ide2;scsi0")
        seen.add((await config(api, 100))["boot"])
        await put(api, delete="ide2")
    assert seen == {"order=ide2;scsi0", "order=scsi0;ide2"}


@pytest.mark.parametrize(
    ("options", "answer"),
    [
        ({}, (500, "no options specified")),
        ({"args": "-S"}, (500, "only root can set 'args' config")),
        ({"lock": "backup"}, (500, "only root can set 'lock' config")),
        ({"boot": "order=scsi5"}, (500, "invalid bootorder: device 'scsi5' does not exist'")),
        ({"sshkeys": "nonsense"}, (500, "SSH public key validation error")),
        ({"scsi1": "nosuch:1"}, (500, "storage 'nosuch' does not exist")),
    ],
)
async def test_what_is_refused(
    api: RawClient, options: dict[str, str], answer: tuple[int, str]
) -> None:
    await make(api, 100)
    assert refused(await put(api, **options)) == answer


@pytest.mark.parametrize(
    ("options", "errors"),
    [
        ({"delete": "nosuch"}, {"delete": "unknown option 'nosuch'"}),
        (
            {"delete": "name", "name": "x"},
            {"delete": "you can't use '-name' and '-delete name' at the same time"},
        ),
        ({"skiplock": "1", "name": "x"}, {"skiplock": "Only root may use this option."}),
    ],
)
async def test_wrong_parameters(
    api: RawClient, options: dict[str, str], errors: dict[str, str]
) -> None:
    await make(api, 100)
    answer = await put(api, **options)
    assert (answer.status, answer.json["errors"]) == (400, errors)


@pytest.mark.parametrize("method", ["PUT", "POST"])
async def test_a_configuration_lock_refuses_changes_at_once(api: RawClient, method: str) -> None:
    (await make(api, 100)).config["lock"] = "backup"
    answer = await api(method, f"{QEMU}/100/config", {"memory": 256})
    assert refused(answer) == (500, "VM is locked (backup)")


async def test_root_itself_unlocks(api: RawClient) -> None:
    (await make(api, 100)).config["lock"] = "backup"
    unlock = {"delete": "lock", "skiplock": 1}
    await api.sim.admin("PUT", f"{QEMU}/100/config", unlock)
    assert "lock" not in await config(api, 100)


@pytest.mark.parametrize(("version", "waits"), [("8.4", True), ("9.2", False)])
async def test_post_waits_for_the_flock_in_the_request_or_in_the_task(
    version: str, waits: bool
) -> None:
    async with cluster(version, frozen=True) as api:
        clone = {"newid": 100, "full": 1, "bwlimit": 1024}
        await api("POST", f"{QEMU}/9000/clone", clone)
        await api.sim.clock.advance(1)
        guest(api, 100).config.pop("lock")
        call = asyncio.create_task(api("POST", f"{QEMU}/100/config", {"memory": 256}))
        if waits:
            while not call.done():
                await asyncio.sleep(0.01)
                await api.sim.clock.advance(1)
        answer = await call
        text = "can't lock file '/var/lock/qemu-server/lock-100.conf' - got timeout"
        if waits:
            assert refused(answer) == (500, text)
        else:
            await api.sim.clock.advance(11)
            assert job(api, answer.data).status == text


async def test_post_answers_a_task_that_repeats_the_request(api: RawClient) -> None:
    await make(api, 100)
    params = {"memory": 256, "cipassword": "secret"}
    answer = await api("POST", f"{QEMU}/100/config", params)
    ended = await api.sim.jobs.wait(answer.data)
    assert ended.kind == "qmconfig"
    assert ended.lines == ["update VM 100: -cipassword <hidden> -memory 256", "TASK OK"]
    quick = {"memory": 64, "background_delay": 5}
    assert (await api("POST", f"{QEMU}/100/config", quick)).json == {"data": None}


async def test_cloud_init(api: RawClient) -> None:
    await make(api, 100, name="web", net0="virtio,bridge=vmbr0")
    options = {
        "ide0": "vmdisks:cloudinit",
        "ciuser": "lab",
        "cipassword": "secret",
        "sshkeys": quote(KEY, safe=""),
        "ipconfig0": "ip=10.0.0.5/24,gw=10.0.0.1",
    }
    assert (await put(api, **options)).status == 200
    found = await config(api, 100)
    assert found["ide0"] == "vmdisks:100/vm-100-cloudinit.qcow2,media=cdrom"
    assert found["cipassword"] == "**********"
    assert found["sshkeys"] == quote(KEY, safe="")
    user = (await api("GET", f"{QEMU}/100/cloudinit/dump", {"type": "user"})).data
    assert user.startswith("#cloud-config\nhostname: web\nmanage_etc_hosts: true\nfqdn: web\n")
    assert "user: lab\npassword: $5$" in user
    assert f"ssh_authorized_keys:\n  - {KEY}\n" in user
    network = (await api("GET", f"{QEMU}/100/cloudinit/dump", {"type": "network"})).data
    assert "address: '10.0.0.5'" in network
    rows = {row["key"]: row for row in (await api("GET", f"{QEMU}/100/cloudinit")).data}
    assert rows["ciuser"] == {"key": "ciuser", "pending": "lab"}
    assert (await api("PUT", f"{QEMU}/100/cloudinit")).json == {"data": None}
    rows = {row["key"]: row for row in (await api("GET", f"{QEMU}/100/cloudinit")).data}
    assert rows["ciuser"] == {"key": "ciuser", "value": "lab"}
    assert (await put(api, delete="ide0")).status == 200
    assert "unused0" not in await config(api, 100)


async def test_rights_option_by_option(api: RawClient) -> None:
    await make(api, 100)
    async with await token(api, ("/vms/100", "VM.Config.CPU,VM.Config.Network")) as client:
        path = f"{QEMU}/100/config"
        assert (await client("PUT", path, {"cores": 2})).status == 200
        assert (await client("PUT", path, {"ciuser": "x"})).status == 200
        for option, value, missing in (
            ("memory", 64, "/vms/100, VM.Config.Memory"),
            ("tags", "x", "/vms/100, VM.Config.Options"),
            ("vga", "qxl", "/vms/100, VM.Config.HWType"),
            ("net0", "virtio,bridge=vmbr0", "/sdn/zones/localnetwork/vmbr0, SDN.Use"),
            ("scsi1", "vmdisks:1", "/storage/vmdisks, Datastore.AllocateSpace"),
            ("ide2", "none,media=cdrom", "/vms/100, VM.Config.CDROM"),
        ):
            answer = await client("PUT", path, {option: value})
            assert refused(answer) == (403, f"Permission check failed ({missing})")


async def test_resize(api: RawClient) -> None:
    await make(api, 100)
    path = f"{QEMU}/100/resize"
    answer = await api("PUT", path, {"disk": "scsi0", "size": "+512M"})
    ended = await api.sim.jobs.wait(answer.data)
    assert (ended.kind, ended.lines) == ("resize", ["Image resized.", "TASK OK"])
    assert (await config(api, 100))["scsi0"].endswith(",size=1536M")
    for params, status in (
        ({"disk": "scsi0", "size": "1G"}, "shrinking disks is not supported"),
        ({"disk": "scsi9", "size": "+1G"}, "disk 'scsi9' does not exist"),
        ({"disk": "scsi0", "size": "1536M"}, "OK"),
    ):
        assert await api.done("PUT", path, params) == status


async def test_move_a_disk(api: RawClient) -> None:
    await make(api, 100)
    path = f"{QEMU}/100/move_disk"
    same = await api("POST", path, {"disk": "scsi0", "storage": "vmdisks"})
    assert refused(same) == (500, "you can't move to the same storage with same format")
    moved = {"disk": "scsi0", "storage": "vmdisks", "format": "raw"}
    assert await api.done("POST", path, moved) == "OK"
    found = await config(api, 100)
    assert found["scsi0"] == "vmdisks:100/vm-100-disk-1.raw,size=1G"
    assert found["unused0"] == "vmdisks:100/vm-100-disk-0.qcow2"
    away = {"disk": "scsi0", "storage": "local-lvm", "delete": 1}
    assert await api.done("POST", path, away) == "OK"
    assert (await config(api, 100))["scsi0"] == "local-lvm:vm-100-disk-0,size=1G"
    assert len(api.sim.cluster.storage("vmdisks").on("pve1")) == 2
