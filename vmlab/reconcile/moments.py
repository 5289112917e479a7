"""When it happened that a machine came to be what it is seen to be.

A change is noted at the moment in which it is seen (`vmlab.models.vm_event`). That can be long
after it happened: VMLab, or its connection to the cluster, may have been down for hours. Then what
is known is taken in place of it: a guest runs since its start, and it ran at the last look at which
it was seen to. Usage is reckoned from this; hours that nobody saw are not made up.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from vmlab.models import Vm, VmEvent, VmEventKind, VmStatus

_HAS_PROCESS = frozenset({VmStatus.RUNNING, VmStatus.PAUSED})


async def correct(before: Vm, changed: Mapping[str, Any]) -> None:
    """Correct the time of what was noted; within the transaction that has written the change.

    Args:
        before: the row as it was until then; `observed_at` is the last look that agreed with it.
        changed: the columns that have been written.
    """
    status = changed.get("status", before.status)
    started_at, seen_at = changed.get("started_at"), before.observed_at
    if status is not before.status:
        await _move_latest(before, started_at if status in _HAS_PROCESS else None)
    elif status in _HAS_PROCESS and started_at and seen_at and started_at > seen_at:
        await _note_pause(before, seen_at, started_at)


async def _move_latest(before: Vm, started_at: datetime | None) -> None:
    """Put the state that was just noted where it belongs in time."""
    noted = await _states(before).first()
    if noted is None:
        return
    at = before.observed_at if before.status in _HAS_PROCESS else started_at
    if at is None or at >= noted.at:
        return
    previous = await _states(before).exclude(id=noted.id).first()
    earliest = previous.at if previous is not None else at
    await VmEvent.filter(id=noted.id).update(at=max(at, earliest))


async def _note_pause(before: Vm, seen_at: datetime, started_at: datetime) -> None:
    """It runs as before, but was started anew since it was last seen."""
    for at, status in ((seen_at, VmStatus.STOPPED), (started_at, before.status)):
        await VmEvent.create(
            vm_id=before.id,
            at=at,
            kind=VmEventKind.STATE,
            message=f"status: {status} (started anew outside VMLab)",
            status=status,
            cpu_cores=before.cpu_cores,
        )


def _states(vm: Vm) -> Any:
    return VmEvent.filter(vm_id=vm.id, kind=VmEventKind.STATE).order_by("-at", "-id")
