"""What the inspection of an image finds out."""

from __future__ import annotations

from dataclasses import dataclass

from vmlab.rules.images import ImageFormat


@dataclass(frozen=True, kw_only=True)
class ImageReport:
    """An image that may be used."""

    format: ImageFormat
    virtual_size_bytes: int
    """Of the disk in it, which of an OVA is the only one."""
    size_bytes: int
    """Of the file."""
    checked_by_qemu: bool
    """Whether qemu-img has looked at it as well."""
    disk_start: int = 0
    """First byte of the disk in the file, which in an OVA lies behind other things."""
    disk_bytes: int
    """Bytes of the disk in the file."""
