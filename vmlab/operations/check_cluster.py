"""`vmlab check`, second part: whether the cluster is set up for VMLab, and its rights suffice.

quorum, pool, each privilege where it is used, templates with their storages and networks, what is
needed to make templates from images, numbers
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from dataclasses import dataclass, field

from vmlab.config import Guests as GuestSettings
from vmlab.config import Templates as TemplateSettings
from vmlab.operations.check_hosts import Finding, wrong
from vmlab.proxmox.client import Api
from vmlab.proxmox.cluster import Cluster, ClusterView, Version
from vmlab.proxmox.faults import ObjectMissing, PermissionMissing, ProxmoxFault
from vmlab.proxmox.guests import Guests
from vmlab.proxmox.setup import Setup
from vmlab.proxmox.shapes import GuestConfig, properties
from vmlab.rules import privileges

LOCAL_ZONE = "localnetwork"
"""The zone that all bridges are in that are no SDN's own (pve-network 0.9)."""
IMPORTS_SINCE = (8, 3)
"""The first version with storages for disk images to import."""
PROBED = 50
"""How many of the next free numbers are asked for: a stranger's guest may be hidden from us."""


@dataclass
class _Seen:
    """What the templates tell."""

    configs: dict[int, tuple[str, GuestConfig]] = field(default_factory=dict)
    storages: set[str] = field(default_factory=set)
    bridges: set[str] = field(default_factory=set)


