"""What a QEMU machine consists of, and the arguments that make QEMU build it.

Buses, models and the order of booting are those of the guest's configuration, as Proxmox would
have them; `guest_hardware` reads it.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
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


NET_MODELS = {"virtio": "virtio-net-pci"}
SMALLEST_NETWORK = 29
"""QEMU's own network needs an address for itself and one for names beside the guest's."""
AGENT_PORT = "org.qemu.guest_agent.0"


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
class Net:
    """A network adapter on a network of its own, from which nothing is reached.

    Attributes:
        model: as Proxmox names it: `virtio`, `e1000`.
        static: the guest's own address with its prefix, None if it asks by DHCP.
        gateway: of that network, None for any.
        forwarded: `ADDRESS:PORT` of this machine that leads to the guest's port 22, if any does.
    """

    model: str
    mac: str
    static: ipaddress.IPv4Interface | None = None
    gateway: str | None = None
    forwarded: str | None = None


@dataclass(frozen=True)
class Hardware:
    """One machine, ready to be switched on.

    Attributes:
        seed: the files of the cloud-init drive, which is plugged in at `seed_key`.
        agent: whether there is a port for the guest agent.
        balloon: whether there is a device that tells of the guest's memory.
    """

    memory_mb: int
    disks: tuple[Disk, ...]
    scsi_model: str = "lsi"
    nets: tuple[Net, ...] = ()
    seed_key: str | None = None
    seed: Mapping[str, bytes] = field(default_factory=dict)
    agent: bool = False
    balloon: bool = False


def arguments(hardware: Hardware, home: Path) -> Iterator[str]:
    """QEMU's arguments for memory, disks with their controllers, networks and ports.

    Sockets are made in `home`.
    """
    yield from ("-m", str(hardware.memory_mb), "-serial", "null")
    for number, net in enumerate(hardware.nets):
        yield from _net(number, net)
    if hardware.agent:
        yield from ("-device", "virtio-serial-pci")
        yield from ("-chardev", f"socket,id=agent,path={home / 'agent'},server=on,wait=off")
        yield from ("-device", f"virtserialport,chardev=agent,name={AGENT_PORT}")
    if hardware.balloon:
        yield from ("-device", "virtio-balloon-pci,id=balloon0")
    buses = {_bus_of(disk.key)[0] for disk in hardware.disks}
    if "scsi" in buses:
        yield from ("-device", f"{SCSI_MODELS[hardware.scsi_model]},id=scsihw0")
    if "sata" in buses:
        yield from ("-device", "ich9-ahci,id=ahci0")
    for disk in hardware.disks:
        yield from _disk(disk)


def _net(number: int, net: Net) -> Iterator[str]:
    netdev = [f"user,id=net{number},restrict=on"]
    inside = ""
    if net.static is not None and net.static.network.prefixlen <= SMALLEST_NETWORK:
        hosts = (str(host) for host in net.static.network.hosts())
        free = (host for host in hosts if host not in (str(net.static.ip), net.gateway))
        gateway, names = net.gateway or next(free), next(free)
        inside = str(net.static.ip)
        netdev += [f"net={net.static.network},host={gateway},dns={names},dhcpstart={inside}"]
    if net.forwarded:
        netdev += [f"hostfwd=tcp:{net.forwarded}-{inside}:22"]
    yield from ("-netdev", ",".join(netdev))
    model = NET_MODELS.get(net.model, net.model)
    yield from ("-device", f"{model},netdev=net{number},mac={net.mac},romfile=")


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
