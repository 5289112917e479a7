"""What a password must be: long enough, not common, not one's own name.

Third floor: pure. Length and a list of refusals is what NIST SP 800-63B (section 5.1.1.2) asks for;
rules about kinds of characters only make people write passwords down.
"""

from __future__ import annotations

MIN_LENGTH = 8
MAX_LENGTH = 128
"""Enough for any sentence, little enough to hash."""

_COMMON = """
00000000 11111111 12341234 12345678 123456789 1234567890 66666666 87654321 88888888 a1234567
a12345678 aa123456 abc12345 abcd1234 admin123 asdfghjkl baseball changeme football iloveyou
letmein1 passw0rd password password1 password123 princess q1w2e3r4 qwer1234 qwerty12 qwerty123
qwertyuiop sunshine trustno1 welcome1 woaini1314 zxcvbnm123
"""
COMMON = frozenset(_COMMON.split())
"""Those of at least eight characters that head every list of leaked passwords."""


def complaints(password: str, *, username: str, email: str) -> list[str]:
    """Say what is wrong with a password; an empty list means that it will do."""
    found = []
    lowered = password.lower()
    if len(password) < MIN_LENGTH:
        found.append("A password needs at least 8 characters.")
    if len(password) > MAX_LENGTH:
        found.append("A password may have at most 128 characters.")
    if lowered in COMMON or len(set(password)) == 1:
        found.append("This password is among the first that anybody would try.")
    if lowered in {username.lower(), email.lower(), email.lower().partition("@")[0]}:
        found.append("A password may not be the name or the e-mail address.")
    return found
