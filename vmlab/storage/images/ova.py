"""OVA: a tar of a description and one disk, read without ever being unpacked.

Sources: POSIX's ustar; DMTF's DSP0243 (OVF). The archive is only looked at: no name in it becomes a
path here, and names that would be harmful to whoever does unpack it are refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from vmlab.rules.images import MAX_OVA_MEMBERS, Reason
from vmlab.storage.images import vmdk
from vmlab.storage.images.source import SECTOR, Source, refuse

MAGIC = b"ustar"
MAGIC_OFFSET = 257

_FILE = frozenset({b"0", b"\0"})
_LONG_NAMES = frozenset({b"L", b"K", b"x", b"g"})
_MAX_DESCRIPTION_BYTES = 1 << 20
_NAME = re.compile(r"[^/\\:\x00-\x1f\x7f]{1,100}")
_REFERENCE = re.compile(rb"""href\s*=\s*["']([^"']*)["']""")
_BESIDE = (".mf", ".cert", ".nvram", ".iso")
"""What may lie beside description and disk."""


@dataclass(frozen=True)
class _Member:
    name: str
    content: Source


def check(source: Source) -> int:
    """The virtual size in bytes of the disk in an archive that is safe.

    Raises:
        Refusal: it is not.
    """
    return _check_disk(disk_in(source))


def disk_in(source: Source) -> Source:
    """The one disk in an archive whose description and names are safe.

    Raises:
        Refusal: they are not, or there is not one disk.
    """
    members = list(_members(source))
    names = [member.name for member in members]
    if len(set(names)) < len(names):
        refuse(Reason.UNSAFE_PATH)
    described = [m for m in members if m.name.lower().endswith(".ovf")]
    disks = [m for m in members if m not in described and not m.name.lower().endswith(_BESIDE)]
    if len(described) != 1 or not disks:
        refuse(Reason.MALFORMED)
    if len(disks) > 1:
        refuse(Reason.SEVERAL_FILES)
    _description(described[0].content, set(names))
    return disks[0].content


def _members(source: Source) -> Iterator[_Member]:
    offset = 0
    for _ in range(MAX_OVA_MEMBERS + 1):
        if offset >= source.size:
            refuse(Reason.TRUNCATED)
        header = source.read(offset, SECTOR)
        if not any(header):
            return
        member = _member(source, header, offset + SECTOR)
        offset += SECTOR + -(-member.content.size // SECTOR) * SECTOR
        yield member
    refuse(Reason.MALFORMED)


def _member(source: Source, header: bytes, offset: int) -> _Member:
    blank = header[:148] + b" " * 8 + header[156:]
    if _octal(header[148:156]) != sum(blank):
        refuse(Reason.MALFORMED)
    kind = header[156:157]
    if kind in _LONG_NAMES:
        refuse(Reason.UNSAFE_PATH)
    if kind not in _FILE:
        refuse(Reason.UNSAFE_MEMBER)
    name = header[:100].partition(b"\0")[0].decode("utf-8", "replace")
    if any(header[345:500]) or not _NAME.fullmatch(name) or name.startswith((".", "-")):
        refuse(Reason.UNSAFE_PATH)
    return _Member(name, source.part(offset, _size(header[124:136])))


def _size(field: bytes) -> int:
    """A size in octal digits, or in binary where it would have too many (GNU tar)."""
    if field[0] == 0x80:
        return int.from_bytes(field[1:], "big")
    return _octal(field)


def _octal(field: bytes) -> int:
    text = field.strip(b" \0")
    if not re.fullmatch(rb"[0-7]{1,12}", text):
        refuse(Reason.MALFORMED)
    return int(text, 8)


def _description(content: Source, names: set[str]) -> None:
    """See that the description refers to nothing but the archive's files, and is plain XML."""
    if content.size > _MAX_DESCRIPTION_BYTES:
        refuse(Reason.BOMB)
    text = content.read(0, content.size)
    if b"<!DOCTYPE" in text or b"<!ENTITY" in text or b"\0" in text:
        refuse(Reason.BOMB)
    if b"<" not in text or b"Envelope" not in text:
        refuse(Reason.MALFORMED)
    for reference in _REFERENCE.findall(text):
        if reference.decode("utf-8", "replace") not in names:
            refuse(Reason.EXTERNAL_DATA)


def _check_disk(content: Source) -> int:
    magic = content.peek(0, len(vmdk.TEXT_MAGIC))
    if magic == vmdk.TEXT_MAGIC:
        refuse(Reason.SEVERAL_FILES)
    if magic[:4] != vmdk.MAGIC:
        refuse(Reason.UNSUPPORTED)
    return vmdk.check(content)
