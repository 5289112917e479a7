"""Which shared libraries a program needs, read from its ELF headers."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from pathlib import Path

from vmlab.simulator.linux.packages import BuildFailed

_ELF64 = b"\x7fELF\x02"
_LOAD, _DYNAMIC = 1, 2
_NEEDED, _STRINGS = 1, 5


def libraries(programs: Iterable[Path], root: Path) -> dict[str, Path]:
    """The files of all shared libraries that programs need, by the name that they are asked for.

    Raises:
        BuildFailed: one is in none of the packages that were unpacked below `root`.
    """
    there = {path.name: path for path in root.rglob("*.so*")}
    found: dict[str, Path] = {}
    unread = list(programs)
    while unread:
        reader = unread.pop()
        for name in needed(reader.read_bytes()):
            if name not in there:
                raise BuildFailed(f"{reader.name} needs {name}, which is in no package fetched")
            if name not in found:
                found[name] = there[name].resolve()
                unread.append(found[name])
    return found


def needed(image: bytes) -> list[str]:
    """The DT_NEEDED entries of an ELF file; none for anything else."""
    if not image.startswith(_ELF64):
        return []
    (headers_at,) = struct.unpack_from("<Q", image, 32)
    size, count = struct.unpack_from("<HH", image, 54)
    loads: list[tuple[int, int, int]] = []
    entries: list[tuple[int, int]] = []
    for at in range(headers_at, headers_at + size * count, size):
        kind, _, offset, address, _, length = struct.unpack_from("<IIQQQQ", image, at)
        if kind == _LOAD:
            loads.append((address, offset, length))
        elif kind == _DYNAMIC:
            entries = list(struct.iter_unpack("<QQ", image[offset : offset + length]))
    strings = next((value for tag, value in entries if tag == _STRINGS), 0)
    base = next((o + strings - a for a, o, length in loads if a <= strings < a + length), 0)
    return [_text(image, base + value) for tag, value in entries if tag == _NEEDED]


def _text(image: bytes, at: int) -> str:
    return image[at : image.index(b"\0", at)].decode()
