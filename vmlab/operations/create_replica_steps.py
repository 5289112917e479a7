"""Makes a replica of a template.

A clone of what lies on local storage stays on its node (qemu-server 8.4: "can't clone VM to node,
VM uses local storage"), but a stopped guest can be migrated with its local disks. So a replica is a
full clone that is moved and then made a template.

place      a number is noted                    undo: it is given back
copy       a full clone on the template's node  undo: verify, then destroy, wherever it is by then
identify   who it is, read back and saved
move       migrated to the node
convert    made a template
protect    tags and protection
"""

from __future__ import annotations

from typing import Any

from vmlab.errors import NotFound
from vmlab.models import Replica, ReplicaStatus, Task, TaskStatus, Template
from vmlab.operations import placing
from vmlab.operations.create_replica import KIND, check, lane_of_copy
from vmlab.operations.guest_identity import ForeignGuest, find_guest, require_guest, write_config
from vmlab.operations.making import Making, clock
from vmlab.operations.sources import Source, itself
from vmlab.proxmox import mark
from vmlab.proxmox.client import Param
from vmlab.proxmox.faults import GuestLocked, WrongGuestState
from vmlab.rules import names
from vmlab.tasks import lanes
from vmlab.tasks.operation import Operation, PveStep, Step
from vmlab.tasks.run import Run


async def _replica(run: Run) -> Replica:
    return await Replica.get(id=run.task.target_id)


async def _template(run: Run) -> Template:
    return await Template.get(id=run.params["template_id"])


async def _source(run: Run) -> Source:
    return itself(await _template(run))


async def _place(run: Run) -> dict[str, Any]:
    if (await _replica(run)).vmid is not None:
        # Written down before a crash, perhaps without having been asked for: choose again.
        await _release(run)
    await _number(run)
    return {"since": clock(run, (await _source(run)).node)}


async def _number(run: Run) -> None:
    rows = Replica.filter(id=run.task.target_id)

    async def write(vmid: int) -> None:
        await rows.update(vmid=vmid, smbios_uuid=None)

    parts = run.parts
    await placing.number(run.task.target_id, write, parts.cluster, parts.settings.guests)


async def _release(run: Run) -> None:
    """Give the number back, once it is proven that no guest of ours has it."""
    replica = await _replica(run)
    try:
        found = await find_guest(run.parts, replica)
    except ForeignGuest:
        found = None
    if found is not None:
        raise WrongGuestState(f"VM {found.vmid} is still there")
    await Replica.filter(id=replica.id).update(vmid=None, smbios_uuid=None)


async def _call(run: Run) -> str:
    replica, template, source = await _replica(run), await _template(run), await _source(run)
    facts = {"Copy of": f"{template.name} (VM {source.vmid} on {source.node})"}
    assert replica.vmid is not None
    return await run.parts.guests.clone(
        source.node,
        source.vmid,
        replica.vmid,
        name=_name(template, replica),
        description=mark.build(names.notes("", facts), replica.uuid),
        pool=run.parts.settings.guests.pool,
        full=True,
    )


def _name(template: Template, replica: Replica) -> str:
    ending = f"-{template.id}-{names.as_label(replica.node)}"[-names.HOSTNAME_MAX + 1 :]
    label = names.as_label(template.name) or "template"
    return label[: names.HOSTNAME_MAX - len(ending)].rstrip("-") + ending


async def _listed(run: Run) -> tuple[str, str, int | None, int]:
    source = await _source(run)
    return source.node, "qmclone", source.vmid, run.output("place")["since"]


COPYING = Making(guest=_replica, call=_call, listed=_listed, renumber=_number)


async def _identify(run: Run) -> dict[str, Any]:
    replica = await _replica(run)
    guest = await require_guest(run.parts, replica)
    if guest.config.lock is not None:
        raise GuestLocked(f"VM is locked ({guest.config.lock})")
    replica.smbios_uuid = str(guest.config.uuid)
    await replica.save(update_fields=["smbios_uuid"])
    return {"node": guest.node, "vmid": guest.vmid}


def _from(run: Run) -> tuple[str, int]:
    found = run.output("identify")
    return found["node"], found["vmid"]


def _at(run: Run) -> tuple[str, int]:
    return run.params["node"], run.output("identify")["vmid"]


async def _move(run: Run) -> str | None:
    guest = await require_guest(run.parts, await _replica(run))
    if guest.node == run.params["node"]:
        return None
    return await run.parts.guests.migrate(guest.node, guest.vmid, run.params["node"])


async def _moved(run: Run) -> dict[str, str] | None:
    guest = await require_guest(run.parts, await _replica(run))
    there = guest.node == run.params["node"] and guest.config.lock is None
    return {"node": guest.node} if there else None


async def _convert(run: Run) -> str | None:
    guest = await require_guest(run.parts, await _replica(run))
    if guest.config.template:
        return None
    return await run.parts.guests.template(guest.node, guest.vmid)


async def _converted(run: Run) -> dict[str, bool] | None:
    guest = await require_guest(run.parts, await _replica(run))
    return {"template": True} if guest.config.template else None


async def _protect(run: Run) -> None:
    options: dict[str, Param] = {"tags": names.TAG, "protection": run.parts.settings.guests.protect}
    await write_config(run.parts, await _replica(run), options)


async def _lanes_of_copy(run: Run) -> list[str]:
    template = await _template(run)
    return [lane_of_copy(template), lanes.node(template.node or "")]


async def _lanes_of_move(run: Run) -> list[str]:
    """The copy goes from one node's storage to another's: both have their hands full."""
    return [*await _lanes_of_copy(run), lanes.node(run.params["node"])]


async def _lanes_there(run: Run) -> list[str]:
    return [lanes.node(run.params["node"])]


async def _settle(run: Run, status: TaskStatus) -> None:
    replica = await _replica(run)
    done = status is TaskStatus.SUCCEEDED
    replica.status = ReplicaStatus.READY if done else ReplicaStatus.ERROR
    await replica.save(update_fields=["status", "updated_at"])


async def _readmit(task: Task) -> None:
    """Take it up again, if the template still is as it has to be."""
    rows = Template.filter(id=task.params["template_id"]).select_for_update(no_key=True)
    template = await rows.first()
    replica = await Replica.get_or_none(id=task.target_id)
    if template is None or replica is None:
        raise NotFound
    check(template)
    replica.status = ReplicaStatus.CREATING
    await replica.save(update_fields=["status", "updated_at"])


OPERATION = Operation(
    kind=KIND,
    steps=(
        Step("place", _place, undo=_release),
        PveStep(
            "copy",
            COPYING.make,
            undo=COPYING.unmake,
            look=COPYING.made,
            lanes=_lanes_of_copy,
            type="qmclone",
            stoppable=True,
            weight=6,
        ),
        Step("identify", _identify),
        PveStep(
            "move", _move, look=_moved, lanes=_lanes_of_move, type="qmigrate", at=_from, weight=6
        ),
        PveStep(
            "convert", _convert, look=_converted, lanes=_lanes_there, type="qmtemplate", at=_at
        ),
        Step("protect", _protect),
    ),
    settle=_settle,
    readmit=_readmit,
)
