"""The console sessions that are open in this process: kept alive, watched, and ended in time.

A session outlives the request that opened it, so its rights are looked at again: at once when the
bus says that somebody's rights have changed, and now and then in case it did not. Its row
(`vmlab.operations.console_record`) is given signs of life, and tells who else looks on.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import socket
from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol
from weakref import WeakValueDictionary

import structlog

from vmlab.bus import Bus
from vmlab.config import Settings
from vmlab.errors import VMLabError
from vmlab.handlers.auth import actor_of
from vmlab.handlers.objects import VmObject
from vmlab.handlers.onlookers import is_onlooker, onlookers
from vmlab.models import ConsoleSession
from vmlab.operations import console_record
from vmlab.operations.console_record import NewConsole
from vmlab.rules.access import Permission

LOOK_AGAIN_S = 30.0
"""How long a session may outlive a right whose end nobody announced."""

log = structlog.get_logger(__name__)

Cut = Literal["server", "revoked", "replaced"]


class Carrier(Protocol):
    """What carries a session, of whichever protocol."""

    def end(self, why: Cut) -> None:
        """End it, and tell whoever is at it why; does nothing where it has ended."""

    def tell(self, notice: Mapping[str, Any]) -> None:
        """Let the page at the other end know something, if there is one that listens."""


@dataclass(eq=False)
class OpenConsole:
    """One session."""

    carrier: Carrier
    session: ConsoleSession
    told: list[int] = field(default_factory=list)
    """Ids of the onlookers that its page knows of."""


class OpenConsoles:
    """All sessions of this process."""

    def __init__(self, bus: Bus, settings: Settings) -> None:
        self.process = f"{socket.gethostname()[:40]}-{os.getpid()}-{secrets.token_hex(3)}"
        self._bus = bus
        self._per_node = settings.console.per_node
        self._beat_s, self._lease_s = settings.tasks.beat_s, settings.tasks.lease_s
        self._open: set[OpenConsole] = set()
        self._turns: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()
        self._well_since: float | None = None

    def __len__(self) -> int:
        return len(self._open)

    @contextlib.asynccontextmanager
    async def placed(self, new: NewConsole) -> AsyncIterator[ConsoleSession]:
        """Have a row, and a place on the node, for the time of the block.

        Proxmox has ports 5900 to 5999 for consoles on each node, and needs some itself.

        Raises:
            ServiceUnavailable: the node has no place left.
        """
        try:
            async with console_record.placed(new, per_node=self._per_node) as session:
                yield session
        finally:
            await self._bus.publish("consoles", {"vm_id": new.vm_id})

    async def require_place(self, node: str) -> None:
        """See whether a console could be placed now; the place is not taken.

        Raises:
            ServiceUnavailable: the node has none left.
        """
        await console_record.require_place(node, self._per_node)

    async def move(self, session: ConsoleSession, node: str) -> None:
        """Take a place on another node for the one that a console has.

        Raises:
            ServiceUnavailable: there is none.
        """
        await console_record.move(session, node, per_node=self._per_node)

    def turn_at(self, vm_id: int) -> asyncio.Lock:
        """Held while a screen is opened: each opening replaces the guest's one VNC password."""
        return self._turns.setdefault(vm_id, asyncio.Lock())

    @contextlib.asynccontextmanager
    async def listed(self, carrier: Carrier, session: ConsoleSession) -> AsyncIterator[None]:
        """Let a session be found, here and by its onlookers, for the time of the block."""
        console = OpenConsole(carrier, session)
        self._open.add(console)
        try:
            await self._bus.publish("consoles", {"vm_id": session.vm_id})
            yield
        finally:
            self._open.discard(console)

    async def viewers(self, vm_id: int) -> list[dict[str, Any]]:
        """Who has a machine's screen open at the moment, in any process."""
        return onlookers(await console_record.open_on([vm_id], self._lease_s))

    @contextlib.asynccontextmanager
    async def watched(self) -> AsyncIterator[None]:
        """Watch over the sessions for the time of the block, and end them all after it."""
        work = [
            asyncio.create_task(each)
            for each in (self._watch(), self._follow(), self._keep_alive())
        ]
        try:
            yield
        finally:
            for each in work:
                each.cancel()
            await asyncio.wait(work)
            self.end_all()

    def end_all(self) -> None:
        """The server goes down: say so to everybody."""
        for console in self._open:
            console.carrier.end("server")

    async def _watch(self) -> None:
        """Look at rights again."""
        async with self._bus.subscribe("sessions") as news:
            coming = asyncio.ensure_future(anext(news))
            try:
                while True:
                    done, _ = await asyncio.wait([coming], timeout=LOOK_AGAIN_S)
                    user_id = None
                    if done:
                        user_id = coming.result().get("user_id")
                        coming = asyncio.ensure_future(anext(news))
                    for console in list(self._open):
                        if user_id in (None, console.session.user_id):
                            await _check(console)
            finally:
                coming.cancel()
                await asyncio.wait([coming])

    async def _follow(self) -> None:
        """Hear who comes and goes at the machines that somebody here looks at."""
        async with self._bus.subscribe("consoles") as news:
            async for message in news:
                with _unspoilt("onlookers_unreadable"):
                    await self._look([message["vm_id"]])

    async def _keep_alive(self) -> None:
        """Give signs of life, and see what the bus did not tell."""
        loop = asyncio.get_running_loop()
        last = loop.time()
        while True:
            begun = loop.time()
            if begun - last > self._lease_s:  # we have been away ourselves
                self._well_since = None
            last = begun
            with _unspoilt("console_signs_of_life_failed"):
                await self._sign(begun)
            await asyncio.sleep(self._beat_s)

    async def _sign(self, now: float) -> None:
        well_since, self._well_since = self._well_since, None
        if self._open:
            await console_record.seen([console.session.id for console in self._open])
        # After a time without a database the others have had no way to give signs of life either.
        if well_since is not None and now - well_since > self._lease_s:
            await console_record.sweep(self._lease_s)
            well_since = now  # the next one in a lease
        self._well_since = now if well_since is None else well_since
        await self._look({console.session.vm_id for console in self._open})

    async def _look(self, vm_ids: Collection[int]) -> None:
        """Tell those who look at these machines who else does; end what was closed elsewhere."""
        mine = [console for console in self._open if console.session.vm_id in vm_ids]
        if not mine:
            return
        rows = await console_record.open_on(vm_ids, self._lease_s)
        present = {row.id for row in rows}
        gone = [console for console in mine if console.session.id not in present]
        at_screen = defaultdict(list)
        for row in rows:
            if is_onlooker(row):
                at_screen[row.vm_id].append(row)
        for console in mine:
            if console.session.protocol == "vnc" and console.session.id in present:
                _tell(console, at_screen[console.session.vm_id])
        if gone:
            await _end_closed(gone)


