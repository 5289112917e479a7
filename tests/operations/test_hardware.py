"""Reading and setting a guest's hardware; the configurations are as Proxmox VE 8.4 shows them."""

from __future__ import annotations

from typing import Any

import pytest

from vmlab.operations.hardware import (
    boot_disk,
    has_cloud_init,
    processors_and_memory,
    size_gb,
)
from vmlab.proxmox.shapes import GuestConfig

SCSI = "vmdisks:100/vm-100-disk-0.qcow2,size=2252M"
VIRTIO = "vmdisks:100/vm-100-disk-1.qcow2,size=32G"
CDROM = "local:iso/debian.iso,media=cdrom,size=600M"
CLOUD_INIT = "vmdisks:100/vm-100-cloudinit.qcow2,media=cdrom"
EFI = "vmdisks:100/vm-100-disk-2.qcow2,efitype=4m,size=528K"


def config(**options: Any) -> GuestConfig:
    return GuestConfig.from_json({"digest": "d", **options})


@pytest.mark.parametrize(
    ("options", "key"),
    [
        ({"scsi0": SCSI, "virtio0": VIRTIO, "boot": "order=virtio0;scsi0"}, "virtio0"),
        ({"scsi0": SCSI, "ide2": CDROM, "boot": "order=ide2;net0;scsi0"}, "scsi0"),
        ({"scsi0": SCSI, "virtio0": VIRTIO, "boot": "cdn", "bootdisk": "virtio0"}, "virtio0"),
        ({"efidisk0": EFI, "scsi0": SCSI}, "scsi0"),
        ({"unused0": SCSI, "virtio0": VIRTIO}, "virtio0"),
        ({"ide2": CDROM, "efidisk0": EFI}, None),
        ({"ide0": "none"}, None),
    ],
)
def test_the_disk_that_it_boots_from(options: dict[str, str], key: str | None) -> None:
    disk = boot_disk(config(**options))
    assert (disk.key if disk else None) == key


def test_sizes_are_rounded_up() -> None:
    assert size_gb(boot_disk(config(scsi0=SCSI))) == 3
    assert size_gb(boot_disk(config(virtio0=VIRTIO))) == 32
    assert size_gb(None) == 0


def test_cloud_init_needs_a_drive() -> None:
    assert has_cloud_init(config(ide2=CLOUD_INIT))
    assert not has_cloud_init(config(ide2=CDROM))


def test_ballooning_never_exceeds_the_memory() -> None:
    sizes = {"sockets": 1, "cores": 2, "memory": 1024}
    assert processors_and_memory(config(), 2, 1024) == sizes
    assert processors_and_memory(config(balloon=512), 2, 1024) == sizes
    assert processors_and_memory(config(balloon=2048), 2, 1024) == {**sizes, "balloon": 1024}
