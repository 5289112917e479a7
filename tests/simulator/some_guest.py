"""A guest to run on a machine, where a test needs no cluster around it."""

from dataclasses import dataclass, field
from typing import Any

PASSWORD = 'a!b"c#d$'
"""A VNC password of the kind that Proxmox makes."""


@dataclass
class SomeGuest:
    """What a machine shows of its guest."""

    vmid: int = 100
    node: str = "pve1"
    config: dict[str, Any] = field(default_factory=lambda: {"name": "web-01"})
