"""QCOW2, versions 2 and 3: header, extensions, snapshots and both levels of its cluster map.

Source of the layout: QEMU's docs/interop/qcow2. The map is walked to its end, because a small file
may point at one cluster a million times and so unpack to a full disk.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from vmlab.rules.images import MAX_SNAPSHOTS, Reason
from vmlab.storage.images.source import Source, credible, refuse

MAGIC = b"QFI\xfb"
LAYOUT = ">4sIQIIQIIQQIIQ"
LAYOUT_3 = ">QQQII"
SNAPSHOT = ">QIHHIIQII"

_DIRTY, _CORRUPT, _EXTERNAL, _COMPRESSION, _EXTENDED_L2 = (1 << bit for bit in range(5))
_KNOWN = _DIRTY | _CORRUPT | _EXTERNAL | _COMPRESSION | _EXTENDED_L2
_EXT_BACKING_FORMAT, _EXT_DATA_FILE, _EXT_ENCRYPTION = 0xE2792ACA, 0x44415441, 0x0537BE77

_OFFSET = 0x00FF_FFFF_FFFF_FE00
_L1_RESERVED = 0x7F00_0000_0000_01FF
_COMPRESSED = 1 << 62
_MAX_TABLE_BYTES = 32 << 20
"""QEMU's own limit of the first level's table."""
_MAX_REFCOUNT_BYTES = 8 << 20
_MAX_EXTRA_BYTES = 1024
_MAX_EXTENSIONS = 64


@dataclass(frozen=True)
class _Header:
    version: int
    cluster_bits: int
    size: int
    l1_size: int
    l1_offset: int
    features: int
    length: int

    @property
    def cluster(self) -> int:
        return 1 << self.cluster_bits

    @property
    def entry_bytes(self) -> int:
        """Bytes of an entry in the second level."""
        return 16 if self.features & _EXTENDED_L2 else 8

    @property
    def l2_entries(self) -> int:
        return self.cluster // self.entry_bytes


def check(source: Source) -> int:
    """The virtual size in bytes of an image that is safe.

    Raises:
        Refusal: it is not.
    """
    header = _header(source)
    _extensions(source, header)
    needed = -(-header.size // (header.cluster * header.l2_entries))
    if header.l1_size < needed or header.l1_size * 8 > _MAX_TABLE_BYTES:
        refuse(Reason.MALFORMED)
    _map(source, header)
    return header.size


def _header(source: Source) -> _Header:
    fields = source.unpack(LAYOUT, 0)
    _, version, backing, backing_size, cluster_bits, size, crypt, l1_size, l1_offset = fields[:9]
    refcounts, refcount_clusters, snapshots, snapshots_offset = fields[9:]
    if version not in (2, 3):
        refuse(Reason.UNSUPPORTED_VERSION)
    if backing:
        name = source.peek(backing, min(backing_size, 1023))
        refuse(Reason.JSON_NAME if name.startswith(b"json:") else Reason.BACKING_FILE)
    if crypt:
        refuse(Reason.ENCRYPTED)
    if not 9 <= cluster_bits <= 21:
        refuse(Reason.MALFORMED)
    features, length = _version_3(source, cluster_bits) if version == 3 else (0, 72)
    credible(size)
    cluster = 1 << cluster_bits
    if l1_offset % cluster or refcounts % cluster or not refcounts:
        refuse(Reason.MALFORMED)
    if refcount_clusters * cluster > max(_MAX_REFCOUNT_BYTES, cluster):
        refuse(Reason.MALFORMED)
    source.part(refcounts, refcount_clusters * cluster)
    _snapshots(source, snapshots, snapshots_offset)
    return _Header(version, cluster_bits, size, l1_size, l1_offset, features, length)


def _version_3(source: Source, cluster_bits: int) -> tuple[int, int]:
    """Incompatible features and the header's length."""
    features, _, _, refcount_order, length = source.unpack(LAYOUT_3, 72)
    if features & _EXTERNAL:
        refuse(Reason.EXTERNAL_DATA)
    if features & ~_KNOWN:
        refuse(Reason.UNSUPPORTED_FEATURE)
    if features & _CORRUPT:
        refuse(Reason.MALFORMED)
    if features & _DIRTY:
        refuse(Reason.NOT_CLOSED)
    if refcount_order > 6 or not 104 <= length <= 1 << cluster_bits or length % 8:
        refuse(Reason.MALFORMED)
    if features & _COMPRESSION:
        if length < 112 or source.read(104, 1)[0] != 1:
            refuse(Reason.UNSUPPORTED_FEATURE)
    elif length > 104 and source.read(104, 1)[0] != 0:
        refuse(Reason.MALFORMED)
    if features & _EXTENDED_L2 and cluster_bits < 14:
        refuse(Reason.MALFORMED)
    return features, length


