"""`vms/{id}/snapshots/`: listed as Proxmox has them now; taking, deleting, going back are tasks."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from vmlab.errors import NotFound, ProxmoxFailed, ProxmoxUnavailable, WrongState
from vmlab.handlers.endpoint import API, Call, Endpoints
from vmlab.handlers.machines import vm_view
from vmlab.handlers.objects import VmObject
from vmlab.handlers.observation import snapshots_of
from vmlab.handlers.schemas.snapshots import SnapshotBody, SnapshotSchema
from vmlab.handlers.schemas.vms import VmSchema
from vmlab.models import Task, Vm
from vmlab.operations import delete_snapshot, rollback_vm, snapshot_vm
from vmlab.proxmox.history import Snapshot
from vmlab.rules.access import Permission
from vmlab.rules.names import is_snapshot_name
from vmlab.tasks import announce

snapshots = Endpoints(f"{API}/vms/{{id}}/snapshots", tag="snapshots")


@snapshots.get(
    "/",
    on=VmObject,
    needs=Permission.VM_READ,
    returns=SnapshotSchema(many=True),
    errors=(ProxmoxFailed, ProxmoxUnavailable),
)
async def list_snapshots(call: Call, vm: Vm) -> list[dict[str, Any]]:
    """The machine's snapshots, oldest first, those taken in the Proxmox interface included."""
    return [_shown(each) for each in await snapshots_of(call.parts.work, vm)]


def _shown(snapshot: Snapshot) -> dict[str, Any]:
    taken_at = snapshot.taken_at
    return {
        "name": snapshot.name,
        "description": snapshot.description,
        "taken_at": None if taken_at is None else datetime.fromtimestamp(taken_at, UTC),
        "parent": snapshot.parent,
        "current": snapshot.current,
        "with_memory": snapshot.with_memory,
        "incomplete": snapshot.incomplete is not None,
    }


@snapshots.post(
    "/",
    on=VmObject,
    needs=Permission.VM_OPERATE,
    accepts=SnapshotBody,
    returns=VmSchema(),
    status=202,
    errors=(WrongState,),
)
async def take_snapshot(call: Call, vm: Vm) -> dict[str, Any]:
    """Take a snapshot of a machine, with its memory if it is to come back running.

    The task fails if the name is taken, or if the machine has as many as it may have.
    """
    wanted = snapshot_vm.SnapshotVm(**call.body)
    task = await snapshot_vm.admit(vm.id, wanted, created_by_id=call.actor.user_id)
    return await _begun(call, vm, task)


@snapshots.delete(
    "/{name}/",
    on=VmObject,
    needs=Permission.VM_OPERATE,
    returns=VmSchema(),
    status=202,
    errors=(WrongState,),
)
async def remove_snapshot(call: Call, vm: Vm) -> dict[str, Any]:
    """Delete a snapshot; those taken on it stay. The task fails if there is none."""
    task = await delete_snapshot.admit(vm.id, _name(call), created_by_id=call.actor.user_id)
    return await _begun(call, vm, task)


@snapshots.post(
    "/{name}/rollback/",
    on=VmObject,
    needs=Permission.VM_OPERATE,
    returns=VmSchema(),
    status=202,
    errors=(WrongState,),
)
async def roll_back(call: Call, vm: Vm) -> dict[str, Any]:
    """Take a machine back to a snapshot: its disks, and the hardware that it had then.

    A running machine is stopped at once; it runs again if the snapshot has its memory. The task
    fails if there is no such snapshot, or if the owner's quota has no room for what comes back.
    """
    task = await rollback_vm.admit(vm.id, _name(call), created_by_id=call.actor.user_id)
    return await _begun(call, vm, task)


def _name(call: Call) -> str:
    """The name in the path; one that no snapshot can have is not found."""
    name = call.path["name"]
    if not is_snapshot_name(name):
        raise NotFound
    return name


async def _begun(call: Call, vm: Vm, task: Task) -> dict[str, Any]:
    await announce(call.parts.bus, task)
    return await vm_view(vm.id, task)
