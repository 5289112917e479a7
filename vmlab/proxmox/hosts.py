"""The API hosts of one cluster: which to ask, which to leave in peace, which is which node.

Every node of a Proxmox cluster answers for the whole cluster, so one that fails is passed over for
a while. VMLab talks only to hosts that its configuration names, never to an address that it was
told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

REST_S = 30.0


class Hosts:
    """Hosts as `name:port`.

    Attributes:
        names: those to ask, the preferred ones first.
        of_node: the host that a node is, where that is known.
    """

    def __init__(self, names: Sequence[str], node_hosts: Mapping[str, str]) -> None:
        """Complete each name with Proxmox's port where it has none.

        Args:
            names: `pve1.example.org`, `10.0.0.1:8006`, `[fd00::1]:8006` …
            node_hosts: the host of each node that is known beforehand.

        Raises:
            ValueError: there is no host.
        """
        if not names:
            raise ValueError("name at least one Proxmox host")
        self.names = tuple(with_port(name) for name in names)
        self.of_node = {node: with_port(name) for node, name in node_hosts.items()}
        self._rested_until: dict[str, float] = {}

    def assign(self, node: str, host: str) -> None:
        """Keep in mind that this host is that node, unless the configuration says otherwise."""
        self.of_node.setdefault(node, host)

    def in_turn(self, now: float) -> list[str]:
        """All hosts: first those that are well, then the rested ones, the longest rested first."""

        def rest_s(host: str) -> float:
            return max(self._rested_until.get(host, now) - now, 0.0)

        return sorted(self.names, key=rest_s)

    def rest(self, host: str, now: float) -> None:
        """Pass over a host that did not answer, for half a minute of the event loop's clock."""
        self._rested_until[host] = now + REST_S

    def well(self, host: str) -> None:
        """A host has answered."""
        self._rested_until.pop(host, None)


def with_port(host: str) -> str:
    """Complete a host's name with Proxmox's port, where it has none."""
    if host.startswith("["):
        return host if "]:" in host else f"{host}:8006"
    if host.count(":") > 1:
        return f"[{host}]:8006"
    return host if ":" in host else f"{host}:8006"


def split(host: str) -> tuple[str, int]:
    """Take `name:port` apart, as sockets want it."""
    name, _, port = host.rpartition(":")
    return name.strip("[]"), int(port)
