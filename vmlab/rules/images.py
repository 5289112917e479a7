"""What an uploaded image may be, and what is said of one that may not.

Third floor: pure. `vmlab.storage.images` looks at the bytes and names one of these reasons; the
limits are far above what a lab's machines need and far below what would hurt a node.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

MAX_VIRTUAL_BYTES = 4 << 40
"""Largest disk that an image may claim to be: 4 TiB."""

MAX_SNAPSHOTS = 32
"""Snapshots inside an image; 65,535 of them keep `qemu-img check` busy for seconds (QEMU 7.2)."""

MAX_OVA_MEMBERS = 64
"""Files in an OVA."""


class ImageFormat(StrEnum):
    """The kinds of image that are told apart, by content and never by name."""

    QCOW2 = "qcow2"
    RAW = "raw"
    VMDK = "vmdk"
    VDI = "vdi"
    VHDX = "vhdx"
    OVA = "ova"
    ISO = "iso"


CONVERTED = frozenset({ImageFormat.VDI, ImageFormat.VHDX})
"""Formats that Proxmox does not import: they become QCOW2. The disk in an OVA is a VMDK."""


class Purpose(StrEnum):
    """What somebody uploads a file for."""

    TEMPLATE = "template"
    """A disk image that machines will be made from."""
    ISO = "iso"
    """An installation medium."""
    ATTACHMENT = "attachment"
    """Anything; it is kept and given out again, and never looked into."""


FITTING: Mapping[Purpose, frozenset[ImageFormat]] = {
    Purpose.TEMPLATE: frozenset(ImageFormat) - {ImageFormat.ISO},
    Purpose.ISO: frozenset({ImageFormat.ISO}),
}
"""Which formats a purpose takes; a purpose that is not named takes anything."""


class Reason(StrEnum):
    """Why an image is refused: `error.details.reason` of the answer."""

    UNKNOWN_FORMAT = "unknown_format"
    WRONG_KIND = "wrong_kind"
    UNSUPPORTED = "unsupported"
    UNSUPPORTED_VERSION = "unsupported_version"
    UNSUPPORTED_FEATURE = "unsupported_feature"
    BACKING_FILE = "backing_file"
    JSON_NAME = "json_name"
    EXTERNAL_DATA = "external_data"
    SEVERAL_FILES = "several_files"
    ENCRYPTED = "encrypted"
    COMPRESSED_FILE = "compressed_file"
    TRUNCATED = "truncated"
    MALFORMED = "malformed"
    VIRTUAL_SIZE = "virtual_size"
    SNAPSHOTS = "snapshots"
    UNSAFE_PATH = "unsafe_path"
    UNSAFE_MEMBER = "unsafe_member"
    BOMB = "bomb"
    NOT_CLOSED = "not_closed"
    TOO_COMPLEX = "too_complex"
    TOOL_REFUSED = "tool_refused"
    NO_TOOL = "no_tool"


SENTENCES: Mapping[Reason, str] = {
    Reason.UNKNOWN_FORMAT: "This is no disk image of a known kind.",
    Reason.WRONG_KIND: "This kind of image does not fit the purpose.",
    Reason.UNSUPPORTED: "This kind of disk image is not supported: convert it to qcow2.",
    Reason.UNSUPPORTED_VERSION: "This version of the image format is not supported.",
    Reason.UNSUPPORTED_FEATURE: "The image uses a feature that is not supported.",
    Reason.BACKING_FILE: "The image builds on another image: merge the two first.",
    Reason.JSON_NAME: "The image names a block device of its own making.",
    Reason.EXTERNAL_DATA: "The image keeps its data in another file.",
    Reason.SEVERAL_FILES: "The image consists of several files: make it a single one.",
    Reason.ENCRYPTED: "The image is encrypted.",
    Reason.COMPRESSED_FILE: "The file is compressed: unpack it first.",
    Reason.TRUNCATED: "The file ends before the image does.",
    Reason.MALFORMED: "The image's structure is damaged.",
    Reason.VIRTUAL_SIZE: "The image's virtual size is not credible.",
    Reason.SNAPSHOTS: "The image has too many snapshots, or damaged ones.",
    Reason.UNSAFE_PATH: "The archive has a file whose name leads elsewhere.",
    Reason.UNSAFE_MEMBER: "The archive has a link, a device or another thing that is no file.",
    Reason.BOMB: "The image would unpack to far more than it holds.",
    Reason.NOT_CLOSED: "The image was not closed properly by the program that wrote it.",
    Reason.TOO_COMPLEX: "The image takes too long to check.",
    Reason.TOOL_REFUSED: "The image does not pass the check by qemu-img.",
    Reason.NO_TOOL: "This kind of image has to be converted, and qemu-img is not installed.",
}
"""What is said for each; message ids."""


def fits(purpose: Purpose, format_: ImageFormat) -> bool:
    """Whether a purpose takes images of this format."""
    return purpose not in FITTING or format_ in FITTING[purpose]
