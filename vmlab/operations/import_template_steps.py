"""Makes a template from an uploaded image.

inspect    the image once more, by content
prepare    what Proxmox does not import is converted   undo: the converted image is deleted
choose     a node that has both storages
upload     to the import storage                       undo: deleted there
place      a number is written down                    undo: given back
create     a guest whose disk is filled from it        undo: verify, then destroy
identify   what Proxmox has drawn is written down
convert    to a template
describe   sizes and storages are read back
trial ...  a machine is cloned, started, destroyed     (`vmlab.operations.trial`)
tidy       the image in the import storage is deleted
discard    the converted image is deleted

The uploaded file itself is never changed. Once the template is ready it is free to be deleted.
"""

from __future__ import annotations

import uuid
from typing import Any

from vmlab.errors import ProxmoxFailed, ServiceUnavailable
from vmlab.models import File, Task, TaskStatus, Template, TemplateStatus
from vmlab.operations import image_transfer, import_template, own_template, trial
from vmlab.operations.import_template import KIND
from vmlab.operations.making import Making, clock
from vmlab.operations.own_template import NotAsMade, options_of
from vmlab.operations.register_template import issue
from vmlab.proxmox.client import Param
from vmlab.proxmox.cluster import ClusterView
from vmlab.proxmox.guests import imported_disk
from vmlab.rules import privileges
from vmlab.rules.images import CONVERTED, ImageFormat
from vmlab.tasks.operation import Operation, PveStep, Step
from vmlab.tasks.run import Run

_SUFFIXES = {ImageFormat.RAW: "raw", ImageFormat.VMDK: "vmdk", ImageFormat.OVA: "vmdk"}
"""By what Proxmox tells the format of an image; all others are QCOW2 when they get there."""

_FILE_STORAGES = frozenset({"dir", "nfs", "cifs", "cephfs", "glusterfs", "btrfs"})
"""Storages whose disks are files; for those Proxmox itself would choose raw, without snapshots."""

_OS_TYPES = {"linux": "l26", "windows": "win11", "solaris": "solaris"}
"""Proxmox's words for what a template's `os_type` says; with them come suitable devices."""

_CONVERTED_ROOM = 1.02
"""How much larger than its disk a QCOW2 image is at most."""


class NoStorage(ProxmoxFailed):
    """No node that is online has the storages that this takes, with room for the image."""


async def _inspect(run: Run) -> dict[str, Any]:
    template = await own_template.own_template(run)
    await Template.filter(id=template.id).update(status=TemplateStatus.VALIDATING)
    file = await _file(run)
    report = await run.parts.files.inspect(file.key)
    await Template.filter(id=template.id).update(
        format=str(report.format), size_bytes=report.virtual_size_bytes
    )
    return {
        "format": str(report.format),
        "virtual_size_bytes": report.virtual_size_bytes,
        "disk_start": report.disk_start,
        "disk_bytes": report.disk_bytes,
        "checked_by_qemu": report.checked_by_qemu,
    }


async def _file(run: Run) -> File:
    template = await Template.get(id=run.task.target_id).select_related("source_file")
    assert template.source_file is not None
    return template.source_file


async def _prepare(run: Run) -> dict[str, Any]:
    """Say which bytes of which file are sent, and under which name."""
    file, seen, files = await _file(run), run.output("inspect"), run.parts.files
    template = await own_template.own_template(run)
    format_ = ImageFormat(seen["format"])
    name = f"vmlab-{template.uuid}.{_SUFFIXES.get(format_, 'qcow2')}"
    if format_ in CONVERTED:
        return {"name": name, **await _converted(run, file, format_, template.uuid)}
    start, length = seen["disk_start"], seen["disk_bytes"]
    sha256 = file.sha256
    if (start, length) != (0, file.size_bytes):
        sha256 = await run.interruptible(files.sha256(file.key, start, length))
    return {"name": name, "key": file.key, "start": start, "bytes": length, "sha256": sha256}


async def _converted(
    run: Run, file: File, format_: ImageFormat, template_uuid: uuid.UUID | None
) -> dict[str, Any]:
    files, key = run.parts.files, _converted_key(template_uuid)
    free, _ = await files.room_bytes()
    room = free - (run.parts.settings.storage.keep_free_mb << 20)
    if room < file.size_bytes:
        raise ServiceUnavailable("There is no room to convert the image in.")
    size = int(run.output("inspect")["virtual_size_bytes"] * _CONVERTED_ROOM) + (64 << 20)
    await run.interruptible(files.convert(file.key, format_, into=key, room_bytes=min(room, size)))
    sha256 = await run.interruptible(files.sha256(key))
    return {"key": key, "start": 0, "bytes": await files.size_bytes(key), "sha256": sha256}


def _converted_key(template_uuid: uuid.UUID | None) -> str:
    assert template_uuid is not None
    return template_uuid.hex


async def _discard(run: Run) -> None:
    template = await own_template.own_template(run)
    await run.parts.files.remove_converted(_converted_key(template.uuid))


