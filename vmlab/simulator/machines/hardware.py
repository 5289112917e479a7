"""What a QEMU machine consists of, and the arguments that make QEMU build it.

Buses, models and the order of booting are those of the guest's configuration, as Proxmox would
have them; `guest_hardware` reads it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

SCSI_MODELS = {
    "lsi": "lsi53c895a",
    "lsi53c810": "lsi53c810",
    "megasas": "megasas",
    "megasas-gen2": "megasas-gen2",
    "pvscsi": "pvscsi",
    "virtio-scsi-pci": "virtio-scsi-pci",
    "virtio-scsi-single": "virtio-scsi-pci",
}
"""QEMU's names of the controllers that `scsihw` chooses from."""


@dataclass(frozen=True)
class Disk:
    """A drive with a file behind it.

    Attributes:
        key: where it is plugged in, in Proxmox's words: `scsi0`, `ide2`.
        format: `raw` or `qcow2`.
        cdrom: whether it is a medium that is only read.
        boot: its place in the boot order, None if it is not in it.
    """

    key: str
    file: Path
    format: str
    cdrom: bool = False
    boot: int | None = None


@dataclass(frozen=True)
class Hardware:
    """One machine, ready to be switched on."""

    memory_mb: int
    disks: tuple[Disk, ...]
    scsi_model: str = "lsi"


def arguments(hardware: Hardware) -> Iterator[str]:
    """QEMU's arguments for memory, disks and their controllers."""
    yield from ("-m", str(hardware.memory_mb))
    buses = {_bus_of(disk.key)[0] for disk in hardware.disks}
    if "scsi" in buses:
        yield from ("-device", f"{SCSI_MODELS[hardware.scsi_model]},id=scsihw0")
    if "sata" in buses:
        yield from ("-device", "ich9-ahci,id=ahci0")
    for disk in hardware.disks:
        yield from _disk(disk)


def _disk(disk: Disk) -> Iterator[str]:
    drive = [f"file={_escaped(disk.file)}", f"format={disk.format}", "if=none"]
    drive += [f"id=drive-{disk.key}", f"node-name={node_name(disk)}"]
    drive += ["media=cdrom", "readonly=on"] if disk.cdrom else ["discard=on", "detect-zeroes=on"]
    yield from ("-drive", ",".join(drive))
    device = [*_plug(disk), f"drive=drive-{disk.key}"]
    if disk.boot is not None:
        device.append(f"bootindex={disk.boot + 1}")
    yield from ("-device", ",".join(device))


def _plug(disk: Disk) -> list[str]:
    """The device model of a drive and the place where it is plugged in."""
    bus, number = _bus_of(disk.key)
    kind = "cd" if disk.cdrom else "hd"
    match bus:
        case "ide":
            return [f"ide-{kind}", f"bus=ide.{number // 2}", f"unit={number % 2}"]
        case "sata":
            return [f"ide-{kind}", f"bus=ahci0.{number}"]
        case "scsi":
            return [f"scsi-{kind}", "bus=scsihw0.0", f"scsi-id={number}"]
        case _:
            return ["virtio-blk-pci"]


def node_name(disk: Disk) -> str:
    """The name of the drive's node in QEMU's block graph."""
    return f"disk-{disk.key}"


def _bus_of(key: str) -> tuple[str, int]:
    match = re.fullmatch(r"([a-z]+)(\d+)", key)
    if match is None:
        raise ValueError(f"{key!r} is no drive")
    return match[1], int(match[2])


def _escaped(file: Path) -> str:
    return str(file).replace(",", ",,")
