"""Notes in a machine's own record who had its console open, and for how long."""

from __future__ import annotations

import contextlib
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

from vmlab.models import VmEvent, VmEventKind
from vmlab.rules.access import Actor


@contextlib.asynccontextmanager
async def console_recorded(vm_id: int, actor: Actor, protocol: str) -> AsyncIterator[None]:
    """Record a console for the time of the block.

    Args:
        protocol: `VNC` or `SSH`.
    """
    who = f"{protocol} console of {actor.username}"
    started = time.monotonic()
    await _note(vm_id, actor, VmEventKind.CONSOLE_OPENED, f"{who} opened")
    try:
        yield
    finally:
        seconds = round(time.monotonic() - started, 1)
        message = f"{who} closed after {seconds:g} s"
        await _note(vm_id, actor, VmEventKind.CONSOLE_CLOSED, message, seconds=seconds)


async def _note(vm_id: int, actor: Actor, kind: VmEventKind, message: str, **more: Any) -> None:
    await VmEvent.create(
        vm_id=vm_id,
        at=datetime.now(UTC),
        kind=kind,
        message=message,
        user_id=actor.user_id,
        **more,
    )
