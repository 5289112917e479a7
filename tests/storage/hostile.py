"""Hostile images: good ones with one thing wrong, so that each is refused for that alone."""

from __future__ import annotations

import struct
import tarfile
import uuid
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.storage.corpus import (
    DISK_BYTES,
    MIB,
    OVF,
    big,
    by_qemu,
    gpt_disk,
    iso,
    link,
    little,
    ova,
    patched,
    raw_disk,
    tar,
)
from vmlab.rules.images import Reason

PARAMETERS = uuid.UUID("CAA16737-FA36-4D43-B3B6-33F0AA44E76B").bytes_le
DISK_SIZE = uuid.UUID("2FA54224-CD1B-4876-B211-5DBED83BF4B8").bytes_le
PARENT = uuid.UUID("A8D35F2D-B30B-454D-ABF7-D3D84834AB0C").bytes_le


@dataclass(frozen=True)
class Hostile:
    """An image and why it has to be refused."""

    name: str
    content: bytes
    reason: Reason


def hostile() -> Iterator[Hostile]:
    """Images that must be refused."""
    for make in (_qcow2, _vmdk, _vdi, _vhdx, _tar, _plain):
        for name, (content, reason) in make().items():
            yield Hostile(f"{make.__name__.strip('_')} {name}", content, reason)


Cases = dict[str, tuple[bytes, Reason]]


def _extension(kind: int, content: bytes = b"/etc/shadow\0\0\0\0\0") -> tuple[int, bytes]:
    return 112, big("II", kind, len(content)) + content + bytes(8)


def _qcow2() -> Cases:
    image = by_qemu("qcow2")
    l1 = struct.unpack_from(">Q", image, 40)[0]
    l2 = struct.unpack_from(">Q", image, l1)[0] & 0x00FFFFFFFFFFFE00
    data = next(o for o in range(l2, l2 + 65536, 8) if any(image[o : o + 8]))
    backing = (8, big("QI", 600, 11))
    shared = patched(image, *((l2 + 8 * n, image[data : data + 8]) for n in range(128)))
    packed = by_qemu("qcow2 compressed")
    packed_l1 = struct.unpack_from(">Q", packed, 40)[0]
    packed_l2 = struct.unpack_from(">Q", packed, packed_l1)[0] & 0x00FFFFFFFFFFFE00
    sectors = next(o for o in range(packed_l2, packed_l2 + 65536, 8) if packed[o] & 0x40)
    entry = struct.unpack_from(">Q", packed, sectors)[0] | 0x3FC0000000000000
    squeezed = patched(packed, *((packed_l2 + 8 * n, big("Q", entry)) for n in range(8192)))
    twice = patched(
        image,
        (24, big("Q", DISK_BYTES + (512 << 20))),
        (36, big("I", 2)),
        (l1 + 8, image[l1 : l1 + 8]),
    )
    return {
        "backing file": (patched(image, backing, (600, b"/etc/passwd")), Reason.BACKING_FILE),
        "backing device": (patched(image, backing, (600, b"nbd://a:1/x")), Reason.BACKING_FILE),
        "backing json": (patched(image, backing, (600, b'json:{"a":1}')), Reason.JSON_NAME),
        "backing format": (patched(image, _extension(0xE2792ACA)), Reason.BACKING_FILE),
        "data file bit": (patched(image, (72, big("Q", 4))), Reason.EXTERNAL_DATA),
        "data file name": (patched(image, _extension(0x44415441)), Reason.EXTERNAL_DATA),
        "aes": (patched(image, (32, big("I", 1))), Reason.ENCRYPTED),
        "luks": (patched(image, (32, big("I", 2))), Reason.ENCRYPTED),
        "luks header": (patched(image, _extension(0x0537BE77)), Reason.ENCRYPTED),
        "version 1": (patched(image, (4, big("I", 1))), Reason.UNSUPPORTED_VERSION),
        "version 9": (patched(image, (4, big("I", 9))), Reason.UNSUPPORTED_VERSION),
        "unknown feature": (patched(image, (72, big("Q", 1 << 40))), Reason.UNSUPPORTED_FEATURE),
        "corrupt": (patched(image, (72, big("Q", 2))), Reason.MALFORMED),
        "dirty": (patched(image, (72, big("Q", 1))), Reason.NOT_CLOSED),
        "exabytes": (patched(image, (24, big("Q", 1 << 60))), Reason.VIRTUAL_SIZE),
        "no size": (patched(image, (24, big("Q", 0))), Reason.VIRTUAL_SIZE),
        "larger than its map": (patched(image, (24, big("Q", 1 << 40))), Reason.MALFORMED),
        "huge map": (patched(image, (36, big("I", 1 << 30))), Reason.MALFORMED),
        "map past the end": (patched(image, (40, big("Q", 1 << 40))), Reason.TRUNCATED),
        "crooked map": (patched(image, (40, big("Q", 513))), Reason.MALFORMED),
        "tiny clusters": (patched(image, (20, big("I", 3))), Reason.MALFORMED),
        "giant clusters": (patched(image, (20, big("I", 63))), Reason.MALFORMED),
        "huge refcounts": (patched(image, (56, big("I", 1 << 31))), Reason.MALFORMED),
        "65535 snapshots": (patched(image, (60, big("IQ", 65535, 65536))), Reason.SNAPSHOTS),
        "snapshot past the end": (patched(image, (60, big("IQ", 1, 1 << 50))), Reason.TRUNCATED),
        "snapshot of a huge map": (
            patched(image, (60, big("IQ", 1, 2048)), (2048, big("QI", 0, 2**31))),
            Reason.SNAPSHOTS,
        ),
        "one cluster everywhere": (shared, Reason.BOMB),
        "one compressed cluster everywhere": (squeezed, Reason.BOMB),
        "one table twice": (twice, Reason.BOMB),
        "data past the end": (patched(image, (data, big("Q", 1 << 40))), Reason.TRUNCATED),
        "cut off": (image[: l2 + 100], Reason.TRUNCATED),
        "header cut off": (image[:50], Reason.TRUNCATED),
        "extensions without end": (
            patched(image, (112, big("II", 0x1234, 0) * 100)),
            Reason.MALFORMED,
        ),
    }


