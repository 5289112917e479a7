"""Tries a template out before anybody relies on it: clone it, look, start it, destroy the clone.

trial number   reserved, and written down            undo: given back
trial clone    as machines are cloned                undo: verify, then destroy
trial check    the clone has the disk that the template has
trial start    it runs
trial destroy  verify, then destroy                  (its number is given back with the task's end)

The clone is nobody's machine: it has no row, no owner and no quota. Its mark follows from the
template's and from what was drawn with its number, so that it is known again after a crash, and
not taken for that of an earlier attempt.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5

from vmlab.errors import ProxmoxFailed
from vmlab.models import GuestNumber, Template
from vmlab.operations import placing
from vmlab.operations.create_vm import lanes_of_clone
from vmlab.operations.destroying import destroyed, stop_and_destroy
from vmlab.operations.guest_identity import ForeignGuest, find_guest, require_guest
from vmlab.operations.hardware import boot_disk, size_gb
from vmlab.operations.making import Making, clock
from vmlab.operations.own_template import guest_name, lanes_of_node, own_template, pool_of
from vmlab.operations.sources import itself
from vmlab.proxmox import mark
from vmlab.proxmox.faults import WrongGuestState
from vmlab.rules import names
from vmlab.tasks.operation import PveStep, Step
from vmlab.tasks.run import Run


class TrialFailed(ProxmoxFailed):
    """A machine made from the template is not as it should be."""


@dataclass(frozen=True)
class Trial:
    """The clone that a template is tried out with, as `guest_identity` wants to know it."""

    uuid: UUID
    vmid: int | None
    node: str | None
    smbios_uuid: str | None


async def _trial(run: Run) -> Trial:
    template = await own_template(run)
    row = await GuestNumber.get_or_none(uuid=_key(template))
    uuid = uuid5(_key(template), _seen(run, "trial number").get("drawn", ""))
    checked = _seen(run, "trial check")
    smbios_uuid = checked["uuid"] if checked.get("mark") == str(uuid) else None
    return Trial(uuid, row.vmid if row else None, template.node, smbios_uuid)


def _seen(run: Run, step: str) -> dict[str, Any]:
    """What a step found out, also if it has been undone since; empty if it found nothing out."""
    row = run.journal.rows.get(step)
    return row.output or {} if row is not None else {}


def _key(template: Template) -> UUID:
    """Under what the number of the clone is reserved."""
    assert template.uuid is not None
    return uuid5(template.uuid, "trial")


async def _reserve(run: Run) -> dict[str, Any]:
    await _release(run)
    await _number(run)
    since = clock(run, (await own_template(run)).node or "")
    return {"since": since, "drawn": secrets.token_hex(8)}


async def _number(run: Run) -> None:
    key, settings = _key(await own_template(run)), run.parts.settings.guests

    async def write(vmid: int) -> None:
        await GuestNumber.filter(uuid=key).delete()
        await GuestNumber.create(vmid=vmid, uuid=key)

    # From the end of the range, where neither machines nor templates begin.
    place = settings.vmid_last - settings.vmid_first - run.task.target_id
    await placing.number(place, write, run.parts.cluster, settings)


async def _release(run: Run) -> None:
    """Give the number back, once it is proven that the clone does not have it."""
    trial = await _trial(run)
    try:
        found = await find_guest(run.parts, trial)
    except ForeignGuest:
        found = None
    if found is not None:
        raise WrongGuestState(f"VM {found.vmid} is still there")
    await forget(run)


async def forget(run: Run) -> None:
    """Give the number back of a clone that is gone; within the transaction that ends the task."""
    await forget_number(await own_template(run))


async def forget_number(template: Template) -> None:
    """No longer hold a number for a template's trial; a clone that is still there is an orphan."""
    if template.made_here:
        await GuestNumber.filter(uuid=_key(template)).delete()


async def _clone(run: Run) -> str:
    template, trial, settings = await own_template(run), await _trial(run), run.parts.settings
    assert template.node is not None
    assert template.vmid is not None
    assert trial.vmid is not None
    guests = settings.guests
    return await run.parts.guests.clone(
        template.node,
        template.vmid,
        trial.vmid,
        name=f"trial-{guest_name(template)}"[: names.HOSTNAME_MAX].rstrip("-"),
        description=mark.build(names.notes("", {"Trial of": template.name}), trial.uuid),
        pool=pool_of(template, settings),
        full=guests.full_clone or None,
        storage=guests.full_clone_storage or None if guests.full_clone else None,
    )


async def _listed(run: Run) -> tuple[str, str, int | None, int]:
    template = await own_template(run)
    since: int = run.output("trial number")["since"]
    return template.node or "", "qmclone", template.vmid, since


_CLONING = Making(guest=_trial, call=_clone, listed=_listed, renumber=_number)


async def _check(run: Run) -> dict[str, Any]:
    """See that the clone is what a machine would be.

    Raises:
        TrialFailed: it is not.
    """
    template, trial = await own_template(run), await _trial(run)
    guest = await require_guest(run.parts, trial)
    original = await require_guest(run.parts, template)
    wanted, disk = boot_disk(original.config), boot_disk(guest.config)
    if disk is None or size_gb(disk) < size_gb(wanted):
        raise TrialFailed(details={"reason": "the clone lacks the template's disk"})
    if guest.config.uuid in (None, original.config.uuid):
        raise TrialFailed(details={"reason": "the clone has no identity of its own"})
    own = {"mark": str(trial.uuid), "uuid": str(guest.config.uuid)}
    return {"node": guest.node, "vmid": guest.vmid, **own}


def _at(run: Run) -> tuple[str, int]:
    checked = run.output("trial check")
    return checked["node"], checked["vmid"]


async def _start(run: Run) -> str:
    return await run.parts.guests.start(*_at(run))


async def _running(run: Run) -> dict[str, bool] | None:
    status = await run.parts.guests.status(*_at(run))
    return {"running": True} if status.running else None


async def _destroy(run: Run) -> str | None:
    return await stop_and_destroy(run, await _trial(run))


async def _destroyed(run: Run) -> dict[str, bool] | None:
    return await destroyed(run.parts, await _trial(run))


async def _lanes_of_clone(run: Run) -> list[str]:
    template = await own_template(run)
    return lanes_of_clone(template, itself(template), run.parts.settings)


STEPS = (
    Step("trial number", _reserve, undo=_release),
    PveStep(
        "trial clone",
        _CLONING.make,
        undo=_CLONING.unmake,
        look=_CLONING.made,
        lanes=_lanes_of_clone,
        type="qmclone",
        stoppable=True,
    ),
    Step("trial check", _check, lanes=lanes_of_node),
    PveStep("trial start", _start, look=_running, type="qmstart", at=_at),
    PveStep("trial destroy", _destroy, look=_destroyed, type="qmdestroy", at=_at),
)
"""The steps, for the end of any operation that makes a template."""
