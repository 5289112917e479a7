"""On which node a new machine goes.

Pure: the caller brings what it saw of the cluster and what VMLab has promised there. Proxmox's
memory figures are ten seconds old and know nothing of machines that are stopped, so a class that
is provisioned by them alone would land on one node.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from vmlab.errors import ProxmoxUnavailable


@dataclass(frozen=True)
class Node:
    """A node as it was last seen."""

    name: str
    online: bool
    memory_free_mb: int | None
    """MiB; None if the token may not see it (Sys.Audit): then only promises count."""


def choose_node(
    nodes: Iterable[Node],
    *,
    sources: Collection[str],
    shared_storage: bool,
    promised_mb: Mapping[str, int],
) -> str:
    """Choose the node with most memory left after what is promised there.

    Args:
        nodes: of the cluster.
        sources: nodes where there is something to clone from: the template, and its replicas. A
            clone that can be made on its own source's node wins a tie.
        shared_storage: whether every node reaches the template's disks. If not, a clone stays on
            its source's node (qemu-server 8.4: "can't clone VM to node, VM uses local storage").
        promised_mb: by node, MiB of VMLab's machines there that do not run at the moment.

    Raises:
        ProxmoxUnavailable: no node that could take it is online.
    """
    usable = [n for n in nodes if n.online and (shared_storage or n.name in sources)]
    if not usable:
        raise ProxmoxUnavailable("No node that could take the machine is online.")

    def burden(node: Node) -> tuple[int, bool, str]:
        left = (node.memory_free_mb or 0) - promised_mb.get(node.name, 0)
        return (-left, node.name not in sources, node.name)

    return min(usable, key=burden).name