def _descriptor(image: bytes, change: Callable[[bytes], bytes]) -> bytes:
    """An image with another descriptor of the same size."""
    offset, sectors = struct.unpack_from("<QQ", image, 28)
    begin, size = offset * 512, sectors * 512
    text = change(image[begin : begin + size].rstrip(b"\0"))
    return image[:begin] + text.ljust(size, b"\0")[:size] + image[begin + size :]


def _vmdk() -> Cases:
    image, stream = by_qemu("vmdk"), by_qemu("vmdk stream")
    footer = struct.unpack_from("<Q", stream, 56)[0]
    directory = footer if footer != 2**64 - 1 else struct.unpack_from("<Q", stream[-1024:], 56)[0]
    table = struct.unpack_from("<I", stream, directory * 512)[0] * 512
    grains = [
        struct.unpack_from("<I", stream, o)[0]
        for o in range(table, table + 2048, 4)
        if any(stream[o : o + 4])
    ]
    at = grains[0] * 512
    bomb = zlib.compress(bytes(4 * MIB))
    mapped = struct.unpack_from("<Q", image, 56)[0]
    own_table = struct.unpack_from("<I", image, mapped * 512)[0] * 512
    flat = b'# Disk DescriptorFile\nversion=1\nRW 16384 FLAT "/etc/passwd" 0\n'
    text = _descriptor
    return {
        "text": (flat, Reason.SEVERAL_FILES),
        "text in a disk": (b"\n" + flat.ljust(2048), Reason.SEVERAL_FILES),
        "flat extent": (
            text(image, lambda t: t.replace(b" SPARSE ", b" FLAT ")),
            Reason.EXTERNAL_DATA,
        ),
        "device": (
            text(image, lambda t: t.replace(b" SPARSE ", b" VMFSRDM ")),
            Reason.EXTERNAL_DATA,
        ),
        "path": (text(image, lambda t: t.replace(b'SPARSE "', b'SPARSE "/')), Reason.UNSAFE_PATH),
        "two extents": (
            text(image, lambda t: t + b'\nRW 1 SPARSE "b.vmdk"\n'),
            Reason.SEVERAL_FILES,
        ),
        "split": (
            text(image, lambda t: t.replace(b"monolithicSparse", b"twoGbMaxExtentSparse")),
            Reason.SEVERAL_FILES,
        ),
        "parent": (
            text(image, lambda t: t.replace(b"parentCID=ffffffff", b"parentCID=12345678")),
            Reason.BACKING_FILE,
        ),
        "parent's name": (
            text(image, lambda t: t + b'\nparentFileNameHint="/etc/passwd"\n'),
            Reason.BACKING_FILE,
        ),
        "no descriptor": (patched(image, (28, little("QQ", 0, 0))), Reason.SEVERAL_FILES),
        "huge descriptor": (patched(image, (36, little("Q", 1 << 40))), Reason.MALFORMED),
        "version 7": (patched(image, (4, little("I", 7))), Reason.UNSUPPORTED_VERSION),
        "exabytes": (patched(image, (12, little("Q", 1 << 52))), Reason.VIRTUAL_SIZE),
        "odd grains": (patched(image, (20, little("Q", 3))), Reason.MALFORMED),
        "sent as text": (patched(image, (73, b"\n\n\n\n")), Reason.MALFORMED),
        "cut off": (image[: own_table + 100], Reason.TRUNCATED),
        "grain past the end": (patched(image, (own_table, little("I", 2**31))), Reason.TRUNCATED),
        "one grain everywhere": (
            patched(stream, (table, little("I", grains[0]) * 100)),
            Reason.BOMB,
        ),
        "grain that swells": (
            patched(stream, (at + 8, little("I", len(bomb)) + bomb)),
            Reason.BOMB,
        ),
        "grain of a gigabyte": (patched(stream, (at + 8, little("I", 1 << 30))), Reason.BOMB),
        "grain of rubbish": (patched(stream, (at + 12, b"\xff" * 64)), Reason.MALFORMED),
        "esx": (b"COWD" + bytes(2044), Reason.UNSUPPORTED),
    }


