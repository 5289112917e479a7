"""From a call to its handler, in Proxmox's order of checks, whoever brought the call.

Method and path (501), path against parameters (400), tokens allowed (403), rights (403), the node
(500, 595), parameters (400), then the handler. HTTP itself is `wire.py`'s matter.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aiohttp import web

from vmlab.simulator.errors import ApiError, invalid_parameters
from vmlab.simulator.jobs import cancel_all
from vmlab.simulator.permissions import authorize
from vmlab.simulator.routes import ROUTES, Call, Handler, Identity, Reply
from vmlab.simulator.schema import Endpoint
from vmlab.simulator.state import Node

if TYPE_CHECKING:
    from vmlab.simulator.service import Simulator
    from vmlab.simulator.uploads import Upload

PROXY_TIMEOUT_S = 30.0
CONNECT_TIMEOUT_S = 3.0
NO_QUORUM = "cluster not ready - no quorum?"
# What a node without quorum still does: it changes nothing below /etc/pve.
_WITHOUT_QUORUM = (
    "/access/ticket",
    "/status/stop",
    "/status/shutdown",
    "/status/suspend",
    "/status/resume",
    "/status/reset",
    "/vncproxy",
    "/termproxy",
    "/sendkey",
    "/monitor",
    "/tasks/{upid}",
    "/upload",
)


@dataclass(frozen=True)
class Target:
    """A call that was found: where it goes and what the path says."""

    endpoint: Endpoint
    handler: Handler
    path_params: dict[str, str]


class Dispatcher:
    """Carries out calls on a simulator."""

    def __init__(self, sim: Simulator) -> None:
        self._sim = sim
        self._background: set[asyncio.Future[Any]] = set()

    def find(self, method: str, path: str) -> Target:
        """The target of a call.

        Raises:
            ApiError: 501 "Method 'GET /x' not implemented".
        """
        found = ROUTES.find(method, path)
        endpoint = self._sim.schema.endpoint(method, found[0]) if found else None
        if found is None or endpoint is None:
            raise ApiError(501, f"Method '{method} {path}' not implemented")
        return Target(endpoint, found[1], found[2])

    def permit(self, target: Target, who: Identity, params: dict[str, Any]) -> dict[str, Any]:
        """Path and parameters together, once the caller may make the call.

        Raises:
            ApiError: 400 for a parameter that contradicts the path, 403.
        """
        merged = dict(target.path_params)
        for name, value in params.items():
            if name in merged and merged[name] != str(value):
                text = "duplicate parameter (already defined in URI) with conflicting values"
                raise invalid_parameters({name: text})
            merged.setdefault(name, value)
        endpoint = target.endpoint
        if who.token and not endpoint.allowtoken:
            text = f"Permission check failed (URI '{endpoint.path}' not available with API token, "
            raise ApiError(403, text + "need proper ticket.)")
        if endpoint.permissions is None or endpoint.permissions.get("user") != "world":
            authorize(self._sim.cluster, who, endpoint.permissions, merged)
        return merged

    async def carry_out(
        self,
        target: Target,
        who: Identity,
        entry: Node,
        path: str,
        params: dict[str, Any],
        *,
        request: web.BaseRequest | None = None,
        upload: Upload | None = None,
    ) -> Reply | web.StreamResponse:
        """Run a permitted call; `params` is what `permit` returned.

        Raises:
            ApiError: whatever Proxmox would answer instead.
        """
        endpoint = target.endpoint
        node = await self._node(endpoint, entry, params.get("node"))
        typed = self._sim.schema.check(endpoint, params)
        if node is not None:
            typed["node"] = node.name
        self._check_quorum(endpoint)
        call = Call(
            self._sim,
            self._sim.cluster,
            self._sim.clock,
            who,
            node,
            entry,
            endpoint.method,
            path,
            typed,
            request,
            upload,
        )
        data = await self._run(endpoint, target.handler, call)
        return data if isinstance(data, Reply | web.StreamResponse) else Reply(data)

    async def _node(self, endpoint: Endpoint, entry: Node, name: Any) -> Node | None:
        if name is None:
            return None
        if name == "localhost":
            return entry
        node = self._sim.cluster.nodes.get(str(name))
        if not endpoint.on_node or node is entry:
            return node
        if node is None:
            reason = f"failed to get address info for: {name}: Name or service not known"
            raise ApiError(500, f"hostname lookup '{name}' failed - {reason}")
        if not node.online:
            await self._sim.clock.sleep(CONNECT_TIMEOUT_S)
            raise ApiError(595, "No route to host")
        return node

    def _check_quorum(self, endpoint: Endpoint) -> None:
        if endpoint.method == "GET" or self._sim.cluster.quorate:
            return
        if not endpoint.path.endswith(_WITHOUT_QUORUM) and "/agent/" not in endpoint.path:
            raise ApiError(500, NO_QUORUM)

    async def _run(self, endpoint: Endpoint, handler: Handler, call: Call) -> Any:
        """A protected call occupies one of its node's pvedaemon workers, and its client waits 30 s.

        What lasts longer goes on by itself after the 596.
        """
        if not endpoint.protected:
            return await handler(call)
        work = asyncio.ensure_future(self._in_worker(handler, call))
        patience = asyncio.ensure_future(self._sim.clock.grace(PROXY_TIMEOUT_S))
        try:
            await asyncio.wait({work, patience}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            patience.cancel()
            if not work.done():
                self._background.add(work)
                work.add_done_callback(self._forget)
        if not work.done():
            raise ApiError(596, "Connection timed out")
        return work.result()

    def _forget(self, work: asyncio.Future[Any]) -> None:
        self._background.discard(work)
        if not work.cancelled():
            work.exception()

    async def _in_worker(self, handler: Handler, call: Call) -> Any:
        async with (call.node or call.entry).workers:
            return await handler(call)

    async def close(self) -> None:
        """End what goes on in the background."""
        await cancel_all(self._background)
