"""What of a guest's configuration VMLab reads or sets: disks, processors, memory, cloud-init."""

from __future__ import annotations

from vmlab.proxmox.client import Param
from vmlab.proxmox.shapes import Disk, GuestConfig, as_int, as_list, properties

GIB = 1 << 30

_NO_BOOT = ("efidisk", "tpmstate", "unused")


def boot_disk(config: GuestConfig) -> Disk | None:
    """The disk that the guest boots from: the first in its boot order, else its first one."""
    disks = {
        key: disk
        for key, disk in config.disks.items()
        if not disk.cdrom and disk.storage is not None and not key.startswith(_NO_BOOT)
    }
    order = properties(str(config.options.get("boot", ""))).get("order", "")
    legacy = str(config.options.get("bootdisk", ""))
    for key in (*as_list(order), legacy, *sorted(disks)):
        if key in disks:
            return disks[key]
    return None


def size_gb(disk: Disk | None) -> int:
    """A disk's size in GiB, rounded up; 0 where there is none or it does not say."""
    return -(-(disk.size_bytes or 0) // GIB) if disk else 0


def has_cloud_init(config: GuestConfig) -> bool:
    """Whether there is a cloud-init drive; without one its keys are silently ignored."""
    return any("cloudinit" in disk.volume for disk in config.disks.values() if disk.cdrom)


def processors_and_memory(config: GuestConfig, cores: int, memory_mb: int) -> dict[str, Param]:
    """The options that give a guest so many processors and so much memory.

    Args:
        config: as it is now: what it has of memory ballooning must not exceed its memory
            (qemu-server 8.4: "balloon value too large").
        cores: in one socket.
        memory_mb: MiB.
    """
    options: dict[str, Param] = {"sockets": 1, "cores": cores, "memory": memory_mb}
    balloon = as_int(config.options.get("balloon"))
    if balloon is not None and balloon > memory_mb:
        options["balloon"] = memory_mb
    return options
