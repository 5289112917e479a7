"""What a look at the cluster says about a machine that the database has otherwise. Pure.

Administrators work in the Proxmox interface too: what they start, stop, rename, migrate or resize
there is a fact, and the row follows it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from vmlab.models import Vm
from vmlab.proxmox.shapes import GuestRow
from vmlab.rules.names import HOSTNAME_MAX
from vmlab.rules.vm_state import VmStatus, from_proxmox

MIB = 1 << 20
GIB = 1 << 30

_JITTER = timedelta(seconds=30)
"""Uptimes are up to ten seconds old, so a start that is reckoned from them wavers."""


def differences(vm: Vm, guest: GuestRow, seen_at: datetime) -> dict[str, Any]:
    """The columns in which a guest that is ours differs from its row, with what they should say.

    Empty as well where nothing can be concluded: the node has not reported the guest lately, or it
    is in a state that passes.

    Args:
        seen_at: when the look was taken.
    """
    status = from_proxmox(guest.status)
    if status is None:
        return {}
    observed: dict[str, Any] = {"status": status, "node": guest.node}
    if guest.name is not None and len(guest.name) <= HOSTNAME_MAX:
        observed["name"] = guest.name
    if guest.cpus:
        observed["cpu_cores"] = guest.cpus
    if guest.max_memory_bytes:
        observed["memory_mb"] = guest.max_memory_bytes // MIB
    if guest.max_disk_bytes:
        observed["disk_gb"] = -(-guest.max_disk_bytes // GIB)
    changed = {key: value for key, value in observed.items() if value != getattr(vm, key)}
    return changed | _start(vm, status, guest.uptime_s, seen_at)


def _start(
    vm: Vm, status: VmStatus, uptime_s: int | None, seen_at: datetime
) -> dict[str, datetime | None]:
    """When the guest was started, if that is not what the row says."""
    if status is VmStatus.STOPPED:
        return {} if vm.started_at is None else {"started_at": None}
    if uptime_s is None:
        return {}
    started_at = seen_at - timedelta(seconds=uptime_s)
    if vm.started_at is not None and abs(vm.started_at - started_at) < _JITTER:
        return {}
    return {"started_at": started_at}


def is_suspect(vm: Vm, guest: GuestRow, *, tag: str) -> bool:
    """Whether a guest under our number may be somebody else's: its notes are to be read then.

    One look at the whole cluster shows no notes, so this goes by what it does show: the name and
    the tag that we gave it. A machine that was missing is looked at closely as well.
    """
    return (
        guest.type != "qemu"
        or guest.template
        or tag not in guest.tags
        or (guest.reported and guest.name != vm.name)
        or vm.status is VmStatus.MISSING
    )


def has_majority(online: Iterable[bool]) -> bool:
    """Whether more than half of the nodes are there: else what is not seen may still exist."""
    nodes = list(online)
    return 2 * sum(nodes) > len(nodes)
