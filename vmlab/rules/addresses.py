"""Which of the addresses that a guest claims are believed. Pure.

A guest's agent can claim any address, that of a Proxmox host too; consoles are opened only to
addresses inside the lab's own networks.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from ipaddress import ip_address, ip_network


def believed(claimed: Iterable[str], networks: Sequence[str]) -> list[str]:
    """The claimed addresses that are inside one of the networks, each once, in their order."""
    allowed = [ip_network(network) for network in networks]
    found: dict[str, None] = {}
    for text in claimed:
        try:
            address = ip_address(text.partition("%")[0])
        except ValueError:
            continue
        if address.is_loopback or address.is_link_local or address.is_multicast:
            continue
        if any(address in network for network in allowed):
            found[str(address)] = None
    return list(found)
