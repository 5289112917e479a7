"""Which chunks of an upload are here: a file with one byte for each.

A byte is set only after the chunk's own bytes are safe on the disk, so a crash or a power cut can
lose a chunk but never claim one. All functions block.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

Ranges = list[list[int]]
"""Pairs of first and last index."""

MAX_CHUNKS = 100_000

_HERE, _MISSING = re.compile(rb"\x01+"), re.compile(rb"\x00+")


def create(path: Path, count: int) -> None:
    """Write the map of an upload of which nothing is here yet."""
    path.write_bytes(bytes(count))


def is_here(path: Path, index: int) -> bool:
    """Whether one chunk is here."""
    with path.open("rb") as file:
        return os.pread(file.fileno(), 1, index) == b"\x01"


def received_and_missing(path: Path) -> tuple[Ranges, Ranges]:
    """Indexes of the chunks that are here, and of the others."""
    marks = path.read_bytes()
    return list(_ranges(_HERE, marks)), list(_ranges(_MISSING, marks))


def commit(spooled: Path, data_fd: int, offset: int, map_path: Path, index: int) -> None:
    """Put a chunk into its place, then say that it is here."""
    with spooled.open("rb") as chunk:
        copy_all(chunk.fileno(), data_fd, offset)
    os.fdatasync(data_fd)
    with map_path.open("r+b") as marks:
        os.pwrite(marks.fileno(), b"\x01", index)


def copy_all(source_fd: int, target_fd: int, offset: int) -> None:
    """Copy a whole file to an offset of another, inside the kernel."""
    position, size = 0, os.fstat(source_fd).st_size
    while position < size:
        done = os.copy_file_range(
            source_fd, target_fd, size - position, position, offset + position
        )
        if done == 0:
            raise OSError("the spooled chunk became shorter while it was copied")
        position += done


def _ranges(pattern: re.Pattern[bytes], marks: bytes) -> Iterator[list[int]]:
    for match in pattern.finditer(marks):
        yield [match.start(), match.end() - 1]
