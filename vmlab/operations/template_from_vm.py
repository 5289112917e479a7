"""Makes a template of a machine: a full copy of it, so that the machine stays as it is.

find       the machine's guest, by mark and uuid, stopped
place      a number is written down                    undo: given back
clone      all of its disks are copied                 undo: verify, then destroy
identify   what Proxmox has drawn is written down
clean      what belonged to the machine is taken out of the configuration
convert    to a template
describe   sizes and storages are read back
trial ...  a machine is cloned, started, destroyed     (`vmlab.operations.trial`)

Proxmox renews SMBIOS's uuid, the addresses of the network devices and the generation's id. Keys,
passwords and addresses for cloud-init are deleted. What is inside of the disk stays: accounts, SSH
host keys, the machine-id; the template says so.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from typing import Any

from vmlab.config import Settings
from vmlab.errors import WrongState
from vmlab.models import Task, TaskStatus, Template, TemplateStatus, Vm, VmStatus
from vmlab.models.connection import transaction
from vmlab.operations import new_template, own_template, trial
from vmlab.operations.admission import machine_for_update, task_under_way
from vmlab.operations.guest_identity import GuestGone, require_guest, write_config
from vmlab.operations.making import Making
from vmlab.operations.new_template import NewTemplate
from vmlab.operations.own_template import options_of
from vmlab.operations.register_template import issue
from vmlab.proxmox.client import Param
from vmlab.proxmox.faults import GuestLocked, WrongGuestState
from vmlab.proxmox.shapes import GuestConfig
from vmlab.tasks.operation import Operation, PveStep, Step
from vmlab.tasks.run import Run
from vmlab.tasks.store import NewTask, submit

KIND = "template.from_vm"

_PERSONAL = re.compile(
    r"sshkeys|ciuser|cipassword|cicustom|ipconfig\d+|nameserver|searchdomain|onboot|startup|protection"
)
"""Options that belonged to the machine and to nobody else."""

_AS_IT_WAS = "Inside of the disk all is as in the machine {name}: accounts, keys, machine-id."


async def admit(
    wanted: NewTemplate, vm_id: int, *, settings: Settings, created_by_id: int | None
) -> tuple[Template, Task]:
    """Accept a template of a machine that is stopped: one transaction.

    Raises:
        NotFound: there is no such machine.
        WrongState: it is not stopped, or a task is under way on it.
        Invalid, Conflict: what it is to replace cannot be, see `versions.place_after`.
    """
    async with transaction():
        vm = await machine_for_update(vm_id)
        task_id = await task_under_way(vm.id)
        if task_id is not None or vm.status is not VmStatus.STOPPED or vm.vmid is None:
            raise WrongState(details={"status": vm.status.value, "task_id": task_id})
        template = await new_template.create(wanted, uuid=uuid.uuid4())
        params = {"vm_id": vm.id, "storage": await _storage_of(vm, settings)}
        task = await submit(
            NewTask(
                kind=KIND,
                target_type="template",
                target_id=template.id,
                params=params,
                lanes=own_template.lanes_in_line(params, settings),
                course_id=template.course_id,
                created_by_id=created_by_id,
            )
        )
    return template, task


async def _storage_of(vm: Vm, settings: Settings) -> str:
    """The storage that the copy is likely to land on."""
    if settings.templates.disks_on:
        return settings.templates.disks_on
    origin = await Template.get_or_none(id=vm.template_id)
    return (origin.storage if origin else None) or ""


async def _machine(run: Run) -> Vm:
    vm = await Vm.get(id=run.params["vm_id"])
    if vm.deleted_at is not None:
        raise GuestGone
    return vm


async def _find(run: Run) -> dict[str, Any]:
    guest = await require_guest(run.parts, await _machine(run))
    if guest.config.lock is not None:
        raise GuestLocked(f"VM is locked ({guest.config.lock})")
    if (await run.parts.guests.status(guest.node, guest.vmid)).running:
        raise WrongGuestState(f"VM {guest.vmid} is running")
    status = TemplateStatus.IMPORTING
    await Template.filter(id=run.task.target_id).update(node=guest.node, status=status)
    view, storage = await run.parts.cluster.resources(), run.parts.settings.templates.disks_on
    row = view.storages.get((guest.node, storage))
    fits = row is not None and row.available and "images" in row.content
    return {"node": guest.node, "vmid": guest.vmid, "storage": storage if fits else None}


async def _clone(run: Run) -> str:
    template, found = await own_template.own_template(run), run.output("find")
    await require_guest(run.parts, await _machine(run))
    await own_template.ensure_pool(run, template)
    assert template.vmid is not None
    options = options_of(template, run.parts.settings)
    return await run.parts.guests.clone(
        found["node"],
        found["vmid"],
        template.vmid,
        name=options["name"],
        description=options["description"],
        pool=options["pool"],
        full=True,
        storage=found["storage"],
    )


async def _listed(run: Run) -> tuple[str, str, int | None, int]:
    found = run.output("find")
    return found["node"], "qmclone", found["vmid"], run.output("place")["since"]


COPYING = Making(
    guest=own_template.own_template, call=_clone, listed=_listed, renumber=own_template.number
)


async def _clean(run: Run) -> None:
    template = await own_template.own_template(run)
    guest = await require_guest(run.parts, template)
    options: dict[str, Param] = {
        "tags": options_of(template, run.parts.settings)["tags"],
        **_ejected(guest.config),
    }
    personal = [key for key in guest.config.options if _PERSONAL.fullmatch(key)]
    await write_config(run.parts, template, options, delete=personal, seen=guest)


def _ejected(config: GuestConfig) -> Mapping[str, Param]:
    """CD-ROM drives without what was in them; a clone on another node would need that there."""
    drives = [disk for disk in config.disks.values() if disk.cdrom and disk.storage is not None]
    return {d.key: "none,media=cdrom" for d in drives if "cloudinit" not in d.volume}


async def _settle(run: Run, status: TaskStatus) -> None:
    issues = []
    if status is TaskStatus.SUCCEEDED:
        await trial.forget(run)
        vm = await Vm.get(id=run.params["vm_id"])
        issues.append(issue("as_it_was", _AS_IT_WAS.format(name=vm.name), severity="info"))
    await own_template.end(run, status, issues)


OPERATION = Operation(
    kind=KIND,
    steps=(
        Step("find", _find),
        Step("place", own_template.place, undo=own_template.release),
        PveStep(
            "clone",
            COPYING.make,
            undo=COPYING.unmake,
            look=COPYING.made,
            lanes=own_template.lanes_of_making,
            type="qmclone",
            stoppable=True,
            weight=10,
        ),
        Step("identify", own_template.identify, lanes=own_template.lanes_of_node),
        Step("clean", _clean),
        PveStep(
            "convert",
            own_template.convert,
            look=own_template.converted,
            type="qmtemplate",
            at=own_template.at,
        ),
        Step("describe", own_template.describe),
        *trial.STEPS,
    ),
    settle=_settle,
    readmit=own_template.readmit,
)
