"""What the simulated cluster consists of: plain records, changed only by handlers and jobs.

Names and values are Proxmox's own: a guest's `config` holds what its configuration file would.
"""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vmlab.simulator.clock import Clock
from vmlab.simulator.errors import ApiError
from vmlab.simulator.locks import FLOCK_WAIT_S, FileLocks

if TYPE_CHECKING:
    from vmlab.simulator.disk_files import DiskFiles

WORKERS_A_NODE = 3


@dataclass
class Node:
    """A member of the cluster and its measured load (bytes, seconds, fractions of all CPUs)."""

    name: str
    nodeid: int
    ip: str
    booted_at: float
    maxcpu: int = 16
    memory_bytes: int = 64 * 2**30
    rootfs_bytes: int = 100 * 2**30
    rootfs_used_bytes: int = 12 * 2**30
    port: int = 0
    fingerprint: str = ""
    online: bool = True
    cpu: float = 0.02
    workers: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(WORKERS_A_NODE))


@dataclass
class Volume:
    """A disk image, an ISO, an import image or a backup; sizes in bytes.

    `parent` is the base volume's id for a linked clone, `vmid` the owner of an image;
    `virtual_size` is what an import image holds, where its file is smaller; `digests` are the
    checksums that are known of a received file, by algorithm; `file` holds its bytes, where the
    cluster keeps any.
    """

    volid: str
    content: str
    format: str
    size: int
    ctime: int
    used: int = 0
    vmid: int | None = None
    parent: str | None = None
    notes: str | None = None
    protected: bool = False
    virtual_size: int | None = None
    digests: dict[str, str] = field(default_factory=dict)
    file: Path | None = None


@dataclass
class Storage:
    """A storage definition with what lies on it, by node where it is not shared."""

    storage: str
    type: str
    content: frozenset[str]
    shared: bool = False
    path: str = ""
    total_bytes: int = 2**40
    nodes: frozenset[str] | None = None
    enabled: bool = True
    volumes: dict[str, dict[str, Volume]] = field(default_factory=dict)

    @property
    def file_based(self) -> bool:
        """Whether volumes are files below a directory."""
        return self.type in ("dir", "nfs", "cifs", "cephfs", "btrfs")

    def on(self, node: str) -> dict[str, Volume]:
        """The volumes that `node` sees, by volid; writable."""
        return self.volumes.setdefault("" if self.shared else node, {})

    def available_on(self, node: str) -> bool:
        """Whether the definition covers that node."""
        return self.nodes is None or node in self.nodes

    def used_bytes(self, node: str) -> int:
        """Bytes in use as `node` sees them."""
        return sum(volume.used or volume.size for volume in self.on(node).values())


@dataclass
class Snapshot:
    """A snapshot: the guest's configuration of then with `parent`, `snaptime`, `description`."""

    name: str
    config: dict[str, Any]


@dataclass
class Guest:
    """A virtual machine: its configuration file and its process.

    `pending` holds wanted values by key, None for a key to be deleted. `qmpstatus` is QEMU's run
    state while `running`. `extra` is for the guest API's own bookkeeping.
    """

    vmid: int
    node: str
    config: dict[str, Any]
    pending: dict[str, Any] = field(default_factory=dict)
    snapshots: dict[str, Snapshot] = field(default_factory=dict)
    running: bool = False
    qmpstatus: str = "stopped"
    started_at: float | None = None
    pid: int | None = None
    agent_up: bool = False
    ha: dict[str, Any] | None = None
    born_at: float = 0.0
    extra: dict[str, Any] = field(default_factory=dict)

    def text(self) -> str:
        """The configuration file: current part, pending part, one part a snapshot."""
        parts = [_section(self.config)]
        if self.pending:
            parts.append("[PENDING]\n" + _section(self.pending))
        parts += [f"[{name}]\n{_section(snap.config)}" for name, snap in self.snapshots.items()]
        return "\n".join(parts)

    def digest(self) -> str:
        """SHA-1 of the configuration file: changes with any write to it (qemu-server)."""
        return hashlib.sha1(self.text().encode(), usedforsecurity=False).hexdigest()


def _section(values: dict[str, Any]) -> str:
    """One part of the file: the description as comments, then the options by name."""
    notes = str(values.get("description", "")).splitlines()
    options = (f"{key}: {values[key]}" for key in sorted(values) if key != "description")
    return "".join(f"{line}\n" for line in (*(f"#{note}" for note in notes), *options))


@dataclass
class Pool:
    """A resource pool."""

    poolid: str
    comment: str = ""
    vms: set[int] = field(default_factory=set)
    storages: set[str] = field(default_factory=set)


