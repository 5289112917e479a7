"""The guest of a template that VMLab makes: number, identity, conversion, and how it ends.

Steps that the ways to such a template have in common. From an image it is created, from a machine
cloned; from then on it is the same.
"""

from __future__ import annotations

from typing import Any

from vmlab.config import Settings
from vmlab.errors import NotFound, ProxmoxFailed
from vmlab.models import Task, TaskStatus, Template, TemplateStatus
from vmlab.operations import placing, register_template
from vmlab.operations.guest_identity import ForeignGuest, OwnGuest, find_guest, require_guest
from vmlab.operations.making import clock
from vmlab.proxmox import mark
from vmlab.proxmox.faults import GuestLocked, WrongGuestState
from vmlab.rules import names
from vmlab.tasks import lanes
from vmlab.tasks.run import Run

_FROM_THE_MIDDLE = 2
"""Templates' numbers are looked for from the range's middle on, where machines seldom are."""


class NotAsMade(ProxmoxFailed):
    """The template in Proxmox is not as it was to be made."""


async def own_template(run: Run) -> Template:
    """The template that a task makes, as it stands in the database now."""
    return await Template.get(id=run.task.target_id).select_related("owner", "course")


async def place(run: Run) -> dict[str, Any]:
    """Write a number down, and where on the node's clock the making begins at the earliest."""
    template = await own_template(run)
    if template.vmid is not None:
        # Written down before a crash, perhaps without having been asked for: choose again.
        await release(run)
    await number(run)
    return {"since": clock(run, template.node or "")}


async def number(run: Run) -> None:
    """Give the template a number that nobody has."""
    settings = run.parts.settings.guests
    size = settings.vmid_last - settings.vmid_first + 1
    rows = Template.filter(id=run.task.target_id)

    async def write(vmid: int) -> None:
        await rows.update(vmid=vmid, smbios_uuid=None)

    middle = size // _FROM_THE_MIDDLE + run.task.target_id
    await placing.number(middle, write, run.parts.cluster, settings)


async def release(run: Run) -> None:
    """Give the number back, once it is proven that the template's guest does not have it."""
    template = await own_template(run)
    try:
        found = await find_guest(run.parts, template)
    except ForeignGuest:
        found = None
    if found is not None:
        raise WrongGuestState(f"VM {found.vmid} is still there")
    await Template.filter(id=template.id).update(vmid=None, smbios_uuid=None)


def options_of(template: Template, settings: Settings) -> dict[str, str]:
    """Name, notes, tags and pool of the guest.

    Args:
        template: loaded with its owner and its course.
    """
    facts = {"Owner": template.owner.username, "Course": template.course.name}
    assert template.uuid is not None
    return {
        "name": guest_name(template),
        "description": mark.build(names.notes(template.description, facts), template.uuid),
        "tags": names.tags(template.course_id),
        "pool": pool_of(template, settings),
    }


def guest_name(template: Template) -> str:
    """What the guest is called in Proxmox, which takes host names only."""
    label = names.as_label(template.name)[: names.HOSTNAME_MAX].strip("-")
    return label or f"template-{template.id}"


def pool_of(template: Template, settings: Settings) -> str:
    """The pool that the guest is put into: VMLab's rights there let it be cloned and destroyed."""
    per_course = settings.guests.pool_per_course
    return names.pool(settings.guests.pool, per_course=per_course, course_id=template.course_id)


async def ensure_pool(run: Run, template: Template) -> None:
    """Make the course's pool, where courses have pools."""
    pool = pool_of(template, run.parts.settings)
    if pool != run.parts.settings.guests.pool:
        await run.parts.cluster.ensure_pool(pool, names.pool_comment(template.course_id))


async def _unlocked(run: Run) -> OwnGuest:
    guest = await require_guest(run.parts, await own_template(run))
    if guest.config.lock is not None:
        raise GuestLocked(f"VM is locked ({guest.config.lock})")
    return guest


