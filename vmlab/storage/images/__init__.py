"""Uploaded images: recognised by content, checked by our own code before any tool touches them.

inspection ──> one module a format, each reading through `source`, then `qemu_img`
"""

from vmlab.storage.images.inspection import inspect
from vmlab.storage.images.report import ImageReport
from vmlab.storage.images.source import Refusal

__all__ = ["ImageReport", "Refusal", "inspect"]
