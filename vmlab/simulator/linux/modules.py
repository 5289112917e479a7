"""The kernel modules that the guest loads, in an order in which each finds what it depends on."""

from __future__ import annotations

import lzma
import re
from pathlib import Path

_VIRTIO = "virtio_pci virtio_blk virtio_scsi virtio_net virtio_console virtio_balloon"
_OTHERS = "ata_piix ahci sd_mod sr_mod isofs button evdev e1000"
WANTED = f"{_VIRTIO} {_OTHERS}".split()


def in_order(folder: Path) -> list[tuple[str, bytes]]:
    """Names and contents of the modules below a kernel's folder; what is built in is left out."""
    there = {path.name.partition(".")[0].replace("-", "_"): path for path in folder.rglob("*.ko*")}
    loaded: dict[str, bytes] = {}

    def load(name: str) -> None:
        name = name.replace("-", "_")
        if name in there and name not in loaded:
            content = _content(there[name])
            for other in _depends(content):
                load(other)
            loaded[name] = content

    for name in WANTED:
        load(name)
    return list(loaded.items())


def _content(path: Path) -> bytes:
    """A module's bytes; Debian compresses them since 13."""
    content = path.read_bytes()
    return lzma.decompress(content) if path.suffix == ".xz" else content


def _depends(module: bytes) -> list[str]:
    match = re.search(rb"\0depends=([^\0]*)\0", module)
    return [name for name in match[1].decode().split(",") if name] if match else []
