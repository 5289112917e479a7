"""Volumes with real bytes: images that are uploaded boot, are cloned, grow and go back in time."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.simulator import lab
from tests.simulator.boot_counter import boot_counter, counted
from tests.simulator.onlooker import CURSOR, banner_is_out, until_lit, view
from tests.simulator.raw import RawClient
from vmlab.simulator import Simulator
from vmlab.simulator.machines import QemuMachine
from vmlab.simulator.machines.bootsector import boot_sector
from vmlab.simulator.machines.programs import run

QEMU, TEMPLATE = lab.QEMU, 500
IMPORT = "vmdisks:import/counter."
GREETING = (
    "web-01\nVM 100 on pve1\n\nType here. Esc and the power button switch this machine off.\n\n> "
)
_BOUNDARY = b"--the-boundary"


@pytest.fixture
async def api() -> AsyncIterator[RawClient]:
    """A cluster whose guests are QEMU processes."""
    async with (
        Simulator(auth_delay_s=0.0, speed=1000.0, guests="qemu") as simulator,
        RawClient(simulator) as client,
    ):
        yield client


async def upload(api: RawClient, image: bytes, name: str = "counter.raw") -> str:
    """Upload an import image; returns how the task ended."""
    fields = (b'name="content"\r\n\r\nimport', b'name="filename"; filename="%s"' % name.encode())
    head, file = (_BOUNDARY + b"\r\nContent-Disposition: form-data; " + field for field in fields)
    body = head + b"\r\n" + file + b"\r\n\r\n" + image + b"\r\n" + _BOUNDARY + b"--\r\n"
    kind = {"Content-Type": f"multipart/form-data; boundary={_BOUNDARY[2:].decode()}"}
    path = "/nodes/pve1/storage/vmdisks/upload"
    answer = await api("POST", path, headers=kind, data=io.BytesIO(body))
    assert answer.status == 200, answer
    return str((await api.sim.jobs.wait(answer.data)).status)


async def create(api: RawClient, vmid: int, suffix: str = "raw", **options: Any) -> str:
    """Make a guest from the uploaded image; returns how the task ended."""
    disk = f"vmdisks:0,import-from={IMPORT}{suffix},format=qcow2"
    wanted = {"vmid": vmid, "memory": 16, "scsihw": "virtio-scsi-pci", "scsi0": disk, **options}
    return await api.done("POST", QEMU, wanted)


async def boot(api: RawClient, vmid: int) -> None:
    """Start a guest and wait until it has switched itself off."""
    await lab.start(api, vmid)
    await api.sim.machines.of(vmid).exited.wait()
    stopped = await api.done("POST", f"{QEMU}/{vmid}/status/stop")  # once it has been noticed
    assert stopped == "OK"


def file_of(api: RawClient, vmid: int, key: str = "scsi0") -> Path:
    """The file behind a guest's disk."""
    guest = lab.guest(api, vmid)
    volid = guest.config[key].partition(",")[0]
    file = api.sim.cluster.storage(volid.partition(":")[0]).on(guest.node)[volid].file
    assert file is not None
    return file


async def boots(api: RawClient, vmid: int) -> int:
    """How often the guest's disk has been booted."""
    return await counted(file_of(api, vmid))


async def info(api: RawClient, vmid: int) -> str:
    """What qemu-img says of the guest's disk: size, snapshots."""
    return await run("qemu-img", "info", "-U", "-f", "qcow2", str(file_of(api, vmid)))


def files(api: RawClient) -> int:
    """How many files there are behind volumes."""
    return len(list((api.sim.directory / "disks").iterdir()))


