"""VHDX, Hyper-V's format.

Source of the layout: Microsoft's [MS-VHDX]. An image with a log that was not replayed is refused,
since the log would rewrite what was checked.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from vmlab.rules.images import Reason
from vmlab.storage.images.source import Source, credible, refuse

MAGIC = b"vhdxfile"

_HEADERS = (64 << 10, 128 << 10)
_REGIONS = 192 << 10
_BAT = uuid.UUID("2DC27766-F623-4200-9D64-115E9BFD4A08").bytes_le
_METADATA = uuid.UUID("8B7CA206-4790-4B9A-B8FE-575F050F886E").bytes_le
_PARAMETERS = uuid.UUID("CAA16737-FA36-4D43-B3B6-33F0AA44E76B").bytes_le
_DISK_SIZE = uuid.UUID("2FA54224-CD1B-4876-B211-5DBED83BF4B8").bytes_le
_SECTOR_SIZE = uuid.UUID("8141BF1D-A96F-4709-BA47-F233A8FAAB5F").bytes_le
_PARENT = uuid.UUID("A8D35F2D-B30B-454D-ABF7-D3D84834AB0C").bytes_le
_MAX_ENTRIES = 2047
"""Of the region table and of the metadata table."""
_HAS_PARENT = 2
_MIB = 1 << 20
_PRESENT, _PARTIAL = 6, 7


@dataclass(frozen=True)
class _Disk:
    size: int
    block: int
    sector: int


def check(source: Source) -> int:
    """The virtual size in bytes of an image that is safe.

    Raises:
        Refusal: it is not.
    """
    _headers(source)
    regions = _regions(source)
    disk = _disk(source.part(*regions[_METADATA]))
    _blocks(source, source.part(*regions[_BAT]), disk)
    return disk.size


def _headers(source: Source) -> None:
    valid = False
    for offset in _HEADERS:
        if source.read(offset, 4) != b"head":
            continue
        log_id = source.read(offset + 48, 16)
        _, version = source.unpack("<HH", offset + 64)
        if version != 1:
            refuse(Reason.UNSUPPORTED_VERSION)
        if any(log_id):
            refuse(Reason.NOT_CLOSED)
        valid = True
    if not valid:
        refuse(Reason.MALFORMED)


def _regions(source: Source) -> dict[bytes, tuple[int, int]]:
    """Offset and length of each region by its id."""
    signature, _, count = source.unpack("<4sII", _REGIONS)
    if signature != b"regi" or count > _MAX_ENTRIES:
        refuse(Reason.MALFORMED)
    found: dict[bytes, tuple[int, int]] = {}
    for number in range(count):
        region, offset, length, required = source.unpack("<16sQII", _REGIONS + 16 + 32 * number)
        if region not in (_BAT, _METADATA):
            if required & 1:
                refuse(Reason.UNSUPPORTED_FEATURE)
            continue
        if region in found or offset < _MIB or offset % _MIB:
            refuse(Reason.MALFORMED)
        found[region] = (offset, length)
    if found.keys() != {_BAT, _METADATA}:
        refuse(Reason.MALFORMED)
    return found


def _disk(metadata: Source) -> _Disk:
    signature, _, count = metadata.unpack("<8sHH", 0)
    if signature != b"metadata" or count > _MAX_ENTRIES:
        refuse(Reason.MALFORMED)
    items: dict[bytes, int] = {}
    for number in range(count):
        item, offset, _, _ = metadata.unpack("<16sIII", 32 + 32 * number)
        if item == _PARENT:
            refuse(Reason.BACKING_FILE)
        if item in items:
            refuse(Reason.MALFORMED)
        items[item] = offset
    if not {_PARAMETERS, _DISK_SIZE, _SECTOR_SIZE} <= items.keys():
        refuse(Reason.MALFORMED)
    block, flags = metadata.unpack("<II", items[_PARAMETERS])
    (size,) = metadata.unpack("<Q", items[_DISK_SIZE])
    (sector,) = metadata.unpack("<I", items[_SECTOR_SIZE])
    if flags & _HAS_PARENT:
        refuse(Reason.BACKING_FILE)
    if sector not in (512, 4096) or not _MIB <= block <= 256 * _MIB or block & (block - 1):
        refuse(Reason.MALFORMED)
    return _Disk(credible(size), block, sector)


def _blocks(source: Source, table: Source, disk: _Disk) -> None:
    """See that every block of data lies in the file, and no two at the same place."""
    blocks = -(-disk.size // disk.block)
    ratio = (disk.sector << 23) // disk.block
    seen: set[int] = set()
    for number, entry in enumerate(table.numbers("Q", 0, blocks + (blocks - 1) // ratio)):
        state, offset = entry & 7, entry & ~(_MIB - 1)
        if (number + 1) % (ratio + 1) == 0:
            continue  # a bitmap of sectors, which only images with a parent use
        if state == _PARTIAL:
            refuse(Reason.BACKING_FILE)
        if state != _PRESENT:
            continue
        if offset in seen:
            refuse(Reason.BOMB)
        seen.add(offset)
        if offset >= source.size:
            refuse(Reason.TRUNCATED)
