"""A new guest of ours: repeated without harm, adopted where it was made already, taken back.

Three ways lead to one: cloning a template into a machine, filling a new guest with an image, and
cloning what a template is made of or tried out with. A Proxmox task that was lost often cannot be
told from others (a clone is listed under its *source*, an upload under nothing), but the new
guest's notes can: the very call that makes it writes our mark. Until the task's end a token with
rights on the pool only gets 403 for the new guest, and Proxmox shows a stub without any mark
(qemu-server 8.4: lock `clone` or `create`).
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from vmlab.models import Step as StepRow
from vmlab.operations.destroying import stop_and_destroy
from vmlab.operations.guest_identity import ForeignGuest, Known, find_guest
from vmlab.proxmox.faults import AlreadyExists, GuestLocked, PermissionMissing, ProxmoxFault
from vmlab.proxmox.upid import Upid
from vmlab.tasks.adopt import CLOCK_MARGIN_S
from vmlab.tasks.run import Run

_OTHER_NUMBERS = 3
_STUBS = frozenset({"clone", "create"})


class SourceLost(Exception):
    """What the guest was to be made from is gone: there may be another one elsewhere."""


def clock(run: Run, node: str) -> int:
    """A second on the node's own clock before which what comes next has certainly not begun."""
    now = run.parts.pve_tasks.server_time(node)
    return int(now if now is not None else time.time()) - CLOCK_MARGIN_S


async def wait_for_lost(run: Run, node: str, *, type: str, vmid: int | None, since: int) -> bool:
    """Wait for tasks of ours in Proxmox that no step has saved; whether there were any.

    Args:
        type: what Proxmox calls them.
        vmid: what they are listed under; None: under anything.
        since: no earlier than this, by the node's own clock.
    """
    rows = await run.parts.pve_tasks.find(node, type=type, vmid=vmid, since=since)
    token = run.parts.settings.proxmox.token_id
    upids = [row.upid for row in rows if Upid.parse(row.upid).user == token]
    others = StepRow.filter(upid__in=upids).exclude(task_id=run.task.id)
    known = {row.upid for row in await others}
    lost = [upid for upid in upids if upid not in known]
    for upid in lost:
        # However it ended: what counts is what it left.
        with contextlib.suppress(ProxmoxFault):
            await run.wait(upid)
    return bool(lost)


@dataclass(frozen=True, kw_only=True)
class Making:
    """How one kind of guest comes to be.

    Attributes:
        guest: who it is to be, as the database has it now; its number is written down.
        call: starts the making and returns the UPID; raises SourceLost.
        listed: node, type and number under which Proxmox lists the making, and the second since
            when it may be.
        renumber: gives it another number, and another place if need be.
    """

    guest: Callable[[Run], Awaitable[Known]]
    call: Callable[[Run], Awaitable[str]]
    listed: Callable[[Run], Awaitable[tuple[str, str, int | None, int]]]
    renumber: Callable[[Run], Awaitable[None]]

    async def make(self, run: Run) -> str | None:
        """Start the making; None if an earlier call has done it after all.

        A number that a stranger has taken since it was asked for is left to them for another one,
        and so is the place of a source that is not there any more.
        """
        for _ in range(_OTHER_NUMBERS):
            try:
                return await self.call(run)
            except AlreadyExists:
                if await self.made(run) is not None:
                    return None
                if not await self._is_foreign(run):
                    raise
            except SourceLost:
                pass
            await self.renumber(run)
        raise AlreadyExists("the number, and those tried before it")

    async def made(self, run: Run) -> dict[str, Any] | None:
        """Where the guest is if it is there and finished; waits for tasks that may be making it."""
        seen = await self._finished(run)
        if seen is None:
            node, type_, vmid, since = await self.listed(run)
            if await wait_for_lost(run, node, type=type_, vmid=vmid, since=since):
                seen = await self._finished(run)
        return seen

    async def unmake(self, run: Run) -> str | None:
        """Take it back: verify, then destroy. Returns the UPID of its destruction.

        Raises:
            GuestLocked, PermissionMissing: a guest is there and nobody can say whose.
        """
        await self.made(run)
        try:
            return await stop_and_destroy(run, await self.guest(run))
        except ForeignGuest as fault:
            if fault.details["lock"] in _STUBS:
                raise GuestLocked(f"VM is locked ({fault.details['lock']})") from fault
            # A stranger had the number before us, so nothing of ours was made.
            return None

    async def _finished(self, run: Run) -> dict[str, Any] | None:
        try:
            guest = await find_guest(run.parts, await self.guest(run))
        except (ForeignGuest, PermissionMissing):
            return None
        if guest is None or guest.config.lock is not None:
            return None
        return {"node": guest.node, "vmid": guest.vmid}

    async def _is_foreign(self, run: Run) -> bool:
        """Whether the guest under our number is finished and is not ours."""
        try:
            await find_guest(run.parts, await self.guest(run))
        except ForeignGuest:
            return True
        return False
