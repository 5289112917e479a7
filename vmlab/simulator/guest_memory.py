"""A guest's memory on disk: how large it is, where it goes, how long it takes.

Snapshots with memory and hibernation save it alike.
"""

from __future__ import annotations

from vmlab.simulator.guest_drives import boot_disk
from vmlab.simulator.guest_options import memory_mb
from vmlab.simulator.guest_volumes import allocate
from vmlab.simulator.state import Cluster, Guest, Volume

SAVE_BYTES_A_SECOND = 256 * 2**20
# QEMU's device state beside the memory, as qemu-server reserves it.
STATE_EXTRA_BYTES = 500 * 2**20


def state_storage(guest: Guest) -> str:
    """Where memory is saved: as configured, else beside the boot disk."""
    drive = boot_disk(guest.config)
    beside = drive.file.partition(":")[0] if drive else "local"
    return str(guest.config.get("vmstatestorage") or beside)


def saving_s(guest: Guest) -> float:
    """Seconds that saving takes."""
    return max(1.0, memory_mb(guest.config) * 2**20 / SAVE_BYTES_A_SECOND)


def allocate_state(cluster: Cluster, guest: Guest, storage: str, suffix: str) -> tuple[Volume, str]:
    """Make the volume for saved memory: twice the memory and 500 MiB (qemu-server 8.4)."""
    return allocate(
        cluster,
        guest.node,
        cluster.storage(storage),
        guest.vmid,
        2 * memory_mb(guest.config) * 2**20 + STATE_EXTRA_BYTES,
        image_format="raw",
        suffix=f"state-{suffix}",
    )
