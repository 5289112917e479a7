"""The cluster as a whole: one look at everything, pools, permissions, version, quorum.

`resources` is the only thing that VMLab polls: one call a tick, whatever the cluster's size. What
it shows of guests is up to ten seconds old, so it never decides whether an action took effect.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import cast

from vmlab.proxmox import direct
from vmlab.proxmox.client import Api
from vmlab.proxmox.faults import AlreadyExists, Outage
from vmlab.proxmox.rates import RateMeter
from vmlab.proxmox.shapes import GuestRow, NodeRow, StorageRow, as_bool
from vmlab.proxmox.storage import Storage


@dataclass(frozen=True, slots=True)
class ClusterView:
    """Everything in the cluster that VMLab's token may see.

    Attributes:
        guests: by VMID, containers included.
        nodes: by name.
        storages: by node and storage.
        pools: names.
        seen_at: when the look was taken, by this host's clock.
    """

    guests: Mapping[int, GuestRow]
    nodes: Mapping[str, NodeRow]
    storages: Mapping[tuple[str, str], StorageRow]
    pools: frozenset[str]
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class Version:
    """`release` is (8, 4), `text` the package's "8.4.21"."""

    release: tuple[int, int]
    text: str


@dataclass(frozen=True, slots=True)
class ClusterStatus:
    """The cluster's health.

    Attributes:
        name: None if this is a single node, which is always quorate.
        online: whether it is, by name of node.
        local: the node that answered.
    """

    name: str | None
    quorate: bool
    online: Mapping[str, bool]
    local: str | None


class Cluster:
    """The cluster's own calls.

    Attributes:
        rates: how fast guests were at their latest reports in this process's looks.
    """

    def __init__(self, api: Api) -> None:
        """Ask through this API."""
        self.rates = RateMeter()
        self._api = api
        self._looking = asyncio.Lock()
        self._looked_at: float | None = None
        self._seen: tuple[float, ClusterView] | None = None

    async def recent(self, max_age_s: float) -> ClusterView:
        """The last look that was taken, unless it is older than that; then a new one.

        For choices that need no more than a rough idea, made many at a time: Proxmox itself
        refreshes most of what a look shows every ten seconds only.
        """
        async with self._looking:
            now = asyncio.get_running_loop().time()
            if self._seen is None or now - self._seen[0] > max_age_s:
                return await self.resources()
            return self._seen[1]

    async def resources(self) -> ClusterView:
        """Look at all guests, nodes, storages and pools in one call."""
        rows = await self._api.cluster.resources.get()
        self._looked_at = asyncio.get_running_loop().time()
        guests = (GuestRow.from_json(row) for row in rows if row["type"] in ("qemu", "lxc"))
        nodes = (NodeRow.from_json(row) for row in rows if row["type"] == "node")
        storages = (StorageRow.from_json(row) for row in rows if row["type"] == "storage")
        view = ClusterView(
            guests={guest.vmid: guest for guest in guests},
            nodes={node.name: node for node in nodes},
            storages={(storage.node, storage.storage): storage for storage in storages},
            pools=frozenset(row["pool"] for row in rows if row["type"] == "pool"),
            seen_at=datetime.now(UTC),
        )
        self._seen = (asyncio.get_running_loop().time(), view)
        self.rates.note(view.guests.values())
        return view

    def storage(self, node: str, name: str) -> Storage:
        """One storage, as seen from one node."""
        return Storage(self._api, node, name)

    def look_age_s(self) -> float | None:
        """Seconds since everything was last looked at; None before the first time."""
        if self._looked_at is None:
            return None
        return asyncio.get_running_loop().time() - self._looked_at

    async def version(self) -> Version:
        """Read the version of the host that answers; during an upgrade they may differ."""
        data = await self._api.version.get()
        major, _, minor = str(data["release"]).partition(".")
        return Version((int(major), int(minor or 0)), str(data["version"]))

    async def is_free(self, vmid: int) -> bool:
        """Whether no guest of the cluster has this number, now: nothing is reserved by asking."""
        try:
            await self._api.cluster.nextid.get(vmid=vmid)
        except AlreadyExists:
            return False
        return True

    async def status(self) -> ClusterStatus:
        """Read quorum and nodes (needs Sys.Audit on /)."""
        rows = await self._api.cluster.status.get()
        # A single node that belongs to no cluster has no row of this type.
        cluster = next((row for row in rows if row["type"] == "cluster"), None)
        nodes = [row for row in rows if row["type"] == "node"]
        return ClusterStatus(
            name=cluster["name"] if cluster else None,
            quorate=as_bool(cluster["quorate"]) if cluster else True,
            online={row["name"]: as_bool(row.get("online")) for row in nodes},
            local=next((row["name"] for row in nodes if as_bool(row.get("local"))), None),
        )

    async def learn_hosts(self) -> None:
        """Find out which node each of the API's hosts is, by their certificates.

        Any token may read the nodes' fingerprints. Consoles and uploads then go to the guest's own
        node. A host that does not answer, or shares its certificate, is left out: its node is
        reached through the others.
        """
        rows = [row for row in await self._api.nodes.get() if row.get("ssl_fingerprint")]
        shown = Counter(row["ssl_fingerprint"] for row in rows)
        hosts = self._api.wire.hosts
        for host in hosts.names:
            try:
                seen = await direct.fingerprint_of(self._api.wire, host)
            except Outage:
                continue
            for row in rows:
                if row["ssl_fingerprint"] == seen and shown[seen] == 1:
                    hosts.assign(row["node"], host)

    async def permissions(self, path: str | None = None) -> Mapping[str, frozenset[str]]:
        """Read the token's own privileges by path; of one path only, if given."""
        data = await self._api.access.permissions.get(path=path)
        # The value of a privilege says whether it reaches further down: 0 grants it, too.
        return {where: frozenset(privileges) for where, privileges in (data or {}).items()}

    async def pools(self) -> Mapping[str, str]:
        """Read the comments of all pools by their names."""
        return {row["poolid"]: row.get("comment", "") for row in await self._api.pools.get()}

    async def pool_members(self, pool: str) -> frozenset[int]:
        """Read the VMIDs in a pool (this form since 8.1).

        Raises:
            ObjectMissing: there is no such pool.
        """
        found = cast(
            "list[dict[str, list[dict[str, int]]]]", await self._api.pools.get(poolid=pool)
        )
        return frozenset(int(m["vmid"]) for row in found for m in row["members"] if "vmid" in m)

    async def ensure_pool(self, pool: str, comment: str = "") -> bool:
        """Make a pool unless it is there; whether it was made. Needs Pool.Allocate on it."""
        try:
            await self._api.pools.post(poolid=pool, comment=comment or None)
        except AlreadyExists:
            return False
        return True

    async def delete_pool(self, pool: str) -> None:
        """Delete an empty pool (this form since 8.1)."""
        await self._api.pools.delete(poolid=pool)
