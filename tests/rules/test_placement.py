"""Where a machine goes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from vmlab.errors import ProxmoxUnavailable
from vmlab.rules.placement import Node, choose_node

NODES = [Node("pve1", True, 16_000), Node("pve2", True, 64_000), Node("pve3", True, 32_000)]


def choose(
    nodes: list[Node],
    promised_mb: Mapping[str, int] | None = None,
    *,
    sources: Collection[str] = ("pve1",),
    shared: bool = True,
) -> str:
    return choose_node(nodes, sources=sources, shared_storage=shared, promised_mb=promised_mb or {})


def test_most_free_memory_wins() -> None:
    assert choose(NODES) == "pve2"


def test_promises_count_before_proxmox_shows_them() -> None:
    assert choose(NODES, {"pve2": 40_000}) == "pve3"


def test_a_template_on_local_storage_keeps_its_machines() -> None:
    assert choose(NODES, {"pve1": 1_000_000}, shared=False) == "pve1"


def test_replicas_let_machines_go_to_their_nodes_too() -> None:
    assert choose(NODES, sources=("pve1", "pve3"), shared=False) == "pve3"
    assert choose(NODES, {"pve3": 20_000}, sources=("pve1", "pve3"), shared=False) == "pve1"


def test_an_offline_node_is_left_out() -> None:
    assert choose([NODES[0], Node("pve2", False, 64_000), NODES[2]]) == "pve3"


def test_without_figures_the_promises_alone_spread_the_load() -> None:
    blind = [Node(name, True, None) for name in ("pve1", "pve2", "pve3")]
    promised: Counter[str] = Counter()
    for _ in range(9):
        promised[choose(blind, promised)] += 1024
    assert set(promised.values()) == {3072}


def test_the_template_s_node_wins_a_tie() -> None:
    assert choose([Node("pve0", True, 1000), Node("pve1", True, 1000)]) == "pve1"


@pytest.mark.parametrize("shared", [True, False])
def test_no_node_is_an_outage(shared: bool) -> None:
    with pytest.raises(ProxmoxUnavailable):
        choose([Node("pve1", False, 16_000)], shared=shared)


NAMES = [f"pve{number}" for number in range(1, 7)]
CLUSTERS = st.lists(
    st.builds(
        Node, st.sampled_from(NAMES), st.booleans(), st.none() | st.integers(-1024, 1_000_000)
    ),
    unique_by=lambda node: node.name,
)
SOURCES = st.frozensets(st.sampled_from([*NAMES, "a node that is gone"]))
PROMISES = st.dictionaries(st.sampled_from(NAMES), st.integers(0, 1_000_000))


@given(CLUSTERS, SOURCES, st.booleans(), PROMISES)
def test_a_node_is_online_and_has_something_to_clone_from_or_there_is_none(
    nodes: list[Node], sources: frozenset[str], shared: bool, promised_mb: dict[str, int]
) -> None:
    fit = {n.name for n in nodes if n.online and (shared or n.name in sources)}
    if not fit:
        with pytest.raises(ProxmoxUnavailable):
            choose(nodes, promised_mb, sources=sources, shared=shared)
        return
    chosen = choose(nodes, promised_mb, sources=sources, shared=shared)
    assert chosen in fit
    left = {n.name: (n.memory_free_mb or 0) - promised_mb.get(n.name, 0) for n in nodes}
    assert left[chosen] == max(left[name] for name in fit)


@given(
    st.lists(st.integers(0, 100_000), min_size=1, max_size=6),
    st.integers(1, 60),
    st.integers(1, 8_192),
    SOURCES,
)
def test_a_class_leaves_the_nodes_as_even_as_they_can_be(
    free_mb: list[int], students: int, size_mb: int, sources: frozenset[str]
) -> None:
    """Memory left differs by one machine at most, but for nodes that began with less."""
    nodes = [Node(name, True, free) for name, free in zip(NAMES, free_mb, strict=False)]
    assume(sources & {node.name for node in nodes})
    promised: Counter[str] = Counter()
    for _ in range(students):
        promised[choose(nodes, promised, sources=sources, shared=False)] += size_mb
    assert promised.keys() <= sources
    left = {n.name: (n.memory_free_mb or 0) - promised[n.name] for n in nodes if n.name in sources}
    assert all(left[name] + size_mb >= max(left.values()) for name in promised)
