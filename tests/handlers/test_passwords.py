"""Hashes of passwords."""

from __future__ import annotations

from vmlab.handlers.passwords import Passwords


async def test_a_password_matches_its_own_hash_only():
    passwords = Passwords()
    stored = await passwords.hash("correct horse battery")
    assert await passwords.matches("correct horse battery", stored)
    assert not await passwords.matches("correct horse", stored)
    assert not await passwords.matches("correct horse battery", "not a hash")


async def test_nobody_has_no_password_not_even_an_empty_one():
    assert not await Passwords().matches("", None)


async def test_hashes_are_argon2id_with_the_memory_and_passes_that_are_meant():
    stored = await Passwords().hash("correct horse battery")
    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
