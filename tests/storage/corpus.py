"""Good images, most of them written by the real qemu-img; `hostile` makes the others of them."""

from __future__ import annotations

import io
import struct
import subprocess
import tarfile
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from vmlab.rules.images import ImageFormat

MIB = 1 << 20
DISK_BYTES = 8 * MIB
OVF = b'<Envelope><References><File href="disk.vmdk"/></References></Envelope>'

QEMU_IMAGES: Mapping[str, tuple[ImageFormat, list[str]]] = {
    "qcow2": (ImageFormat.QCOW2, []),
    "qcow2 v2": (ImageFormat.QCOW2, ["-o", "compat=0.10"]),
    "qcow2 compressed": (ImageFormat.QCOW2, ["-c"]),
    "qcow2 zstd": (ImageFormat.QCOW2, ["-c", "-o", "compression_type=zstd"]),
    "qcow2 extended": (ImageFormat.QCOW2, ["-o", "extended_l2=on"]),
    "qcow2 small clusters": (ImageFormat.QCOW2, ["-o", "cluster_size=512"]),
    "qcow2 preallocated": (ImageFormat.QCOW2, ["-o", "preallocation=metadata"]),
    "vmdk": (ImageFormat.VMDK, []),
    "vmdk stream": (ImageFormat.VMDK, ["-o", "subformat=streamOptimized"]),
    "vdi": (ImageFormat.VDI, []),
    "vdi static": (ImageFormat.VDI, ["-o", "static=on"]),
    "vhdx": (ImageFormat.VHDX, []),
    "vhdx fixed": (ImageFormat.VHDX, ["-o", "subformat=fixed"]),
}
"""What qemu-img writes, with which options."""


def raw_disk(*, sectors: int = DISK_BYTES // 512, partition_end: int | None = None) -> bytes:
    """A disk with one partition and something in it."""
    count = (sectors if partition_end is None else partition_end) - 2048
    disk = bytearray(sectors * 512)
    disk[446:462] = struct.pack("<B3xB3xII", 0x80, 0x83, 2048, count)
    disk[510:512] = b"\x55\xaa"
    for place in range(2 * MIB, DISK_BYTES, 2 * MIB):
        disk[place : place + 70_000] = bytes(range(1, 251)) * 280
    return bytes(disk)


def gpt_disk() -> bytes:
    """A disk with a GUID partition table."""
    disk = bytearray(raw_disk())
    last = len(disk) // 512 - 1
    disk[446:462] = struct.pack("<B3xB3xII", 0, 0xEE, 1, last)
    header = struct.pack("<8sIIIxxxxQQQQ", b"EFI PART", 0x10000, 92, 0, 1, last, 34, last - 33)
    disk[512:600] = header + struct.pack("<16sQII", b"", 2, 128, 128)
    disk[1024:1072] = struct.pack("<16s16sQQ", b"kind" * 4, b"name" * 4, 2048, 4096)
    return bytes(disk)


def boot_sector() -> bytes:
    """A guest of one sector, without partitions."""
    return (b"\xfa\xf4\xeb\xfd" + bytes(506) + b"\x55\xaa")[:512]


def iso(*, blocks: int = 40) -> bytes:
    """A volume of nothing but a root directory."""
    volume = bytearray(blocks * 2048)
    descriptor = bytearray(2048)
    descriptor[0:7] = b"\x01CD001\x01"
    descriptor[80:88] = struct.pack("<I", blocks) + struct.pack(">I", blocks)
    descriptor[128:132] = struct.pack("<H", 2048) + struct.pack(">H", 2048)
    descriptor[156:174] = struct.pack("<BBI4xI4x", 34, 0, 20, 2048)
    volume[16 * 2048 : 17 * 2048] = descriptor
    volume[17 * 2048 : 17 * 2048 + 7] = b"\xffCD001\x01"
    return bytes(volume)


def tar(*members: tuple[str, bytes] | tarfile.TarInfo, kind: int = tarfile.USTAR_FORMAT) -> bytes:
    """An archive of these."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w", format=kind) as archive:
        for member in members:
            if isinstance(member, tarfile.TarInfo):
                archive.addfile(member)
            else:
                info = tarfile.TarInfo(member[0])
                info.size = len(member[1])
                archive.addfile(info, io.BytesIO(member[1]))
    return file.getvalue()


def ova(*more: tuple[str, bytes] | tarfile.TarInfo, ovf: bytes = OVF) -> bytes:
    """An archive of a description, a disk and whatever else."""
    return tar(("vm.ovf", ovf), ("disk.vmdk", by_qemu("vmdk stream")), *more)


def link(name: str, target: str, kind: bytes = tarfile.SYMTYPE) -> tarfile.TarInfo:
    """A member that is no file."""
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


@cache
def by_qemu(name: str) -> bytes:
    """An image that the real qemu-img has written."""
    format_, options = QEMU_IMAGES[name]
    with TemporaryDirectory() as folder:
        source, target = Path(folder) / "disk.raw", Path(folder) / "image"
        source.write_bytes(raw_disk())
        command = [
            "qemu-img",
            "convert",
            "-f",
            "raw",
            "-O",
            format_,
            *options,
            str(source),
            str(target),
        ]
        subprocess.run(command, check=True, timeout=60)
        return target.read_bytes()


@cache
def with_snapshot() -> bytes:
    """A qcow2 image with one snapshot in it."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "image"
        path.write_bytes(by_qemu("qcow2"))
        subprocess.run(["qemu-img", "snapshot", "-c", "one", path], check=True, timeout=60)
        return path.read_bytes()


def good() -> Iterator[tuple[str, bytes, ImageFormat, int]]:
    """Name, content, format and virtual size of images that are fine."""
    for name, (format_, _) in QEMU_IMAGES.items():
        yield name, by_qemu(name), format_, DISK_BYTES
    yield "qcow2 snapshot", with_snapshot(), ImageFormat.QCOW2, DISK_BYTES
    yield "raw mbr", raw_disk(), ImageFormat.RAW, DISK_BYTES
    yield "raw gpt", gpt_disk(), ImageFormat.RAW, DISK_BYTES
    yield "raw boot sector", boot_sector(), ImageFormat.RAW, 512
    yield "iso", iso(), ImageFormat.ISO, 40 * 2048
    yield "ova", ova(), ImageFormat.OVA, DISK_BYTES
    yield "ova manifest", ova(("vm.mf", b"SHA256")), ImageFormat.OVA, DISK_BYTES


def patched(content: bytes, *changes: tuple[int, bytes]) -> bytes:
    """A copy with other bytes at some offsets."""
    changed = bytearray(content)
    for offset, new in changes:
        changed[offset : offset + len(new)] = new
    return bytes(changed)


def big(layout: str, *values: int) -> bytes:
    """Big-endian numbers, as in qcow2."""
    return struct.pack(">" + layout, *values)


def little(layout: str, *values: int) -> bytes:
    """Little-endian numbers, as in all the others."""
    return struct.pack("<" + layout, *values)
