"""pvestatd: what each node measures every ten seconds and cluster/resources then repeats."""

from __future__ import annotations

from vmlab.simulator.state import Cluster


def broadcast(cluster: Cluster) -> None:
    """Take the picture of every online node's guests."""
    for node in cluster.nodes.values():
        if node.online:
            cluster.statd_at[node.name] = cluster.clock.time()
