"""The floor: what it costs to hand bytes from one connection to another with asyncio.

`python -m tests.benchmarks.consoles.relay PORT TARGET_PORT AUTHORITY` relays to TLS.
"""

from __future__ import annotations

import asyncio
import ssl
import sys
from typing import cast


class Relay(asyncio.Protocol):
    """One side; what comes is written to the other, which may hold it back."""

    transport: asyncio.Transport
    peer: Relay

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The far side."""
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        """Hand it on."""
        self.peer.transport.write(data)

    def pause_writing(self) -> None:
        """Enough."""
        self.peer.transport.pause_reading()

    def resume_writing(self) -> None:
        """More."""
        self.peer.transport.resume_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        """Neither lives without the other."""
        self.peer.transport.close()


async def serve(port: int, target_port: int, authority: str) -> None:
    """Relay each connection to one of its own."""
    loop = asyncio.get_running_loop()
    context = ssl.create_default_context(cafile=authority)

    class Near(Relay):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            super().connection_made(transport)
            self.transport.pause_reading()
            self._joining = asyncio.create_task(self._join())

        async def _join(self) -> None:
            _, self.peer = await loop.create_connection(
                Relay, "127.0.0.1", target_port, ssl=context
            )
            self.peer.peer = self
            self.transport.resume_reading()

    server = await loop.create_server(Near, "127.0.0.1", port, backlog=1024)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]))