async def _choose(run: Run) -> dict[str, Any]:
    """Choose a node on which both storages are, the one with most memory left.

    Raises:
        NoStorage: there is none.
        PermissionMissing: VMLab may not put images into the storage, or not delete them there.
    """
    view, wanted = await run.parts.cluster.resources(), run.parts.settings.templates
    size = run.output("prepare")["bytes"]
    await image_transfer.require(run, f"/storage/{wanted.import_storage}", privileges.IMPORTING)
    free = {
        node.name: (node.max_memory_bytes or 0) - (node.memory_bytes or 0)
        for node in view.nodes.values()
        if node.online
        and _takes(view, node.name, wanted.import_storage, "import", size)
        and _takes(view, node.name, wanted.disks_on, "images", size)
    }
    if not free:
        raise NoStorage(details={"import": wanted.import_storage, "images": wanted.disks_on})
    node = max(sorted(free), key=lambda name: free[name])
    if image_transfer.is_fetched(run):
        await image_transfer.require(run, f"/nodes/{node}", privileges.FETCHING)
    status = TemplateStatus.IMPORTING
    await Template.filter(id=run.task.target_id).update(node=node, status=status)
    plugin = view.storages[node, wanted.disks_on].plugin
    return {
        "node": node,
        "since": clock(run, node),
        # As they are now: the settings may be others when this is gone on with, or taken back.
        "import_storage": wanted.import_storage,
        "disk_storage": wanted.disks_on,
        "disk_format": "qcow2" if plugin in _FILE_STORAGES else None,
    }


def _takes(view: ClusterView, node: str, storage: str, content: str, size_bytes: int) -> bool:
    """Whether a node's storage takes such content, and has room for so much of it."""
    row = view.storages.get((node, storage))
    if row is None or not row.available or content not in row.content:
        return False
    return row.total_bytes is None or size_bytes <= row.total_bytes - (row.used_bytes or 0)


async def _create(run: Run) -> str:
    template = await own_template.own_template(run)
    await own_template.ensure_pool(run, template)
    assert template.node is not None
    assert template.vmid is not None
    options = _hardware(run, template) | options_of(template, run.parts.settings)
    return await run.parts.guests.create(template.node, template.vmid, options)


def _hardware(run: Run, template: Template) -> dict[str, Param]:
    chosen, bridge = run.output("choose"), run.parts.settings.templates.bridge
    source = f"{chosen['import_storage']}:import/{run.output('prepare')['name']}"
    disks = chosen["disk_storage"]
    options: dict[str, Param] = {
        "ostype": _OS_TYPES.get(template.os_type.lower(), "other"),
        "cores": template.default_cpu_cores,
        "memory": template.default_memory_mb,
        "scsihw": "virtio-scsi-pci",
        "scsi0": imported_disk(disks, source, format=chosen["disk_format"]),
        "ide2": f"{disks}:cloudinit",
        "boot": "order=scsi0",
        "agent": "1",
    }
    if bridge:
        options["net0"] = f"virtio,bridge={bridge}"
    return options


async def _listed(run: Run) -> tuple[str, str, int | None, int]:
    template = await own_template.own_template(run)
    return template.node or "", "qmcreate", template.vmid, run.output("place")["since"]


CREATION = Making(
    guest=own_template.own_template, call=_create, listed=_listed, renumber=own_template.number
)


async def _describe(run: Run) -> dict[str, Any]:
    found = await own_template.describe(run)
    if (found["size_bytes"] or 0) < run.output("inspect")["virtual_size_bytes"]:
        raise NotAsMade(details={"reason": "the disk is smaller than the image"})
    return found


async def _settle(run: Run, status: TaskStatus) -> None:
    if status is TaskStatus.SUCCEEDED:
        await trial.forget(run)
        sha256 = (await _file(run)).sha256
        await Template.filter(id=run.task.target_id).update(sha256=sha256, source_file_id=None)
    await own_template.end(run, status, _noticed(run))


def _noticed(run: Run) -> list[dict[str, str]]:
    """What may be of interest about the image."""
    row = run.journal.rows.get("inspect")
    if row is None or not row.output:
        return []
    issues = []
    if ImageFormat(row.output["format"]) in CONVERTED:
        text = _WAS_CONVERTED.format(format=row.output["format"])
        issues.append(issue("converted", text, severity="info"))
    elif not row.output["checked_by_qemu"] and row.output["format"] in _CHECKABLE:
        issues.append(issue("unchecked", _UNCHECKED, severity="warning"))
    return issues


_WAS_CONVERTED = "The image was converted from {format} to qcow2."
_UNCHECKED = "Without qemu-img, which is not installed here, the structure was not checked fully."
_CHECKABLE = frozenset({"qcow2", "vmdk"})


async def _readmit(task: Task) -> None:
    await import_template.readmit(task)
    await own_template.readmit(task)


OPERATION = Operation(
    kind=KIND,
    steps=(
        Step("inspect", _inspect),
        Step("prepare", _prepare, undo=_discard, weight=2),
        Step("choose", _choose),
        PveStep(
            "upload",
            image_transfer.upload,
            undo=image_transfer.unsend,
            look=image_transfer.uploaded,
            lanes=own_template.lanes_of_making,
            type="imgcopy",
            weight=10,
        ),
        Step("place", own_template.place, undo=own_template.release),
        PveStep(
            "create",
            CREATION.make,
            undo=CREATION.unmake,
            look=CREATION.made,
            type="qmcreate",
            stoppable=True,
            weight=10,
        ),
        Step("identify", own_template.identify, lanes=own_template.lanes_of_node),
        PveStep(
            "convert",
            own_template.convert,
            look=own_template.converted,
            type="qmtemplate",
            at=own_template.at,
        ),
        Step("describe", _describe),
        *trial.STEPS,
        PveStep("tidy", image_transfer.tidy, look=image_transfer.tidied, type="imgdel"),
        Step("discard", _discard),
    ),
    settle=_settle,
    readmit=_readmit,
)
