"""Which of the addresses that a guest claims are believed. Pure.

A guest's agent can claim any address, that of a Proxmox host too; consoles are opened only to
addresses inside the lab's own networks.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network


def believed(claimed: Iterable[str], networks: Sequence[str]) -> list[str]:
    """The claimed addresses that are inside one of the networks, each once, in their order."""
    allowed = [ip_network(network) for network in networks]
    found: dict[str, None] = {}
    for text in claimed:
        address = _read(text)
        if address is not None and any(address in network for network in allowed):
            found[str(address)] = None
    return list(found)


def _read(text: str) -> IPv4Address | IPv6Address | None:
    """An address as it would be reached; None if it is none, or means whoever reaches for it."""
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    own = address.is_loopback or address.is_unspecified
    return None if own or address.is_link_local or address.is_multicast else address
