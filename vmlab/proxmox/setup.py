"""What of a cluster's set-up VMLab depends on and never changes: roles, bridges, certificates."""

from __future__ import annotations

import asyncio
import hashlib
import ssl
from collections.abc import Mapping

from vmlab.proxmox.client import Api
from vmlab.proxmox.hosts import split, with_port
from vmlab.proxmox.shapes import as_list

_LOOK_S = 5.0


class Setup:
    """Reads the set-up."""

    def __init__(self, api: Api) -> None:
        """Ask through this API."""
        self._api = api

    async def roles(self) -> Mapping[str, frozenset[str]]:
        """Read all roles with their privileges; every token may (pve-access-control 8.4)."""
        rows = await self._api.access.roles.get()
        return {row["roleid"]: frozenset(as_list(row.get("privs"))) for row in rows}

    async def bridges(self, node: str) -> frozenset[str]:
        """Read the names of a node's bridges that the token may use."""
        rows = await self._api.nodes(node).network.get(type="any_bridge")
        return frozenset(row["iface"] for row in rows)


async def shown_fingerprint(host: str) -> str | None:
    """The SHA-256 of the certificate that a host shows, trusted or not; None if it shows none.

    For people to compare with what the node itself says; nothing is sent to the host.
    """
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    name, port = split(with_port(host))
    try:
        async with asyncio.timeout(_LOOK_S):
            _, writer = await asyncio.open_connection(name, port, ssl=context)
    except OSError:
        return None
    certificate = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
    writer.transport.abort()
    return hashlib.sha256(certificate).digest().hex(":").upper()
