"""Seals what must be kept but never shown: keys of machines in the database, passwords in grants.

The sealing keys are derived from the configuration's secret (HKDF with a purpose of its own), so a
copy of the database alone opens nothing. Fernet: AES-128-CBC with HMAC-SHA256.
"""

from __future__ import annotations

import base64
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
        self._keys = MultiFernet([_derived(each, purpose) for each in (secret, *former)])

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


def _derived(secret: str, purpose: str) -> Fernet:
    derivation = HKDF(SHA256(), length=32, salt=None, info=f"vmlab {purpose}".encode())
    return Fernet(base64.urlsafe_b64encode(derivation.derive(secret.encode())))
