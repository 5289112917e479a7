"""Where a request comes from: the client's address and scheme, through proxies that are trusted.

`X-Forwarded-For` and `X-Forwarded-Proto` are what anybody may write, so they are believed only from
the configured proxies. The list is read from its end: each proxy adds whom it saw, and the first
address that is no proxy of ours is the client.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass

from aiohttp import web

FORWARDED_FOR = "X-Forwarded-For"
FORWARDED_PROTO = "X-Forwarded-Proto"
ORIGIN = "origin"
"""Key in the request, set before anything else looks at it."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True)
class Origin:
    """The client's end of a request."""

    address: str
    """IP address; empty where the connection has none."""
    scheme: str
    """`http` or `https`."""


class Proxies:
    """The reverse proxies whose word is taken."""

    def __init__(self, networks: Iterable[str]) -> None:
        """Trust these.

        Args:
            networks: addresses or networks, `10.0.0.5` or `fd00::/8`.
        """
        self._networks = [ipaddress.ip_network(network) for network in networks]

    @web.middleware
    async def found_out(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Outermost: leaves in each request where it comes from."""
        request[ORIGIN] = self._origin_of(request)
        return await handler(request)

    def _origin_of(self, request: web.Request) -> Origin:
        nearest = _parsed(request.remote or "")
        if nearest is None or not self._trusts(nearest):
            return Origin(str(nearest or ""), request.scheme)
        said = request.headers.getall(FORWARDED_PROTO, [])
        scheme = said[-1].rpartition(",")[2].strip().lower() if said else ""
        return Origin(
            str(self._client(nearest, request)),
            scheme if scheme in ("http", "https") else request.scheme,
        )

    def _client(self, nearest: _Address, request: web.Request) -> _Address:
        hops = ",".join(request.headers.getall(FORWARDED_FOR, [])).split(",")
        for hop in reversed(hops):
            address = _parsed(hop)
            if address is None:
                break
            nearest = address
            if not self._trusts(address):
                break
        return nearest

    def _trusts(self, address: _Address) -> bool:
        return any(address in network for network in self._networks)


def origin_of(request: web.Request) -> Origin:
    """Where a request comes from, as it was found out when it came in."""
    origin: Origin = request[ORIGIN]
    return origin


def address_of(request: web.Request) -> str:
    """The client's IP address."""
    return origin_of(request).address


def base_url(request: web.Request, public_url: str) -> str:
    """What the world calls this server, without a slash at the end.

    Args:
        request: says it where nothing is configured.
        public_url: `[server] public_url`.
    """
    return public_url.rstrip("/") or f"{origin_of(request).scheme}://{request.host}"


def _parsed(text: str) -> _Address | None:
    """An address as proxies write it: bare, `1.2.3.4:567`, `[::1]` or `[::1]:567`."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address
