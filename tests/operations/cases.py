"""One case for each kind of task: how it is begun, and how it is seen that all is well afterwards.

Whoever adds an operation adds its case to CASES; `test_cancel_and_retry` fails until then.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from tests.operations import copies
from tests.operations import test_crashes as crashes
from tests.operations.lab import Lab
from tests.operations.template_lab import TemplateLab
from tests.operations.test_variants import grant_all_pools
from tests.storage import corpus
from vmlab import config
from vmlab.models import (
    Course,
    File,
    GuestNumber,
    Task,
    Template,
    TemplateStatus,
    User,
    Vm,
    VmStatus,
)
from vmlab.operations import delete_template, register_template, release_pool
from vmlab.operations.reservation import usage
from vmlab.proxmox import mark
from vmlab.reconcile import Reconciler
from vmlab.rules import names
from vmlab.rules.quota import Resources
from vmlab.rules.vm_state import Verb
from vmlab.simulator import pvestatd
from vmlab.tasks import submit

STATUSES = {"running": VmStatus.RUNNING, "stopped": VmStatus.STOPPED, "paused": VmStatus.PAUSED}


@dataclass(frozen=True)
class Case:
    """How one kind of task is tried.

    Attributes:
        begin: makes what it works on, and submits it; returns the row and the task.
        succeeded: asserts that the row and the guest are what was asked for.
        consistent: asserts, whatever became of the task, that VMLab tells the truth, that nothing
            is left behind and that the quota is exact.
        fault: parameters of a simulator's fault that makes a late step fail each time; None where
            no step's work can fail.
    """

    begin: Callable[[Any], Awaitable[tuple[Any, Task]]]
    succeeded: Callable[[Any, Any, Task], None]
    consistent: Callable[[Any, Any], Awaitable[None]]
    fault: dict[str, Any] | None


async def machines_are_consistent(lab: Lab, vm: Vm) -> None:
    """Each machine is one guest, as its row says after a look at the cluster, and counts once."""
    pvestatd.broadcast(lab.sim.cluster)
    await Reconciler(lab.parts, lag_s=0, look_again_s=0).tick()
    expected: defaultdict[int, Resources] = defaultdict(Resources)
    guests = {guest.vmid: guest for guest in lab.own_guests()}
    for row in await Vm.filter(deleted_at__isnull=True):
        assert row.reserved is (row.vmid is not None)
        if row.vmid is None:
            assert row.status is VmStatus.ERROR
            continue
        guest = guests.pop(row.vmid)
        assert mark.find(guest.config["description"]) == row.uuid
        assert "lock" not in guest.config
        assert row.status is STATUSES[guest.qmpstatus]
        sizes = int(guest.config["cores"]), int(guest.config["memory"])
        assert (row.cpu_cores, row.memory_mb) == sizes
        assert f"size={row.disk_gb}G" in guest.config["scsi0"]
        expected[row.owner_id] += Resources(row.cpu_cores, row.memory_mb, row.disk_gb, 1)
    assert not guests, "guests of no machine"
    used = await usage([user.id for user in await User.all()])
    assert {owner: sum_ for owner, sum_ in used.items() if sum_ != Resources()} == expected
    assert not await Task.filter(lock__isnull=False).exists()


async def registration(lab: Lab) -> tuple[Template, Task]:
    """A template of Proxmox is taken into a course that does not have it yet."""
    await Template.filter(vmid=9000).update(vmid=None)
    wanted = register_template.RegisterTemplate(
        name="Debian", course_id=lab.course.id, owner_id=lab.teacher.id, vmid=9000
    )
    return await register_template.admit(wanted, created_by_id=None)


def is_ready(lab: Lab, template: Template, task: Task) -> None:
    assert task.status == "succeeded", task.error
    assert template.status is TemplateStatus.READY


async def templates_are_consistent(lab: Lab, template: Template) -> None:
    assert template.status in (TemplateStatus.READY, TemplateStatus.ERROR)
    assert lab.own_guests() == []
    assert not await Task.filter(lock__isnull=False).exists()


async def image(lab: TemplateLab) -> File:
    """An uploaded image, the same for all."""
    return await File.first() or await lab.upload(corpus.boot_sector())


async def name_of_new(lab: TemplateLab) -> dict[str, str]:
    """What no template was called before."""
    return {"name": f"Lab {await Task.all().count()}"}


async def importing(lab: TemplateLab) -> tuple[Template, Task]:
    return await lab.submit_import(await image(lab), **await name_of_new(lab))


async def copying(lab: TemplateLab) -> tuple[Template, Task]:
    vm = await Vm.first() or await lab.make_vm()
    return await lab.submit_copy(vm.id, **await name_of_new(lab))


async def deletion_of_template(lab: TemplateLab) -> tuple[Template, Task]:
    template, task = await importing(lab)
    assert (await lab.walk(task)).status == "succeeded"
    deletion = await delete_template.admit(template.id, created_by_id=None)
    assert deletion is not None
    return template, deletion


def is_made(lab: TemplateLab, template: Template, task: Task) -> None:
    is_ready(lab, template, task)
    guest = lab.sim.cluster.guests[template.vmid or 0]
    assert guest.config["template"] == 1
    assert mark.find(guest.config["description"]) == template.uuid


def is_deleted(lab: TemplateLab, template: Template, task: Task) -> None:
    assert task.status == "succeeded", task.error
    assert all(
        mark.find(guest.config.get("description", "")) != template.uuid
        for guest in lab.made_guests()
    )


async def own_templates_are_consistent(lab: TemplateLab, template: Template) -> None:
    """Nothing is there but what rows tell of: no trial clone, no image, no number."""
    known = {each.uuid: each.vmid for each in await Template.exclude(uuid=None).exclude(vmid=None)}
    known |= {vm.uuid: vm.vmid for vm in await Vm.all()}
    assert {row.uuid: row.vmid for row in await GuestNumber.all()} == known
    assert sorted(guest.vmid for guest in lab.made_guests()) == sorted(
        vmid or 0 for vmid in known.values()
    )
    assert lab.images() == []
    assert lab.stored() == [file.key for file in await File.all()]
    for each in await Template.exclude(uuid=None):
        end = TemplateStatus.ERROR if each.vmid is None else TemplateStatus.READY
        assert each.status is end
    assert not await Task.filter(lock__isnull=False).exists()


def on_an_own_template(begin: Any, succeeded: Any, job: str) -> Case:
    """A verb on a template that VMLab makes."""
    return Case(begin, succeeded, own_templates_are_consistent, {"path": f"/{job}/"})


async def release_of_pool(lab: Lab) -> tuple[Course, Task]:
    """A course was deleted that had a pool."""
    grant_all_pools(lab.sim)
    course = await Course.create(name="Short")
    settings = config.Guests(pool_per_course=True)
    new = release_pool.task_for(course.id, settings, created_by_id=None)
    assert new is not None
    pool, comment = new.params["pool"], names.pool_comment(course.id)
    await lab.sim.admin("POST", "/pools", {"poolid": pool, "comment": comment})
    await course.delete()
    return course, await submit(new)


def has_no_pool(lab: Lab, course: Course, task: Task) -> None:
    assert task.status == "succeeded", task.error
    assert task.params["pool"] not in lab.sim.cluster.pools


async def nothing_is_locked(lab: Lab, course: Course) -> None:
    assert not await Task.filter(lock__isnull=False).exists()


def on_a_machine(begin: crashes.Case, succeeded: crashes.Check, job: str | None) -> Case:
    """A verb on one machine, that fails if this kind of job does."""
    fault = {"path": f"/{job}/"} if job else None
    return Case(begin, succeeded, machines_are_consistent, fault)


CASES: dict[str, Case] = {
    "vm.create": on_a_machine(crashes.creation(), crashes.is_(VmStatus.RUNNING), "qmstart"),
    "vm.change": on_a_machine(crashes.change, crashes.is_changed, "resize"),
    "vm.delete": on_a_machine(crashes.deletion, crashes.is_gone, "qmdestroy"),
    "vm.start": on_a_machine(
        crashes.power(Verb.START, running=False), crashes.is_(VmStatus.RUNNING), "qmstart"
    ),
    "vm.stop": on_a_machine(
        crashes.power(Verb.STOP), crashes.is_(VmStatus.STOPPED), "qm(shutdown|stop)"
    ),
    "vm.restart": on_a_machine(
        crashes.power(Verb.RESTART), crashes.is_(VmStatus.RUNNING), "qm(reboot|stop)"
    ),
    "vm.reset": on_a_machine(crashes.power(Verb.RESET), crashes.is_(VmStatus.RUNNING), "qmreset"),
    "vm.pause": on_a_machine(crashes.power(Verb.PAUSE), crashes.is_(VmStatus.PAUSED), "qmpause"),
    "vm.resume": on_a_machine(
        crashes.power(Verb.RESUME, Verb.PAUSE), crashes.is_(VmStatus.RUNNING), "qmresume"
    ),
    "vm.snapshot": on_a_machine(crashes.snapshot, crashes.has_snapshots("base"), "qmsnapshot"),
    "vm.rollback": on_a_machine(crashes.rollback, crashes.has_snapshots("base"), "qmrollback"),
    "vm.delete_snapshot": on_a_machine(
        crashes.deletion_of_snapshot, crashes.has_snapshots(), "qmdelsnapshot"
    ),
    "template.register": Case(registration, is_ready, templates_are_consistent, None),
    "template.import": on_an_own_template(importing, is_made, "qmstart"),
    "template.from_vm": on_an_own_template(copying, is_made, "qmstart"),
    "template.delete": on_an_own_template(deletion_of_template, is_deleted, "qmdestroy"),
    "course.release_pool": Case(release_of_pool, has_no_pool, nothing_is_locked, None),
    "replica.create": Case(
        copies.creation, copies.check_made, copies.copies_are_consistent, {"path": "/qmtemplate/"}
    ),
    "replica.delete": Case(
        copies.deletion,
        copies.nothing_is_left,
        copies.copies_are_consistent,
        {"path": "/qmdestroy/"},
    ),
}
