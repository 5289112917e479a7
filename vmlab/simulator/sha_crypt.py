"""Hashes of passwords as Linux keeps them in /etc/shadow: SHA-256-crypt, `$5$salt$hash`.

qemu-server hashes what it is given for cloud-init in this way. Python has no `crypt` since 3.13.
The steps and their letters are those of U. Drepper's specification.
"""

from __future__ import annotations

import hashlib
import secrets

ROUNDS = 5000
_ALPHABET = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_SALT_LENGTH = 16
_SIZE = 32


def sha256_crypt(password: str, salt: str | None = None) -> str:
    """Hash a password with the usual 5000 rounds, with a new salt if none is given."""
    chosen = salt or "".join(secrets.choice(_ALPHABET) for _ in range(_SALT_LENGTH))
    return f"$5${chosen}${_encode(_digest(password.encode(), chosen.encode()))}"


def _digest(key: bytes, salt: bytes) -> bytes:
    b = _sha(key + salt + key)
    a = key + salt + _repeat(b, len(key))
    bits = len(key)
    while bits:
        a += b if bits & 1 else key
        bits >>= 1
    c = _sha(a)
    p = _repeat(_sha(key * len(key)), len(key))
    s = _repeat(_sha(salt * (16 + c[0])), len(salt))
    for number in range(ROUNDS):
        mixed = p if number & 1 else c
        mixed += s if number % 3 else b""
        mixed += p if number % 7 else b""
        c = _sha(mixed + (c if number & 1 else p))
    return c


def _sha(text: bytes) -> bytes:
    return hashlib.sha256(text).digest()


def _repeat(pattern: bytes, length: int) -> bytes:
    return (pattern * (length // _SIZE + 1))[:length]


def _encode(digest: bytes) -> str:
    """crypt's own base 64: three bytes at a time, in an order that goes round the digest."""
    groups = [(0, 10, 20)]
    while len(groups) < 10:
        first, second, third = groups[-1]
        groups.append(((third + 1), (first + 1), (second + 1)))
    text = "".join(_letters(digest[x] << 16 | digest[y] << 8 | digest[z], 4) for x, y, z in groups)
    return text + _letters(digest[31] << 8 | digest[30], 3)


def _letters(value: int, count: int) -> str:
    return "".join(_ALPHABET[value >> 6 * place & 63] for place in range(count))
