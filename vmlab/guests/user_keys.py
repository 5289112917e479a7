"""The keys with which VMLab signs in to a guest that has the public half from cloud-init."""

from __future__ import annotations

import asyncssh

ALGORITHM = "ssh-ed25519"


def make_private_key(comment: str) -> str:
    """A new private key in OpenSSH's format.

    Args:
        comment: what `authorized_keys` in the guest says of it.
    """
    key = asyncssh.generate_private_key(ALGORITHM, comment=comment)
    return key.export_private_key().decode()


def public_half(private_key: str) -> str:
    """The line for `authorized_keys`."""
    return asyncssh.import_private_key(private_key).export_public_key().decode().strip()


def read_private_key(text: str) -> asyncssh.SSHKey:
    """A private key as somebody pastes it.

    Raises:
        ValueError: it is none, or is locked with a passphrase.
    """
    try:
        return asyncssh.import_private_key(text)
    except (asyncssh.KeyImportError, asyncssh.KeyEncryptionError) as error:
        raise ValueError(str(error)) from error
