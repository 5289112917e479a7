"""Consoles as rows: places on nodes, signs of life, onlookers, and what a dead process leaves.

    placed ──> a row, and with it a place on the node ──> opened ──> ... signs of life ...
                                                        ──> closed, by whoever comes first:
                                                            its process, its successor, a sweep

A place is held by a row that is not closed, whichever process it is in, so places are counted
exactly. A row whose process has given no sign of life for a lease is closed by any other process.
Should the process live after all, it finds its row closed at its next sign of life and hangs up.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Collection, Coroutine, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

from tortoise import connections

from vmlab.errors import ServiceUnavailable
from vmlab.models import ConsoleSession, VmEvent, VmEventKind
from vmlab.models.connection import transaction
from vmlab.rules.access import Actor
from vmlab.tasks.clock import database_now, on_postgres

FULL_RETRY_S = 30
"""When another try makes sense where a node is full."""

_PLACES = 0x636F6E73
"""First half of the advisory lock on a node's places; the second is the node's name."""


@dataclass(frozen=True, kw_only=True)
class NewConsole:
    """A console that is about to open.

    Attributes:
        node: of a screen, where it takes a place; None for a shell, which takes none.
        process: who will give its signs of life.
        chain: of the connections of one page; this one takes the place of those before it.
        renewal_hash: SHA-256 of the secret that will open it again.
        guest_username: who VMLab is in the guest, where it signs in by itself.
    """

    vm_id: int
    actor: Actor
    protocol: Literal["vnc", "ssh"]
    mode: Literal["control", "view"]
    process: str
    chain: str
    node: str | None = None
    renewal_hash: str | None = None
    guest_username: str | None = None


@contextlib.asynccontextmanager
async def placed(new: NewConsole, *, per_node: int) -> AsyncIterator[ConsoleSession]:
    """Have a row, and a place on the node, for the time of the block.

    Once it is `opened`, set the row's `ending` before the block ends. A console that never opened
    leaves no row.

    Raises:
        ServiceUnavailable: the node has no place left.
    """
    session = await _place(new, per_node)
    try:
        yield session
    finally:
        await done(_leave(session))


async def done(work: Coroutine[Any, Any, Any]) -> None:
    """Do what has to be done at an end, also while what ends is being cancelled."""
    doing = asyncio.ensure_future(work)
    try:
        await asyncio.shield(doing)
    except asyncio.CancelledError:
        await asyncio.wait([doing])
        raise


async def _leave(session: ConsoleSession) -> None:
    if session.ending is None:
        await ConsoleSession.filter(id=session.id).delete()
    else:
        await _end([session.id], session.ending)


async def opened(session: ConsoleSession, actor: Actor) -> None:
    """Note in the machine's own record that a console has opened."""
    session.ending = "fault"  # until somebody says why it ended
    await VmEvent.create(
        vm_id=session.vm_id,
        at=await database_now(),
        kind=VmEventKind.CONSOLE_OPENED,
        message=f"{session.protocol.upper()} console of {actor.username} opened",
        user_id=actor.user_id,
    )


async def require_place(node: str, per_node: int) -> None:
    """See whether a node has a place at the moment.

    Raises:
        ServiceUnavailable: it has none.
    """
    if await ConsoleSession.filter(node=node, closed_at__isnull=True).count() >= per_node:
        raise ServiceUnavailable(
            "Node {node} has as many consoles open as it can carry.",
            node=node,
            retry_after_s=FULL_RETRY_S,
        )


async def move(session: ConsoleSession, node: str, *, per_node: int) -> None:
    """Take a place on another node, to which the machine has moved, for the one that it had.

    Raises:
        ServiceUnavailable: there is none.
    """
    async with transaction():
        await _exclude_others(node)
        await require_place(node, per_node)
        await ConsoleSession.filter(id=session.id).update(node=node)
    session.node = node


