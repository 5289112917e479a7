"""How one call travels: host by host, bounded in time and number, and never sent twice by accident.

Only what was certainly not carried out is sent again: a GET, or anything that no host has even
accepted a connection for. A write whose answer is lost ends as OutcomeUnknown, and whoever asked
must look.
"""

from __future__ import annotations

import asyncio
import logging
import random
import re
from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any, Final

import aiohttp
import orjson
from yarl import URL

from vmlab.proxmox.connection import Connection, Trust
from vmlab.proxmox.faults import (
    Failure,
    OutcomeUnknown,
    ProxmoxFault,
    TlsRefused,
    Unreachable,
    of_answer,
)
from vmlab.proxmox.hosts import Hosts

_log = logging.getLogger(__name__)

_SSL_OBJECT: Final = re.compile(r" ssl:(<[^>]*>|\w+)")
_TLS_ERRORS: Final = (
    aiohttp.ClientConnectorCertificateError,
    aiohttp.ClientConnectorSSLError,
    aiohttp.ServerFingerprintMismatch,
)
_NOT_CONNECTED: Final = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)
# A GET that met one of these may do better the next time or at the next host.
_PASSING: Final = frozenset({0, 502, 503, 595, 596, 597, 598, 599})
_ATTEMPTS: Final = 3
_PAUSE_S: Final = 0.2
_CHANCE: Final = random.SystemRandom()
# Proxmox closes an idle connection after 5 s without a word (pve-http-server 5.2: AnyEvent.pm).
_KEEP_ALIVE_S: Final = 4.0


@dataclass(frozen=True, slots=True)
class Request:
    """A call on its way.

    Attributes:
        target: path and query from `/api2/json` on, percent-encoded.
        pattern: the path without ids, for counting.
        host: the only one to ask; None for any.
        timeout: of the call.
        body: a form, encoded, or an upload's stream.
        headers: what the body is.
        secrets: values sent along that must not come back in an error.
    """

    method: str
    target: str
    pattern: str
    host: str | None
    timeout: aiohttp.ClientTimeout
    body: bytes | AsyncIterator[bytes] | None
    headers: dict[str, str]
    secrets: tuple[str, ...] = ()