async def clone(api: RawClient, vmid: int, newid: int, **options: Any) -> None:
    path = f"{QEMU}/{vmid}/clone"
    assert await api.done("POST", path, {"newid": newid, **options}) == "OK"


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"scsihw": "lsi"},
        {"scsi0": "", "virtio0": f"vmdisks:0,import-from={IMPORT}raw", "boot": "order=virtio0"},
        {"scsi0": "", "ide0": f"vmdisks:0,import-from={IMPORT}raw", "boot": "order=ide0"},
        {"scsi0": "", "sata1": f"local-lvm:0,import-from={IMPORT}raw", "boot": "order=sata1"},
    ],
)
async def test_an_uploaded_image_boots(api: RawClient, options: dict[str, Any]):
    assert await upload(api, boot_counter()) == "OK"
    sent = {key: value for key, value in options.items() if value}
    if "scsi0" in options:
        key = next(key for key in sent if key != "boot")
        assert await api.done("POST", QEMU, {"vmid": 100, "memory": 16, **sent}) == "OK"
    else:
        key = "scsi0"
        assert await create(api, 100, **sent) == "OK"
    await boot(api, 100)
    await boot(api, 100)
    assert await counted(file_of(api, 100, key)) == 2


async def test_a_large_empty_image_takes_no_room(api: RawClient):
    size = 96 << 20
    assert await upload(api, boot_counter(size)) == "OK"
    assert await create(api, 100) == "OK"
    assert lab.guest(api, 100).config["scsi0"].endswith("size=96M")
    for file in (api.sim.directory / "disks").iterdir():
        assert file.stat().st_blocks * 512 < 2 << 20
    volume = api.sim.cluster.storage("vmdisks").on("pve1")["vmdisks:import/counter.raw"]
    assert volume.file is not None
    assert volume.file.read_bytes() == boot_counter(size)


@pytest.mark.parametrize("image_format", ["qcow2", "vmdk"])
async def test_images_of_other_formats(api: RawClient, tmp_path: Path, image_format: str):
    raw, image = tmp_path / "raw", tmp_path / "image"
    raw.write_bytes(boot_counter(2 << 20, boots=7))
    await run("qemu-img", "convert", "-f", "raw", "-O", image_format, str(raw), str(image))
    assert await upload(api, image.read_bytes(), f"counter.{image_format}") == "OK"
    assert await create(api, 100, image_format) == "OK"
    assert lab.guest(api, 100).config["scsi0"].endswith("size=2M")
    await boot(api, 100)
    assert await boots(api, 100) == 8


async def test_an_image_that_refers_to_another_file_is_refused(api: RawClient, tmp_path: Path):
    secret, image = tmp_path / "secret", tmp_path / "image"
    secret.write_bytes(boot_counter())
    command = ("qemu-img", "create", "-q", "-f", "qcow2", "-F", "raw", "-b")
    await run(*command, str(secret), str(image))
    assert await upload(api, image.read_bytes(), "counter.qcow2") == "OK"
    assert "not allowed" in await create(api, 100, "qcow2")
    assert 100 not in api.sim.cluster.guests
    assert files(api) == 1  # the upload


async def test_linked_clones_share_a_base_and_nothing_else(api: RawClient):
    assert await upload(api, boot_counter(boots=40)) == "OK"
    assert await create(api, TEMPLATE) == "OK"
    await boot(api, TEMPLATE)
    assert await api.done("POST", f"{QEMU}/{TEMPLATE}/template") == "OK"
    base = file_of(api, TEMPLATE).read_bytes()
    for vmid in (100, 101):
        await clone(api, TEMPLATE, vmid)
    await boot(api, 100)
    await boot(api, 100)
    await boot(api, 101)
    assert [await boots(api, vmid) for vmid in (TEMPLATE, 100, 101)] == [41, 43, 42]
    assert file_of(api, TEMPLATE).read_bytes() == base
    assert base not in file_of(api, 100).read_bytes()  # a layer, not a copy
    await clone(api, 100, 102, full=1)
    for vmid in (100, 101, TEMPLATE):
        assert await api.done("DELETE", f"{QEMU}/{vmid}") == "OK"
    await boot(api, 102)
    assert await boots(api, 102) == 44
    assert files(api) == 2  # the upload and the copy


