"""ISO 9660: its volume descriptors, and whether all of the volume is there.

Source of the layout: ECMA-119.
"""

from __future__ import annotations

from vmlab.rules.images import Reason
from vmlab.storage.images.source import Source, credible, refuse

MAGIC = b"CD001"
MAGIC_OFFSET = 16 * 2048 + 1

_BLOCK = 2048
_MAX_DESCRIPTORS = 32
_PRIMARY, _END = 1, 255
_SLACK_BYTES = 300 << 10
"""The 150 blocks of padding after a volume, which some programs count and do not write."""


def check(source: Source) -> int:
    """The size in bytes of a volume that is all there.

    Raises:
        Refusal: it is not.
    """
    volume_bytes = 0
    for number in range(_MAX_DESCRIPTORS):
        offset = (16 + number) * _BLOCK
        kind, magic, version = source.unpack("<B5sB", offset)
        if magic != MAGIC:
            refuse(Reason.MALFORMED)
        if version not in (1, 2):
            refuse(Reason.UNSUPPORTED_VERSION)
        if kind == _END:
            break
        if kind == _PRIMARY and not volume_bytes:
            volume_bytes = _primary(source, offset)
    else:
        refuse(Reason.MALFORMED)
    if not volume_bytes:
        refuse(Reason.MALFORMED)
    return source.size


def _primary(source: Source, offset: int) -> int:
    """Bytes of the volume that a primary descriptor tells of."""
    (blocks,) = source.unpack("<I", offset + 80)
    (blocks_again,) = source.unpack(">I", offset + 84)
    (block,) = source.unpack("<H", offset + 128)
    root_length, root, root_bytes = source.unpack("<BxI4xI", offset + 156)
    if blocks != blocks_again or block != _BLOCK or root_length != 34:
        refuse(Reason.MALFORMED)
    volume_bytes: int = credible(blocks * _BLOCK)
    if volume_bytes > source.size + _SLACK_BYTES:
        refuse(Reason.TRUNCATED)
    if root * _BLOCK + root_bytes > volume_bytes:
        refuse(Reason.MALFORMED)
    source.part(root * _BLOCK, root_bytes)
    return volume_bytes