def _vdi() -> Cases:
    image = by_qemu("vdi")
    blocks = struct.unpack_from("<I", image, 0x154)[0]
    used = [n for n in range(8) if struct.unpack_from("<I", image, blocks + 4 * n)[0] < 2**31]
    return {
        "difference": (patched(image, (0x4C, little("I", 4))), Reason.BACKING_FILE),
        "link": (patched(image, (0x1A8, b"x" * 16)), Reason.BACKING_FILE),
        "parent": (patched(image, (0x1B8, b"x" * 16)), Reason.BACKING_FILE),
        "version 2": (patched(image, (0x44, little("I", 0x20000))), Reason.UNSUPPORTED_VERSION),
        "exabytes": (patched(image, (0x170, little("Q", 1 << 60))), Reason.VIRTUAL_SIZE),
        "sizes that differ": (patched(image, (0x180, little("I", 9))), Reason.MALFORMED),
        "odd blocks": (patched(image, (0x178, little("I", 7))), Reason.MALFORMED),
        "unknown type": (patched(image, (0x4C, little("I", 3))), Reason.UNSUPPORTED_FEATURE),
        "one block everywhere": (
            patched(image, *((blocks + 4 * n, little("I", 0)) for n in used)),
            Reason.BOMB,
        ),
        "block past the end": (
            patched(image, (blocks + 4 * used[0], little("I", 10**6))),
            Reason.TRUNCATED,
        ),
        "cut off": (image[: blocks + 8], Reason.TRUNCATED),
    }


def _vhdx() -> Cases:
    image = by_qemu("vhdx")
    metadata = image.index(b"metadata", MIB)
    table = image.index(bytes.fromhex("6677C22D23F600429D64115E9BFD4A08"), 192 << 10)
    bat = struct.unpack_from("<Q", image, table + 16)[0]
    items = range(metadata + 32, metadata + 192, 32)
    parameters, size = (
        metadata + struct.unpack_from("<I", image, item + 16)[0]
        for wanted in (PARAMETERS, DISK_SIZE)
        for item in items
        if image[item : item + 16] == wanted
    )
    unplayed = ((64 << 10) + 48, b"x" * 16)
    return {
        "parent flag": (patched(image, (parameters + 4, little("I", 2))), Reason.BACKING_FILE),
        "parent locator": (patched(image, (items[4], PARENT)), Reason.BACKING_FILE),
        "log": (patched(image, unplayed), Reason.NOT_CLOSED),
        "exabytes": (patched(image, (size, little("Q", 1 << 60))), Reason.VIRTUAL_SIZE),
        "version 9": (
            patched(image, ((64 << 10) + 66, b"\x09\0")),
            Reason.UNSUPPORTED_VERSION,
        ),
        "no headers": (
            patched(image, (64 << 10, b"xxxx"), (128 << 10, b"xxxx")),
            Reason.MALFORMED,
        ),
        "odd blocks": (patched(image, (parameters, little("I", 3))), Reason.MALFORMED),
        "partial block": (patched(image, (bat, little("Q", 7))), Reason.BACKING_FILE),
        "block past the end": (
            patched(image, (bat, little("Q", 6 | 1 << 50))),
            Reason.TRUNCATED,
        ),
        "cut off": (image[:MIB], Reason.TRUNCATED),
    }


