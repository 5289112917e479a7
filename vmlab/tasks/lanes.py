"""Lanes: how much VMLab asks of one storage, one node and the whole cluster at once.

A task names the lanes in which it takes a place while it runs. Whoever names any also takes a
place in the cluster's.
"""

from __future__ import annotations

from collections.abc import Sequence

from vmlab import config

CLUSTER = "cluster"
"""The lane of all tasks that ask anything of Proxmox."""


def node(name: str) -> str:
    """The lane of one node."""
    return f"node:{name}"


def linked_clones(storage: str) -> str:
    """The lane of linked clones on one storage."""
    return f"storage:{storage}:linked"


def full_clones(storage: str) -> str:
    """The lane of full clones on one storage."""
    return f"storage:{storage}:full"


def with_cluster(lanes: Sequence[str]) -> list[str]:
    """The lanes as a task's row has them."""
    return [*lanes, CLUSTER] if lanes else []


def limit(lane: str, limits: config.Lanes) -> int:
    """How many tasks may run in a lane at once.

    Raises:
        ValueError: no such kind of lane.
    """
    if lane == CLUSTER:
        return limits.cluster
    if lane.startswith("node:"):
        return limits.per_node
    if lane.endswith(":linked"):
        return limits.linked_clones_per_storage
    if lane.endswith(":full"):
        return limits.full_clones_per_storage
    raise ValueError(f"no such kind of lane: {lane}")
