"""How an API call reaches its function, and what the function is given.

`api/*.py` register handlers with `route`; `dispatch.py` finds them by method and path.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from vmlab.simulator import acl
from vmlab.simulator.clock import Clock
from vmlab.simulator.errors import ApiError, denied, invalid
from vmlab.simulator.jobs import Work
from vmlab.simulator.state import Cluster, Guest, Node

if TYPE_CHECKING:
    from aiohttp import web

    from vmlab.simulator.service import Simulator
    from vmlab.simulator.uploads import Upload

__all__ = ["ApiError", "Call", "Identity", "Reply", "invalid", "route"]

Handler = Callable[["Call"], Awaitable[Any]]


@dataclass(frozen=True)
class Identity:
    """Who calls: a user, or one of a user's tokens."""

    userid: str
    token: str | None = None

    @property
    def full(self) -> str:
        """`user@realm` or `user@realm!token`, as ACLs, UPIDs and tickets name it."""
        return f"{self.userid}!{self.token}" if self.token else self.userid

    @property
    def is_root(self) -> bool:
        """root@pam itself: its tokens do not count (pve-access-control compares the string)."""
        return self.full == "root@pam"


@dataclass(frozen=True)
class Reply:
    """Data with a top-level field beside it."""

    data: Any
    total: int | None = None


@dataclass
class Call:
    """One request, authenticated, permitted and checked against the schema.

    `params` holds path, query and body together, typed; `node` is the node that the path names,
    `entry` the one contacted; `request` is None where the call did not come over HTTP.
    """

    sim: Simulator
    cluster: Cluster
    clock: Clock
    who: Identity
    node: Node | None
    entry: Node
    method: str
    path: str
    params: dict[str, Any]
    request: web.BaseRequest | None = None
    upload: Upload | None = None

    def guest(self) -> Guest:
        """The guest that the path names.

        Raises:
            ApiError: 500 "Configuration file '…' does not exist".
        """
        assert self.node is not None
        return self.cluster.guest(self.node.name, int(self.params["vmid"]))

    def require(self, path: str, *privs: str, any_of: bool = False) -> None:
        """Refuse the caller who lacks a privilege on an ACL path.

        Raises:
            ApiError: 403 naming the path and the first missing privilege, or all for `any_of`.
        """
        held = acl.permissions(self.cluster, self.who.full, path)
        if any_of:
            if not any(priv in held for priv in privs):
                raise denied(f"{path}, {'|'.join(privs)}")
            return
        for priv in privs:
            if priv not in held:
                raise denied(f"{path}, {priv}")

    def has(self, path: str, priv: str) -> bool:
        """Whether the caller holds a privilege on an ACL path."""
        return priv in acl.permissions(self.cluster, self.who.full, path)

    def rights(self) -> acl.Rights:
        """The caller's rights at this moment, for a look at many paths."""
        return acl.Rights(self.cluster, self.who.full)

    def fork(
        self, kind: str, id: str, work: Work, *, clean: Callable[[], None] | None = None
    ) -> str:
        """Start a worker on the call's node in the caller's name; returns its UPID."""
        node = self.node or self.entry
        return self.sim.fork(node.name, self.who.full, kind, id, work, clean=clean)


@dataclass
class _Branch:
    literal: dict[str, _Branch] = field(default_factory=dict)
    named: tuple[str, _Branch] | None = None
    template: str | None = None
    handlers: dict[str, Handler] = field(default_factory=dict)


class Routes:
    """The registry: a tree of path segments. `{volume}` takes the rest of the path."""

    def __init__(self) -> None:
        self._root = _Branch()

    def add(self, method: str, template: str, handler: Handler) -> None:
        """Register a handler; a second one for the same call is a programming error."""
        branch = self._root
        for segment in template.strip("/").split("/"):
            if segment.startswith("{"):
                if branch.named is None:
                    branch.named = (segment[1:-1], _Branch())
                branch = branch.named[1]
            else:
                branch = branch.literal.setdefault(segment, _Branch())
        if method in branch.handlers:
            raise ValueError(f"{method} {template} is registered twice")
        branch.template = template
        branch.handlers[method] = handler

    def find(self, method: str, path: str) -> tuple[str, Handler, dict[str, str]] | None:
        """The template, the handler and the path's parameters, or None."""
        branch, found = self._root, {}
        segments = [segment for segment in path.split("/") if segment]
        for position, segment in enumerate(segments):
            if segment in branch.literal:
                branch = branch.literal[segment]
            elif branch.named is None:
                return None
            else:
                name, branch = branch.named
                found[name] = segment
                if name == "volume":
                    found[name] = "/".join(segments[position:])
                    break
        handler = branch.handlers.get(method)
        if handler is None or branch.template is None:
            return None
        return branch.template, handler, found


ROUTES = Routes()


def route(method: str, template: str) -> Callable[[Handler], Handler]:
    """Register an async function as the handler of `method` on `template` (schema.json's path)."""

    def register(handler: Handler) -> Handler:
        ROUTES.add(method, template, handler)
        return handler

    return register
