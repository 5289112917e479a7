"""Drive, network and boot options of a guest as qemu-server writes and reads them.

Pure text work: nothing here knows a cluster. The volumes behind the drives are `guest_volumes`.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from vmlab.simulator import propstring

BUS_SIZES = {"ide": 4, "scsi": 31, "virtio": 16, "sata": 6}
# qemu-server Drive.pm: in this order the first boot disk is looked for.
BOOTABLE_KEYS = tuple(f"{bus}{n}" for bus, size in BUS_SIZES.items() for n in range(size))
DRIVE_KEYS = frozenset((*BOOTABLE_KEYS, "efidisk0", "tpmstate0"))
UNUSED_LIMIT = 256

_NEW_DISK = re.compile(r"^(?:([^/:\s]+):)?(\d+(?:\.\d+)?)$")
_NET_MODEL = re.compile(
    r"e1000(-8254(0em|4gc|5em)|e)?|i8255(1|7b|9er)|ne2k_(isa|pci)|pcnet|rtl8139|virtio|vmxnet3"
)
_SIZE = re.compile(r"^(\d+(?:\.\d+)?)([KMGT]?)$")
_UNITS = {"": 1, "K": 2**10, "M": 2**20, "G": 2**30, "T": 2**40}


def parse_size(text: str) -> int:
    """Bytes of `10G`, `512M` or a bare number of bytes.

    Raises:
        ValueError: the text is no size.
    """
    match = _SIZE.match(text)
    if match is None:
        raise ValueError(f"unable to parse size '{text}'")
    return int(float(match[1]) * _UNITS[match[2]])


def format_size(size_bytes: int) -> str:
    """The largest unit that divides exactly, as pve-common's JSONSchema.pm format_size does."""
    for unit in "TGMK":
        if size_bytes and size_bytes % _UNITS[unit] == 0:
            return f"{size_bytes // _UNITS[unit]}{unit}"
    return str(size_bytes)


def render_size(size_bytes: float) -> str:
    """Bytes for a task log: `0.0 B`, `1.5 GiB`."""
    for unit in ("B", "KiB", "MiB", "GiB"):
        if size_bytes < 1024:
            return f"{size_bytes:.1f} {unit}"
        size_bytes /= 1024
    return f"{size_bytes:.1f} TiB"


@dataclass
class Drive:
    """A drive option taken apart: `file` is a volid, a request for a new disk, or `none`."""

    key: str
    file: str
    options: dict[str, str] = field(default_factory=dict)

    @classmethod
    def parse(cls, key: str, text: str) -> Drive:
        """Read `vmdisks:100/vm-100-disk-0.qcow2,size=1G` or `file=…`."""
        options = propstring.split(text, "file")
        return cls(key, options.pop("file", ""), options)

    def __str__(self) -> str:
        pairs = (f"{key}={value}" for key, value in sorted(self.options.items()))
        return ",".join((self.file, *pairs))

    @property
    def is_cdrom(self) -> bool:
        """Whether it is a CD-ROM drive, a cloud-init drive included."""
        return self.options.get("media") == "cdrom" or self.is_cloudinit

    @property
    def is_cloudinit(self) -> bool:
        """Whether it carries the generated cloud-init data."""
        name = self.file.rpartition(":")[2]
        return name == "cloudinit" or re.search(r"vm-\d+-cloudinit(\.\w+)?$", name) is not None

    @property
    def has_volume(self) -> bool:
        """Whether `file` names a volume (and not `none` or the host's `cdrom`)."""
        return self.file not in ("", "none", "cdrom")

    @property
    def size_bytes(self) -> int:
        """The recorded size, 0 where none is recorded."""
        return parse_size(self.options["size"]) if "size" in self.options else 0

    def new_disk(self) -> tuple[str | None, float] | None:
        """Storage (None: the default one) and size in GiB, if a new disk is asked for."""
        match = _NEW_DISK.match(self.file)
        return (match[1], float(match[2])) if match else None


def drives_of(config: Mapping[str, Any]) -> list[Drive]:
    """All drives of a configuration, by key."""
    return [Drive.parse(key, config[key]) for key in sorted(config) if key in DRIVE_KEYS]


def unused_of(config: Mapping[str, Any]) -> dict[str, str]:
    """The volids of the detached disks by their `unusedN` key."""
    return {
        key: Drive.parse(key, value).file
        for key, value in config.items()
        if key.startswith("unused")
    }


def add_unused(config: dict[str, Any], volid: str) -> None:
    """Keep a detached volume as the first free `unusedN`, unless it is kept already."""
    taken = unused_of(config)
    if volid in taken.values():
        return
    key = next(f"unused{n}" for n in range(UNUSED_LIMIT) if f"unused{n}" not in taken)
    config[key] = volid


def print_net(text: str, new_mac: Callable[[], str], *, replace: bool = False) -> str:
    """Normalise a network option; a missing MAC address (with `replace` any) becomes a new one."""
    properties = propstring.split(text, "model")
    named = next(filter(_NET_MODEL.fullmatch, properties), None)
    mac = properties.pop(named) if named else properties.pop("macaddr", "")
    model = named or properties.pop("model", "virtio")
    if replace or not mac:
        mac = new_mac()
    pairs = (f"{key}={value}" for key, value in sorted(properties.items()))
    return ",".join((f"{model}={mac}", *pairs))


def net_mac(text: str) -> str:
    """The MAC address of a network option in upper case."""
    properties = propstring.split(text, "model")
    macs = (value for key, value in properties.items() if _NET_MODEL.fullmatch(key))
    return next(macs, "").upper()


def default_boot(config: Mapping[str, Any]) -> str:
    """The boot order of a guest created without one: first disk, first CD-ROM, first network.

    A guest with none of them gets a single blank (qemu-server 9.2: `boot: " "`).
    """
    cdroms = {drive.key for drive in drives_of(config) if drive.is_cdrom}
    present = [key for key in BOOTABLE_KEYS if key in config]
    disk = next((key for key in present if key not in cdroms), None)
    cdrom = next((key for key in present if key in cdroms), None)
    net = next((f"net{n}" for n in range(32) if f"net{n}" in config), None)
    return print_boot(device for device in (disk, cdrom, net) if device)


def print_boot(devices: Iterable[str]) -> str:
    """The value of `boot` for an order of devices."""
    order = ";".join(devices)
    return f"order={order}" if order else " "


def boot_devices(config: Mapping[str, Any]) -> list[str]:
    """The configured boot order."""
    order = propstring.split(config.get("boot") or "", "legacy").get("order", "")
    return [device for device in order.split(";") if device]


def boot_disk(config: Mapping[str, Any]) -> Drive | None:
    """The first hard disk of the boot order, or the first one at all without an order."""
    devices = boot_devices(config)
    if not devices and "boot" not in config:
        devices = list(BOOTABLE_KEYS)
    drives = {drive.key: drive for drive in drives_of(config) if not drive.is_cdrom}
    return next((drives[device] for device in devices if device in drives), None)


def new_smbios(text: str | None = None) -> str:
    """An smbios1 option with a new uuid, its other fields kept."""
    properties = {**propstring.split(text or "", "uuid"), "uuid": str(uuid.uuid4())}
    return ",".join(f"{key}={value}" for key, value in properties.items())
