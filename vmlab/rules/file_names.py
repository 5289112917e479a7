"""What a file may be called: a name to show and to offer for saving, never a path.

Third floor: pure.
"""

from __future__ import annotations

import re
import unicodedata

MAX_NAME_CHARACTERS = 255

_SEPARATOR = re.compile(r"[/\\]")
_CONTENT_TYPE = re.compile(r"[\w!#$&^.+-]{1,63}/[\w!#$&^.+-]{1,63}", re.ASCII)


def file_name(given: str) -> str | None:
    """The last part of what a client calls a file; None if that leaves no name.

    Control characters go, and so do those that are invisible or turn the direction of writing
    round, which make `exe.gpj` out of `jpg.exe`.
    """
    last = _SEPARATOR.split(given)[-1]
    shown = "".join(c for c in last if unicodedata.category(c) not in ("Cc", "Cf", "Cs"))
    name = shown.strip()[:MAX_NAME_CHARACTERS]
    return None if name in ("", ".", "..") else name


def content_type(given: str) -> str:
    """A client's idea of a file's type without parameters, or that of any bytes."""
    bare = given.partition(";")[0].strip().lower()
    return bare if _CONTENT_TYPE.fullmatch(bare) else "application/octet-stream"
