"""Which of the addresses that a guest claims are believed. Pure.

A guest's agent can claim any address, that of a Proxmox host too; consoles are opened only to
addresses inside the lab's own networks, and never to the Proxmox hosts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


def believed(
    claimed: Iterable[str], networks: Sequence[str], denied: Iterable[str] = ()
) -> list[str]:
    """The claimed addresses that are inside one of the networks, each once, in their order.

    Loopback, which is VMLab's own machine, counts only where a network is part of it: where the lab
    itself runs on one machine.

    Args:
        denied: addresses that are not believed wherever they are.
    """
    allowed = [ip_network(network) for network in networks]
    refused = {_read(text) for text in denied}
    found: dict[str, None] = {}
    for text in claimed:
        address = _read(text)
        if address is not None and address not in refused and _inside(address, allowed):
            found[str(address)] = None
    return list(found)


def _inside(address: Address, networks: Iterable[Network]) -> bool:
    return any(
        address in network and address.is_loopback == network.is_loopback for network in networks
    )


def _read(text: str) -> Address | None:
    """An address as it would be reached; None if it is none, or means no machine in particular."""
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    vague = address.is_unspecified or address.is_link_local or address.is_multicast
    return None if vague else address
