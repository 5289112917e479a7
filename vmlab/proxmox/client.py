"""Proxmox VE's API in proxmoxer's words: `await api.nodes("pve1").qemu(100).config.get()`.

`Api` is proxmoxer's resource with its own way of sending (`vmlab.proxmox.wire`). Two things differ
from the synchronous original on purpose: True and False are sent as 1 and 0, since Proxmox refuses
"True"; and what would lead out of its place in a path is refused. All names that are not methods
below are parts of a path.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import quote, urlencode

import aiohttp
from proxmoxer.core import ProxmoxResource

from vmlab.proxmox.connection import Connection, Timeouts
from vmlab.proxmox.wire import Request, Wire, open_wire

__all__ = ["Api", "Connection", "Param", "Timeouts", "connect"]

Param: TypeAlias = str | int | float | bool | Sequence[str] | None
Part: TypeAlias = str | int

_ROOT = "/api2/json"
_BAD_PART = re.compile(r"[\x00-\x20\x7f/?#%\\]")
_SECRETS = frozenset({"password", "cipassword", "sshkeys", "vncticket"})
# What stands behind one of these in a path is somebody's id.
_IDS: Mapping[str, str] = {
    "nodes": "{node}",
    "qemu": "{vmid}",
    "lxc": "{vmid}",
    "storage": "{storage}",
    "tasks": "{upid}",
    "snapshot": "{snapname}",
    "content": "{volume}",
    "pools": "{poolid}",
}


class Api(ProxmoxResource):  # type: ignore[misc]
    """A place in the API; calling it or naming an attribute leads further down.

    The verbs `get`, `post`, `put` and `delete` (and `create`, `set`) are proxmoxer's own and return
    coroutines of the answer's `data`.
    """

    # proxmoxer 2.3 keeps everything that a resource knows in this dictionary and copies it
    # downwards.
    _store: dict[str, Any]

    if TYPE_CHECKING:

        async def get(self, *parts: Part, **params: Param) -> Any: ...
        async def post(self, *parts: Part, **data: Param) -> Any: ...
        async def put(self, *parts: Part, **data: Param) -> Any: ...
        async def delete(self, *parts: Part, **params: Param) -> Any: ...

    def __getattr__(self, item: str) -> Api:
        if item.startswith("_"):
            raise AttributeError(item)
        return self(item)

    def __call__(self, resource_id: Part | Sequence[Part] | None = None) -> Api:
        """Go further down.

        Args:
            resource_id: one part of the path, or several in a sequence.

        Raises:
            ValueError: a part would not stay in its place.
        """
        if resource_id is None or resource_id == "":
            return self
        parts = [resource_id] if isinstance(resource_id, str | int) else resource_id
        path = "".join(f"/{_quoted(part)}" for part in parts)
        return Api(**{**self._store, "base_url": f"{self._store['base_url']}{path}"})

    def __repr__(self) -> str:
        return f"Api({self._store['base_url']!r})"

    @property
    def wire(self) -> Wire:
        """The connections that this API goes over."""
        wire: Wire = self._store["wire"]
        return wire

    @property
    def calls(self) -> Counter[tuple[str, str]]:
        """How many calls were sent so far, by method and pattern of the path."""
        return self.wire.calls

    @property
    def target(self) -> str:
        """The place itself, percent-encoded, for what is no ordinary call."""
        target: str = self._store["base_url"]
        return target

    @property
    def pinned_to(self) -> str | None:
        """The only host that is asked, None if any will do."""
        host: str | None = self._store["host"]
        return host

    def at(self, host: str) -> Api:
        """The same place, asked for at this host only."""
        return Api(**{**self._store, "host": host})

    def on_node(self, node: str) -> Api:
        """The same place, asked for at that node's own host, if it is known; else at any.

        Consoles and uploads live on the host that is asked: at the guest's own node they need no
        second way between the nodes, and the ports of one host do not run out.
        """
        host = self.wire.hosts.of_node.get(node)
        return self.at(host) if host else self

    def slowly(self) -> Api:
        """The same place, with the time that slow calls need."""
        return Api(**{**self._store, "timeout_s": self.wire.timeouts.slow_s})

    def server_time(self, node: str | None = None) -> float | None:
        """A node's clock now, judged by the last answer of its host, in seconds since the epoch.

        Without a node, or where its host is not known or has not answered, any host's last answer
        counts: Proxmox keeps the clocks of a cluster together. None before the first answer.
        """
        host = self.wire.hosts.of_node.get(node) if node else None
        known = self.wire.server_time(host) if host else None
        return known if known is not None else self.wire.server_time(None)

    async def _request(
        self,
        method: str,
        data: Mapping[str, Param] | None = None,
        params: Mapping[str, Param] | None = None,
    ) -> Any:
        query = form(params or {})
        body = form(data or {}).encode() if method in ("POST", "PUT") else None
        timeouts = self.wire.timeouts
        total_s = self._store["timeout_s"] or (
            timeouts.read_s if method == "GET" else timeouts.write_s
        )
        return await self.wire.send(
            Request(
                method=method,
                target=f"{self.target}?{query}" if query else self.target,
                pattern=pattern_of(self.target),
                host=self.pinned_to,
                timeout=aiohttp.ClientTimeout(total=total_s, sock_connect=timeouts.connect_s),
                body=body or None,
                headers={"Content-Type": "application/x-www-form-urlencoded"} if body else {},
                secrets=tuple(str(v) for k, v in (data or {}).items() if k in _SECRETS),
            )
        )


@asynccontextmanager
async def connect(connection: Connection) -> AsyncIterator[Api]:
    """Hold an API to a cluster; nothing is sent before the first call.

    Raises:
        ValueError: a host or the fingerprint is not one.
        OSError: the authority's file cannot be read.
    """
    async with open_wire(connection) as wire:
        yield Api(base_url=_ROOT, wire=wire, host=None, timeout_s=None)


def form(values: Mapping[str, Param]) -> str:
    """Encode parameters for Proxmox: booleans as 1 and 0, lists as repeated keys, no None."""
    return urlencode(
        {k: int(v) if isinstance(v, bool) else v for k, v in values.items() if v is not None},
        doseq=True,
    )


def pattern_of(path: str) -> str:
    """Put the names of ids in their place: `/nodes/{node}/qemu/{vmid}/config`."""
    named: list[str] = []
    for part in path.removeprefix(_ROOT).split("/"):
        # An id may read like a collection, a node may be called "qemu".
        named.append(_IDS.get(named[-1], part) if named else part)
        if named[-1] == "{volume}":
            break  # a volume's id may go on over several parts
    return "/".join(named)


def _quoted(part: Part) -> str:
    text = str(part)
    if text in ("", ".", "..") or _BAD_PART.search(text):
        raise ValueError(f"this cannot be a part of a Proxmox path: {text!r}")
    return quote(text, safe=":@!")
