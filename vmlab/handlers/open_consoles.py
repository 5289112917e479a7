"""The console sessions that are open in this process: counted, watched, and ended in time.

A session outlives the request that opened it, so its rights are looked at again: at once when the
bus says that somebody's rights have changed, and now and then in case it did not.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Literal, Protocol
from weakref import WeakValueDictionary

from vmlab.bus import Bus
from vmlab.errors import ServiceUnavailable, VMLabError
from vmlab.handlers.auth import actor_of
from vmlab.handlers.objects import VmObject
from vmlab.rules.access import Permission

LOOK_AGAIN_S = 30.0
"""How long a session may outlive a right whose end nobody announced."""


class Endable(Protocol):
    """What carries a session, of whichever protocol."""

    def end(self, why: Literal["server", "revoked"]) -> None:
        """End it, and tell whoever is at it why; does nothing where it has ended."""


@dataclass(eq=False, frozen=True)
class OpenConsole:
    """One session."""

    carrier: Endable
    user_id: int
    session_id: str
    vm_id: int


class OpenConsoles:
    """All sessions of this process."""

    def __init__(self, bus: Bus, *, per_node: int) -> None:
        self._bus = bus
        self._per_node = per_node
        self._open: set[OpenConsole] = set()
        self._on_node: Counter[str] = Counter()
        self._turns: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

    def __len__(self) -> int:
        return len(self._open)

    @contextlib.contextmanager
    def place_on(self, node: str) -> Iterator[None]:
        """Take one of the node's places for the time of the block.

        Proxmox has ports 5900 to 5999 for consoles on each node, and needs some itself.

        Raises:
            ServiceUnavailable: there is none left.
        """
        if self._on_node[node] >= self._per_node:
            raise ServiceUnavailable(
                "Node {node} has as many consoles open as it can carry.",
                node=node,
                retry_after_s=30,
            )
        self._on_node[node] += 1
        try:
            yield
        finally:
            self._on_node[node] -= 1

    def turn_at(self, vm_id: int) -> asyncio.Lock:
        """Held while a screen is opened: each opening replaces the guest's one VNC password."""
        return self._turns.setdefault(vm_id, asyncio.Lock())

    @contextlib.contextmanager
    def listed(self, console: OpenConsole) -> Iterator[None]:
        """Let a session be found for the time of the block."""
        self._open.add(console)
        try:
            yield
        finally:
            self._open.discard(console)

    @contextlib.asynccontextmanager
    async def watched(self) -> AsyncIterator[None]:
        """Watch over the sessions for the time of the block, and end them all after it."""
        watching = asyncio.create_task(self._watch())
        try:
            yield
        finally:
            watching.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await watching
            self.end_all()

    def end_all(self) -> None:
        """The server goes down: say so to everybody."""
        for console in self._open:
            console.carrier.end("server")

    async def _watch(self) -> None:
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
                        if user_id in (None, console.user_id):
                            await _check(console)
            finally:
                coming.cancel()
                await asyncio.wait([coming])


async def _check(console: OpenConsole) -> None:
    try:
        actor = await actor_of(console.session_id)
        await VmObject.load(actor, Permission.VM_CONSOLE, console.vm_id)
    except VMLabError:
        console.carrier.end("revoked")
