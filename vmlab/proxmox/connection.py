"""Where a cluster is, how VMLab proves itself to it, and how it knows that it is the right one."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long a call may take, in seconds.

    Attributes:
        connect_s: until a connection stands.
        read_s: a GET; no repetition of it begins after that.
        write_s: anything else. Proxmox itself gives up after 30 s when it asks another node.
        slow_s: calls that are known for it (`Api.slowly`): the content of a storage, for instance.
        upload_idle_s: an upload in which nothing moves.
    """

    connect_s: float = 5.0
    read_s: float = 15.0
    write_s: float = 40.0
    slow_s: float = 70.0
    upload_idle_s: float = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """What is needed to talk to one cluster.

    Attributes:
        hosts: of one cluster, `name` or `name:port`; tried in this order.
        token_id: `user@realm!name`.
        token_secret: the token's value; in no log, error or repr.
        node_hosts: the host of each node, where known; `Cluster.learn_hosts` finds out the others.
        ca_path: the authority that signed the hosts' certificates (`/etc/pve/pve-root-ca.pem`); the
            system's own authorities if None.
        fingerprint: SHA-256 of the hosts' certificate, `AA:BB:…`, in place of an authority.
        calls_per_host: at the same time; a node has three workers for most calls.
    """

    hosts: tuple[str, ...]
    token_id: str
    token_secret: str = field(repr=False)
    node_hosts: Mapping[str, str] = field(default_factory=dict)
    ca_path: Path | None = None
    fingerprint: str | None = None
    timeouts: Timeouts = Timeouts()
    calls_per_host: int = 8

    @property
    def authorization(self) -> str:
        """The header that proves who VMLab is."""
        return f"PVEAPIToken={self.token_id}={self.token_secret}"


class Trust:
    """By what VMLab knows a host: an authority, or the fingerprint of its certificate."""

    def __init__(self, connection: Connection) -> None:
        """Read what the connection names.

        Raises:
            ValueError: the fingerprint is none.
            OSError: the authority's file cannot be read.
        """
        text = connection.fingerprint
        self._fingerprint = (
            aiohttp.Fingerprint(bytes.fromhex(text.replace(":", ""))) if text else None
        )
        self.context = _known_by_fingerprint() if text else _known_by_authority(connection.ca_path)

    @property
    def for_aiohttp(self) -> ssl.SSLContext | aiohttp.Fingerprint:
        """What aiohttp takes as its `ssl`."""
        return self._fingerprint or self.context

    def check(self, transport: asyncio.Transport) -> None:
        """Compare the fingerprint of a connection that was made with `context`, before any use.

        Raises:
            aiohttp.ServerFingerprintMismatch: it is another host.
        """
        if self._fingerprint:
            self._fingerprint.check(transport)


def _known_by_fingerprint() -> ssl.SSLContext:
    """Whose certificate is compared with a fingerprint needs nobody's signature."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _known_by_authority(ca_path: Path | None) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=ca_path)
    if ca_path:
        # A cluster's own authority does not say what its key is for, and its certificates do not
        # say which key has signed them (pve-cluster 8.1: PVE/Cluster/Setup.pm). RFC 5280 wants
        # both, and Python insists on it since 3.13. Public authorities keep to it.
        context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    return context