@dataclass
class User:
    """An account of user.cfg; `password` is set for realm pve and for root@pam."""

    userid: str
    enable: bool = True
    expire: int = 0
    password: str | None = None
    comment: str | None = None
    email: str | None = None
    firstname: str | None = None
    lastname: str | None = None
    groups: set[str] = field(default_factory=set)

    @property
    def realm(self) -> str:
        """The part after the last @."""
        return self.userid.rpartition("@")[2]


@dataclass
class Token:
    """An API token; `full` is `user@realm!tokenid`."""

    userid: str
    tokenid: str
    secret: str
    privsep: bool = True
    expire: int = 0
    comment: str | None = None

    @property
    def full(self) -> str:
        """As it appears in ACLs and UPIDs."""
        return f"{self.userid}!{self.tokenid}"


@dataclass
class Role:
    """A named set of privileges; `special` ones are built in."""

    roleid: str
    privs: frozenset[str]
    special: bool = False


@dataclass(frozen=True)
class AclEntry:
    """One line of GET /access/acl: `kind` is user, group or token."""

    path: str
    kind: str
    ugid: str
    roleid: str
    propagate: bool = True


@dataclass
class Cluster:
    """Everything that the nodes share; the guests of all nodes by VMID.

    `statd` is what pvestatd last broadcast of each guest, by VMID; `statd_nodes` of each node.
    `files` keeps the bytes of volumes; None where they are only counted.
    """

    version: str
    clock: Clock
    name: str = "lab"
    nodes: dict[str, Node] = field(default_factory=dict)
    guests: dict[int, Guest] = field(default_factory=dict)
    storages: dict[str, Storage] = field(default_factory=dict)
    pools: dict[str, Pool] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)
    groups: dict[str, str] = field(default_factory=dict)
    tokens: dict[str, Token] = field(default_factory=dict)
    roles: dict[str, Role] = field(default_factory=dict)
    acl: set[AclEntry] = field(default_factory=set)
    bridges: list[str] = field(default_factory=lambda: ["vmbr0"])
    options: dict[str, Any] = field(default_factory=dict)
    quorate: bool = True
    statd: dict[int, dict[str, Any]] = field(default_factory=dict)
    statd_at: dict[str, float] = field(default_factory=dict)
    files: DiskFiles | None = None

    def __post_init__(self) -> None:
        self.locks = FileLocks(self.clock)

    @property
    def release(self) -> str:
        """ "8.4" of "8.4.21"."""
        return ".".join(self.version.split(".")[:2])

    @property
    def major(self) -> int:
        """8 or 9."""
        return int(self.version.split(".")[0])

    def flock(
        self, vmid: int, *, shared: bool = False, timeout_s: float = FLOCK_WAIT_S
    ) -> AbstractAsyncContextManager[None]:
        """A guest's configuration lock; the guest need not exist (create takes it, too)."""
        path = f"/var/lock/qemu-server/lock-{vmid}.conf"
        return self.locks.hold(path, shared=shared, timeout_s=timeout_s)

    def guest(self, node: str, vmid: int) -> Guest:
        """A guest by node and VMID.

        Raises:
            ApiError: 500, also where it lives on another node, as Proxmox answers.
        """
        guest = self.guests.get(vmid)
        if guest is None or guest.node != node:
            file = f"nodes/{node}/qemu-server/{vmid}.conf"
            raise ApiError(500, f"Configuration file '{file}' does not exist")
        return guest

    def guests_on(self, node: str) -> Iterator[Guest]:
        """The guests whose configuration is on `node`, by VMID."""
        return (self.guests[vmid] for vmid in sorted(self.guests) if self.guests[vmid].node == node)

    def storage(self, name: str) -> Storage:
        """A storage by its name.

        Raises:
            ApiError: 500 "storage '…' does not exist".
        """
        try:
            return self.storages[name]
        except KeyError:
            raise ApiError(500, f"storage '{name}' does not exist") from None

    def pool_of(self, vmid: int) -> str | None:
        """The pool of a guest; it is in at most one."""
        return next((pool.poolid for pool in self.pools.values() if vmid in pool.vms), None)

    def new_mac(self) -> str:
        """A fresh MAC address below the cluster's prefix (datacenter.cfg mac_prefix)."""
        return ":".join(["BC:24:11", *(f"{octet:02X}" for octet in secrets.token_bytes(3))])

    def remove_guest(self, vmid: int) -> None:
        """Forget a guest: configuration and pool membership."""
        self.guests.pop(vmid, None)
        self.statd.pop(vmid, None)
        for pool in self.pools.values():
            pool.vms.discard(vmid)
