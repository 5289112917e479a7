"""Takes a template that exists in Proxmox into a course, or looks at it again.

inspect   read its disks, storages and drives; note what would keep it from being cloned
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from vmlab.errors import Conflict, UnsafeFile
from vmlab.models import File, GuestNumber, Task, TaskStatus, Template, TemplateStatus
from vmlab.models.connection import transaction
from vmlab.operations import new_template
from vmlab.operations.guest_identity import is_ours
from vmlab.operations.hardware import boot_disk, has_cloud_init, size_gb
from vmlab.operations.new_template import NewTemplate
from vmlab.proxmox.cluster import ClusterView
from vmlab.proxmox.shapes import GuestConfig
from vmlab.tasks.operation import Operation, Step
from vmlab.tasks.run import Run
from vmlab.tasks.store import NewTask, submit

KIND = "template.register"

_HIDDEN = "VMLab's token may not see the storage {name}: taken for local to its node."
_NO_LINKS = "The storage {name} has no linked clones."

_NO_LINKED_CLONES = frozenset({"lvm", "iscsi", "iscsidirect"})
"""Storages without linked clones (pve-storage 8.4: a plugin's feature `clone`)."""


@dataclass(frozen=True, kw_only=True)
class RegisterTemplate(NewTemplate):
    """A template that an administrator has made, by its number."""

    vmid: int


async def admit(wanted: RegisterTemplate, *, created_by_id: int | None) -> tuple[Template, Task]:
    """Accept a template of Proxmox; whether it will do is found out by the task.

    Raises:
        Invalid: what it is to replace is not in this course.
        Conflict: this course has it already, it is VMLab's own (a replica, or another course's), or
            what it is to replace cannot be replaced now.
    """
    async with transaction():
        if await GuestNumber.exists(vmid=wanted.vmid):
            raise Conflict("VMLab has made this guest itself: only its own entry stands for it.")
        if await Template.exists(course_id=wanted.course_id, vmid=wanted.vmid):
            raise Conflict("This course has this template already.")
        template = await new_template.create(wanted, status=TemplateStatus.VALIDATING)
        task = await submit(_task_for(template, created_by_id))
    return template, task


async def admit_validation(template: Template, *, created_by_id: int | None) -> Task:
    """Accept another look at a template; while it lasts, the template stays what it is.

    Of one that did not come to be, the image that it was to be made from is looked at.

    Raises:
        Conflict: there is nothing to look at, neither in Proxmox nor an image.
        LockTaken: a task is under way on it.
    """
    if template.vmid is None and template.source_file_id is None:
        raise Conflict("The template is not in Proxmox yet.")
    async with transaction():
        return await submit(_task_for(template, created_by_id))


def _task_for(template: Template, created_by_id: int | None) -> NewTask:
    return NewTask(
        kind=KIND,
        target_type="template",
        target_id=template.id,
        course_id=template.course_id,
        created_by_id=created_by_id,
    )


async def _inspect(run: Run) -> dict[str, Any]:
    template = await Template.get(id=run.task.target_id).select_related("source_file")
    if template.vmid is None:
        return await _inspect_image(run, template.source_file)
    view = await run.parts.cluster.resources()
    row = view.guests.get(template.vmid or 0)
    # What VMLab has made since under this number is not what was registered.
    ours = not template.made_here and await GuestNumber.exists(vmid=template.vmid)
    if row is None or row.type != "qemu" or ours:
        text = "Proxmox shows VMLab's token no virtual machine of this number."
        return {"issues": [issue("missing", text)]}
    config = await run.parts.guests.config(row.node, row.vmid)
    seen = found(row.node, config, view, full_clone=run.parts.settings.guests.full_clone)
    if template.made_here and not is_ours(template, config):
        seen["issues"].insert(0, issue("foreign", "This is not the template that VMLab has made."))
    return seen


async def _inspect_image(run: Run, file: File | None) -> dict[str, Any]:
    """Look at the image of a template that is not in Proxmox."""
    assert file is not None
    try:
        report = await run.parts.files.inspect(file.key)
    except UnsafeFile as refusal:
        return {"issues": [issue(str(refusal.details["reason"]), refusal.message)]}
    not_there = issue("not_imported", "The image is sound, but not in Proxmox.", severity="warning")
    return {
        "size_bytes": report.virtual_size_bytes,
        "format": str(report.format),
        "issues": [not_there],
    }


def found(node: str, config: GuestConfig, view: ClusterView, *, full_clone: bool) -> dict[str, Any]:
    """What a template is, as its row keeps it, and what is wrong with it.

    Args:
        full_clone: whether machines get copies of its disks in place of links to them.
    """
    disk = boot_disk(config)
    # CD-ROM images and cloud-init drives too: a clone on another node needs them all
    # (qemu-server 8.4: "can't clone VM to node, VM uses local storage").
    used = {d.storage for d in config.disks.values() if d.storage is not None}
    shown = {name: view.storages.get((node, name)) for name in used}
    issues = []
    if not config.template:
        issues.append(issue("not_a_template", "This is a virtual machine, not a template."))
    if disk is None:
        issues.append(issue("no_disk", "It has no disk to boot from."))
    for name, storage in sorted(shown.items()):
        if storage is None:
            text = _HIDDEN.format(name=name)
            issues.append(issue("hidden_storage", text, severity="warning"))
        elif not full_clone and storage.plugin in _NO_LINKED_CLONES:
            issues.append(issue("no_linked_clones", _NO_LINKS.format(name=name)))
    return {
        "node": node,
        "storage": disk.storage if disk else None,
        "shared_storage": all(storage is not None and storage.shared for storage in shown.values()),
        "disk_gb": size_gb(disk),
        "size_bytes": disk.size_bytes if disk else None,
        "format": _format(disk.volume) if disk else None,
        "cloud_init": has_cloud_init(config),
        "issues": issues,
    }


def issue(code: str, message: str, *, severity: str = "error") -> dict[str, str]:
    """Something that was noticed about a template."""
    return {"severity": severity, "code": code, "message": message}


def _format(volume: str) -> str:
    """A volume's format by its name; block storages hold nothing but raw ones."""
    suffix = volume.rpartition(".")[2]
    return suffix if suffix in ("qcow2", "vmdk") else "raw"


async def _settle(run: Run, status: TaskStatus) -> None:
    template = await Template.get(id=run.task.target_id)
    if status is TaskStatus.SUCCEEDED:
        made = template.vmid is not None
        describe(template, dict(run.output("inspect")))
        if not made:
            template.status = TemplateStatus.INVALID
    elif template.status is TemplateStatus.VALIDATING:
        template.status = TemplateStatus.ERROR
    await template.save()


def describe(template: Template, seen: dict[str, Any]) -> None:
    """Write down what was found of a template that stands in Proxmox."""
    issues = seen.pop("issues")
    cloud_init = seen.pop("cloud_init", False)
    valid = not any(issue["severity"] == "error" for issue in issues)
    template.update_from_dict(seen)
    template.status = TemplateStatus.READY if valid else TemplateStatus.INVALID
    template.default_disk_gb = max(template.default_disk_gb, template.disk_gb)
    template.validation = _validation(template, issues, valid=valid) | {"cloud_init": cloud_init}


def failed(template: Template, issues: list[dict[str, str]]) -> dict[str, Any]:
    """What is said of a template that did not come to be."""
    return _validation(template, issues, valid=False)


def _validation(template: Template, issues: list[dict[str, str]], *, valid: bool) -> dict[str, Any]:
    return {
        "valid": valid,
        "format": template.format,
        "virtual_size_bytes": template.size_bytes,
        "issues": issues,
        "checked_at": datetime.now(UTC).isoformat(),
    }


async def _readmit(task: Task) -> None:
    await Template.filter(id=task.target_id, status=TemplateStatus.ERROR).update(
        status=TemplateStatus.VALIDATING
    )


OPERATION = Operation(
    kind=KIND, steps=(Step("inspect", _inspect),), settle=_settle, readmit=_readmit
)