class ClusterCheck:
    """Looks at one cluster."""

    def __init__(
        self,
        api: Api,
        settings: GuestSettings,
        token_id: str,
        version: Version,
        *,
        imports: TemplateSettings,
        templates: Collection[int],
        vmids: Collection[int],
    ) -> None:
        """Look through this API.

        Args:
            api: of the cluster.
            settings: the pool and the range of numbers.
            token_id: whose rights are looked at.
            version: of the oldest host.
            imports: where templates are made from images, if they are.
            templates: VMIDs of the templates that courses use.
            vmids: those of VMLab's machines.
        """
        self._api = api
        self._cluster = Cluster(api)
        self._settings = settings
        self._token_id = token_id
        self._version = version
        self._imports = imports
        self._wanted = privileges.roles(version.release[0])
        self._templates = sorted(set(templates))
        self._vmids = frozenset(vmids)

    async def run(self) -> list[Finding]:
        """Look at everything.

        Raises:
            ProxmoxFault: the cluster cannot be asked any more.
        """
        view = await self._cluster.resources()
        findings = [*await self._state(), *await self._pool()]
        seen = _Seen()
        for vmid in self._templates:
            findings += await self._template(vmid, view, seen)
        if self._settings.full_clone and self._settings.full_clone_storage:
            seen.storages = {self._settings.full_clone_storage}
        if self._imports.import_storage:
            seen.storages.add(self._imports.disks_on)
            if self._imports.bridge:
                named = await self._cluster.permissions()
                seen.bridges.add(_network(self._imports.bridge, named))
        if not self._templates:
            text = "none is registered yet: their storages and networks are looked at then"
            findings.append(Finding("templates", text))
        rights = await self._rights(seen)
        findings += rights
        if all(finding.ok for finding in rights):
            findings += self._storages(view, seen)
            findings += self._import_storage(view)
            findings += await self._bridges(view, seen)
        return [*findings, *await self._numbers(view)]

    async def _state(self) -> list[Finding]:
        try:
            status = await self._cluster.status()
        except PermissionMissing:
            return []  # said where the rights are looked at
        offline = sorted(name for name, online in status.online.items() if not online)
        if not status.quorate:
            return [wrong("cluster", "has no quorum: nothing can be changed in it")]
        if offline:
            return [wrong("cluster", f"nodes are offline: {', '.join(offline)}")]
        return [Finding("cluster", f"quorate, {len(status.online)} nodes online")]

    async def _pool(self) -> list[Finding]:
        pool = self._settings.pool
        try:
            await self._cluster.pool_members(pool)
        except ObjectMissing:
            return [wrong(f"pool {pool}", "does not exist", privileges.pool_line(pool))]
        except PermissionMissing:
            return []
        return [Finding(f"pool {pool}", "exists")]

    async def _template(self, vmid: int, view: ClusterView, seen: _Seen) -> list[Finding]:
        subject = f"template {vmid}"
        grant = privileges.Grant(f"/vms/{vmid}", privileges.TEMPLATE)
        row = view.guests.get(vmid)
        if row is None:
            if "VM.Audit" not in await self._held(grant.path):
                return []
            return [wrong(subject, "is registered in VMLab and not there in Proxmox")]
        config = await Guests(self._api).config(row.node, vmid)
        seen.configs[vmid] = row.node, config
        seen.storages |= {disk.storage for disk in config.disks.values() if disk.storage}
        named = await self._cluster.permissions()
        seen.bridges |= {_network(text, named) for text in _networks(config)}
        if not config.template:
            return [wrong(subject, "is no template any more", f"qm template {vmid}")]
        return [Finding(subject, f"{config.name} on {row.node}")]

    async def _held(self, path: str) -> frozenset[str]:
        found = await self._cluster.permissions(path)
        return found.get(path, frozenset())

    async def _rights(self, seen: _Seen) -> list[Finding]:
        existing = await Setup(self._api).roles()
        findings = []
        for grant in privileges.grants(
            pool=self._settings.pool,
            pool_per_course=self._settings.pool_per_course,
            templates=self._templates,
            storages=seen.storages,
            bridges=seen.bridges,
            import_storage=self._imports.import_storage,
            download=self._imports.download,
        ):
            held = await self._held(grant.path)
            if lacking := self._wanted[grant.role] - held:
                text = f"the token lacks {', '.join(sorted(lacking))}"
                lines = privileges.mend(grant, held, self._wanted, existing, self._token_id)
                findings.append(wrong(grant.path, text, *lines))
            else:
                findings.append(Finding(grant.path, f"{grant.role}: all privileges"))
        return findings

    def _import_storage(self, view: ClusterView) -> list[Finding]:
        """Whether images can be sent to a node that has the storage for their disks, too."""
        name, disks = self._imports.import_storage, self._imports.disks_on
        if not name:
            return []
        subject = f"storage {name}"
        if self._version.release < IMPORTS_SINCE:
            text = f"images cannot be imported before 8.3, and this is {self._version.text}"
            return [wrong(subject, text)]
        rows = [row for row in view.storages.values() if row.storage == name]
        if not any("import" in row.content for row in rows):
            text = "takes no images to import: add `import` to its content"
            return [wrong(subject, text)]
        nodes = sorted(r.node for r in rows if r.available and (r.node, disks) in view.storages)
        if not nodes:
            return [wrong(subject, f"is available on no node that has {disks}")]
        return [Finding(subject, f"takes images on {', '.join(nodes)}")]

    def _storages(self, view: ClusterView, seen: _Seen) -> list[Finding]:
        findings = []
        for name in sorted(seen.storages):
            rows = [row for row in view.storages.values() if row.storage == name]
            up = sorted(row.node for row in rows if row.available)
            if not up:
                findings.append(wrong(f"storage {name}", "is available on no node"))
            elif not any("images" in row.content for row in rows):
                text = "takes no disks of virtual machines: add `images` to its content"
                findings.append(wrong(f"storage {name}", text))
            else:
                findings.append(Finding(f"storage {name}", f"available on {', '.join(up)}"))
        return findings

    async def _bridges(self, view: ClusterView, seen: _Seen) -> list[Finding]:
        """Whether the networks of each template are where its clones may be."""
        shared = {row.storage for row in view.storages.values() if row.shared}
        findings = []
        for vmid, (own_node, config) in seen.configs.items():
            moves = {disk.storage for disk in config.disks.values() if disk.storage} <= shared
            nodes = [n.name for n in view.nodes.values() if n.online] if moves else [own_node]
            wanted = {network.partition("/")[0] for network in _networks(config)}
            for node in sorted(nodes):
                if lacking := wanted - await Setup(self._api).bridges(node):
                    names = ", ".join(sorted(lacking))
                    text = f"its clones may come to {node}, which has no {names}"
                    findings.append(wrong(f"template {vmid}", text))
        return findings

    async def _numbers(self, view: ClusterView) -> list[Finding]:
        """Whether anything in VMLab's range is not VMLab's."""
        first, last = self._settings.vmid_first, self._settings.vmid_last
        strangers = {
            vmid: row.name or "?"
            for vmid, row in view.guests.items()
            if first <= vmid <= last and vmid not in self._vmids | set(self._templates)
        }
        known = self._vmids | strangers.keys()
        free = [vmid for vmid in range(first, last + 1) if vmid not in known]
        probed = free[:PROBED]
        answers = await asyncio.gather(*(self._cluster.is_free(vmid) for vmid in probed))
        strangers |= {
            v: "hidden from us" for v, is_free in zip(probed, answers, strict=True) if not is_free
        }
        subject = f"VMIDs {first}-{last}"
        if strangers:
            named = ", ".join(f"{vmid} ({name})" for vmid, name in sorted(strangers.items()))
            text = f"are not all VMLab's: {named}; choose guests.vmid_first and vmid_last anew"
            return [wrong(subject, text)]
        if not free:
            return [wrong(subject, "are all in use: make the range larger")]
        return [Finding(subject, f"{len(free)} free")]


def _networks(config: GuestConfig) -> list[str]:
    """The networks of a guest as ACLs name them below their zone: `vmbr0` or `vmbr0/123`."""
    found = []
    for key in config.macs:
        device = properties(str(config.options[key]))
        if bridge := device.get("bridge"):
            found.append(f"{bridge}/{device['tag']}" if "tag" in device else bridge)
    return found


def _network(network: str, named: Collection[str]) -> str:
    """A network with its zone: that of a right on it, if there is one, else that of the bridges."""
    bridge = network.partition("/")[0]
    parts = (path.split("/") for path in named if path.startswith("/sdn/zones/"))
    zones = (part[3] for part in parts if part[4:5] == [bridge])
    return f"{next(zones, LOCAL_ZONE)}/{network}"


async def check_cluster(check: ClusterCheck) -> list[Finding]:
    """Look at everything; a cluster that stops to answer is a finding, too."""
    try:
        return await check.run()
    except ProxmoxFault as fault:
        return [wrong("cluster", f"cannot be looked at: {fault.reason}")]
