"""`vms/{id}/start/` and its likes: the power verbs, each a task."""

from __future__ import annotations

from typing import Any

from vmlab.errors import WrongState
from vmlab.handlers.endpoint import API, Call, Endpoints, Options, Reply
from vmlab.handlers.machines import vm_view
from vmlab.handlers.objects import VmObject
from vmlab.handlers.schemas.vms import StopBody, VmSchema
from vmlab.models import Vm
from vmlab.operations import power_vm
from vmlab.rules.access import Permission
from vmlab.rules.vm_state import Verb
from vmlab.tasks import announce

vm_power = Endpoints(f"{API}/vms/{{id}}", tag="vms")

_POWER: Options = {
    "on": VmObject,
    "returns": VmSchema(),
    "status": 202,
    "also": {200: VmSchema()},
    "errors": (WrongState,),
}
"""What all of them have in common: 200 and no task where the goal is reached already."""

_STOP: Options = {**_POWER, "accepts": StopBody}


@vm_power.post("/start/", needs=Permission.VM_OPERATE, **_POWER)
async def start_vm(call: Call, vm: Vm) -> dict[str, Any] | Reply:
    """Start a machine."""
    return await _begin(call, vm, Verb.START)


@vm_power.post("/stop/", needs=Permission.VM_OPERATE, **_STOP)
async def stop_vm(call: Call, vm: Vm) -> dict[str, Any] | Reply:
    """Ask the guest to shut down, and pull the plug at the timeout; `force` pulls it at once."""
    return await _begin(call, vm, Verb.STOP, **call.body)


@vm_power.post("/restart/", needs=Permission.VM_OPERATE, **_POWER)
async def restart_vm(call: Call, vm: Vm) -> dict[str, Any] | Reply:
    """Ask the guest to reboot; one that does not listen is stopped and started."""
    return await _begin(call, vm, Verb.RESTART)


@vm_power.post("/reset/", needs=Permission.VM_OPERATE, **_POWER)
async def reset_vm(call: Call, vm: Vm) -> dict[str, Any] | Reply:
    """Press the reset button."""
    return await _begin(call, vm, Verb.RESET)


@vm_power.post("/pause/", needs=Permission.VM_OPERATE, **_POWER)
async def pause_vm(call: Call, vm: Vm) -> dict[str, Any] | Reply:
    """Hold a running machine still, in memory."""
    return await _begin(call, vm, Verb.PAUSE)


@vm_power.post("/resume/", needs=Permission.VM_OPERATE, **_POWER)
async def resume_vm(call: Call, vm: Vm) -> dict[str, Any] | Reply:
    """Let a paused machine go on."""
    return await _begin(call, vm, Verb.RESUME)


async def _begin(call: Call, vm: Vm, verb: Verb, **how: Any) -> dict[str, Any] | Reply:
    task = await power_vm.admit(vm.id, verb, created_by_id=call.actor.user_id, **how)
    if task is None:
        return Reply(data=await vm_view(vm.id), status=200)
    await announce(call.parts.bus, task)
    return await vm_view(vm.id, task)
