"""Calls on QEMU guests. Nothing waits here.

A call that starts work in Proxmox returns its UPID at once: the caller writes it down and then
waits for it (`vmlab.proxmox.pve_tasks`). All of them take the node that owns the guest; on another
one Proxmox answers GuestMissing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, cast

from vmlab.proxmox.client import Api, Param
from vmlab.proxmox.faults import Failure
from vmlab.proxmox.history import AgentInterface, RrdPoint, Snapshot
from vmlab.proxmox.shapes import GuestConfig, GuestStatus

Timeframe = Literal["hour", "day", "week", "month", "year"]
Consolidation = Literal["AVERAGE", "MAX"]


def imported_disk(storage: str, source: str, *, format: str | None = "qcow2") -> str:
    """Describe a new disk that is filled from a volume.

    Args:
        storage: where the disk is made.
        source: the volume to copy, `local:import/x.qcow2`; paths are for root@pam only.
        format: of the new disk; None on storages that know one format only. The default of Proxmox
            on a directory is raw, which can have no snapshots.
    """
    text = f"{storage}:0,import-from={source}"
    return f"{text},format={format}" if format else text


class Guests:
    """The guests of the cluster; every method is one call to the API."""

    def __init__(self, api: Api) -> None:
        """Ask through this API."""
        self._api = api

    def _guest(self, node: str, vmid: int) -> Api:
        return self._api.nodes(node).qemu(vmid)

    async def config(self, node: str, vmid: int) -> GuestConfig:
        """Read the configuration, what is pending included.

        Raises:
            GuestMissing: there is no such guest on this node.
            PermissionMissing: not allowed; with rights on a pool only, also a guest that is not (or
                not yet, or no longer) in the pool, and one that does not exist.
        """
        return GuestConfig.from_json(await self._guest(node, vmid).config.get())

    async def set_config(
        self,
        node: str,
        vmid: int,
        options: Mapping[str, Param],
        *,
        digest: str | None = None,
        delete: Sequence[str] = (),
    ) -> None:
        """Write small text options, at once (PUT).

        What a running guest cannot take over stays pending until its next start. Text options only:
        with disks or networks the call can outlast the 30 s that Proxmox gives it; use
        `start_config`.

        Args:
            options: by key; a whole property string each.
            digest: of the configuration that this change is based on.
            delete: keys to unset; a disk's becomes `unusedN`.

        Raises:
            ConfigChanged: the digest is not the present one.
            GuestLocked: another operation holds the guest.
        """
        await self._guest(node, vmid).config.put(**_change(options, digest, delete))

    async def start_config(
        self,
        node: str,
        vmid: int,
        options: Mapping[str, Param],
        *,
        digest: str | None = None,
        delete: Sequence[str] = (),
    ) -> str:
        """Write any options by a worker (POST); like `set_config`. Returns the UPID."""
        answer = await self._guest(node, vmid).config.post(**_change(options, digest, delete))
        return cast(str, answer)

    async def status(self, node: str, vmid: int) -> GuestStatus:
        """Read what the guest does at this moment."""
        return GuestStatus.from_json(await self._guest(node, vmid).status.current.get())

    async def create(self, node: str, vmid: int, options: Mapping[str, Param]) -> str:
        """Make a guest of its own. Returns the UPID.

        Args:
            options: of the configuration, and `pool`; a disk filled from a volume by
                `imported_disk`.

        Raises:
            AlreadyExists: the number is taken.
        """
        return cast(str, await self._api.nodes(node).qemu.post(vmid=vmid, **options))

    async def clone(
        self,
        node: str,
        source: int,
        vmid: int,
        *,
        name: str,
        description: str,
        pool: str | None = None,
        full: bool | None = None,
        storage: str | None = None,
        target: str | None = None,
    ) -> str:
        """Clone a guest or a template. Returns the UPID, which carries the *source's* number.

        Repeating it with the same `vmid` is safe: exactly one wins, the others get AlreadyExists,
        some of them only from the task.

        Args:
            node: where the source is.
            vmid: of the new guest.
            description: its notes, VMLab's mark in them (`vmlab.proxmox.mark`).
            pool: it is put in there last; with rights on the pool only, it is invisible until then.
            full: copy the disks; None leaves it to Proxmox: templates are linked, guests copied.
            storage: for a full clone only.
            target: another node, if all of the source's volumes are on shared storage.
        """
        answer = await self._guest(node, source).clone.post(
            newid=vmid,
            name=name,
            description=description,
            pool=pool,
            full=full,
            storage=storage,
            target=target,
        )
        return cast(str, answer)

    async def delete(self, node: str, vmid: int) -> str:
        """Destroy a stopped guest and everything that belongs to it. Returns the UPID.

        The call knows no digest: compare the guest's mark before.

        Raises:
            WrongGuestState: it runs.
            GuestProtected: its protection is on.
        """
        parameters: dict[str, Param] = {"purge": True, "destroy-unreferenced-disks": True}
        return cast(str, await self._guest(node, vmid).delete(**parameters))

    async def migrate(self, node: str, vmid: int, target: str) -> str:
        """Move a stopped guest to another node, its local disks too. Returns the UPID.

        Its storages have to be there as well. From the task's end on only the other node answers
        for it. Needs VM.Migrate.

        Raises:
            StorageOffline: the other node lacks a storage.
            GuestLocked, WrongGuestState: another operation holds it, or it runs.
        """
        return cast(str, await self._guest(node, vmid).migrate.post(target=target))

    async def template(self, node: str, vmid: int) -> str:
        """Turn a stopped guest without snapshots into a template, for good. Returns the UPID."""
        return cast(str, await self._guest(node, vmid).template.post())

    async def resize(self, node: str, vmid: int, disk: str, size_gb: int) -> str:
        """Grow a disk to a size in GiB; an equal size is no error. Returns the UPID."""
        return cast(str, await self._guest(node, vmid).resize.put(disk=disk, size=f"{size_gb}G"))

    async def start(self, node: str, vmid: int) -> str:
        """Start it. Returns the UPID; that of a running guest fails with WrongGuestState."""
        return await self._power(node, vmid, "start")

    async def stop(self, node: str, vmid: int, *, overrule_shutdown: bool = False) -> str:
        """Pull the plug; a stopped guest is no error. Returns the UPID.

        Args:
            overrule_shutdown: end a shutdown that is waiting for the guest, which would otherwise
                keep this call waiting in turn (since 8.2; not for guests under HA).
        """
        parameters = {"overrule-shutdown": True} if overrule_shutdown else {}
        return await self._power(node, vmid, "stop", **parameters)

    async def shutdown(
        self, node: str, vmid: int, *, timeout_s: int = 60, force_stop: bool = False
    ) -> str:
        """Ask the guest to switch itself off. Returns the UPID; it fails with ShutdownTimeout.

        Args:
            timeout_s: always sent: with a guest agent that hangs Proxmox would wait ten minutes.
            force_stop: pull the plug when that time is over.
        """
        return await self._power(
            node, vmid, "shutdown", timeout=timeout_s, forceStop=True if force_stop else None
        )

    async def reboot(self, node: str, vmid: int, *, timeout_s: int = 60) -> str:
        """Shut it down and start it again. Returns the UPID.

        The task ends when the guest is down; a daemon of the node starts it right afterwards.
        """
        return await self._power(node, vmid, "reboot", timeout=timeout_s)

    async def reset(self, node: str, vmid: int) -> str:
        """Press the reset button. Returns the UPID."""
        return await self._power(node, vmid, "reset")

    async def suspend(self, node: str, vmid: int) -> str:
        """Pause it in memory; a paused guest is no error. Returns the UPID."""
        return await self._power(node, vmid, "suspend")

    async def resume(self, node: str, vmid: int) -> str:
        """Let it go on; a running guest is no error. Returns the UPID."""
        return await self._power(node, vmid, "resume")

    async def _power(self, node: str, vmid: int, action: str, **parameters: Param) -> str:
        return cast(str, await self._guest(node, vmid).status(action).post(**parameters))

    async def snapshots(self, node: str, vmid: int) -> list[Snapshot]:
        """List the snapshots, oldest first."""
        rows = await self._guest(node, vmid).snapshot.get()
        found = Snapshot.list_from_json(rows)
        return sorted(found, key=lambda snapshot: (snapshot.taken_at or 0, snapshot.name))

    async def snapshot_config(self, node: str, vmid: int, name: str) -> GuestConfig:
        """Read the configuration that a snapshot has kept; it has no digest of its own.

        Raises:
            ObjectMissing: there is no such snapshot.
        """
        kept = await self._guest(node, vmid).snapshot(name).config.get()
        return GuestConfig.from_json({"digest": "", **kept})

    async def create_snapshot(
        self, node: str, vmid: int, name: str, *, description: str = "", with_memory: bool = False
    ) -> str:
        """Take a snapshot. Returns the UPID; a name that is taken fails with AlreadyExists.

        Args:
            name: 2 to 40 letters, digits, `-` and `_`, a letter first.
            with_memory: of a running guest: keep its memory too, which takes time and space.
        """
        answer = await self._guest(node, vmid).snapshot.post(
            snapname=name, description=description or None, vmstate=with_memory or None
        )
        return cast(str, answer)

    async def rollback(self, node: str, vmid: int, name: str) -> str:
        """Go back to a snapshot. Returns the UPID.

        A running guest is stopped hard; it runs again only if the snapshot holds its memory, and
        then by a second task after this one.
        """
        return cast(str, await self._guest(node, vmid).snapshot(name).rollback.post())

    async def delete_snapshot(self, node: str, vmid: int, name: str) -> str:
        """Delete a snapshot, its children stay. Returns the UPID."""
        return cast(str, await self._guest(node, vmid).snapshot(name).delete())

    async def agent_interfaces(self, node: str, vmid: int) -> list[AgentInterface]:
        """Ask the agent in the guest for its addresses.

        Expensive: without a living agent one of the node's few workers is blocked for 3 s.

        Raises:
            AgentSilent: there is none, or it does not answer.
        """
        agent = self._guest(node, vmid).agent
        return AgentInterface.list_from_json(await agent("network-get-interfaces").get())

    async def rrddata(
        self,
        node: str,
        vmid: int,
        timeframe: Timeframe = "hour",
        *,
        cf: Consolidation = "AVERAGE",
    ) -> list[RrdPoint]:
        """Read the recorded figures; the distance of the points depends on Proxmox's version.

        Empty if nothing was ever recorded. A number that was used before shows the former guest's
        figures too: Proxmox keeps them.

        Args:
            cf: what a point tells of the measurements that it stands for.
        """
        try:
            rows = await self._guest(node, vmid).rrddata.get(timeframe=timeframe, cf=cf)
        except Failure as failure:
            # pve-manager 8.4: "RRD error: opening '…': No such file or directory"
            if "RRD error" not in failure.reason:
                raise
            return []
        return [RrdPoint.from_json(row) for row in rows]


def _change(
    options: Mapping[str, Param], digest: str | None, delete: Sequence[str]
) -> dict[str, Any]:
    return {**options, "digest": digest, "delete": ",".join(delete) or None}