class Wire:
    """The connections to one cluster.

    Attributes:
        calls: how many were sent, by method and pattern of the path.
        faults: how many of them came to nothing, by class of fault.
    """

    def __init__(
        self,
        connection: Connection,
        reading: aiohttp.ClientSession,
        writing: aiohttp.ClientSession,
    ) -> None:
        """Read and write through these sessions; see `open_wire`."""
        self.hosts = Hosts(connection.hosts, connection.node_hosts)
        self.timeouts = connection.timeouts
        self.trust = Trust(connection)
        self.authorization = connection.authorization
        self.calls: Counter[tuple[str, str]] = Counter()
        self.faults: Counter[str] = Counter()
        self._secret = connection.token_secret
        self._reading = reading
        self._writing = writing
        self._slots = defaultdict[str, asyncio.Semaphore](
            lambda: asyncio.Semaphore(connection.calls_per_host)
        )
        self._clocks: dict[str, tuple[float, float]] = {}

    def server_time(self, host: str | None) -> float | None:
        """What a host's clock shows now, judged by its last answer (to the second).

        Args:
            host: None for the host that answered last.

        Returns:
            Seconds since the epoch; None if the host has not answered yet.
        """
        if host is None:
            latest = max(self._clocks.values(), key=lambda clock: clock[1], default=None)
        else:
            latest = self._clocks.get(host)
        if latest is None:
            return None
        shown, heard_at = latest
        return shown + asyncio.get_running_loop().time() - heard_at

    async def send(self, request: Request) -> Any:
        """Carry out a call and return its `data`.

        Raises:
            ProxmoxFault: see `vmlab.proxmox.faults`.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + (request.timeout.total or 0.0)
        attempts = _ATTEMPTS if request.method == "GET" else 1
        for attempt in range(1, attempts + 1):
            try:
                return await self._send_to_any(request)
            except ProxmoxFault as fault:
                self.faults[type(fault).__name__] += 1
                passing = fault.status_code in _PASSING and not isinstance(fault, TlsRefused)
                if not passing or attempt == attempts or loop.time() >= deadline:
                    raise
            await asyncio.sleep(_PAUSE_S * 2**attempt * _CHANCE.uniform(0.25, 0.5))
        raise AssertionError("every attempt returns or raises")

    async def _send_to_any(self, request: Request) -> Any:
        """Ask one host after the other until one takes the request."""
        loop = asyncio.get_running_loop()
        hosts = [request.host] if request.host else self.hosts.in_turn(loop.time())
        for host in hosts:
            try:
                return await self._send_to(host, request)
            except (Unreachable, TlsRefused) as fault:
                _log.warning("Proxmox host %s does not answer: %s", host, fault.reason)
                self.hosts.rest(host, loop.time())
                if host == hosts[-1]:
                    raise
            except OutcomeUnknown as fault:
                if fault.status_code == 0:
                    self.hosts.rest(host, loop.time())
                raise
        raise AssertionError("the last host returns or raises")

    async def _send_to(self, host: str, request: Request) -> Any:
        session = self._reading if request.method == "GET" else self._writing
        async with self._slots[host]:
            self.calls[request.method, request.pattern] += 1
            try:
                async with session.request(
                    request.method,
                    URL(f"https://{host}{request.target}", encoded=True),
                    data=request.body,
                    headers={"Authorization": self.authorization, **request.headers},
                    ssl=self.trust.for_aiohttp,
                    allow_redirects=False,
                    timeout=request.timeout,
                ) as answer:
                    body = await answer.read()
            except (aiohttp.ClientError, TimeoutError, OSError) as error:
                raise self._lost(request, error) from error
        self.hosts.well(host)
        self._hear_clock(host, answer.headers.get("Date"))
        return self._read(request, answer.status, answer.reason or "", body)

    def _lost(self, request: Request, error: Exception) -> ProxmoxFault:
        """Make the error of a request that got no answer."""
        # aiohttp also tells of the object that stands for the host's certificate.
        said = _SSL_OBJECT.sub("", str(error))
        words = self._redacted(f"{type(error).__name__}: {said}".rstrip(": "), request)
        if isinstance(error, _TLS_ERRORS):
            return TlsRefused(words)
        if request.method == "GET" or isinstance(error, _NOT_CONNECTED):
            return Unreachable(words)
        return OutcomeUnknown(words, outcome_unknown=True)

    def _read(self, request: Request, status: int, reason: str, body: bytes) -> Any:
        """Take the data out of an answer, or raise what it says."""
        try:
            answer = orjson.loads(body) if body else {}
        except orjson.JSONDecodeError:
            answer = {}
        if not isinstance(answer, dict):
            answer = {}
        if status == 200 and "data" in answer:
            return answer["data"]
        if status < 400:
            raise Failure("this is no answer of Proxmox VE's API", status_code=status)
        # The message is missing in old versions and in answers of the layer below; the reason
        # never is.
        message = self._redacted(str(answer.get("message") or reason).strip(), request)
        by_name = answer.get("errors")
        errors = {
            name: self._redacted(str(text), request)
            for name, text in (by_name.items() if isinstance(by_name, dict) else ())
        }
        raise of_answer(request.method, status, message, errors)

    def _redacted(self, text: str, request: Request) -> str:
        """Take out of a text what is nobody's business: Proxmox repeats values that it refuses."""
        for secret in (self._secret, *request.secrets):
            text = text.replace(secret, "***") if secret else text
        return text

    def _hear_clock(self, host: str, date: str | None) -> None:
        if date is None:
            return
        try:
            shown = parsedate_to_datetime(date).timestamp()
        except ValueError:
            return
        self._clocks[host] = (shown, asyncio.get_running_loop().time())


class _ConnectionLostError(aiohttp.ClientError):
    """The connection broke after the request may have been sent."""


async def _send_once(
    request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
) -> aiohttp.ClientResponse:
    """Keep aiohttp from sending a request again by itself.

    aiohttp 3.14 repeats PUT and DELETE too when a connection breaks, since HTTP calls them
    idempotent. A second DELETE of a guest could hit another that got its number in between. It
    repeats only on errors of certain classes, of which this makes another.
    """
    try:
        return await handler(request)
    except _NOT_CONNECTED:
        raise
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        raise _ConnectionLostError(str(error)) from error


@asynccontextmanager
async def open_wire(connection: Connection) -> AsyncIterator[Wire]:
    """Hold the connections to a cluster; none is made before the first call.

    Reads share connections that are kept alive. Each write gets one of its own: on a kept one,
    which Proxmox may be closing at that moment, its outcome would be unknown for nothing.
    """
    # The number of calls is bounded above the sessions, since a call that waits in there for its
    # turn would spend its time-out on that.
    reading = aiohttp.TCPConnector(limit=0, keepalive_timeout=_KEEP_ALIVE_S)
    writing = aiohttp.TCPConnector(limit=0, force_close=True)
    async with _session(reading) as reader, _session(writing) as writer:
        yield Wire(connection, reader, writer)


def _session(connector: aiohttp.TCPConnector) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        middlewares=[_send_once],
        trust_env=False,
    )
