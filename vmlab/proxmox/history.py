"""What Proxmox keeps beside a guest: snapshots, tasks, volumes, figures over time, addresses.

The other half of `vmlab.proxmox.shapes`: the smaller answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vmlab.proxmox.shapes import Json, as_bool, as_float, as_int


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A snapshot; `taken_at` is in seconds since the epoch by the node's clock.

    Attributes:
        parent: the snapshot that it was taken on, None for the first.
        with_memory: it holds the guest's memory too, so that a rollback starts the guest.
        incomplete: `prepare` or `delete` if an operation on it broke off, else None.
        current: the guest as it is now was last saved as, or taken back to, this one.
    """

    name: str
    description: str
    taken_at: int | None
    parent: str | None
    with_memory: bool
    incomplete: str | None
    current: bool = False

    @classmethod
    def list_from_json(cls, rows: Sequence[Json]) -> list[Snapshot]:
        """Read the answer of GET snapshot; its row `current` stands for the guest as it is now."""
        now = next((row.get("parent") for row in rows if row["name"] == "current"), None)
        return [
            cls.from_json(row, current=row["name"] == now)
            for row in rows
            if row["name"] != "current"
        ]

    @classmethod
    def from_json(cls, row: Json, *, current: bool = False) -> Snapshot:
        """Read a row of GET snapshot."""
        return cls(
            name=row["name"],
            description=row.get("description", "").rstrip("\n"),
            taken_at=as_int(row.get("snaptime")),
            parent=row.get("parent"),
            with_memory=as_bool(row.get("vmstate")),
            incomplete=row.get("snapstate"),
            current=current,
        )


@dataclass(frozen=True, slots=True)
class TaskRow:
    """A task in a node's list.

    Attributes:
        exitstatus: None while it runs; then `OK`, `WARNINGS: n` or the text of its error.
        started_at, ended_at: seconds since the epoch by the node's clock.
    """

    upid: str
    type: str
    id: str
    user: str
    started_at: int
    ended_at: int | None
    exitstatus: str | None

    @classmethod
    def from_json(cls, row: Json) -> TaskRow:
        """Read a row of GET tasks; its `status` is the result once `endtime` is there."""
        ended_at = as_int(row.get("endtime"))
        return cls(
            upid=row["upid"],
            type=row["type"],
            id=str(row.get("id") or ""),
            user=row["user"],
            started_at=int(row["starttime"]),
            ended_at=ended_at,
            exitstatus=row.get("status", "unknown") if ended_at is not None else None,
        )


@dataclass(frozen=True, slots=True)
class Volume:
    """A volume in a storage; `content` is `images`, `iso`, `import`, `vztmpl` or `backup`.

    Attributes:
        parent: what a linked clone's disk is based on, as its storage writes it; LVM-thin does not
            know it.
    """

    volid: str
    content: str
    format: str
    size_bytes: int
    vmid: int | None
    created_at: int | None
    parent: str | None = None

    @classmethod
    def from_json(cls, row: Json) -> Volume:
        """Read a row of GET content."""
        return cls(
            volid=row["volid"],
            content=row["content"],
            format=row.get("format", ""),
            size_bytes=as_int(row.get("size")) or 0,
            vmid=as_int(row.get("vmid")),
            created_at=as_int(row.get("ctime")),
            parent=row.get("parent"),
        )


@dataclass(frozen=True, slots=True)
class RrdPoint:
    """A guest's figures around one moment; None where nothing was recorded.

    Attributes:
        time: seconds since the epoch.
        cpu: fraction of the guest's own processors.
        net_in_bps, net_out_bps, disk_read_bps, disk_write_bps: bytes a second.
    """

    time: int
    cpu: float | None
    cpus: float | None
    memory_bytes: float | None
    max_memory_bytes: float | None
    net_in_bps: float | None
    net_out_bps: float | None
    disk_read_bps: float | None
    disk_write_bps: float | None

    @classmethod
    def from_json(cls, row: Json) -> RrdPoint:
        """Read a row of GET rrddata."""
        return cls(
            time=int(row["time"]),
            cpu=as_float(row.get("cpu")),
            cpus=as_float(row.get("maxcpu")),
            memory_bytes=as_float(row.get("mem")),
            max_memory_bytes=as_float(row.get("maxmem")),
            net_in_bps=as_float(row.get("netin")),
            net_out_bps=as_float(row.get("netout")),
            disk_read_bps=as_float(row.get("diskread")),
            disk_write_bps=as_float(row.get("diskwrite")),
        )


@dataclass(frozen=True, slots=True)
class AgentInterface:
    """A network interface as the guest's agent reports it, whatever that may claim."""

    name: str
    mac: str | None
    addresses: tuple[str, ...]

    @classmethod
    def list_from_json(cls, data: Json) -> list[AgentInterface]:
        """Read the answer of network-get-interfaces; empty if the agent refuses the command."""
        result = data.get("result")
        # An agent that has the command switched off answers 200 with {"error": …} in place of the
        # list.
        rows: Sequence[Json] = result if isinstance(result, list) else ()
        return [
            cls(
                name=str(row.get("name", "")),
                mac=str(row["hardware-address"]).lower() if row.get("hardware-address") else None,
                addresses=tuple(str(a["ip-address"]) for a in row.get("ip-addresses", ())),
            )
            for row in rows
        ]
