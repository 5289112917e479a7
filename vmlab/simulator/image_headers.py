"""What the first bytes of an image file say, and how to open one that a stranger made.

A QCOW2 or VMDK file can name other files of the machine that reads it. pve-storage refuses such
images where it imports them; so does this.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
import struct
import tarfile
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

from vmlab.simulator.errors import ApiError
from vmlab.simulator.state import Volume

QCOW2_MAGIC = b"QFI\xfb"
VMDK_MAGIC = b"KDMV"
SECTOR = 512
_QCOW2_HEADER_BYTES = 80
_EXTERNAL_DATA = 1 << 2
_DISK_SUFFIXES = (".vmdk", ".qcow2", ".raw")


def virtual_size(file: Path) -> int | None:
    """What a QCOW2 or VMDK image holds by its header, in bytes; None for anything else."""
    head = _head(file)
    if len(head) < 32:
        return None
    if head.startswith(QCOW2_MAGIC):
        return int.from_bytes(head[24:32], "big")
    if head.startswith(VMDK_MAGIC):
        return SECTOR * int.from_bytes(head[12:20], "little")
    return None


@contextlib.asynccontextmanager
async def openable(volume: Volume) -> AsyncIterator[str]:
    """The volume's file in a form that has QEMU open it and nothing else, its format named.

    A disk inside an OVA is unpacked for the time of the block.

    Raises:
        ApiError: 500, the image refers to other files, or is not of its format.
    """
    assert volume.file is not None
    if volume.content == "images":  # made here, maybe upon a base
        yield _description(volume.file, "qcow2")
    elif volume.format.startswith("ova"):
        folder = Path(tempfile.mkdtemp(dir=volume.file.parent))
        try:
            disk = await asyncio.to_thread(_unpack, volume.file, folder)
            yield _stranger(disk, disk.suffix.removeprefix("."))
        finally:
            await asyncio.to_thread(shutil.rmtree, folder)
    else:
        yield _stranger(volume.file, volume.format)


def _stranger(file: Path, image_format: str) -> str:
    """Describe an image that was received, after a look at what it refers to."""
    head = _head(file)
    alone: dict[str, None] = {}
    if image_format == "qcow2":
        if len(head) < _QCOW2_HEADER_BYTES or not head.startswith(QCOW2_MAGIC):
            raise ApiError(500, "Image is not in qcow2 format")
        version, backing = struct.unpack_from(">IQ", head, 4)
        features = struct.unpack_from(">Q", head, 72)[0] if version >= 3 else 0
        if backing or features & _EXTERNAL_DATA:
            raise ApiError(500, "Image has a backing or data file, which is not allowed")
        alone = {"backing": None}
    elif image_format == "vmdk" and not head.startswith(VMDK_MAGIC):
        raise ApiError(500, "Image is no sparse VMDK file")
    return _description(file, "raw" if image_format in ("iso", "img") else image_format, **alone)


def _description(file: Path, driver: str, **more: None) -> str:
    protocol = {"driver": "file", "filename": str(file)}
    return "json:" + json.dumps({"driver": driver, "file": protocol, **more})


def _unpack(archive: Path, folder: Path) -> Path:
    """Take the first disk out of an OVA, which is a tar file."""
    with tarfile.open(archive) as members:
        for member in members:
            suffix = Path(member.name).suffix
            content = members.extractfile(member) if suffix in _DISK_SUFFIXES else None
            if content is not None:
                disk = folder / f"disk{suffix}"
                with disk.open("wb") as out:
                    shutil.copyfileobj(content, out)
                return disk
    raise ApiError(500, "OVA contains no disk image")


def _head(file: Path) -> bytes:
    with file.open("rb") as opened:
        return opened.read(_QCOW2_HEADER_BYTES)
