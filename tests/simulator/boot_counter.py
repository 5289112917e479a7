"""A guest of two sectors: it counts its boots in the second one and switches itself off.

What the count is tells which disk a machine has booted, and how often.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

from vmlab.simulator.machines.bootsector import SECTOR_SIZE, SIGNATURE

_PROGRAM = bytes.fromhex(
    "31 C0 8E D8 8E C0 8E D0 BC 00 7C"  # ds = es = ss = 0, sp = 0x7c00
    "B8 01 02 B9 02 00 B6 00 BB 00 7E CD 13"  # read the second sector to 0x7e00
    "FE 06 00 7E"  # inc byte [0x7e00]
    "B8 01 03 B9 02 00 B6 00 BB 00 7E CD 13"  # write it back
    "BA 04 06 B8 00 20 EF"  # sleep state "soft off" of the PIIX4
    "F4 EB FD"  # halt
)


def boot_counter(size_bytes: int = 1 << 20, boots: int = 0) -> bytes:
    """A raw image that has counted to `boots` so far."""
    sector = _PROGRAM.ljust(SECTOR_SIZE - len(SIGNATURE), b"\0") + SIGNATURE
    return (sector + bytes([boots])).ljust(size_bytes, b"\0")


async def counted(file: Path) -> int:
    """The count in a QCOW2 image that no machine has open."""
    command = ("qemu-img", "dd", "-f", "qcow2", "-O", "raw", "bs=512", "count=2")
    out = file.with_suffix(".sectors")
    process = await asyncio.create_subprocess_exec(*command, f"if={file}", f"of={out}")
    assert await process.wait() == 0
    sectors = out.read_bytes()
    out.unlink()
    return sectors[SECTOR_SIZE]
