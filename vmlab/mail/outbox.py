"""Sends letters in the background, so that no answer waits for a mail server.

Nor does an answer's time tell whether there was anything to send: what is put in may be the
question itself, which is then asked here. Letters are kept in memory; those that a dying process
takes with it are asked for again by their readers.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable

import structlog

from vmlab.config import Mail
from vmlab.mail.delivery import Deliver, delivery, passes_by_itself
from vmlab.mail.letters import Letter, compose

CAPACITY = 10_000
"""Letters that may wait; more than the largest import makes."""
SENDERS = 4
"""Connections to the mail server at once."""
DRAIN_S = 5.0
"""How long the letters that still wait hold up the end of the process."""
CANCEL_AGAIN_S = 0.5
"""How long a sender may take to notice that it is to end."""
RETRY_AFTER_S = (5.0, 60.0)
"""Pauses before a letter that failed for the moment is tried again."""

Written = Callable[[], Awaitable[Letter | None]]
"""Writes a letter when its turn comes, or finds that there is none to write."""

log = structlog.get_logger(__name__)


class Outbox:
    """Letters on their way."""

    def __init__(self, mail: Mail, retry_after_s: tuple[float, ...] = RETRY_AFTER_S) -> None:
        """Nothing is sent before `opened`.

        Args:
            mail: how letters go; where that names no way, they are dropped.
            retry_after_s: pauses before a letter is tried again.
        """
        self.configured = mail.configured
        self._sender = mail.sender
        self._retry_after_s = retry_after_s
        self._deliver: Deliver | None = delivery(mail) if mail.configured else None
        self._waiting: asyncio.Queue[Written] = asyncio.Queue(CAPACITY)

    @contextlib.asynccontextmanager
    async def opened(self) -> AsyncIterator[Outbox]:
        """Send for the time of the block, and a few seconds more what still waits."""
        senders = {asyncio.create_task(self._send_all()) for _ in range(SENDERS)}
        try:
            yield self
        finally:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._waiting.join(), DRAIN_S)
            if left := self._waiting.qsize():
                log.warning("mails_lost", count=left)
            while senders:
                for sender in senders:
                    sender.cancel()
                # Before Python 3.12 `asyncio.wait_for`, in the SMTP client too, returns a result
                # that comes at the same moment, and forgets that it was cancelled: tell it again.
                _, senders = await asyncio.wait(senders, timeout=CANCEL_AGAIN_S)

    def put(self, written: Written) -> None:
        """Leave something to be written and sent."""
        if self._deliver is None:
            log.warning("mail_dropped", reason="no way to send mail is configured")
        elif self._waiting.full():
            log.error("mail_dropped", reason="too many are waiting")
        else:
            self._waiting.put_nowait(written)

    async def _send_all(self) -> None:
        while True:
            written = await self._waiting.get()
            try:
                await self._send(written)
            except Exception:
                log.exception("mail_failed")
            finally:
                self._waiting.task_done()

    async def _send(self, written: Written) -> None:
        letter = await written()
        if letter is None or self._deliver is None:
            return
        message = compose(letter, self._sender)
        for pause_s in (*self._retry_after_s, None):
            try:
                await self._deliver(message)
            except Exception as error:
                if pause_s is None or not passes_by_itself(error):
                    raise
                log.warning("mail_delayed", kind=letter.kind, error=str(error), pause_s=pause_s)
                await asyncio.sleep(pause_s)
            else:
                log.info("mail_sent", kind=letter.kind)
                return
