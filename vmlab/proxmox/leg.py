"""One side of a console as an asyncio protocol: first read piece by piece, then let run.

    handshake:  `await leg.more()` until enough is in `leg.pending`
    afterwards: `leg.start(sink)`: every piece goes to the sink as it comes

Two legs that are each other's `peer` hold each other back: when one cannot write any more, the
other is not read any more.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import cast

_PENDING_LIMIT = 64 * 1024


class Leg(asyncio.Protocol):
    """One TCP or TLS connection.

    Attributes:
        transport: its connection; set by hand where a connection is taken over from another
            protocol.
        pending: what has arrived and is not taken yet.
        peer: the leg that this one's bytes go to.
        closed: done when the connection has ended.
        error: why it ended, None if the other end closed it.
    """

    transport: asyncio.Transport

    def __init__(self) -> None:
        """Wait for a connection."""
        self.pending = bytearray()
        self.peer: Leg | None = None
        self.error: Exception | None = None
        self.closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._sink: Callable[[bytes], None] | None = None
        self._news = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """asyncio has connected it."""
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        """Hand on to the sink, or keep until there is one."""
        if self._sink is not None:
            self._pour(self._sink, data)
            return
        self.pending += data
        self._news.set()
        if len(self.pending) > _PENDING_LIMIT:
            self.transport.pause_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection has ended."""
        self.error = self.error or exc
        self._news.set()
        if not self.closed.done():
            self.closed.set_result(None)

    def pause_writing(self) -> None:
        """This end takes nothing at the moment: stop reading the other."""
        if self.peer is not None and not self.peer.transport.is_closing():
            self.peer.transport.pause_reading()

    def resume_writing(self) -> None:
        """This end takes more."""
        if self.peer is not None and not self.peer.transport.is_closing():
            self.peer.transport.resume_reading()

    async def more(self) -> None:
        """Wait until something new is in `pending`.

        Raises:
            ConnectionError: the connection has ended.
        """
        before = len(self.pending)
        if not self.closed.done():
            self._news.clear()
            if not self.transport.is_reading():
                self.transport.resume_reading()
            await self._news.wait()
        # The last bytes and the end can come together; the bytes are news of their own.
        if self.closed.done() and len(self.pending) == before:
            raise ConnectionError("the connection has ended") from self.error

    def take(self) -> bytes:
        """Take all that is pending."""
        data = bytes(self.pending)
        self.pending.clear()
        return data

    def start(self, sink: Callable[[bytes], None]) -> None:
        """Let it run: what is pending goes to the sink first.

        Args:
            sink: takes each piece; a ConnectionError from it ends this connection and is its
                `error`.
        """
        self._sink = sink
        if data := self.take():
            self._pour(sink, data)
        if not self.transport.is_closing() and not self.transport.is_reading():
            self.transport.resume_reading()

    def write(self, data: bytes) -> None:
        """Write unless the connection is closing, when nobody would read it."""
        if not self.transport.is_closing():
            self.transport.write(data)

    def _pour(self, sink: Callable[[bytes], None], data: bytes) -> None:
        try:
            sink(data)
        except ConnectionError as error:
            self.error = error
            self.transport.close()
