"""Starts, stops, restarts, resets, pauses and resumes a machine.

All of them begin by proving that the guest is ours, and by looking at what it does: the database
may be ten seconds behind. Where it is may change under way; it is followed.

    start     start
    stop      ask the guest, at the timeout pull the plug
    restart   ask the guest to reboot; if it does not, pull the plug and start it
    reset, pause, resume   as Proxmox does them
"""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

from vmlab.models import Task, TaskStatus, Vm
from vmlab.models.connection import transaction
from vmlab.operations.admission import is_to_be_done, lanes_of, machine_for_update
from vmlab.operations.guest_identity import at_its_node, require_guest
from vmlab.proxmox.shapes import GuestStatus
from vmlab.rules.vm_state import Verb, VmStatus
from vmlab.tasks.operation import Operation, PveStep, Settle, Step
from vmlab.tasks.run import Run
from vmlab.tasks.store import INTERACTIVE, NewTask, submit

T = TypeVar("T")

VERBS = (Verb.START, Verb.STOP, Verb.RESTART, Verb.RESET, Verb.PAUSE, Verb.RESUME)

SHUTDOWN_TIMEOUT_S = 60
"""How long a guest is given to shut down by itself, unless somebody says otherwise."""

_COMING_BACK_S = 30
"""How long a rebooted guest may be down before it is started by hand."""


async def admit(
    vm_id: int,
    verb: Verb,
    *,
    created_by_id: int | None,
    force: bool = False,
    timeout_s: int = SHUTDOWN_TIMEOUT_S,
) -> Task | None:
    """Accept a power verb on a machine: one transaction.

    Args:
        force: of a stop: pull the plug at once.
        timeout_s: of a stop or restart: seconds that the guest is given before that.

    Returns:
        None if the machine is in the state that the verb asks for already.

    Raises:
        NotFound: there is no such machine.
        WrongState: its state does not allow the verb, or a task is under way on it.
    """
    async with transaction():
        vm = await machine_for_update(vm_id)
        if not await is_to_be_done(vm, verb):
            return None
        new = task_for(vm, verb, created_by_id=created_by_id, force=force, timeout_s=timeout_s)
        return await submit(new)


def kind(verb: Verb) -> str:
    """The kind of a verb's tasks."""
    return f"vm.{verb.value}"


def task_for(
    vm: Vm,
    verb: Verb,
    *,
    created_by_id: int | None,
    force: bool = False,
    timeout_s: int = SHUTDOWN_TIMEOUT_S,
    priority: int = INTERACTIVE,
) -> NewTask:
    """The task that does a verb on a machine."""
    return NewTask(
        kind=kind(verb),
        target_type="vm",
        target_id=vm.id,
        params={"force": force, "timeout_s": timeout_s},
        lanes=lanes_of(vm),
        priority=priority,
        course_id=vm.course_id,
        created_by_id=created_by_id,
    )


async def _find(run: Run) -> dict[str, Any]:
    vm = await Vm.get(id=run.task.target_id)
    guest = await require_guest(run.parts, vm)
    status = await run.parts.guests.status(guest.node, guest.vmid)
    return {
        "node": guest.node,
        "vmid": guest.vmid,
        "running": status.running,
        "paused": status.paused,
        "pid": status.pid,
    }


def _at(run: Run) -> tuple[str, int]:
    """Where the guest was at the beginning; by now it may be elsewhere."""
    found = run.output("find")
    return found["node"], found["vmid"]


async def _call(run: Run, call: Callable[..., Awaitable[T]], **parameters: Any) -> T:
    """Make a call on the guest, wherever it is by now."""
    vm = await Vm.get(id=run.task.target_id)
    return await at_its_node(run.parts, vm, functools.partial(call, **parameters))


async def _status(run: Run) -> GuestStatus:
    return await _call(run, run.parts.guests.status)


async def _start(run: Run) -> str | None:
    if run.output("find")["running"]:
        return None
    return await _call(run, run.parts.guests.start)


async def _started(run: Run) -> dict[str, bool] | None:
    return {"running": True} if (await _status(run)).running else None


async def _shut_down(run: Run) -> str | None:
    if run.params["force"] or not run.output("find")["running"]:
        return None
    timeout_s = run.params["timeout_s"]
    return await _call(run, run.parts.guests.shutdown, timeout_s=timeout_s, force_stop=True)


async def _asked(run: Run) -> dict[str, bool] | None:
    """Stopped, or asked in vain: either way the next step does what is left."""
    if not (await _status(run)).running:
        return {"obeyed": True}
    return {"obeyed": False} if _was_called(run, "shutdown") else None


