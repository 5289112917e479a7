"""VDI, VirtualBox's own format, dynamic or of fixed size.

Source of the layout: QEMU's block/vdi.c.
"""

from __future__ import annotations

from vmlab.rules.images import Reason
from vmlab.storage.images.source import Source, credible, refuse

MAGIC = 0xBEDA107F
MAGIC_OFFSET = 0x40
BLOCK_BYTES = 1 << 20

_VERSION = 0x0001_0001
_DYNAMIC, _FIXED, _DIFFERENCING = 1, 2, 4
_NO_BLOCK = frozenset({0xFFFF_FFFF, 0xFFFF_FFFE})
"""Not allocated; discarded."""
_NO_UUID = bytes(16)
_TYPE_OFFSET, _MAP_OFFSET, _SIZES_OFFSET, _LINKS_OFFSET = 0x4C, 0x154, 0x168, 0x1A8


def check(source: Source) -> int:
    """The virtual size in bytes of an image that is safe.

    Raises:
        Refusal: it is not.
    """
    (version,) = source.unpack("<I", MAGIC_OFFSET + 4)
    if version != _VERSION:
        refuse(Reason.UNSUPPORTED_VERSION)
    (kind,) = source.unpack("<I", _TYPE_OFFSET)
    if kind == _DIFFERENCING or source.read(_LINKS_OFFSET, 32) != _NO_UUID * 2:
        refuse(Reason.BACKING_FILE)
    if kind not in (_DYNAMIC, _FIXED):
        refuse(Reason.UNSUPPORTED_FEATURE)
    map_offset, data_offset = source.unpack("<II", _MAP_OFFSET)
    sector, _, size, block, extra, blocks, allocated = source.unpack("<IIQIIII", _SIZES_OFFSET)
    virtual_size_bytes = credible(size)
    if sector != 512 or block != BLOCK_BYTES or extra or map_offset < 512 or map_offset % 512:
        refuse(Reason.MALFORMED)
    if blocks != -(-virtual_size_bytes // block) or allocated > blocks or data_offset % 512:
        refuse(Reason.MALFORMED)
    _map(source, map_offset, data_offset, blocks)
    return virtual_size_bytes


def _map(source: Source, map_offset: int, data_offset: int, blocks: int) -> None:
    seen: set[int] = set()
    for block in source.numbers("I", map_offset, blocks):
        if block in _NO_BLOCK:
            continue
        if block in seen:
            refuse(Reason.BOMB)
        seen.add(block)
        if data_offset + block * BLOCK_BYTES >= source.size:
            refuse(Reason.TRUNCATED)
