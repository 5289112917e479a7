"""The console proxies that wait for their one client, by entry node and port.

`api/console.py` opens one with vncproxy or termproxy and connects a WebSocket to it afterwards.
The ports are numbers only: nothing listens at them, as only the WebSocket of the same node may
lead there.
"""

from __future__ import annotations

import asyncio
from typing import Any

from vmlab.simulator.clock import Clock
from vmlab.simulator.errors import ApiError
from vmlab.simulator.websocket import Tunnel

PORTS = range(5900, 6000)
ACCEPT_S = 10.0
"""qemu-server 8.4: so long a proxy waits for its client."""


class Proxy:
    """One proxy process: waits for a client at a port of the node that was contacted."""

    def __init__(self, entry: str, port: int) -> None:
        self.entry = entry
        self.port = port
        self.ended = asyncio.Event()
        self._taken = False
        self._client: asyncio.Future[Tunnel] = asyncio.get_running_loop().create_future()

    def take(self) -> bool:
        """Claim the one connection that the proxy accepts; False if it is gone."""
        claimed, self._taken = not self._taken, True
        return claimed

    def connect(self, tunnel: Tunnel) -> None:
        """Hand the client's connection over to the proxy."""
        self._client.set_result(tunnel)

    async def accept(self, clock: Clock) -> Tunnel:
        """Wait for the client.

        Raises:
            ApiError: "connection timed out", the text of the task's end.
        """
        patience = asyncio.ensure_future(clock.grace(ACCEPT_S))
        either: set[asyncio.Future[Any]] = {self._client, patience}
        try:
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        finally:
            patience.cancel()
        if not self._client.done():
            raise ApiError(500, "connection timed out")
        return self._client.result()


class Consoles:
    """All proxies of a cluster that have not ended."""

    def __init__(self) -> None:
        self._proxies: dict[tuple[str, int], Proxy] = {}

    def listen(self, entry: str) -> Proxy:
        """Open a proxy at the lowest free port of a node.

        Raises:
            ApiError: 500 "unable to find free port (5900-6000)".
        """
        for port in PORTS:
            if (entry, port) not in self._proxies:
                proxy = self._proxies[entry, port] = Proxy(entry, port)
                return proxy
        raise ApiError(500, f"unable to find free port ({PORTS.start}-{PORTS.stop})")

    def find(self, entry: str, port: int) -> Proxy | None:
        """The proxy that still waits for its client at a node's port, claimed for the caller."""
        proxy = self._proxies.get((entry, port))
        return proxy if proxy is not None and proxy.take() else None

    def close(self, proxy: Proxy) -> None:
        """Free the port; whoever is connected is dropped."""
        del self._proxies[proxy.entry, proxy.port]
        proxy.ended.set()
