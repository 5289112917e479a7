"""Looks at the whole cluster, again and again, and puts right what no task is responsible for.

One `cluster/resources` a tick, whatever the cluster's size; a guest is read by itself only when it
has come to look different. The rows follow what is seen; in Proxmox nothing is changed here, ever.
A machine with a task under way is left to that task, and for a while after it: what Proxmox shows
of guests is up to ten seconds old.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from datetime import datetime, timedelta
from typing import Any

from tortoise.expressions import Q

from vmlab.models import GuestNumber, Task, Vm, VmStatus, Worker
from vmlab.models.connection import transaction
from vmlab.proxmox.cluster import ClusterView
from vmlab.proxmox.faults import ProxmoxFault
from vmlab.proxmox.shapes import GuestRow
from vmlab.reconcile import moments, notes
from vmlab.reconcile.drift import differences, has_majority, is_suspect
from vmlab.reconcile.identities import Identities
from vmlab.reconcile.orphans import Orphan, candidates
from vmlab.reconcile.pve_logs import PveLogs
from vmlab.reconcile.replicas import follow_replicas
from vmlab.rules.names import TAG
from vmlab.tasks.clock import database_now
from vmlab.tasks.parts import Parts

_log = logging.getLogger(__name__)

STATD_LAG_S = 12.0
"""How long after a change `cluster/resources` may still show what was before: pvestatd's round of
ten seconds, and its own duration (pve-manager 8.4)."""

LOOK_AGAIN_S = 1.0
"""A guest that is not seen is looked for once more after this long before it is called gone."""

_PROOFS_A_TICK = 20
"""How many numbers are asked for one by one in a tick: a token that has lost its rights sees none
of our guests, and that must not become a storm of calls."""


class Reconciler:
    """Keeps the rows in line with the cluster.

    Attributes:
        orphans: guests that look like ours and that no row knows, as of the last tick.
        tick_s: seconds between two looks.
    """

    def __init__(
        self,
        parts: Parts,
        *,
        worker: str | None = None,
        lag_s: float = STATD_LAG_S,
        look_again_s: float = LOOK_AGAIN_S,
    ) -> None:
        """Look through these parts.

        Args:
            worker: name of the worker of this process: of all workers alive only the oldest looks.
                None: this one always does.
            lag_s: for so long after a task the cluster's view of its machine is not believed.
            look_again_s: after so long a guest that was not seen is looked for once more.
        """
        self.orphans: tuple[Orphan, ...] = ()
        self.tick_s = parts.settings.reconcile.tick_s
        self._parts = parts
        self._worker = worker
        self._lag = timedelta(seconds=lag_s)
        self._look_again_s = look_again_s
        self._identities = Identities(parts)
        self._tags = notes.Tags()
        self._pve_logs = PveLogs(parts)
        self._unclaimed: set[int] = set()
        self._stopped = asyncio.Event()

    def stop(self) -> None:
        """Let `run` end."""
        self._stopped.set()

    async def run(self) -> None:
        """Look once a tick until `stop`; no failure ends it."""
        while not self._stopped.is_set():
            try:
                if await self.leads():
                    await self.tick()
                    await self._pve_logs.keep()
                else:
                    self._tags = notes.Tags()  # whoever leads now knows better
            except ProxmoxFault as fault:
                _log.warning("the cluster cannot be looked at: %s", fault)
            except Exception:
                _log.exception("a look at the cluster came to nothing")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopped.wait(), self.tick_s)

    async def leads(self) -> bool:
        """Whether it is this process's turn: the oldest worker that gives signs of life."""
        if self._worker is None:
            return True
        alive_since = await database_now() - timedelta(seconds=self._parts.settings.tasks.lease_s)
        alive = Worker.filter(last_seen_at__gt=alive_since)
        oldest = await alive.order_by("started_at", "id").first()
        return oldest is None or oldest.id == self._worker

    async def tick(self) -> None:
        """Look at everything once.

        Raises:
            ProxmoxFault: the cluster could not be asked.
        """
        began = await database_now()
        view = await self._parts.cluster.resources()
        vms = await Vm.filter(deleted_at__isnull=True, vmid__isnull=False).order_by("id")
        busy = await self._busy(began)
        agreeing: list[int] = []
        absent: list[Vm] = []
        for vm in vms:
            if vm.id in busy or vm.status in (VmStatus.CREATING, VmStatus.DELETING):
                continue
            guest = view.guests.get(vm.vmid or 0)
            if guest is None:
                absent.append(vm)
                continue
            if await self._compare(vm, guest, began):
                agreeing.append(vm.id)
        await self._believe_absence(absent, view)
        if agreeing:
            await Vm.filter(id__in=agreeing).update(observed_at=began)
        await follow_replicas(self._parts, view, began - self._lag)
        await self._report_orphans(view)
        self._identities.keep(view.guests.keys())

    async def _busy(self, began: datetime) -> set[int]:
        """Machines with a task under way, or ended too lately for the view to know it."""
        recent = Q(target_type="vm") & (
            Q(lock__isnull=False) | Q(finished_at__gt=began - self._lag)
        )
        return {row["target_id"] for row in await Task.filter(recent).values("target_id")}

    async def _compare(self, vm: Vm, guest: GuestRow, seen_at: datetime) -> bool:
        """Let the row follow the guest; whether the two agree."""
        if vm.smbios_uuid is None:
            # Its creation got stuck before it was known to be ours: a person has to decide.
            return False
        if is_suspect(vm, guest, tag=TAG):
            identity = await self._identities.of(guest)
            if identity is None:
                return False
            ours = identity.mark == vm.uuid and identity.smbios_uuid == vm.smbios_uuid
            if not ours or identity.template:
                await self._lost(vm, notes.not_ours(vm, identity))
                return False
        changed = differences(vm, guest, seen_at)
        reason = notes.NOT_US
        if vm.status is VmStatus.MISSING and "status" in changed:
            changed["reserved"] = True
            reason = f"VM {vm.vmid} is there again in Proxmox, {notes.NOT_US}"
        if changed:
            await self._write(vm, changed, reason)
        if guest.reported:
            await self._tags.note(vm, guest)
        return guest.reported

    async def _believe_absence(self, absent: list[Vm], view: ClusterView) -> None:
        """Call machines missing that are proven to be gone.

        Proven is: not seen in two looks, most nodes and the machine's own are there, and the
        cluster says that the number is free. The last one matters, for a token that has lost its
        rights sees no guests at all (pve-manager 8.4).
        """
        suspects = [vm for vm in absent if _may_be_gone(vm, view)]
        if not suspects:
            return
        await asyncio.sleep(self._look_again_s)
        again = await self._parts.cluster.resources()
        gone = [vm for vm in suspects if vm.vmid not in again.guests and _may_be_gone(vm, again)]
        for vm in gone[:_PROOFS_A_TICK]:
            if await self._parts.cluster.is_free(vm.vmid or 0):
                await self._lost(vm, f"VM {vm.vmid} is gone from Proxmox, {notes.NOT_US}")
            else:
                _log.warning("machine %d: VM %s exists but may not be seen", vm.id, vm.vmid)

    async def _lost(self, vm: Vm, reason: str) -> None:
        if vm.status is not VmStatus.MISSING:
            _log.warning("machine %d is missing: %s", vm.id, reason)
            changed = {"status": VmStatus.MISSING, "reserved": False, "started_at": None}
            await self._write(vm, changed, reason)

    async def _write(self, vm: Vm, changed: dict[str, Any], reason: str) -> None:
        """Write what was seen and why it is so, unless the row has changed since it was read."""
        now = await database_now()
        async with transaction():
            unchanged = Vm.filter(id=vm.id, updated_at=vm.updated_at)
            if not await unchanged.update(**changed, observed_at=now, updated_at=now):
                return
            await notes.explain(vm.id, changed, reason)
            await moments.correct(vm, changed)
        _log.info("machine %d: %s seen in Proxmox", vm.id, ", ".join(sorted(changed)))
        message = {"type": "vm", "id": vm.id, "changed": sorted(changed)}
        await self._parts.bus.publish("events", message)

    async def _report_orphans(self, view: ClusterView) -> None:
        """Name the guests that were nobody's in two looks running."""
        known = {row["vmid"] for row in await GuestNumber.all().values("vmid")}
        found = candidates(view.guests.values(), known, self._parts.settings.guests)
        orphans = []
        for guest in found:
            if guest.vmid not in self._unclaimed:
                continue
            identity = await self._identities.of(guest)
            mark = identity.mark if identity is not None else None
            orphans.append(Orphan(guest.vmid, guest.node, guest.name, mark))
        for orphan in set(orphans) - set(self.orphans):
            _log.warning("VM %d (%s) looks like ours: no row", orphan.vmid, orphan.name)
        self._unclaimed = {guest.vmid for guest in found}
        self.orphans = tuple(orphans)


def _may_be_gone(vm: Vm, view: ClusterView) -> bool:
    """Whether a look in which the machine is not seen says anything about it."""
    node = view.nodes.get(vm.node or "")
    sound = has_majority(each.online for each in view.nodes.values())
    return sound and node is not None and node.online and vm.status is not VmStatus.MISSING
