"""Scenes of storages and of measured curves."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from tests.simulator.conformance import cast
from tests.simulator.conformance.stage import NODE, Stage

_ISO = bytes(cast.ISO_BYTES)
_FILE = object()


def _form(fields: Mapping[str, str | object], file: str, content: bytes) -> bytes:
    """Multipart bytes with the fields in the given order; `_FILE` marks the file's place."""
    parts = []
    for name, value in fields.items():
        head = f'------vmlab\r\nContent-Disposition: form-data; name="{name}"'
        if value is _FILE:
            kind = "Content-Type: application/octet-stream"
            head += f'; filename="{file}"\r\n{kind}'
            parts.append(head.encode() + b"\r\n\r\n" + content + b"\r\n")
        else:
            parts.append(f"{head}\r\n\r\n{value}\r\n".encode())
    return b"".join([*parts, b"------vmlab--\r\n"])


def _upload(content: str = "iso", file: str = "test.iso", data: bytes = _ISO) -> bytes:
    return _form({"content": content, "filename": _FILE}, file, data)


def _checked(digest: str, *, algorithm_first: bool = True) -> bytes:
    names = ["checksum-algorithm", "checksum"]
    values = {"checksum-algorithm": "sha256", "checksum": digest}
    order = names if algorithm_first else names[::-1]
    fields = {"content": "iso", **{name: values[name] for name in order}, "filename": _FILE}
    return _form(fields, "test3.iso", _ISO)


async def uploads(stage: Stage) -> None:
    """Uploads in the right order and in wrong ones."""
    right = hashlib.sha256(_ISO).hexdigest()
    await stage.replay("050-upload-iso", sent=_upload())
    await stage.replay("050b-upload-iso-checksum", sent=_checked(right))
    await stage.replay("050c-err-upload-bad-checksum", sent=_checked("0" * 64))
    await stage.replay("050d-err-upload-bad-ext", sent=_upload(file="test.txt"))
    file_first = _form({"filename": _FILE, "content": "iso"}, "test4.iso", _ISO)
    await stage.replay("050e-upload-file-first", sent=file_first)
    template = _upload("vztmpl", "test.tar.gz")
    await stage.replay("050f-err-upload-content-not-allowed", sent=template)
    await stage.replay("050g-err-upload-unknown-storage", sent=_upload())
    await stage.replay("050h-upload-again-overwrite", sent=_upload())
    wrong_order = _checked(right, algorithm_first=False)
    await stage.replay("050i-err-upload-checksum-before-algorithm", sent=wrong_order)
    disk = _upload("import", "disk.qcow2", cast.qcow2(cast.IMPORT_BYTES))
    await stage.replay("051-upload-import", sent=disk)
    await stage.replay("052-content-local", "052b-content-iso")
    await stage.replay("053-content-delete", "053b-content-delete-again")
    await stage.replay("080-upload-guest-iso", sent=_upload(file="vmlab-guest.iso"))


async def contents(stage: Stage) -> None:
    """The state of a storage, and volumes allocated by hand."""
    await cast.guest(stage, 103, cast.BASE)
    await stage.replay("054-alloc-disk", "055-storage-status", "055b-err-storage-unknown")
    await stage.replay("014b-cluster-resources-storage")
    vmdisks = f"/nodes/{NODE}/storage/vmdisks/content"
    assert "vmdisks:103/vm-103-disk-9.qcow2" in str(await stage.admin("GET", vmdisks))


async def curves(stage: Stage) -> None:
    """What the node has measured of itself and of a guest that is off."""
    await cast.guest(stage, 300, cast.BASE)
    await stage.replay_only("9.2", "060-rrddata")
    await stage.advance(180)
    await stage.replay_only("8.4", "060-rrddata")
    await stage.replay("060b-node-rrddata")


SCENES = (uploads, contents, curves)
