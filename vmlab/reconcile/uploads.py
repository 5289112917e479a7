"""Gives up uploads that nobody goes on with: at the start of a worker, then once an hour.

Several workers may do this at the same time: each row is deleted by one of them.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging

from vmlab.operations.uploads import Uploads
from vmlab.tasks.clock import database_now

PERIOD_S = 3600.0

_log = logging.getLogger(__name__)


class AbandonedUploads:
    """Deletes what has come of uploads whose time is over."""

    def __init__(self, uploads: Uploads, *, period_s: float = PERIOD_S) -> None:
        self._uploads = uploads
        self._period_s = period_s
        self._stopped = asyncio.Event()

    def stop(self) -> None:
        """Let `run` end."""
        self._stopped.set()

    async def run(self) -> None:
        """Look once a period until `stop`; no failure ends it."""
        while not self._stopped.is_set():
            try:
                await self.tick()
            except Exception:
                _log.exception("a look at abandoned uploads came to nothing")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopped.wait(), self._period_s)

    async def tick(self) -> int:
        """Give up what has expired; how many uploads that was."""
        expired = await self._uploads.expire(await database_now())
        if expired:
            _log.info("gave up %d abandoned uploads", expired)
        return expired
