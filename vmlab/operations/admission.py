"""What every verb on a machine does first: load it, and refuse what its state does not allow."""

from __future__ import annotations

from vmlab.errors import NotFound, WrongState
from vmlab.models import Task, Vm
from vmlab.rules.vm_state import Verb, is_possible, is_reached
from vmlab.tasks import lanes


async def machine_for_update(vm_id: int) -> Vm:
    """Load a machine and keep its row from others until the transaction ends.

    Raises:
        NotFound: there is none, or not any more.
    """
    vm = await Vm.filter(id=vm_id, deleted_at__isnull=True).select_for_update(no_key=True).first()
    if vm is None:
        raise NotFound
    return vm


async def is_to_be_done(vm: Vm, verb: Verb) -> bool:
    """Whether a verb is work: False if the machine is already as it is asked to be.

    Raises:
        WrongState: a task is under way on it, or its state does not allow the verb.
    """
    task_id = await task_under_way(vm.id)
    if task_id is None and is_reached(verb, vm.status):
        return False
    if task_id is not None or not is_allowed(vm, verb):
        raise WrongState(details={"status": vm.status.value, "task_id": task_id})
    return True


def is_allowed(vm: Vm, verb: Verb) -> bool:
    """Whether a machine's state allows a verb; what never came to be can only be deleted."""
    return is_possible(verb, vm.status) and (vm.vmid is not None or verb is Verb.DELETE)


async def task_under_way(vm_id: int) -> int | None:
    """The id of the task that works on a machine, or is going to."""
    task = await Task.filter(lock=lock_of(vm_id)).first()
    return None if task is None else task.id


def lock_of(vm_id: int) -> str:
    """The lock that a task on a machine holds from its acceptance to its end."""
    return f"vm:{vm_id}"


def lanes_of(vm: Vm) -> list[str]:
    """What work on a machine takes a place in: its node's lane, once it has a node."""
    return [lanes.node(vm.node)] if vm.node else []