async def identify(run: Run) -> dict[str, Any]:
    """Read what Proxmox has drawn, and write it down: from now on it is a part of the proof."""
    guest = await _unlocked(run)
    await Template.filter(id=run.task.target_id).update(
        node=guest.node, smbios_uuid=str(guest.config.uuid)
    )
    return {"node": guest.node, "vmid": guest.vmid}


def at(run: Run) -> tuple[str, int]:
    """Node and number of the guest, once it is identified."""
    identified = run.output("identify")
    return identified["node"], identified["vmid"]


async def convert(run: Run) -> str | None:
    """Turn the guest into a template, for good."""
    guest = await _unlocked(run)
    if guest.config.template:
        return None
    return await run.parts.guests.template(guest.node, guest.vmid)


async def converted(run: Run) -> dict[str, bool] | None:
    """Whether it is one. Where its disks did not become bases, the trial clone fails."""
    guest = await require_guest(run.parts, await own_template(run))
    return {"template": True} if guest.config.template else None


async def describe(run: Run) -> dict[str, Any]:
    """What it is now, as its row keeps it, and what is wrong with it.

    Raises:
        NotAsMade: machines could not be made from it.
    """
    guest = await require_guest(run.parts, await own_template(run))
    view = await run.parts.cluster.resources()
    full_clone = run.parts.settings.guests.full_clone
    found = register_template.found(guest.node, guest.config, view, full_clone=full_clone)
    errors = [issue for issue in found["issues"] if issue["severity"] == "error"]
    if errors:
        raise NotAsMade(details={"reason": errors[0]["message"]})
    return found


async def lanes_of_making(run: Run) -> list[str]:
    """A place among those that copy whole disks on the storage, and on the node."""
    template = await own_template(run)
    full = lanes.full_clones(storage_of(run.params, run.parts.settings))
    return [full, lanes.node(template.node)] if template.node else [full]


async def lanes_of_node(run: Run) -> list[str]:
    """The copying is over: the next one may begin."""
    return [lanes.node((await own_template(run)).node or "")]


def lanes_in_line(params: dict[str, Any], settings: Settings) -> list[str]:
    """A place among those whose disks are copied next."""
    return [lanes.line_before(lanes.full_clones(storage_of(params, settings)))]


def storage_of(params: dict[str, Any], settings: Settings) -> str:
    """The storage that the disks are copied to; its name only says who waits for whom."""
    return str(params.get("storage") or settings.templates.disks_on)


async def end(run: Run, status: TaskStatus, issues: list[dict[str, str]]) -> None:
    """Write the outcome into the template's row.

    Args:
        issues: what was noticed beside what the finished guest shows.
    """
    # What people say of it meanwhile (PUT) is not to be overwritten.
    template = await Template.filter(id=run.task.target_id).select_for_update(no_key=True).get()
    if status is TaskStatus.SUCCEEDED:
        seen = dict(run.output("describe"))
        seen["issues"] = [*issues, *seen["issues"]]
        register_template.describe(template, seen)
    else:
        refused = run.error is not None and run.error["details"].get("cause") == "FILE_002"
        template.status = TemplateStatus.INVALID if refused else TemplateStatus.ERROR
        template.validation = register_template.failed(template, [*issues, _why(run)])
        if template.vmid is None:
            template.node = None
    await template.save()


def _why(run: Run) -> dict[str, str]:
    if run.error is None:
        return register_template.issue("cancelled", "Making the template was cancelled.")
    return register_template.issue(str(run.error["details"]["cause"]), run.error["message"])


async def readmit(task: Task) -> None:
    """A failed or cancelled making is taken up again.

    Raises:
        NotFound: the template has been deleted.
    """
    rows = Template.filter(id=task.target_id)
    if not await rows.update(status=TemplateStatus.PENDING, validation=None):
        raise NotFound
