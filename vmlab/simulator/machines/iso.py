"""Writes small CD images with a few files in their root, for cloud-init's NoCloud.

ISO 9660 for the label and Joliet for the names, which 9660 alone would not allow.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping

SECTOR = 2048
_ROOT_SECTORS = {"plain": 20, "joliet": 21}
_TABLE_SECTORS = {"plain": 19, "joliet": 22}
_FILES_AT = 23
_LEAST_SECTORS = 150
"""Programs that look for labels read some 70 KB and give up on anything shorter."""
_UCS2_LEVEL_3 = b"%/E"
_DATE = bytes([100, 1, 1, 0, 0, 0, 0])
_LONG_DATE = b"0" * 16 + b"\0"


def iso_image(label: str, files: Mapping[str, bytes]) -> bytes:
    """A CD image with a label and some files; names may have up to 64 characters."""
    places: dict[str, tuple[int, int]] = {}
    body = b""
    for name, content in files.items():
        places[name] = (_FILES_AT + len(body) // SECTOR, len(content))
        body += _padded(content)
    body = body.ljust(_LEAST_SECTORS * SECTOR, b"\0")
    sectors = _FILES_AT + len(body) // SECTOR
    head = [
        bytes(16 * SECTOR),
        _descriptor("plain", label.upper().encode().ljust(32), sectors),
        _descriptor("joliet", label.encode("utf-16-be").ljust(32, b"\0"), sectors),
        _padded(b"\xffCD001\x01"),
        _path_table("plain"),
        _root("plain", places, lambda name: name.upper().encode()),
        _root("joliet", places, lambda name: name.encode("utf-16-be")),
        _path_table("joliet"),
    ]
    return b"".join(head) + body


def _descriptor(tree: str, label: bytes, sectors: int) -> bytes:
    joliet = tree == "joliet"
    blank = (b"\0 " if joliet else b" ") * 32
    table = _TABLE_SECTORS[tree]
    parts = [
        struct.pack("B5sBB", 2 if joliet else 1, b"CD001", 1, 0),
        blank[:32] + label + bytes(8) + _both(sectors),
        (_UCS2_LEVEL_3 if joliet else b"").ljust(32, b"\0"),
        _both16(1) + _both16(1) + _both16(SECTOR) + _both(10),
        struct.pack("<II", table, 0) + struct.pack(">II", table, 0),
        _record(b"\0", _ROOT_SECTORS[tree], SECTOR, folder=True),
        (blank * 12)[: 128 * 4 + 37 * 3],
        _LONG_DATE * 4 + b"\x01\0",
    ]
    return _padded(b"".join(parts))


def _path_table(tree: str) -> bytes:
    """Only the root; little-endian, and big-endian readers use the folders instead."""
    return _padded(struct.pack("<BBIH2s", 1, 0, _ROOT_SECTORS[tree], 1, b"\0\0"))


def _root(
    tree: str, places: Mapping[str, tuple[int, int]], encoded: Callable[[str], bytes]
) -> bytes:
    here = _ROOT_SECTORS[tree]
    records = [_record(b"\0", here, SECTOR, folder=True), _record(b"\1", here, SECTOR, folder=True)]
    for name in sorted(places):
        records.append(_record(encoded(name), *places[name]))
    return _padded(b"".join(records))


def _record(name: bytes, sector: int, size: int, *, folder: bool = False) -> bytes:
    padding = b"" if len(name) % 2 else b"\0"
    fields = _both(sector) + _both(size) + _DATE + bytes([2 if folder else 0, 0, 0]) + _both16(1)
    rest = fields + bytes([len(name)]) + name + padding
    return bytes([len(rest) + 2, 0]) + rest


def _both(value: int) -> bytes:
    return struct.pack("<I", value) + struct.pack(">I", value)


def _both16(value: int) -> bytes:
    return struct.pack("<H", value) + struct.pack(">H", value)


def _padded(content: bytes) -> bytes:
    return content + bytes(-len(content) % SECTOR)
