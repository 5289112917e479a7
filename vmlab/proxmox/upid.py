"""UPIDs: the names that Proxmox gives to the worker processes behind its slow calls.

A step that starts work keeps its UPID in the database; everything that is asked about that work
later (`vmlab.proxmox.pve_tasks`) is asked at the node that stands in it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_UPID = re.compile(
    r"UPID:(?P<node>[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)"
    r":(?P<pid>[0-9A-Fa-f]{8})"
    r":(?P<pstart>[0-9A-Fa-f]{8,9})"
    r":(?P<started_at>[0-9A-Fa-f]{8})"
    r":(?P<type>[^:\s/]+):(?P<id>[^:\s/]*):(?P<user>[^:\s/]+):"
)


@dataclass(frozen=True, slots=True)
class Upid:
    """One worker process (pve-common 9.2: PVE/UPID.pm).

    Attributes:
        node: where the worker runs, and the only node that knows its log.
        pid: process id there.
        pstart: the process's start in kernel ticks, which tells it from a later one of the same
            pid.
        started_at: seconds since the epoch by the node's own clock.
        type: what it does, `qmclone` for instance.
        id: what it does it to, mostly a VMID; the *source* for a clone; may be empty.
        user: who started it: `user@realm`, or `user@realm!token` with an API token.
    """

    node: str
    pid: int
    pstart: int
    started_at: int
    type: str
    id: str
    user: str

    @classmethod
    def parse(cls, text: str) -> Upid:
        """Read a UPID as Proxmox writes it.

        Raises:
            ValueError: this is no UPID.
        """
        match = _UPID.fullmatch(text)
        if match is None:
            raise ValueError(f"not a UPID: {text!r}")
        return cls(
            node=match["node"],
            pid=int(match["pid"], 16),
            pstart=int(match["pstart"], 16),
            started_at=int(match["started_at"], 16),
            type=match["type"],
            id=match["id"],
            user=match["user"],
        )

    def __str__(self) -> str:
        return (
            f"UPID:{self.node}:{self.pid:08X}:{self.pstart:08X}:{self.started_at:08X}"
            f":{self.type}:{self.id}:{self.user}:"
        )
