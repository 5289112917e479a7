"""Host keys: how VMLab knows that the machine it meets is the one that it met before.

The first contact is believed and its key kept; from then on the connection is made to that key
only, and a signature proves it before anything is told to the host.
"""

from __future__ import annotations

import asyncio

import asyncssh

from vmlab.guests.ssh import CONNECT_TIMEOUT_S, Unreachable


async def ask_host_key(address: str, port: int) -> str:
    """The key that the SSH server shows, `ssh-ed25519 AAAA…`; nobody signs in.

    Raises:
        Unreachable: no SSH server answers there.
    """
    try:
        async with asyncio.timeout(CONNECT_TIMEOUT_S):
            key = await asyncssh.get_server_host_key(address, port, config=[])
    except (OSError, asyncssh.Error) as error:
        raise Unreachable(str(error)) from error
    if key is None:
        raise Unreachable("it shows no host key")
    return key.export_public_key().decode().strip()


def fingerprint(public_key: str) -> str:
    """A key's SHA-256 as OpenSSH shows it, `SHA256:…`."""
    return asyncssh.import_public_key(public_key).get_fingerprint()
