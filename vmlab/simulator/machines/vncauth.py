"""VNC authentication (RFB security type 2), shared by the drawn screens and their clients.

The scheme is DES with the password as key, the bits of each key byte reversed. Libraries have
no single DES any more; triple DES with the same key three times over is the same function.
"""

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, modes

PASSWORD_LENGTH = 8
"""Characters of a password that count; VNC drops the rest."""

CHALLENGE_LENGTH = 16
"""Bytes of the server's challenge, and of the answer."""


def challenge_response(password: str, challenge: bytes) -> bytes:
    """Return what a client that knows `password` answers to the server's 16-byte challenge."""
    key = password.encode("latin-1")[:PASSWORD_LENGTH].ljust(PASSWORD_LENGTH, b"\0")
    reversed_key = bytes(int(f"{byte:08b}"[::-1], 2) for byte in key)
    encryptor = Cipher(TripleDES(reversed_key * 3), modes.ECB()).encryptor()  # noqa: S305
    return encryptor.update(challenge) + encryptor.finalize()
