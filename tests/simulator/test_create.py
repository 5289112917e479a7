"""Creating guests: the stub, the disks, what is filled in, what is refused."""

import pytest

from tests.simulator.lab import QEMU, cluster, config, guest, job, make, refused, token
from tests.simulator.raw import RawClient


async def test_a_guest_gets_what_was_not_said(api: RawClient) -> None:
    await make(api, 100, name="web", net0="virtio,bridge=vmbr0")
    made = await config(api, 100)
    assert made["scsi0"] == "vmdisks:100/vm-100-disk-0.qcow2,size=1G"
    assert made["boot"] == "order=scsi0;net0"
    assert made["smbios1"].startswith("uuid=")
    assert made["memory"] == "128"
    assert made["net0"].startswith("virtio=BC:24:11:")
    assert made["net0"].endswith(",bridge=vmbr0")
    assert made["meta"].startswith("creation-qemu=")
    assert {"digest", "vmgenid"} <= made.keys()
    assert "lock" not in made


async def test_the_stub_is_there_at_once_and_locked() -> None:
    async with cluster(frozen=True) as api:
        answer = await api("POST", QEMU, {"vmid": 100, "scsi0": "vmdisks:1"})
        assert (await config(api, 100)).keys() == {"lock", "digest"}
        await api.sim.clock.advance(1)
        assert job(api, answer.data).status == "OK"
        assert "lock" not in await config(api, 100)


async def test_a_vmid_is_taken_in_the_whole_cluster(api: RawClient) -> None:
    await make(api, 100)
    answer = await api("POST", "/nodes/pve2/qemu", {"vmid": 100})
    text = "unable to create VM 100 - VM 100 already exists on node 'pve1'"
    assert refused(answer) == (500, text)


async def test_the_log_tells_of_the_disk(api: RawClient) -> None:
    answer = await api("POST", QEMU, {"vmid": 100, "scsi0": "vmdisks:1"})
    ended = await api.sim.jobs.wait(answer.data)
    assert ended.lines == [
        "Formatting '/srv/vmdisks/images/100/vm-100-disk-0.raw', fmt=raw size=1073741824 "
        "preallocation=off",
        "scsi0: successfully created disk 'vmdisks:100/vm-100-disk-0.raw,size=1G'",
        "TASK OK",
    ]


async def test_without_devices_the_boot_order_is_blank(api: RawClient) -> None:
    assert await api.done("POST", QEMU, {"vmid": 100}) == "OK"
    assert (await config(api, 100))["boot"] == " "


@pytest.mark.parametrize(
    ("options", "answer"),
    [
        ({"scsi0": "nosuch:1"}, (500, "storage 'nosuch' does not exist")),
        ({"scsi0": "vmdisks:1G"}, (500, "unable to parse directory volume name '1G'")),
        ({"scsi0": "1"}, (500, "no storage ID specified (and no default storage)")),
        ({"args": "-S"}, (500, "only root can set 'args' config")),
        ({"hookscript": "local:snippets/x.sh"}, (500, "only root can set 'hookscript' config")),
        ({"serial0": "/dev/ttyS0"}, (500, "only root can set 'serial0' config for real devices")),
        ({"pool": "nosuch"}, (403, "Permission check failed (pool 'nosuch' does not exist)")),
        ({"scsi0": "local:1"}, (400, "Parameter verification failed.")),
    ],
)
async def test_what_is_refused_at_once(
    api: RawClient, options: dict[str, str], answer: tuple[int, str]
) -> None:
    assert refused(await api("POST", QEMU, {"vmid": 100, **options})) == answer
    assert 100 not in api.sim.cluster.guests


async def test_a_disk_that_fails_leaves_nothing_behind(api: RawClient) -> None:
    wanted = {"vmid": 100, "scsi0": "vmdisks:1", "scsi1": "vmdisks:99999999,format=raw"}
    status = await api.done("POST", QEMU, wanted)
    assert status.startswith("unable to create VM 100 - unable to create image: qemu-img: ")
    assert status.endswith("The image size is too large for file format 'raw'")
    assert 100 not in api.sim.cluster.guests
    assert not [v for v in api.sim.cluster.storage("vmdisks").on("pve1") if ":100/" in v]


async def test_an_imported_disk_keeps_size_and_format(api: RawClient) -> None:
    source = next(
        volume
        for volume in api.sim.cluster.storage("vmdisks").on("pve1").values()
        if volume.vmid == 9000
    )
    wanted = f"vmdisks:0,import-from={source.volid}"
    await make(api, 100, scsi0=wanted)
    assert (await config(api, 100))["scsi0"] == "vmdisks:100/vm-100-disk-0.qcow2,size=8G"


async def test_start_runs_in_a_task_of_its_own(api: RawClient) -> None:
    await make(api, 100, start=1)
    started = next(job for job in api.sim.jobs if job.kind == "qmstart")
    await started.ended.wait()
    assert started.status == "OK"
    assert guest(api, 100).running


async def test_the_pool_stands_in_for_rights_on_the_guest(api: RawClient) -> None:
    privs = "VM.Allocate,VM.Config.Memory,VM.Config.Disk"
    grants = (("/pool/vmlab", privs), ("/storage/vmdisks", "Datastore.AllocateSpace"))
    options = {"vmid": 100, "memory": 64, "scsi0": "vmdisks:1"}
    async with await token(api, *grants) as client:
        assert refused(await client("POST", QEMU, options)) == (403, "Permission check failed")
        assert await client.done("POST", QEMU, {**options, "pool": "vmlab"}) == "OK"
        assert refused(await client("POST", QEMU, {"vmid": 101, "pool": "vmlab", "cores": 1})) == (
            403,
            "Permission check failed (/vms/101, VM.Config.CPU)",
        )
    assert api.sim.cluster.pool_of(100) == "vmlab"


@pytest.mark.parametrize(("version", "tags"), [("8.4", "lab;base"), ("9.2", "base;lab")])
async def test_only_nine_sorts_the_tags_of_a_new_guest(version: str, tags: str) -> None:
    async with cluster(version) as api:
        await make(api, 100, tags="lab;base")
        assert (await config(api, 100))["tags"] == tags
        changed = {"tags": "Lab;base,LAB"}
        assert (await api("PUT", f"{QEMU}/100/config", changed)).status == 200
        assert (await config(api, 100))["tags"] == "base;lab"
