"""What Proxmox's answers look like, as typed and frozen values.

Proxmox's JSON is loose: numbers come as strings, booleans as 0, 1, "1" or not at all, and what is
unset is absent. All of that is dealt with here, so that nothing above has to know it. A value that
does not come is None, never 0: a gap in a graph is not a machine at rest.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from vmlab.proxmox import mark

Json = Mapping[str, Any]

_TRUE = frozenset({"1", "on", "yes", "true", "enabled"})
_SIZE = re.compile(r"(\d+(?:\.\d+)?)([KMGT]?)")
_UNIT = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}
_DISK_KEY = re.compile(r"(?:ide|sata|scsi|virtio|efidisk|tpmstate|unused)\d+")
_NET_KEY = re.compile(r"net\d+")
_MAC = re.compile(r"(?:[0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}")


def as_bool(value: Any) -> bool:
    """Read Proxmox's booleans; absent is false."""
    return value is True or str(value).lower() in _TRUE


def as_int(value: Any) -> int | None:
    """Read a whole number that may come as a string or a float."""
    return None if value is None or value == "" else int(float(value))


def as_float(value: Any) -> float | None:
    """Read a number that may come as a string."""
    return None if value is None or value == "" else float(value)


def as_list(value: Any) -> tuple[str, ...]:
    """Read a list in a string: Proxmox separates by comma, semicolon or blank."""
    return tuple(part for part in re.split(r"[,;\s]+", value or "") if part)


def size_bytes(text: str) -> int | None:
    """Read a disk size such as `32G` (units of 1024); None if it is none."""
    match = _SIZE.fullmatch(text)
    return int(float(match[1]) * _UNIT[match[2]]) if match else None


def properties(text: str) -> dict[str, str]:
    """Read a property string, `vmdisks:100/x.qcow2,size=1G`; a part without a key is under ""."""
    pairs = (part.partition("=") for part in text.split(",") if part)
    return {(key if eq else ""): (value if eq else key) for key, eq, value in pairs}


@dataclass(frozen=True, slots=True)
class GuestRow:
    """A guest in cluster/resources: up to ten seconds old, except node, lock and tags.

    Attributes:
        type: `qemu` or `lxc`; they share one range of numbers.
        status: `running`, `stopped`, `paused` or another state of QEMU; `unknown` if the node has
            not reported the guest yet or no longer does. Then most of the rest is None.
        cpu: load as a fraction of the guest's own processors.
        disk_read_bytes, disk_written_bytes, net_in_bytes, net_out_bytes: counted since the start.
    """

    vmid: int
    node: str
    type: str
    status: str
    name: str | None
    template: bool
    pool: str | None
    lock: str | None
    tags: tuple[str, ...]
    ha_state: str | None
    uptime_s: int | None
    cpu: float | None
    cpus: int | None
    memory_bytes: int | None
    max_memory_bytes: int | None
    max_disk_bytes: int | None
    disk_read_bytes: int | None
    disk_written_bytes: int | None
    net_in_bytes: int | None
    net_out_bytes: int | None

    @property
    def reported(self) -> bool:
        """Whether the node has told anything about this guest lately."""
        return self.status != "unknown"

    @classmethod
    def from_json(cls, row: Json) -> GuestRow:
        """Read a row of type `qemu` or `lxc`."""
        return cls(
            vmid=int(row["vmid"]),
            node=row["node"],
            type=row["type"],
            status=row.get("status", "unknown"),
            name=row.get("name"),
            template=as_bool(row.get("template")),
            pool=row.get("pool"),
            lock=row.get("lock"),
            tags=as_list(row.get("tags")),
            ha_state=row.get("hastate"),
            uptime_s=as_int(row.get("uptime")),
            cpu=as_float(row.get("cpu")),
            cpus=as_int(row.get("maxcpu")),
            memory_bytes=as_int(row.get("mem")),
            max_memory_bytes=as_int(row.get("maxmem")),
            max_disk_bytes=as_int(row.get("maxdisk")),
            disk_read_bytes=as_int(row.get("diskread")),
            disk_written_bytes=as_int(row.get("diskwrite")),
            net_in_bytes=as_int(row.get("netin")),
            net_out_bytes=as_int(row.get("netout")),
        )


@dataclass(frozen=True, slots=True)
class NodeRow:
    """A node in cluster/resources; the numbers need Sys.Audit on it and are None without."""

    name: str
    status: str
    cpu: float | None
    cpus: int | None
    memory_bytes: int | None
    max_memory_bytes: int | None
    disk_bytes: int | None
    max_disk_bytes: int | None
    uptime_s: int | None

    @property
    def online(self) -> bool:
        """Whether the cluster sees the node."""
        return self.status == "online"

    @classmethod
    def from_json(cls, row: Json) -> NodeRow:
        """Read a row of type `node`."""
        return cls(
            name=row["node"],
            status=row.get("status", "unknown"),
            cpu=as_float(row.get("cpu")),
            cpus=as_int(row.get("maxcpu")),
            memory_bytes=as_int(row.get("mem")),
            max_memory_bytes=as_int(row.get("maxmem")),
            disk_bytes=as_int(row.get("disk")),
            max_disk_bytes=as_int(row.get("maxdisk")),
            uptime_s=as_int(row.get("uptime")),
        )


@dataclass(frozen=True, slots=True)
class StorageRow:
    """A storage on a node in cluster/resources: one row a node, even if it is shared."""

    node: str
    storage: str
    plugin: str | None
    shared: bool
    available: bool
    content: frozenset[str]
    used_bytes: int | None
    total_bytes: int | None

    @classmethod
    def from_json(cls, row: Json) -> StorageRow:
        """Read a row of type `storage`."""
        return cls(
            node=row["node"],
            storage=row["storage"],
            plugin=row.get("plugintype"),
            shared=as_bool(row.get("shared")),
            available=row.get("status") == "available",
            content=frozenset(as_list(row.get("content"))),
            used_bytes=as_int(row.get("disk")),
            total_bytes=as_int(row.get("maxdisk")),
        )


