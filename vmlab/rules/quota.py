"""Whether a user may have what is asked for.

Pure arithmetic: who calls it holds the lock on the user's quota row and has summed up the machines
that count (`vmlab.operations.reservation`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Resources:
    """An amount of everything that is limited, or the limits themselves."""

    cpu_cores: int = 0
    memory_mb: int = 0
    """MiB."""
    disk_gb: int = 0
    """GiB."""
    vms: int = 0

    def __add__(self, other: Resources) -> Resources:
        return Resources(
            self.cpu_cores + other.cpu_cores,
            self.memory_mb + other.memory_mb,
            self.disk_gb + other.disk_gb,
            self.vms + other.vms,
        )

    def __sub__(self, other: Resources) -> Resources:
        return Resources(
            self.cpu_cores - other.cpu_cores,
            self.memory_mb - other.memory_mb,
            self.disk_gb - other.disk_gb,
            self.vms - other.vms,
        )

    def by_name(self) -> dict[str, int]:
        """The amounts by the names that the API gives to the limits."""
        return {
            "cpu_cores": self.cpu_cores,
            "memory_mb": self.memory_mb,
            "disk_gb": self.disk_gb,
            "vm_limit": self.vms,
        }


def lacking(quota: Resources, used: Resources, requested: Resources) -> list[dict[str, Any]]:
    """Say what there is not enough of; an empty list means yes.

    Only what grows can lack: an owner whose quota was lowered below what they have may still make
    a machine smaller.

    Returns:
        `{resource, quota, used, requested}` for each resource that is short.
    """
    limits, taken, wanted = quota.by_name(), used.by_name(), requested.by_name()
    return [
        {"resource": name, "quota": limits[name], "used": taken[name], "requested": wanted[name]}
        for name in limits
        if wanted[name] > 0 and taken[name] + wanted[name] > limits[name]
    ]
