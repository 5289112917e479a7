"""A connection to one host by itself, for what is no HTTP call: consoles, certificates."""

from __future__ import annotations

import asyncio
import hashlib
import ssl

import aiohttp

from vmlab.proxmox.faults import ProxmoxFault, TlsRefused, Unreachable
from vmlab.proxmox.hosts import split
from vmlab.proxmox.leg import Leg
from vmlab.proxmox.wire import Wire


async def connect(wire: Wire, host: str) -> Leg:
    """Connect to a host and make sure that it is the right one.

    Raises:
        Unreachable: it does not take the connection.
        TlsRefused: its certificate is not trusted.
    """
    name, port = split(host)
    try:
        async with asyncio.timeout(wire.timeouts.connect_s):
            transport, leg = await asyncio.get_running_loop().create_connection(
                Leg, name, port, ssl=wire.trust.context
            )
    except OSError as error:
        # An SSLError is an OSError, and so is a time-out.
        fault: type[ProxmoxFault] = TlsRefused if isinstance(error, ssl.SSLError) else Unreachable
        raise fault(f"{type(error).__name__}: {error}") from error
    try:
        wire.trust.check(transport)
    except aiohttp.ServerFingerprintMismatch as error:
        transport.abort()
        await leg.closed
        raise TlsRefused("the certificate's fingerprint is another") from error
    return leg


async def fingerprint_of(wire: Wire, host: str) -> str:
    """Look at a host's certificate: SHA-256, as Proxmox writes it.

    Raises:
        Unreachable: it does not take the connection.
        TlsRefused: its certificate is not trusted.
    """
    leg = await connect(wire, host)
    certificate = leg.transport.get_extra_info("ssl_object").getpeercert(binary_form=True)
    leg.transport.abort()
    await leg.closed
    return hashlib.sha256(certificate).digest().hex(":").upper()
