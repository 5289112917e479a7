"""VMDK: one sparse extent with its descriptor inside, plain or stream-optimised.

Source of the layout: VMware's "Virtual Disk Format 5.0". A descriptor of its own, as text, may name
any file of the host as its extent, and `qemu-img info -f vmdk` opens it (QEMU 7.2): always refused.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from vmlab.rules.images import Reason
from vmlab.storage.images.source import SECTOR, Source, credible, refuse

MAGIC = b"KDMV"
LAYOUT = "<4sIIQQQQIQQQB4sH"
TEXT_MAGIC = b"# Disk DescriptorFile"
ESX_MAGIC = b"COWD"
GD_AT_END = 2**64 - 1

_COMPRESSED_GRAINS, _MARKERS = 1 << 16, 1 << 17
_LINE_ENDS = b"\n \r\n"
_TABLE_ENTRIES = 512
_MAX_DESCRIPTOR_SECTORS = 128
_MAX_DIRECTORY_ENTRIES = 1 << 20
_FOOTER_BYTES = 1024
"""The footer's header and the marker of the stream's end, which are the last two sectors."""
_INFLATED_FOR_PROOF = 64 << 20
"""Compressed bytes that are inflated; of grains after that only the headers are read. QEMU itself
inflates each grain into a buffer of one grain's size (block/vmdk.c)."""

_EXTENT = re.compile(r"(?:RW|RDONLY|NOACCESS)\s+(\d+)\s+(\w+)\s*(.*)")
_ONE_FILE = frozenset({"monolithicSparse", "streamOptimized"})


@dataclass(frozen=True)
class _Header:
    flags: int
    capacity: int
    """Sectors."""
    grain: int
    """Sectors."""
    descriptor_offset: int
    descriptor_size: int
    directory: int
    """Sector of the grain directory."""

    @property
    def grain_bytes(self) -> int:
        return self.grain * SECTOR


def check(source: Source) -> int:
    """The virtual size in bytes of an image that is safe.

    Raises:
        Refusal: it is not.
    """
    header = _header(source, 0)
    if header.directory == GD_AT_END:
        header = _header(source, source.size - _FOOTER_BYTES)
        first = _header(source, 0)
        if (first.capacity, first.grain) != (header.capacity, header.grain):
            refuse(Reason.MALFORMED)
        header = _Header(**{**first.__dict__, "directory": header.directory})
    _descriptor(source, header)
    grains = list(_grains(source, header))
    if header.flags & _COMPRESSED_GRAINS:
        _compressed(source, header, grains)
    elif len(grains) * header.grain_bytes > source.size:
        refuse(Reason.BOMB)
    return header.capacity * SECTOR


def _header(source: Source, offset: int) -> _Header:
    magic, version, flags, capacity, grain, *rest = source.unpack(LAYOUT, offset)
    descriptor, descriptor_size, table_entries, _, directory, _, _, line_ends, algorithm = rest
    if magic != MAGIC:
        refuse(Reason.MALFORMED)
    if version not in (1, 2, 3):
        refuse(Reason.UNSUPPORTED_VERSION)
    if flags & 1 and line_ends != _LINE_ENDS:
        refuse(Reason.MALFORMED)  # damaged by a transfer as text
    credible(capacity * SECTOR)
    if grain not in (8, 16, 32, 64, 128, 256, 512, 1024, 2048) or table_entries != _TABLE_ENTRIES:
        refuse(Reason.MALFORMED)
    if algorithm not in (0, 1) or bool(algorithm) != bool(flags & _COMPRESSED_GRAINS):
        refuse(Reason.UNSUPPORTED_FEATURE)
    if flags & _COMPRESSED_GRAINS and not flags & _MARKERS:
        refuse(Reason.UNSUPPORTED_FEATURE)
    return _Header(flags, capacity, grain, descriptor, descriptor_size, directory)


def _descriptor(source: Source, header: _Header) -> None:
    """See that the descriptor knows of this one file only."""
    if not header.descriptor_offset:
        refuse(Reason.SEVERAL_FILES)
    if not 0 < header.descriptor_size <= _MAX_DESCRIPTOR_SECTORS:
        refuse(Reason.MALFORMED)
    raw = source.read(header.descriptor_offset * SECTOR, header.descriptor_size * SECTOR)
    text = raw.partition(b"\0")[0].decode("utf-8", "replace")
    settings: dict[str, str] = {}
    extents = []
    for line in text.splitlines():
        if extent := _EXTENT.fullmatch(line.strip()):
            extents.append((extent[2], extent[3]))
        elif "=" in line and not line.startswith("#"):
            name, _, value = line.partition("=")
            settings[name.strip().lower()] = value.strip().strip('"')
    if settings.get("parentcid", "ffffffff").lower() != "ffffffff":
        refuse(Reason.BACKING_FILE)
    if "parentfilenamehint" in settings:
        refuse(Reason.BACKING_FILE)
    if settings.get("createtype") not in _ONE_FILE or len(extents) != 1:
        refuse(Reason.SEVERAL_FILES)
    kind, name = extents[0]
    if kind != "SPARSE":
        refuse(Reason.EXTERNAL_DATA)
    if not re.fullmatch(r'"[^"/\\:]*"', name):
        refuse(Reason.UNSAFE_PATH)


def _grains(source: Source, header: _Header) -> Iterator[int]:
    """Where each grain lies, in sectors."""
    tables = -(-header.capacity // (header.grain * _TABLE_ENTRIES))
    if tables > _MAX_DIRECTORY_ENTRIES:
        refuse(Reason.MALFORMED)
    seen: set[int] = set()
    for table in source.numbers("I", header.directory * SECTOR, tables):
        if not table:
            continue
        if table in seen:
            refuse(Reason.BOMB)
        seen.add(table)
        for grain in source.numbers("I", table * SECTOR, _TABLE_ENTRIES):
            if grain > 1:  # 0: none; 1: all zeros
                if grain * SECTOR >= source.size:
                    refuse(Reason.TRUNCATED)
                yield grain


def _compressed(source: Source, header: _Header, grains: list[int]) -> None:
    """See that no grain is used twice or holds more than a grain."""
    if len(set(grains)) < len(grains):
        refuse(Reason.BOMB)
    proven = 0
    for grain in grains:
        _, size = source.unpack("<QI", grain * SECTOR)
        if not 0 < size <= 2 * header.grain_bytes:
            refuse(Reason.BOMB)
        if proven < _INFLATED_FOR_PROOF:
            _inflate(source.read(grain * SECTOR + 12, size), header.grain_bytes)
            proven += size


def _inflate(content: bytes, limit: int) -> None:
    try:
        found = zlib.decompressobj().decompress(content, limit + 1)
    except zlib.error:
        refuse(Reason.MALFORMED)
    if len(found) > limit:
        refuse(Reason.BOMB)