def _tar() -> Cases:
    disk = by_qemu("vmdk stream")
    two = tar(("vm.ovf", OVF), ("disk.vmdk", disk), ("more.vmdk", disk))
    return {
        "climbs": (ova(("../../etc/cron.d/x", b"x")), Reason.UNSAFE_PATH),
        "absolute": (ova(("/etc/passwd", b"x")), Reason.UNSAFE_PATH),
        "backslash": (ova(("..\\x.mf", b"x")), Reason.UNSAFE_PATH),
        "option": (ova(("--checkpoint-action=exec=sh", b"x")), Reason.UNSAFE_PATH),
        "symbolic link": (ova(link("a.mf", "/etc/passwd")), Reason.UNSAFE_MEMBER),
        "hard link": (ova(link("a.mf", "disk.vmdk", tarfile.LNKTYPE)), Reason.UNSAFE_MEMBER),
        "device": (ova(link("a.mf", "", tarfile.CHRTYPE)), Reason.UNSAFE_MEMBER),
        "pipe": (ova(link("a.mf", "", tarfile.FIFOTYPE)), Reason.UNSAFE_MEMBER),
        "folder": (ova(link("folder", "", tarfile.DIRTYPE)), Reason.UNSAFE_MEMBER),
        "same name twice": (ova(("vm.mf", b"1"), ("vm.mf", b"2")), Reason.UNSAFE_PATH),
        "hidden path": (
            tar(("x" * 300, b""), ("vm.ovf", OVF), kind=tarfile.GNU_FORMAT),
            Reason.UNSAFE_PATH,
        ),
        "two disks": (two, Reason.SEVERAL_FILES),
        "no disk": (tar(("vm.ovf", OVF)), Reason.MALFORMED),
        "no description": (tar(("disk.vmdk", disk)), Reason.MALFORMED),
        "qcow2 inside": (
            tar(("vm.ovf", OVF), ("disk.vmdk", by_qemu("qcow2"))),
            Reason.UNSUPPORTED,
        ),
        "text vmdk inside": (
            tar(("vm.ovf", OVF), ("disk.vmdk", b"# Disk DescriptorFile\n")),
            Reason.SEVERAL_FILES,
        ),
        "disk elsewhere": (
            ova(ovf=OVF.replace(b"disk.vmdk", b"http://10.0.0.1/x")),
            Reason.EXTERNAL_DATA,
        ),
        "entities": (ova(ovf=b'<!DOCTYPE a [<!ENTITY b "c">]>' + OVF), Reason.BOMB),
        "huge description": (ova(ovf=OVF + b" " * MIB), Reason.BOMB),
        "wrong checksum": (patched(ova(), (148, b"000000")), Reason.MALFORMED),
        "cut off": (ova()[:5000], Reason.TRUNCATED),
        "without end": (ova()[: 1024 + 512 + len(by_qemu("vmdk stream"))], Reason.TRUNCATED),
        "a thousand files": (
            ova(*((f"{n}.mf", b"") for n in range(1000))),
            Reason.MALFORMED,
        ),
    }


def _plain() -> Cases:
    fixed_vhd = raw_disk() + b"conectix" + bytes(504)
    beyond = patched(gpt_disk(), (512 + 32, little("Q", 1 << 40)))
    volume = iso()
    return {
        "empty": (b"", Reason.UNKNOWN_FORMAT),
        "zeros": (bytes(MIB), Reason.UNKNOWN_FORMAT),
        "text": (b"hello" * 1000, Reason.UNKNOWN_FORMAT),
        "nothing but a signature": (bytes(510) + b"\x55\xaa", Reason.UNKNOWN_FORMAT),
        "json": (b'json:{"driver":"nbd"}'.ljust(MIB), Reason.JSON_NAME),
        "gzip": (b"\x1f\x8b\x08" + bytes(1000), Reason.COMPRESSED_FILE),
        "xz": (b"\xfd7zXZ\0" + bytes(1000), Reason.COMPRESSED_FILE),
        "zip": (b"PK\x03\x04" + bytes(1000), Reason.COMPRESSED_FILE),
        "luks": (b"LUKS\xba\xbe\0\x01" + bytes(1000), Reason.ENCRYPTED),
        "qed": (b"QED\0" + bytes(1000), Reason.UNSUPPORTED),
        "vhd": (b"conectix" + bytes(1016), Reason.UNSUPPORTED),
        "fixed vhd": (fixed_vhd, Reason.UNSUPPORTED),
        "partition past the end": (raw_disk(partition_end=10**6), Reason.TRUNCATED),
        "half a sector": (raw_disk()[:-100], Reason.TRUNCATED),
        "odd partition": (patched(raw_disk(), (446, b"\x17")), Reason.MALFORMED),
        "table past the end": (beyond, Reason.TRUNCATED),
        "no table": (patched(gpt_disk(), (512, b"xxxxxxxx")), Reason.MALFORMED),
        "huge table": (patched(gpt_disk(), (592, little("I", 2**31))), Reason.MALFORMED),
        "volume cut off": (iso(blocks=400)[: 100 * 2048], Reason.TRUNCATED),
        "volume without end": (volume[: 17 * 2048], Reason.TRUNCATED),
        "two sizes": (patched(volume, (16 * 2048 + 84, big("I", 7))), Reason.MALFORMED),
        "root elsewhere": (
            patched(volume, (16 * 2048 + 158, little("I", 10**6))),
            Reason.MALFORMED,
        ),
        "volume of version 9": (
            patched(volume, (16 * 2048 + 6, b"\x09")),
            Reason.UNSUPPORTED_VERSION,
        ),
    }
