"""What every console has in common, a screen or a shell, from its opening to its end.

It is a row and listed, so that it can be found and ended; opening and end go into the log, the
audit log and the machine's own record, whatever happens in between.
"""

from __future__ import annotations

import contextlib
import secrets
import time
from collections.abc import AsyncIterator
from typing import Any, Literal, Protocol

import structlog

from vmlab.handlers import trail
from vmlab.handlers.endpoint import Call
from vmlab.handlers.open_consoles import Carrier
from vmlab.handlers.sessions import hashed
from vmlab.models import ConsoleSession, Vm
from vmlab.operations import console_record
from vmlab.operations.console_record import NewConsole, done

log = structlog.get_logger(__name__)


class Counted(Carrier, Protocol):
    """A carrier that counts what goes through."""

    traffic: Any
    """A dataclass; `ending` is among its fields."""


def new_console(
    call: Call,
    vm: Vm,
    protocol: Literal["vnc", "ssh"],
    *,
    mode: Literal["control", "view"],
    secret: str | None,
    node: str | None = None,
    guest_username: str | None = None,
) -> NewConsole:
    """The row of a console that a grant opens.

    Args:
        secret: what will open it again; None if nothing will.
    """
    assert call.grant is not None
    return NewConsole(
        vm_id=vm.id,
        actor=call.actor,
        protocol=protocol,
        mode=mode,
        process=call.parts.consoles.process,
        chain=call.grant.details.get("chain") or secrets.token_hex(16),
        node=node,
        renewal_hash=secret and hashed(secret),
        guest_username=guest_username,
    )


@contextlib.asynccontextmanager
async def attended(
    call: Call, session: ConsoleSession, carrier: Counted, **facts: Any
) -> AsyncIterator[None]:
    """Record a console, and let it be found, for the time of the block.

    Args:
        facts: what else is worth recording of its opening.
    """
    record = log.bind(vm=session.vm_id, user=call.actor.username, protocol=session.protocol)
    record.info("console_opened", **facts)
    await trail.note("console_opened", 101, protocol=session.protocol, **facts)
    await console_record.opened(session, call.actor)
    started = time.monotonic()
    try:
        async with call.parts.consoles.listed(carrier, session):
            yield
    finally:
        session.ending = carrier.traffic.ending
        closed = {"seconds": round(time.monotonic() - started, 1), **vars(carrier.traffic)}
        record.info("console_closed", **closed)
        await done(trail.note("console_closed", 101, protocol=session.protocol, **closed))
