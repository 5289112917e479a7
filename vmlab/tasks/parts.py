"""What steps work with, handed to them by the engine: no step reaches for a global."""

from __future__ import annotations

from dataclasses import dataclass

from vmlab.bus import Bus
from vmlab.config import Settings
from vmlab.proxmox.cluster import Cluster
from vmlab.proxmox.guests import Guests
from vmlab.proxmox.pve_tasks import PveTasks
from vmlab.proxmox.storage import Storages
from vmlab.storage import Store


@dataclass(frozen=True)
class Parts:
    """The outside, as `vmlab.app` opened it.

    Attributes:
        settings: the whole configuration.
        guests: calls on one guest in Proxmox.
        pve_tasks: Proxmox's own tasks: wait for, find, stop.
        cluster: calls on the cluster as a whole.
        storages: calls on the cluster's storages.
        files: what people have uploaded.
        bus: wake-ups and events.
    """

    settings: Settings
    guests: Guests
    pve_tasks: PveTasks
    cluster: Cluster
    storages: Storages
    files: Store
    bus: Bus
