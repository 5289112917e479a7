"""Raw disks: known by the boot sector, and believed as far as their partitions lie in the file.

Sources: the MBR's usual layout; the UEFI specification's chapter on GUID partition tables.
"""

from __future__ import annotations

from vmlab.rules.images import Reason
from vmlab.storage.images.source import SECTOR, Source, credible, refuse

SIGNATURE = b"\x55\xaa"
SIGNATURE_OFFSET = 510

_TABLE_OFFSET = 446
_PROTECTIVE = 0xEE
_MAX_GPT_ENTRIES = 1024


def check(source: Source) -> int:
    """The size in bytes of a disk whose partition table is sound.

    Raises:
        Refusal: it is not.
    """
    credible(source.size)
    if source.size % SECTOR:
        refuse(Reason.TRUNCATED)
    boot_sector = source.read(0, SECTOR)
    sectors = source.size // SECTOR
    partitions = 0
    for number in range(4):
        status, kind, first, count = source.unpack("<B3xB3xII", _TABLE_OFFSET + 16 * number)
        if not kind:
            continue
        if status not in (0x00, 0x80) or not first or not count:
            refuse(Reason.MALFORMED)
        partitions += 1
        if kind == _PROTECTIVE:
            _gpt(source, sectors)
        elif first + count > sectors:
            refuse(Reason.TRUNCATED)
    if not partitions and not any(boot_sector[:_TABLE_OFFSET]):
        refuse(Reason.UNKNOWN_FORMAT)
    return source.size


def _gpt(source: Source, sectors: int) -> None:
    signature, revision, _, _, own, other, first, last = source.unpack("<8sIIIxxxxQQQQ", SECTOR)
    if signature != b"EFI PART" or revision != 0x0001_0000 or own != 1:
        refuse(Reason.MALFORMED)
    if max(other, last) >= sectors:
        refuse(Reason.TRUNCATED)
    table, count, entry_bytes = source.unpack("<QII", SECTOR + 72)
    if count > _MAX_GPT_ENTRIES or entry_bytes not in (128, 256, 512):
        refuse(Reason.MALFORMED)
    for number in range(count):
        kind, _, begins, ends = source.unpack("<16s16sQQ", table * SECTOR + entry_bytes * number)
        if any(kind) and not first <= begins <= ends <= last:
            refuse(Reason.MALFORMED)
