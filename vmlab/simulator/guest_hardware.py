"""Puts a real machine together from a guest's configuration.

A guest has one if the first drive of its boot order has a file behind it; then its blank disks get
files, too. Else it is run as a guest of one sector, which needs no disk.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from ipaddress import IPv4Interface
from typing import Any

from vmlab.simulator import guest_cloudinit, propstring
from vmlab.simulator.guest_drives import BOOTABLE_KEYS, Drive, boot_devices, drives_of, net_mac
from vmlab.simulator.guest_options import agent_enabled, memory_mb
from vmlab.simulator.machines.hardware import SCSI_MODELS, Disk, Hardware, Net
from vmlab.simulator.machines.network import SSH_PORT
from vmlab.simulator.state import Cluster, Guest, Volume

NET_KEYS = {
    "virtio": "virtio",
    "e1000": "e1000",
    "e1000e": "e1000e",
    "rtl8139": "rtl8139",
    "vmxnet3": "vmxnet3",
}
"""The adapters that QEMU has, too; others become virtio."""

MEMORY_LIMIT_MB = 2048
"""Configurations promise more than the machine that the simulator runs on may have."""


async def assemble(cluster: Cluster, guest: Guest, address: str) -> Hardware | None:
    """What the guest's machine consists of; None for the one-sector guest.

    Args:
        address: where its SSH server shall be found.

    Raises:
        ApiError: a blank disk could not be made.
    """
    drives = {
        drive.key: (drive, volume)
        for drive in drives_of(guest.config)
        if drive.key in BOOTABLE_KEYS
        and not drive.is_cloudinit
        and (volume := _volume(cluster, guest.node, drive))
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
    config = guest.config
    scsi = str(config.get("scsihw", "lsi"))
    seed_key = next((drive.key for drive in drives_of(config) if drive.is_cloudinit), None)
    return Hardware(
        min(memory_mb(config), MEMORY_LIMIT_MB),
        tuple(disks),
        scsi if scsi in SCSI_MODELS else "lsi",
        nets=tuple(_nets(config, address)),
        seed_key=seed_key,
        seed=guest_cloudinit.files(guest) if seed_key else {},
        agent=agent_enabled(config),
        balloon=str(config.get("balloon", "")) != "0",
    )


def _nets(config: Mapping[str, Any], address: str) -> Iterator[Net]:
    """The guest's network adapters; SSH is led to the first one."""
    for number in range(32):
        if text := config.get(f"net{number}"):
            model = propstring.split(str(text), "model")
            name = next((key for key in model if key in NET_KEYS), "virtio")
            ip = propstring.split(str(config.get(f"ipconfig{number}", "")))
            static = ip.get("ip", "dhcp") != "dhcp"
            yield Net(
                NET_KEYS[name],
                net_mac(str(text)),
                IPv4Interface(ip["ip"]) if static else None,
                ip.get("gw"),
                f"{address}:{SSH_PORT}" if number == 0 else None,
            )


def disks_of(cluster: Cluster, node: str, config: Mapping[str, Any]) -> list[Volume]:
    """The volumes of a configuration's disks, in the order of their names."""
    drives = (drive for drive in drives_of(config) if not drive.is_cdrom)
    found = (_volume(cluster, node, drive) for drive in drives)
    return [volume for volume in found if volume is not None]


def _volume(cluster: Cluster, node: str, drive: Drive) -> Volume | None:
    storage = cluster.storages.get(drive.file.partition(":")[0])
    return storage.on(node).get(drive.file) if storage else None
