"""Verify, then act: what does not carry our mark and our SMBIOS uuid is never touched.

VMIDs are reused, notes can be copied along with a machine, and an administrator may have taken one
over. So nothing but these two together, read back from Proxmox, proves that a guest is ours. This
module finds the guest of a machine (or of a template that VMLab has made), wherever it is by now,
and makes the changes that need the proof.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar
from uuid import UUID

from vmlab.errors import ProxmoxFailed
from vmlab.models import Replica, Template, Vm
from vmlab.proxmox.client import Param
from vmlab.proxmox.faults import ConfigChanged, GuestMissing, PermissionMissing
from vmlab.proxmox.shapes import GuestConfig
from vmlab.tasks.parts import Parts

_log = logging.getLogger(__name__)
T = TypeVar("T")

_WRITE_TRIES = 4


class Known(Protocol):
    """What is known of a guest of ours: a row, or what a task has made for a while.

    Rows are those of machines, templates and replicas.

    Attributes:
        uuid: our mark in its notes; a template without one is an administrator's.
        smbios_uuid: None until it has been read for the first time.
    """

    @property
    def uuid(self) -> UUID | None: ...
    @property
    def vmid(self) -> int | None: ...
    @property
    def node(self) -> str | None: ...
    @property
    def smbios_uuid(self) -> str | None: ...


class ForeignGuest(ProxmoxFailed):
    """The guest under this machine's number in Proxmox is not VMLab's."""


class GuestGone(ProxmoxFailed):
    """The machine is no longer in Proxmox."""


@dataclass(frozen=True)
class OwnGuest:
    """A guest that is proven to be ours."""

    node: str
    vmid: int
    config: GuestConfig


def is_ours(vm: Known, config: GuestConfig) -> bool:
    """Whether a guest is this machine's: by the mark, and by the uuid once it is known."""
    if vm.uuid is None or config.mark != vm.uuid:
        return False
    if config.template and not isinstance(vm, (Template, Replica)):
        return False
    return vm.smbios_uuid is None or str(config.uuid) == vm.smbios_uuid


async def find_guest(parts: Parts, vm: Known) -> OwnGuest | None:
    """Find a machine's guest, also on another node than it was last seen on; its row then follows.

    Returns:
        None if it is proven that no guest in the cluster has this number.

    Raises:
        ForeignGuest: a guest has the number, and it is not ours.
        PermissionMissing: a guest has the number, and VMLab may not see it: a clone that is being
            made or a guest that is being destroyed, or one that was taken out of our pool.
    """
    if vm.vmid is None:
        return None
    try:
        node, config = await _read(parts, vm, vm.vmid)
    except _Absent:
        return None
    if not is_ours(vm, config):
        raise ForeignGuest(
            details={
                "reason": f"VM {vm.vmid} does not carry this machine's mark and uuid",
                "lock": config.lock,
            }
        )
    if isinstance(vm, Vm) and node != vm.node:
        _log.info("VM %d has moved from %s to %s", vm.vmid, vm.node, node)
        await Vm.filter(id=vm.id, vmid=vm.vmid).update(node=node)
        vm.node = node
    return OwnGuest(node, vm.vmid, config)


async def require_guest(parts: Parts, vm: Known) -> OwnGuest:
    """Like `find_guest`, where the guest has to be there.

    Raises:
        GuestGone: no guest in the cluster has this number.
    """
    found = await find_guest(parts, vm)
    if found is None:
        raise GuestGone(details={"reason": f"there is no VM {vm.vmid} in the cluster"})
    return found


async def at_its_node(parts: Parts, vm: Known, call: Callable[[str, int], Awaitable[T]]) -> T:
    """Make a call on a machine's guest, at the node where it is by now.

    An administrator, or the cluster itself, may have moved it since it was last seen. If Proxmox
    says so at once, nothing has been done, and the call is made again where the guest is found. A
    task in Proxmox that says so later is begun anew by the engine (`vmlab.tasks.patience`).

    Args:
        call: takes node and VMID.

    Raises:
        GuestGone, ForeignGuest, PermissionMissing: as in `require_guest`.
    """
    if vm.node is not None and vm.vmid is not None:
        with contextlib.suppress(GuestMissing):
            return await call(vm.node, vm.vmid)
    guest = await require_guest(parts, vm)
    return await call(guest.node, guest.vmid)


async def write_config(
    parts: Parts,
    vm: Known,
    options: Mapping[str, Param],
    *,
    delete: Sequence[str] = (),
    seen: OwnGuest | None = None,
) -> None:
    """Write options of a guest, based on a configuration that is proven to be ours.

    The digest refuses the write if anybody has changed the guest since; then it is looked at again.

    Args:
        options: by Proxmox's key.
        delete: keys to unset.
        seen: what was read just before, to save a call.

    Raises:
        GuestGone, ForeignGuest, PermissionMissing: as in `require_guest`.
        ConfigChanged: somebody keeps on writing it.
    """
    for tries_left in reversed(range(_WRITE_TRIES)):
        guest = seen or await require_guest(parts, vm)
        try:
            await parts.guests.set_config(
                guest.node, guest.vmid, options, digest=guest.config.digest, delete=delete
            )
        except ConfigChanged:
            if not tries_left:
                raise
            seen = None
        else:
            return


class _Absent(Exception):
    """No guest in the cluster has the number."""


async def _read(parts: Parts, vm: Known, vmid: int) -> tuple[str, GuestConfig]:
    """Read the configuration where the guest was last seen, or where the cluster says it is.

    A token with rights on a pool only gets 403 for a guest that is missing just as for one that is
    not in the pool (pve-manager 8.4), and `cluster/resources` leaves out what it may not see. Only
    `cluster/nextid?vmid=` tells for sure whether a number is taken.
    """
    if vm.node is not None:
        with contextlib.suppress(GuestMissing, PermissionMissing):
            return vm.node, await parts.guests.config(vm.node, vmid)
    if await parts.cluster.is_free(vmid):
        raise _Absent
    row = (await parts.cluster.resources()).guests.get(vmid)
    if row is None:
        raise PermissionMissing(f"VM {vmid} exists, and VMLab's token may not see it")
    if row.type != "qemu":
        raise ForeignGuest(details={"reason": f"{vmid} is a container", "lock": row.lock})
    return row.node, await parts.guests.config(row.node, vmid)
