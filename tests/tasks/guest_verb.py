"""A verb on the simulated cluster: clone a template and start it; undone by destroying it."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field

from vmlab.models import TaskStatus
from vmlab.proxmox import mark
from vmlab.proxmox.faults import GuestLocked, GuestMissing, PermissionMissing
from vmlab.proxmox.shapes import GuestConfig
from vmlab.tasks import Operation, PveStep, Run

KIND = "guest.make"
NODE, TEMPLATE, VMID = "pve1", 9000, 10_000


def mark_of(run: Run) -> uuid.UUID:
    """What tells this task's guest from all others."""
    return uuid.uuid5(uuid.NAMESPACE_OID, f"task {run.task.id}")


async def ours(run: Run) -> GuestConfig | None:
    """Our guest, None if there is none or somebody else's has its number.

    Raises:
        GuestLocked: it is still being made.
    """
    try:
        config = await run.parts.guests.config(NODE, VMID)
    except GuestMissing:
        return None
    except PermissionMissing:
        if VMID not in (await run.parts.cluster.resources()).guests:
            return None
        raise
    if config.lock is not None:
        raise GuestLocked(f"VM is locked ({config.lock})")
    return config if config.mark == mark_of(run) else None


@dataclass
class GuestVerb:
    """The verb, and what a test wants to change of it.

    Attributes:
        boundary: called after each call that starts a task, before its UPID is saved.
        looks: whether the start can tell by a look that it has been done.
        full: copy the disks, which takes long enough to be cancelled.
    """

    boundary: Callable[[str], None] = lambda point: None
    looks: bool = True
    full: bool = False
    called: list[str] = field(default_factory=list)

    async def clone(self, run: Run) -> str:
        upid = await run.parts.guests.clone(
            NODE,
            TEMPLATE,
            VMID,
            name=f"task-{run.task.id}",
            description=mark.build("", mark_of(run)),
            pool="vmlab",
            full=True if self.full else None,
        )
        return self._called("clone", upid)

    async def look_cloned(self, run: Run) -> str | None:
        config = await ours(run)
        return None if config is None else str(config.uuid)

    async def destroy(self, run: Run) -> str | None:
        if await ours(run) is None:
            return None
        if (await run.parts.guests.status(NODE, VMID)).running:
            await run.wait(await run.parts.guests.stop(NODE, VMID))
        return self._called("destroy", await run.parts.guests.delete(NODE, VMID))

    async def start(self, run: Run) -> str:
        return self._called("start", await run.parts.guests.start(NODE, VMID))

    async def look_started(self, run: Run) -> bool | None:
        status = await run.parts.guests.status(NODE, VMID)
        return True if status.running else None

    def operation(self) -> Operation:
        """The table of its steps."""

        async def settle(run: Run, status: TaskStatus) -> None:
            pass

        return Operation(
            KIND,
            (
                PveStep(
                    "clone",
                    self.clone,
                    self.destroy,
                    self.look_cloned,
                    type="qmclone",
                    stoppable=True,
                ),
                PveStep(
                    "start",
                    self.start,
                    look=self.look_started if self.looks else None,
                    type="qmstart",
                    at=lambda run: (NODE, VMID),
                ),
            ),
            settle,
        )

    def _called(self, call: str, upid: str) -> str:
        self.called.append(call)
        self.boundary(f"{call}: called, not saved")
        return upid