async def _stop(run: Run) -> str | None:
    if not (await _status(run)).running:
        return None
    return await _call(run, run.parts.guests.stop, overrule_shutdown=True)


async def _stopped(run: Run) -> dict[str, bool] | None:
    return None if (await _status(run)).running else {"running": False}


async def _reboot(run: Run) -> str:
    return await _call(run, run.parts.guests.reboot, timeout_s=run.params["timeout_s"])


async def _rebooted(run: Run) -> dict[str, bool] | None:
    """Another process tells that it has rebooted; a task that has ended without: asked in vain."""
    status = await _status(run)
    if status.running and status.pid != run.output("find")["pid"]:
        return {"obeyed": True}
    return {"obeyed": False} if _was_called(run, "reboot") else None


async def _stop_stubborn(run: Run) -> str | None:
    if run.output("reboot") != {"obeyed": False}:
        return None
    return await _stop(run)


async def _come_back(run: Run) -> str | None:
    """See that it runs again.

    After a reboot the node's own daemon starts the guest, by a task of root's that our token cannot
    see, and only after the reboot's task has ended (qemu-server 8.4: qmeventd).
    """
    waits = _COMING_BACK_S if run.output("reboot") != {"obeyed": False} else 0
    for _ in range(waits):
        if await _is_another_process(run):
            return None
        await run.sleep(1)
    return await _call(run, run.parts.guests.start)


async def _is_another_process(run: Run) -> bool:
    status = await _status(run)
    return status.running and status.pid != run.output("find")["pid"]


async def _came_back(run: Run) -> dict[str, bool] | None:
    return {"running": True} if await _is_another_process(run) else None


async def _reset(run: Run) -> str:
    return await _call(run, run.parts.guests.reset)


async def _pause(run: Run) -> str | None:
    return None if run.output("find")["paused"] else await _call(run, run.parts.guests.suspend)


async def _paused(run: Run) -> dict[str, bool] | None:
    return {"paused": True} if (await _status(run)).paused else None


async def _resume(run: Run) -> str | None:
    return await _call(run, run.parts.guests.resume) if run.output("find")["paused"] else None


async def _resumed(run: Run) -> dict[str, bool] | None:
    status = await _status(run)
    return {"paused": False} if status.running and not status.paused else None


def _was_called(run: Run, step: str) -> bool:
    return run.journal.rows[step].upid is not None


_OUTCOMES = {
    Verb.START: VmStatus.RUNNING,
    Verb.STOP: VmStatus.STOPPED,
    Verb.RESTART: VmStatus.RUNNING,
    Verb.PAUSE: VmStatus.PAUSED,
    Verb.RESUME: VmStatus.RUNNING,
}


def _settle(verb: Verb) -> Settle:
    async def settle(run: Run, status: TaskStatus) -> None:
        """Note the new state; after a failure, or a reset, the reconciler sees what it is."""
        if status is not TaskStatus.SUCCEEDED or verb not in _OUTCOMES:
            return
        vm = await Vm.get(id=run.task.target_id)
        vm.status = _OUTCOMES[verb]
        vm.observed_at = datetime.now(UTC)
        if verb in (Verb.START, Verb.RESTART):
            vm.started_at = vm.observed_at
        elif verb is Verb.STOP:
            vm.started_at = None
        await vm.save(update_fields=["status", "observed_at", "started_at", "updated_at"])

    return settle


_STEPS: dict[Verb, tuple[Step, ...]] = {
    Verb.START: (PveStep("start", _start, look=_started, type="qmstart", at=_at),),
    Verb.STOP: (
        PveStep("shutdown", _shut_down, look=_asked, type="qmshutdown", at=_at),
        PveStep("stop", _stop, look=_stopped, type="qmstop", at=_at),
    ),
    Verb.RESTART: (
        PveStep("reboot", _reboot, look=_rebooted, type="qmreboot", at=_at),
        PveStep("stop", _stop_stubborn, look=_stopped, type="qmstop", at=_at),
        PveStep("start", _come_back, look=_came_back, type="qmstart", at=_at),
    ),
    Verb.RESET: (PveStep("reset", _reset, type="qmreset", at=_at),),
    Verb.PAUSE: (PveStep("pause", _pause, look=_paused, type="qmpause", at=_at),),
    Verb.RESUME: (PveStep("resume", _resume, look=_resumed, type="qmresume", at=_at),),
}

OPERATIONS = tuple(
    Operation(kind=kind(verb), steps=(Step("find", _find), *_STEPS[verb]), settle=_settle(verb))
    for verb in VERBS
)
"""One operation a verb."""
