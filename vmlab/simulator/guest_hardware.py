"""Puts a real machine together from a guest's configuration.

A guest has one if the first drive of its boot order has a file behind it; then its blank disks get
files, too. Else it is run as a guest of one sector, which needs no disk.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vmlab.simulator.guest_drives import BOOTABLE_KEYS, Drive, boot_devices, drives_of
from vmlab.simulator.guest_options import memory_mb
from vmlab.simulator.machines.hardware import SCSI_MODELS, Disk, Hardware
from vmlab.simulator.state import Cluster, Guest, Volume

MEMORY_LIMIT_MB = 2048
"""Configurations promise more than the machine that the simulator runs on may have."""


async def assemble(cluster: Cluster, guest: Guest) -> Hardware | None:
    """What the guest's machine consists of; None for the one-sector guest.

    Raises:
        ApiError: a blank disk could not be made.
    """
    drives = {
        drive.key: (drive, volume)
        for drive in drives_of(guest.config)
        if drive.key in BOOTABLE_KEYS and (volume := _volume(cluster, guest.node, drive))
    }
    devices = boot_devices(guest.config) or [*BOOTABLE_KEYS]
    order = [key for key in devices if key in drives]
    if cluster.files is None or not order or drives[order[0]][1].file is None:
        return None
    disks: list[Disk] = []
    for key, (drive, volume) in drives.items():
        file = volume.file if drive.is_cdrom else await cluster.files.blank(volume)
        if file is not None:
            image_format = "raw" if drive.is_cdrom else "qcow2"
            boot = order.index(key) if key in order else None
            disks.append(Disk(key, file, image_format, drive.is_cdrom, boot))
    scsi = str(guest.config.get("scsihw", "lsi"))
    memory = min(memory_mb(guest.config), MEMORY_LIMIT_MB)
    return Hardware(memory, tuple(disks), scsi if scsi in SCSI_MODELS else "lsi")


def disks_of(cluster: Cluster, node: str, config: Mapping[str, Any]) -> list[Volume]:
    """The volumes of a configuration's disks, in the order of their names."""
    drives = (drive for drive in drives_of(config) if not drive.is_cdrom)
    found = (_volume(cluster, node, drive) for drive in drives)
    return [volume for volume in found if volume is not None]


def _volume(cluster: Cluster, node: str, drive: Drive) -> Volume | None:
    storage = cluster.storages.get(drive.file.partition(":")[0])
    return storage.on(node).get(drive.file) if storage else None