def _tell(console: OpenConsole, at_screen: list[ConsoleSession]) -> None:
    others = [row for row in at_screen if row.id != console.session.id]
    ids = [row.id for row in others]
    if ids != console.told:
        console.told = ids
        console.carrier.tell({"type": "viewers", "viewers": onlookers(others)})


async def _end_closed(consoles: list[OpenConsole]) -> None:
    ids = [console.session.id for console in consoles]
    closed = ConsoleSession.filter(id__in=ids, closed_at__isnull=False)
    endings = dict(await closed.values_list("id", "ending"))
    for console in consoles:
        ending = endings.get(console.session.id)
        if ending in ("revoked", "replaced"):
            console.carrier.end(ending)
        elif ending is not None:  # somebody has taken us for dead, and the place is given away
            console.carrier.end("server")


async def _check(console: OpenConsole) -> None:
    try:
        actor = await actor_of(console.session.login_id or "")
        await VmObject.load(actor, Permission.VM_CONSOLE, console.session.vm_id)
    except VMLabError:
        console.carrier.end("revoked")
    except Exception:  # the database may be back at the next look
        log.exception("console_rights_unreadable")


@contextlib.contextmanager
def _unspoilt(complaint: str) -> Iterator[None]:
    """Go on after a fault: the next look may find the database well again."""
    try:
        yield
    except Exception:
        log.exception(complaint)