@dataclass(frozen=True, slots=True)
class GuestStatus:
    """status/current: what a guest does at this moment; decisions are taken on this.

    Attributes:
        running: its process exists; so a paused guest runs, too.
        qmpstatus: QEMU's own word: `running`, `paused`, `stopped`, `prelaunch`, `io-error` …
        agent: the guest agent is switched on in the configuration; it may still not answer.
    """

    vmid: int
    name: str
    running: bool
    qmpstatus: str
    template: bool
    lock: str | None
    tags: tuple[str, ...]
    agent: bool
    ha_managed: bool
    pid: int | None
    uptime_s: int
    cpu: float
    cpus: float | None
    memory_bytes: int | None
    max_memory_bytes: int | None
    max_disk_bytes: int | None
    disk_read_bytes: int | None
    disk_written_bytes: int | None
    net_in_bytes: int | None
    net_out_bytes: int | None

    @property
    def paused(self) -> bool:
        """Whether its process exists and stands still."""
        return self.running and self.qmpstatus == "paused"

    @classmethod
    def from_json(cls, data: Json) -> GuestStatus:
        """Read the answer of GET status/current."""
        status = data["status"]
        return cls(
            vmid=int(data["vmid"]),
            name=data.get("name", f"VM {data['vmid']}"),
            running=status == "running",
            qmpstatus=data.get("qmpstatus", status),
            template=as_bool(data.get("template")),
            lock=data.get("lock"),
            tags=as_list(data.get("tags")),
            agent=as_bool(data.get("agent")),
            ha_managed=as_bool(data.get("ha", {}).get("managed")),
            pid=as_int(data.get("pid")),
            uptime_s=as_int(data.get("uptime")) or 0,
            cpu=as_float(data.get("cpu")) or 0.0,
            cpus=as_float(data.get("cpus")),
            memory_bytes=as_int(data.get("mem")),
            max_memory_bytes=as_int(data.get("maxmem")),
            max_disk_bytes=as_int(data.get("maxdisk")),
            disk_read_bytes=as_int(data.get("diskread")),
            disk_written_bytes=as_int(data.get("diskwrite")),
            net_in_bytes=as_int(data.get("netin")),
            net_out_bytes=as_int(data.get("netout")),
        )


@dataclass(frozen=True, slots=True)
class Disk:
    """A drive of a guest's configuration.

    Attributes:
        key: where it is plugged in: `scsi0`, `unused1` …
        volume: the volume's id (it may hold more than one slash), or `none`.
        size_bytes: None if the configuration does not say.
        cdrom: a CD-ROM drive, so no disk of the guest's own.
    """

    key: str
    volume: str
    size_bytes: int | None
    cdrom: bool

    @property
    def storage(self) -> str | None:
        """The storage that the volume is on; None for an empty drive."""
        storage, colon, _ = self.volume.partition(":")
        return storage if colon else None


@dataclass(frozen=True, slots=True)
class GuestConfig:
    """A guest's configuration, with what is pending already in it.

    Attributes:
        digest: changes with every write, of anybody; sent along with a write, it refuses to
            overwrite.
        uuid: SMBIOS's, new with each clone: tells a reused VMID from the guest that we made.
        mark: VMLab's own mark from the notes, None in a foreign guest.
        lock: the operation that holds the guest, `clone` for instance.
        options: all keys as Proxmox sends them.
    """

    digest: str
    name: str | None
    description: str | None
    mark: UUID | None
    uuid: UUID | None
    tags: tuple[str, ...]
    lock: str | None
    template: bool
    protection: bool
    cores: int
    sockets: int
    memory_mb: int
    agent: bool
    options: Json

    @property
    def disks(self) -> dict[str, Disk]:
        """Its drives by key, CD-ROM drives and unused volumes included."""
        return {k: _disk(k, str(v)) for k, v in self.options.items() if _DISK_KEY.fullmatch(k)}

    @property
    def macs(self) -> dict[str, str]:
        """The address of each network device by its key, in lower case."""
        nets = {k: _MAC.search(str(v)) for k, v in self.options.items() if _NET_KEY.fullmatch(k)}
        return {key: match[0].lower() for key, match in nets.items() if match}

    @classmethod
    def from_json(cls, data: Json) -> GuestConfig:
        """Read the answer of GET config."""
        agent = properties(str(data.get("agent", "")))
        memory = properties(str(data.get("memory", "")))
        uuid = properties(str(data.get("smbios1", ""))).get("uuid")
        return cls(
            digest=data["digest"],
            name=data.get("name"),
            description=data.get("description"),
            mark=mark.find(data.get("description")),
            uuid=UUID(uuid) if uuid else None,
            tags=as_list(data.get("tags")),
            lock=data.get("lock"),
            template=as_bool(data.get("template")),
            protection=as_bool(data.get("protection")),
            cores=as_int(data.get("cores")) or 1,
            sockets=as_int(data.get("sockets")) or 1,
            memory_mb=as_int(memory.get("", memory.get("current"))) or 512,
            agent=as_bool(agent.get("enabled", agent.get(""))),
            options=data,
        )


def _disk(key: str, text: str) -> Disk:
    parts = properties(text)
    return Disk(
        key=key,
        volume=parts.get("", parts.get("file", "none")),
        size_bytes=size_bytes(parts.get("size", "")),
        cdrom=parts.get("media") == "cdrom",
    )
