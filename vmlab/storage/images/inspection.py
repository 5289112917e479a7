"""Tells what kind of image a file is, and whether it may be used.

    content ──> recognise ──> our own check of the headers ──> qemu-img, told the format ──> report

No tool touches a file before our own check has passed: `qemu-img` opens what an image names (files
of the host, network devices) and some images keep it busy for very long. Blocks: run it in a thread
(`vmlab.storage.store.Store.inspect`).
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

from vmlab.rules.images import ImageFormat, Reason
from vmlab.storage.images import iso, ova, qcow2, qemu_img, raw, vdi, vhdx, vmdk
from vmlab.storage.images.report import ImageReport
from vmlab.storage.images.source import Source, refuse

CHECK_S = 30.0
"""Longest check of our own."""

_CHECKS: dict[ImageFormat, Callable[[Source], int]] = {
    ImageFormat.QCOW2: qcow2.check,
    ImageFormat.RAW: raw.check,
    ImageFormat.VMDK: vmdk.check,
    ImageFormat.VDI: vdi.check,
    ImageFormat.VHDX: vhdx.check,
    ImageFormat.OVA: ova.check,
    ImageFormat.ISO: iso.check,
}

_COMPRESSED = (
    b"\x1f\x8b",  # gzip
    b"BZh",
    b"\xfd7zXZ\0",
    b"\x28\xb5\x2f\xfd",  # zstd
    b"PK\x03\x04",  # zip
    b"7z\xbc\xaf\x27\x1c",
    b"Rar!",
    b"\x04\x22\x4d\x18",  # lz4
)
_FOREIGN = (b"QED\0", b"conectix", b"WithoutFreeSpace", b"WithouFreSpacExt", b"COWD", b"OOOM")
"""QED, VHD, Parallels (two), VMware ESX, old QEMU copy-on-write."""
_VHD_FOOTER = b"conectix"
_LUKS = b"LUKS\xba\xbe"


def inspect(path: Path, *, check_s: float = CHECK_S) -> ImageReport:
    """Find out what image a file is; whatever the file, the only error is the refusal.

    Args:
        path: absolute, and named by us.
        check_s: longest that our own check may take; qemu-img has its own limits.

    Raises:
        Refusal: the image is not safe; `details.reason` says why (an `UnsafeFile`).
    """
    fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    try:
        source = Source(fd, 0, os.fstat(fd).st_size, time.monotonic() + check_s)
        format_ = recognise(source)
        virtual_size_bytes = _CHECKS[format_](source)
        disk = ova.disk_in(source) if format_ is ImageFormat.OVA else source
    finally:
        os.close(fd)
    checked = qemu_img.check(path, format_, virtual_size_bytes)
    return ImageReport(
        format=format_,
        virtual_size_bytes=virtual_size_bytes,
        size_bytes=source.size,
        checked_by_qemu=checked,
        disk_start=disk.start,
        disk_bytes=disk.size,
    )


def recognise(source: Source) -> ImageFormat:
    """The kind of image, by its content.

    Raises:
        Refusal: it is none that is supported.
    """
    head = source.peek(0, 512)
    if head.startswith(qcow2.MAGIC):
        return ImageFormat.QCOW2
    if head.startswith(vmdk.MAGIC):
        return ImageFormat.VMDK
    if head.startswith(vhdx.MAGIC):
        return ImageFormat.VHDX
    if head[vdi.MAGIC_OFFSET :][:4] == vdi.MAGIC.to_bytes(4, "little"):
        return ImageFormat.VDI
    if head[ova.MAGIC_OFFSET :].startswith(ova.MAGIC):
        return ImageFormat.OVA
    _refuse_others(source, head)
    if source.peek(iso.MAGIC_OFFSET, len(iso.MAGIC)) == iso.MAGIC:
        return ImageFormat.ISO
    if head[raw.SIGNATURE_OFFSET :] != raw.SIGNATURE:
        refuse(Reason.UNKNOWN_FORMAT)
    return ImageFormat.RAW


def _refuse_others(source: Source, head: bytes) -> None:
    if vmdk.TEXT_MAGIC in head:
        refuse(Reason.SEVERAL_FILES)
    if head.lstrip().startswith((b"json:", b"{")):
        refuse(Reason.JSON_NAME)
    if head.startswith(_LUKS):
        refuse(Reason.ENCRYPTED)
    if head.startswith(_COMPRESSED):
        refuse(Reason.COMPRESSED_FILE)
    if head.startswith(_FOREIGN) or source.peek(max(0, source.size - 512), 8) == _VHD_FOOTER:
        refuse(Reason.UNSUPPORTED)
