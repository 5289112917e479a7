"""Writes a bootable disk: SYSLINUX with kernel and initramfs on FAT, and an ext4 for what stays.

GRUB would do, too, but takes four times as long until the kernel runs where QEMU emulates.
"""

from __future__ import annotations

import os
import struct
from pathlib import Path

from vmlab.simulator.linux.packages import run

MIB = 1 << 20
SECTORS_A_MIB = MIB // 512
SIZE_MIB = 1024
HEADS, SECTORS = 64, 32
FAT16, LINUX, ACTIVE = 0x0E, 0x83, 0x80
EXT4 = "^metadata_csum,^64bit,^resize_inode"
CONFIG = """DEFAULT linux
PROMPT 0
LABEL linux
 LINUX /vmlinuz
 INITRD /initrd
 APPEND console=ttyS0,115200 console=tty0 quiet loglevel=3 panic=5 mitigations=off \
random.trust_cpu=on
"""


def write(disk: Path, kernel: bytes, initramfs: bytes, tools: Path, work: Path) -> None:
    """Write the disk as a sparse raw image.

    Args:
        tools: where syslinux and mtools are unpacked.
        work: a folder for what goes onto the disk.
    """
    boot_mib = (len(kernel) + len(initramfs)) // MIB + 4
    with disk.open("wb") as out:
        out.truncate(SIZE_MIB * MIB)
    path = f"{tools}/usr/bin:{os.environ['PATH']}:/usr/sbin:/sbin"
    environment = {"PATH": path, "MTOOLS_SKIP_CHECK": "1"}
    files = {"vmlinuz": kernel, "initrd": initramfs, "syslinux.cfg": CONFIG.encode()}
    for name, content in files.items():
        (work / name).write_bytes(content)
    at = f"{disk}@@1M"
    shape = ("-T", str(boot_mib * SECTORS_A_MIB), "-h", str(HEADS), "-s", str(SECTORS))
    run(
        "mformat",
        "-i",
        at,
        *shape,
        "-H",
        str(SECTORS_A_MIB),
        "-v",
        "BOOT",
        "::",
        environment=environment,
    )
    run("mcopy", "-i", at, *(work / name for name in files), "::", environment=environment)
    run("syslinux", "--offset", str(MIB), "--install", disk, environment=environment)
    rest_mib = SIZE_MIB - 1 - boot_mib
    offset = f"offset={(1 + boot_mib) * MIB},root_owner=0:0"
    command = ("mke2fs", "-q", "-F", "-t", "ext4", "-L", "vmlab", "-m", "0", "-O", EXT4)
    run(*command, "-E", offset, disk, f"{rest_mib}M", environment=environment)
    loader = (tools / "usr/lib/syslinux/mbr/mbr.bin").read_bytes()
    with disk.open("r+b") as out:
        out.write(_partition_table(loader, boot_mib, rest_mib))


def _partition_table(loader: bytes, boot_mib: int, rest_mib: int) -> bytes:
    first = _partition(FAT16, 1, boot_mib, ACTIVE)
    second = _partition(LINUX, 1 + boot_mib, rest_mib)
    return loader[:440].ljust(446, b"\0") + first + second + bytes(32) + b"\x55\xaa"


def _partition(kind: int, start_mib: int, size_mib: int, flag: int = 0) -> bytes:
    no_geometry = b"\xfe\xff\xff"
    start, size = start_mib * SECTORS_A_MIB, size_mib * SECTORS_A_MIB
    return struct.pack("<B3sB3sII", flag, no_geometry, kind, no_geometry, start, size)
