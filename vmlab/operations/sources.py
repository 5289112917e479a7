"""Where machines are cloned from: the template, or the replica of it on their own node."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from vmlab.models import Replica, ReplicaStatus, Template, Vm


@dataclass(frozen=True)
class Source:
    """A template in Proxmox, or a copy of it.

    Attributes:
        replica_id: None for the template itself.
    """

    node: str
    vmid: int
    replica_id: int | None = None


def itself(template: Template) -> Source:
    """The template, of which none but a template that is in Proxmox is asked."""
    assert template.node is not None
    assert template.vmid is not None
    return Source(template.node, template.vmid)


async def sources_of(template: Template) -> Mapping[str, Source]:
    """What clones of a template can be made from, by node; of a shared one only the template."""
    found = {}
    if not template.shared_storage:
        rows = Replica.filter(template_id=template.id, status=ReplicaStatus.READY)
        for replica in await rows.filter(vmid__isnull=False):
            found[replica.node] = Source(replica.node, replica.vmid or 0, replica.id)
    if template.node is not None and template.vmid is not None:
        found[template.node] = itself(template)
    return found


async def source_of(vm: Vm) -> Source:
    """What a machine that has been placed is cloned from."""
    assert vm.template_id is not None
    if vm.replica_id is not None:
        replica = await Replica.get(id=vm.replica_id)
        return Source(replica.node, replica.vmid or 0, replica.id)
    return itself(await Template.get(id=vm.template_id))
