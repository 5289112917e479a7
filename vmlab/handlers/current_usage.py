"""What guests use at the moment, from the look at the whole cluster that everybody shares.

However many ask for however many machines, Proxmox is asked once a tick at most. Its figures are
up to ten seconds old.
"""

from __future__ import annotations

import asyncio
from typing import Any

from vmlab.errors import ProxmoxUnavailable
from vmlab.handlers.observation import LIMIT_S, mib
from vmlab.handlers.parts import ApiParts
from vmlab.proxmox.cluster import ClusterView
from vmlab.proxmox.rates import Rates
from vmlab.proxmox.shapes import GuestRow
from vmlab.rules.vm_state import VmStatus

_NO_RATES = dict.fromkeys(Rates.__dataclass_fields__)


async def seen_lately(parts: ApiParts) -> ClusterView:
    """The last look at the cluster, or a new one if that is older than a tick.

    Raises:
        ProxmoxUnavailable: it cannot be had, or not in time.
    """
    try:
        async with asyncio.timeout(LIMIT_S):
            return await parts.work.cluster.recent(parts.settings.reconcile.tick_s)
    except TimeoutError:
        raise ProxmoxUnavailable from None


def guest_of(view: ClusterView, vmid: int | None, status: VmStatus) -> GuestRow | None:
    """A machine's guest, if its node has told anything of it lately.

    Under the number of a machine that is missing may be a stranger's.
    """
    guest = view.guests.get(vmid or 0)
    missing = status is VmStatus.MISSING
    return None if guest is None or missing or not guest.reported else guest


def usage(guest: GuestRow | None, rates: Rates | None) -> dict[str, Any]:
    """What a guest uses, as the API shows it; null is what nobody knows, or what does not run."""
    runs = guest if guest and guest.uptime_s else None
    return {
        "cpu_percent": round(100 * runs.cpu, 2) if runs and runs.cpu is not None else None,
        "memory_used_mb": mib(runs.memory_bytes if runs else None),
        "memory_total_mb": mib(guest.max_memory_bytes if guest else None),
        **(_shown(rates) if guest and rates else _NO_RATES),
    }


def _shown(rates: Rates) -> dict[str, float]:
    return {name: round(getattr(rates, name), 1) for name in _NO_RATES}
