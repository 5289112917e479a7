"""Password hashes: Argon2id, off the event loop, and never more than two at a time.

19 MiB, two passes, one lane are the least that the OWASP cheat sheet recommends; a hash then takes
about 0.1 s of a core. Checking an unknown name costs the same as checking a wrong password.
"""

from __future__ import annotations

import asyncio
import functools

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

MEMORY_KIB = 19 * 1024
PASSES = 2
LANES = 1
AT_ONCE = 2
"""Hashes computed at a time: a flood of logins may not take all memory and all cores."""

_HASHER = PasswordHasher(time_cost=PASSES, memory_cost=MEMORY_KIB, parallelism=LANES)


class Passwords:
    """Hashes and checks passwords."""

    def __init__(self) -> None:
        self._turn = asyncio.Semaphore(AT_ONCE)
        self._nobodys = _nobodys_hash()

    async def hash(self, password: str) -> str:
        """What is stored of a password."""
        async with self._turn:
            return await asyncio.to_thread(_HASHER.hash, password)

    async def matches(self, password: str, password_hash: str | None) -> bool:
        """Whether this is the password; None stands for somebody who does not exist."""
        async with self._turn:
            right = await asyncio.to_thread(self._verify, password, password_hash or self._nobodys)
        return right and password_hash is not None

    async def renewed(self, password: str, password_hash: str) -> str:
        """The hash of a password that is right, made anew if it was made with other parameters."""
        if not _HASHER.check_needs_rehash(password_hash):
            return password_hash
        return await self.hash(password)

    def _verify(self, password: str, password_hash: str) -> bool:
        try:
            return _HASHER.verify(password_hash, password)
        except (VerificationError, InvalidHashError):
            return False


@functools.cache
def _nobodys_hash() -> str:
    """What is checked for somebody who does not exist: a real hash, so that it takes as long."""
    return _HASHER.hash("")
