"""VMLab's own SSH authority: signs a user certificate for each console, good for a minute or two.

A template whose SSH server trusts it (`TrustedUserCAKeys`) needs no key of VMLab inside. Whatever
OpenSSH permits by default is denied but the terminal, since a console needs nothing else.
"""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

import asyncssh

ALGORITHM = "ssh-ed25519"
VALID_FOR = "+2m"
"""It is needed only while signing in."""
CLOCKS_DIFFER = "-2m"


@dataclass(frozen=True)
class Certificate:
    """A key that was made for one login, and what the authority says of it."""

    key: asyncssh.SSHKey
    certificate: asyncssh.SSHCertificate
    serial: int
    """Its number, for the record and for revocation lists."""


class Authority:
    """Signs certificates with one key."""

    def __init__(self, key: asyncssh.SSHKey) -> None:
        self._key = key

    @classmethod
    def kept_in(cls, path: Path, *, make: bool) -> Authority:
        """Read the authority's key.

        Blocks for the time of a file access.

        Args:
            make: whether to make a new one where there is none; processes that share the folder
                and come at the same time get the same one.

        Raises:
            OSError: the file cannot be read or made.
            asyncssh.KeyImportError: there is no private key in it.
        """
        if make and not path.exists():
            _make(path)
        return cls(asyncssh.read_private_key(path))

    @property
    def public_key(self) -> str:
        """The line for the guests' `TrustedUserCAKeys` file."""
        return self._key.export_public_key().decode().strip()

    @property
    def fingerprint(self) -> str:
        """Of the public key, `SHA256:…`."""
        return self._key.get_fingerprint()

    def certify(self, username: str, key_id: str) -> Certificate:
        """Make a key that signs in as one user of a guest, for a short time.

        Args:
            username: who one is in the guest, the certificate's principal.
            key_id: what the guest's SSH server logs.
        """
        key = asyncssh.generate_private_key(ALGORITHM)
        serial = secrets.randbits(63)
        certificate = self._key.generate_user_certificate(
            key,
            key_id,
            serial=serial,
            principals=[username],
            valid_after=CLOCKS_DIFFER,
            valid_before=VALID_FOR,
            permit_x11_forwarding=False,
            permit_agent_forwarding=False,
            permit_port_forwarding=False,
            permit_user_rc=False,
        )
        return Certificate(key, certificate, serial)


def _make(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    key = asyncssh.generate_private_key(ALGORITHM, comment="VMLab SSH authority")
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    draft.touch(mode=0o600)
    try:
        draft.write_bytes(key.export_private_key())
        # A link is made once: who comes second finds the first one's key.
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