def _extensions(source: Source, header: _Header) -> None:
    offset = header.length
    for _ in range(_MAX_EXTENSIONS):
        if offset + 8 > header.cluster:
            return
        kind, length = source.unpack(">II", offset)
        if kind == 0:
            return
        if kind == _EXT_BACKING_FORMAT:
            refuse(Reason.BACKING_FILE)
        if kind == _EXT_DATA_FILE:
            refuse(Reason.EXTERNAL_DATA)
        if kind == _EXT_ENCRYPTION:
            refuse(Reason.ENCRYPTED)
        offset += 8 + -(-length // 8) * 8
    refuse(Reason.MALFORMED)


def _snapshots(source: Source, count: int, offset: int) -> None:
    if count > MAX_SNAPSHOTS:
        refuse(Reason.SNAPSHOTS, snapshots=count)
    for _ in range(count):
        fields = source.unpack(SNAPSHOT, offset)
        l1_offset, l1_size, id_bytes, name_bytes, extra_bytes = *fields[:4], fields[8]
        if extra_bytes > _MAX_EXTRA_BYTES or l1_size * 8 > _MAX_TABLE_BYTES:
            refuse(Reason.SNAPSHOTS)
        source.part(l1_offset, l1_size * 8)
        length = struct.calcsize(SNAPSHOT) + extra_bytes + id_bytes + name_bytes
        source.part(offset, length)
        offset += -(-length // 8) * 8


def _map(source: Source, header: _Header) -> None:
    """Walk both levels: all offsets within the file, and no more data than the file has."""
    tables: set[int] = set()
    data_bytes = compressed_bytes = 0
    for entry in source.numbers("Q", header.l1_offset, header.l1_size, big_endian=True):
        table = entry & _OFFSET
        if entry & _L1_RESERVED or table % header.cluster:
            refuse(Reason.MALFORMED)
        if not table:
            continue
        if table in tables:
            refuse(Reason.BOMB)
        tables.add(table)
        plain, compressed = _second_level(source, header, table)
        data_bytes += plain
        compressed_bytes += compressed
        if data_bytes > source.size + header.cluster or compressed_bytes > 2 * source.size:
            refuse(Reason.BOMB)


def _second_level(source: Source, header: _Header, table: int) -> tuple[int, int]:
    """Bytes of plain and of compressed clusters in one table of the second level."""
    raw = source.numbers("Q", table, header.cluster // 8, big_endian=True)
    plain = compressed = 0
    size_shift = 62 - (header.cluster_bits - 8)
    for entry in raw[:: header.entry_bytes // 8]:
        if not entry:
            continue
        if entry & _COMPRESSED:
            offset = entry & ((1 << size_shift) - 1)
            sectors = ((entry & (_COMPRESSED - 1)) >> size_shift) + 1
            compressed += sectors * 512 - offset % 512
        else:
            offset = entry & _OFFSET
            if not offset:
                continue
            if offset % header.cluster:
                refuse(Reason.MALFORMED)
            plain += header.cluster
        if offset >= source.size:
            refuse(Reason.TRUNCATED)
    return plain, compressed
