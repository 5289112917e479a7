"""Proxmox's file locks: who waits for whom, how long, and what the loser is told.

They are not `asyncio.Lock`s because they are shared or exclusive, and because the wait is measured
on the simulated clock.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from vmlab.simulator.clock import Clock
from vmlab.simulator.errors import ApiError

FLOCK_WAIT_S = 10.0


@dataclass
class _File:
    """A lock file; `users` counts holders and waiters, without whom it is forgotten."""

    users: int = 0
    shared: int = 0
    exclusive: bool = False
    waiters: list[asyncio.Future[None]] = field(default_factory=list)

    def free_for(self, shared: bool) -> bool:
        return not self.exclusive and (shared or not self.shared)


class FileLocks:
    """All lock files of the cluster, by path."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._files: dict[str, _File] = {}

    @asynccontextmanager
    async def hold(
        self, path: str, *, shared: bool = False, timeout_s: float = FLOCK_WAIT_S, text: str = ""
    ) -> AsyncIterator[None]:
        """Hold a lock file, waiting at most `timeout_s` for it.

        Args:
            path: the file; `text` replaces the error's whole text where Proxmox words it otherwise.
            shared: readers' lock, as a clone takes on its source.
            timeout_s: seconds of the simulated clock.

        Raises:
            ApiError: 500 "can't lock file '…' - got timeout".
        """
        file = self._files.setdefault(path, _File())
        file.users += 1
        try:
            if not await self._acquire(file, shared, timeout_s):
                raise ApiError(500, text or f"can't lock file '{path}' - got timeout")
            try:
                yield
            finally:
                self._release(file, shared)
        finally:
            file.users -= 1
            if not file.users:
                del self._files[path]

    def held(self, path: str) -> bool:
        """Whether anybody holds the file."""
        file = self._files.get(path)
        return file is not None and (file.exclusive or file.shared > 0)

    async def _acquire(self, file: _File, shared: bool, timeout_s: float) -> bool:
        expiry = asyncio.ensure_future(self._clock.patience(timeout_s)) if timeout_s else None
        try:
            while not file.free_for(shared):
                if expiry is None or expiry.done():
                    return False
                freed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
                file.waiters.append(freed)
                await asyncio.wait({freed, expiry}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            if expiry is not None:
                expiry.cancel()
        if shared:
            file.shared += 1
        else:
            file.exclusive = True
        return True

    def _release(self, file: _File, shared: bool) -> None:
        if shared:
            file.shared -= 1
        else:
            file.exclusive = False
        waiters, file.waiters = file.waiters, []
        for freed in waiters:
            if not freed.done():
                freed.set_result(None)
