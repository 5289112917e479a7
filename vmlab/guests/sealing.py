"""Seals what must be kept but never shown: keys of machines in the database, passwords in grants.

The sealing keys are derived from the configuration's secret (HKDF with a purpose of its own), so a
copy of the database alone opens nothing. Fernet: AES-128-CBC with HMAC-SHA256.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


class CannotOpen(Exception):
    """It was sealed with a key that is not known any more, or has been changed since."""


class Sealer:
    """Seals with the present secret, opens with the former ones too."""

    def __init__(self, secret: str, former: Sequence[str] = (), *, purpose: str) -> None:
        """Derive the keys.

        Args:
            purpose: what is sealed; what was sealed for one purpose opens for no other.
        """
        secrets = (secret, *former)
        self._keys = MultiFernet([_fernet(_derived(each, purpose)) for each in secrets])
        self._marks = [_derived(each, f"{purpose} fingerprint") for each in secrets]

    def seal(self, text: str) -> str:
        """Make it unreadable."""
        return self._keys.encrypt(text.encode()).decode()

    def open(self, sealed: str) -> str:
        """Read it.

        Raises:
            CannotOpen: that is impossible.
        """
        try:
            return self._keys.decrypt(sealed).decode()
        except InvalidToken:
            raise CannotOpen from None

    def renewed(self, sealed: str) -> str:
        """Seal it with the present secret, whichever it was sealed with.

        Raises:
            CannotOpen: it cannot be read.
        """
        try:
            return self._keys.rotate(sealed).decode()
        except InvalidToken:
            raise CannotOpen from None

    def fingerprints(self, text: str) -> list[str]:
        """By what a text is found again among sealed ones: one for each secret, the present first.

        HMAC-SHA256 in hexadecimal: whoever has only the database cannot try texts against it.
        """
        return [hmac.digest(key, text.encode(), "sha256").hex() for key in self._marks]


def _derived(secret: str, purpose: str) -> bytes:
    derivation = HKDF(SHA256(), length=32, salt=None, info=f"vmlab {purpose}".encode())
    return derivation.derive(secret.encode())


def _fernet(key: bytes) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(key))