async def test_disks_go_back_to_a_snapshot(api: RawClient):
    assert await upload(api, boot_counter()) == "OK"
    assert await create(api, 100, virtio1="vmdisks:1,format=qcow2") == "OK"
    await boot(api, 100)
    assert await api.done("POST", f"{QEMU}/100/snapshot", {"snapname": "one"}) == "OK"
    await boot(api, 100)
    assert await api.done("POST", f"{QEMU}/100/snapshot", {"snapname": "two"}) == "OK"
    await boot(api, 100)
    assert await boots(api, 100) == 3
    assert await api.done("POST", f"{QEMU}/100/snapshot/one/rollback") == "OK"
    assert await boots(api, 100) == 1
    await clone(api, 100, 101, full=1, snapname="two")
    assert await boots(api, 101) == 2
    for name in ("one", "two"):
        assert await api.done("DELETE", f"{QEMU}/100/snapshot/{name}") == "OK"
    assert "Snapshot" not in await info(api, 100)


@pytest.mark.parametrize("way", ["snapshot", "hibernation"])
async def test_memory_comes_back(api: RawClient, way: str):
    assert await upload(api, boot_sector(GREETING).ljust(1 << 20, b"\0")) == "OK"
    assert await create(api, 100) == "OK"
    await lab.start(api, 100)
    machine = api.sim.machines.of(100)
    assert isinstance(machine, QemuMachine)
    client = await view(machine)
    banner = await until_lit(client, banner_is_out)
    await client.type("typed before this")
    await until_lit(client, lambda lit: lit > banner + 4 * CURSOR)
    if way == "snapshot":
        wanted = {"snapname": "one", "vmstate": 1}
        assert await api.done("POST", f"{QEMU}/100/snapshot", wanted) == "OK"
        await machine.reset()
        await until_lit(client, lambda lit: 0 < lit < banner + 2 * CURSOR)
        assert await api.done("POST", f"{QEMU}/100/snapshot/one/rollback") == "OK"
    else:
        assert await api.done("POST", f"{QEMU}/100/status/suspend", {"todisk": 1}) == "OK"
        assert not machine.running
        assert await api.done("POST", f"{QEMU}/100/status/resume") == "OK"
        assert "Snapshot" not in await info(api, 100)
    await client.close()
    client = await view(machine)
    await until_lit(client, lambda lit: lit > banner + 4 * CURSOR)
    await client.close()


async def test_a_snapshot_of_a_running_guest(api: RawClient):
    assert await upload(api, boot_sector(GREETING).ljust(1 << 20, b"\0")) == "OK"
    assert await create(api, 100) == "OK"
    await lab.start(api, 100)
    assert await api.done("POST", f"{QEMU}/100/snapshot", {"snapname": "one"}) == "OK"
    resize = {"disk": "scsi0", "size": "8M"}
    assert await api.done("PUT", f"{QEMU}/100/resize", resize) == "OK"
    await clone(api, 100, 101, full=1)
    assert await api.done("DELETE", f"{QEMU}/100/snapshot/one") == "OK"
    assert api.sim.machines.of(100).running
    for vmid in (100, 101):
        assert "8 MiB" in await info(api, vmid)
        assert "Snapshot" not in await info(api, vmid)


async def test_a_disk_grows(api: RawClient):
    assert await upload(api, boot_counter()) == "OK"
    assert await create(api, 100) == "OK"
    resize = {"disk": "scsi0", "size": "8M"}
    assert await api.done("PUT", f"{QEMU}/100/resize", resize) == "OK"
    await boot(api, 100)
    assert "8 MiB" in await info(api, 100)
    assert await boots(api, 100) == 1


async def test_uploading_again_replaces_the_file_and_deleting_removes_it(api: RawClient):
    assert await upload(api, boot_counter(boots=1)) == "OK"
    assert await upload(api, boot_counter(boots=9)) == "OK"
    assert files(api) == 1
    assert await create(api, 100) == "OK"
    assert await boots(api, 100) == 9
    path = "/nodes/pve1/storage/vmdisks/content/import/counter.raw"
    assert await api.done("DELETE", path) == "OK"
    assert await api.done("DELETE", f"{QEMU}/100") == "OK"
    assert files(api) == 0


async def test_drawn_guests_keep_no_bytes():
    async with (
        Simulator(auth_delay_s=0.0, speed=1000.0) as simulator,
        RawClient(simulator) as client,
    ):
        assert await upload(client, boot_counter()) == "OK"
        assert await create(client, 100) == "OK"
        assert not (simulator.directory / "disks").exists()
