"""Where a machine goes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import pytest

from vmlab.errors import ProxmoxUnavailable
from vmlab.rules.placement import Node, choose_node

NODES = [Node("pve1", True, 16_000), Node("pve2", True, 64_000), Node("pve3", True, 32_000)]


def choose(
    nodes: list[Node], promised_mb: Mapping[str, int] | None = None, *, shared: bool = True
) -> str:
    return choose_node(
        nodes, template_node="pve1", shared_storage=shared, promised_mb=promised_mb or {}
    )


def test_most_free_memory_wins() -> None:
    assert choose(NODES) == "pve2"


def test_promises_count_before_proxmox_shows_them() -> None:
    assert choose(NODES, {"pve2": 40_000}) == "pve3"


def test_a_template_on_local_storage_keeps_its_machines() -> None:
    assert choose(NODES, {"pve1": 1_000_000}, shared=False) == "pve1"


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
