"""The lab's network: loopback addresses under which the guests' SSH servers are reached.

Each guest's own network is QEMU's, closed to the outside; only this way leads in. A cluster takes
a part of 127.64.0.0/10 that no other one on this machine has, and keeps it by listening at its
first address.
"""

from __future__ import annotations

import ipaddress
import random
import socket

LAB = ipaddress.ip_network("127.64.0.0/10")
PREFIX = 20
SSH_PORT = 2222
"""Where the guests' port 22 is found; lower ones are root's."""


class LabNetwork:
    """The addresses of one cluster's guests."""

    def __init__(self) -> None:
        """Take a free network. Raises OSError if there is none."""
        self._claim = socket.socket()
        networks = [*LAB.subnets(new_prefix=PREFIX)]
        random.shuffle(networks)
        for network in networks:
            try:
                self._claim.bind((str(network[1]), SSH_PORT))
            except OSError:
                continue
            self._claim.listen(1)
            self.network = network
            self._owners: dict[int, int] = {}
            return
        self._claim.close()
        raise OSError(f"every network in {LAB} is taken")

    def address_of(self, vmid: int) -> str:
        """A guest's address, the same until the guest is forgotten."""
        if vmid not in self._owners:
            taken = set(self._owners.values())
            free = range(2, self.network.num_addresses - 1)
            self._owners[vmid] = next(number for number in free if number not in taken)
        return str(self.network[self._owners[vmid]])

    def forget(self, vmid: int) -> None:
        """Let a guest's address be another's."""
        self._owners.pop(vmid, None)

    def close(self) -> None:
        """Leave the network to others."""
        self._claim.close()
