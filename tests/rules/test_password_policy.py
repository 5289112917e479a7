"""What a password must be."""

from __future__ import annotations

import pytest

from vmlab.rules.password_policy import MAX_LENGTH, complaints


@pytest.mark.parametrize("password", ["vmlab-demo", "correct horse", "密码要足够长才行", "x7" * 64])
def test_good_ones(password: str):
    assert complaints(password, username="ann", email="ann@example.edu") == []


@pytest.mark.parametrize(
    "password",
    ["", "7 chars", "Password1", "88888888", "aaaaaaaaaa", "annalena", "ANNALENA@example.edu"],
)
def test_bad_ones(password: str):
    assert complaints(password, username="annalena", email="annalena@example.edu")


def test_too_long():
    assert complaints("x7" * MAX_LENGTH, username="ann", email="ann@example.edu")
