"""What hangs on a template: guests whose disks are linked to its own, VMLab's or not.

Proxmox keeps no list of them. Storages that hold images as files, ZFS and Ceph name the base in the
clone's own volume; LVM-thin does not, and there a template can go without harm to its clones. Seen
is what VMLab's token may see (pve-storage 8.4: Datastore.Audit, and VM.Config.Disk on the guest);
for the rest Proxmox itself refuses to destroy a base that is in use.
"""

from __future__ import annotations

import contextlib
import re
from dataclasses import asdict, dataclass
from typing import Any

from vmlab.errors import Conflict
from vmlab.operations.guest_identity import Known
from vmlab.proxmox.faults import GuestMissing, ProxmoxFault
from vmlab.proxmox.shapes import GuestRow
from vmlab.tasks.parts import Parts


@dataclass(frozen=True)
class Linked:
    """A guest that is linked to a template; the name is None where it may not be seen."""

    vmid: int
    name: str | None


class InUse(Conflict):
    """Guests in Proxmox are linked to this template."""


async def linked_to(parts: Parts, template: Known) -> list[Linked]:
    """The guests that are linked to a template or a replica, as far as they can be seen.

    Raises:
        ProxmoxFault: nobody can tell.
    """
    node, vmid = template.node, template.vmid
    if node is None or vmid is None:
        return []
    try:
        config = await parts.guests.config(node, vmid)
    except GuestMissing:
        return []
    base = re.compile(rf"(?:^|[:/])base-{vmid}-")
    own = re.compile(rf"[:/]base-{vmid}-[^/]*$")
    found: set[int] = set()
    for name in {disk.storage for disk in config.disks.values() if disk.storage is not None}:
        for volume in await parts.cluster.storage(node, name).volumes("images"):
            hangs = base.search(volume.parent or "") or base.search(volume.volid)
            if hangs and not own.search(volume.volid) and volume.vmid is not None:
                found.add(volume.vmid)
    found.discard(vmid)
    guests = (await parts.cluster.resources()).guests if found else {}
    return [Linked(each, await _name(parts, guests.get(each))) for each in sorted(found)]


async def _name(parts: Parts, guest: GuestRow | None) -> str | None:
    """A guest's name; one that is new in the cluster is asked itself."""
    if guest is None:
        return None
    if guest.name is not None:
        return guest.name
    with contextlib.suppress(ProxmoxFault):
        return (await parts.guests.config(guest.node, guest.vmid)).name
    return None


async def refuse_linked(parts: Parts, template: Known) -> None:
    """See that nothing hangs on a template or a replica.

    Raises:
        InUse: `details.guests` says what.
        ProxmoxFault: nobody can tell.
    """
    if linked := await linked_to(parts, template):
        raise InUse(details=in_use(linked))


def in_use(linked: list[Linked]) -> dict[str, Any]:
    """Details of a refusal."""
    return {"guests": [asdict(guest) for guest in linked]}