async def seen(ids: Collection[int]) -> None:
    """Give a sign of life for consoles of this process."""
    now = await database_now()
    await ConsoleSession.filter(id__in=list(ids), closed_at__isnull=True).update(seen_at=now)


async def open_on(vm_ids: Collection[int], lease_s: float) -> list[ConsoleSession]:
    """The consoles that are open on these machines, oldest first, with their users."""
    since = await database_now() - timedelta(seconds=lease_s)
    rows = ConsoleSession.filter(vm_id__in=list(vm_ids), closed_at__isnull=True, seen_at__gt=since)
    return await rows.order_by("id").select_related("user")


async def sweep(lease_s: float) -> int:
    """Close what no process gives signs of life for any more; returns how many those were."""
    before = await database_now() - timedelta(seconds=lease_s)
    lost = ConsoleSession.filter(closed_at__isnull=True, seen_at__lt=before)
    return await _end([row.id for row in await lost], "lost")


async def spend_earlier(session: ConsoleSession) -> None:
    """Let no earlier connection of the same page be renewed any more."""
    earlier = ConsoleSession.filter(chain=session.chain, id__lt=session.id)
    await earlier.filter(renewal_spent_at__isnull=True).update(
        renewal_spent_at=await database_now()
    )


async def end_chain(chain: str) -> None:
    """Close all consoles of one page, and let none of them be renewed."""
    now = await database_now()
    rows = ConsoleSession.filter(chain=chain)
    await rows.filter(renewal_spent_at__isnull=True).update(renewal_spent_at=now)
    await _end([row.id for row in await rows.filter(closed_at__isnull=True)], "revoked")


async def _place(new: NewConsole, per_node: int) -> ConsoleSession:
    async with transaction():
        if new.node is not None:
            await _exclude_others(new.node)
        earlier = ConsoleSession.filter(chain=new.chain, closed_at__isnull=True)
        await _end([row.id for row in await earlier], "replaced")
        if new.node is not None:
            await require_place(new.node, per_node)
        now = await database_now()
        return await ConsoleSession.create(
            vm_id=new.vm_id,
            node=new.node,
            user_id=new.actor.user_id,
            login_id=new.actor.session_id,
            protocol=new.protocol,
            mode=new.mode,
            process=new.process,
            opened_at=now,
            seen_at=now,
            chain=new.chain,
            renewal_hash=new.renewal_hash,
            guest_username=new.guest_username,
        )


async def _exclude_others(node: str) -> None:
    """Be the only one, until the transaction ends, who takes places on a node.

    SQLite has one writer at a time anyway.
    """
    if on_postgres():
        lock = f"SELECT pg_advisory_xact_lock({_PLACES}, hashtext($1))"
        await connections.get("default").execute_query(lock, [node])


async def _end(ids: Sequence[int], ending: str) -> int:
    """Close these, and note it in the machines' own records; whoever comes second does nothing."""
    ended = 0
    for id_ in ids:
        async with transaction():
            session = await ConsoleSession.get_or_none(id=id_).select_related("user")
            if session is None:
                continue
            # Nobody knows when a process that was killed stopped; its last sign of life counts.
            at = session.seen_at if ending == "lost" else await database_now()
            still_open = ConsoleSession.filter(id=id_, closed_at__isnull=True)
            if ending == "lost":
                still_open = still_open.filter(seen_at=at)
            if not await still_open.update(closed_at=at, seen_at=at, ending=ending):
                continue
            session.seen_at = at
            await _note_end(session)
            ended += 1
    return ended


async def _note_end(session: ConsoleSession) -> None:
    who = session.user.username if session.user else "-"
    await VmEvent.create(
        vm_id=session.vm_id,
        at=session.seen_at,
        kind=VmEventKind.CONSOLE_CLOSED,
        message=f"{session.protocol.upper()} console of {who} closed after {session.seconds:g} s",
        user_id=session.user_id,
        seconds=session.seconds,
    )
