"""Lanes: how much VMLab asks of one storage, one node and the whole cluster at once.

A task names the lanes in which it takes a place when it is claimed, and a step may name others for
what comes then. Whoever names any also takes a place in the cluster's.

Before each lane there is a line for those whose next step needs a place in it: it is as long as the
lane is wide. So there is always somebody who is ready to go on, and no worker is full of waiters.
"""

from __future__ import annotations

from collections.abc import Sequence

from vmlab import config

CLUSTER = "cluster"
"""The lane of all tasks that ask anything of Proxmox."""

_LINE = ":next"


def node(name: str) -> str:
    """The lane of one node."""
    return f"node:{name}"


def linked_clones(storage: str, *, on_node: str | None = None) -> str:
    """The lane of linked clones on one storage, or on what a node has under that name."""
    return f"storage:{_place(storage, on_node)}:linked"


def full_clones(storage: str, *, on_node: str | None = None) -> str:
    """The lane of full clones on one storage, or on what a node has under that name."""
    return f"storage:{_place(storage, on_node)}:full"


def _place(storage: str, node: str | None) -> str:
    return storage if node is None else f"{storage}@{node}"


def line_before(lane: str) -> str:
    """The line in which the next ones for a lane stand."""
    return lane + _LINE


def is_line(lane: str) -> bool:
    """Whether this is a line before a lane, and no lane."""
    return lane.endswith(_LINE)


def with_cluster(lanes: Sequence[str]) -> list[str]:
    """The lanes as a task's row has them."""
    return [*lanes, CLUSTER] if lanes else []


def limit(lane: str, limits: config.Lanes) -> int:
    """How many tasks may run in a lane at once.

    Raises:
        ValueError: no such kind of lane.
    """
    lane = lane.removesuffix(_LINE)
    if lane == CLUSTER:
        return limits.cluster
    if lane.startswith("node:"):
        return limits.per_node
    if lane.endswith(":linked"):
        return limits.linked_clones_per_storage
    if lane.endswith(":full"):
        return limits.full_clones_per_storage
    raise ValueError(f"no such kind of lane: {lane}")
