"""Does one verb on all machines of a course: one parent task with a child for each machine."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from vmlab.errors import Invalid, NotFound
from vmlab.models import Course, Membership, Task, User, Vm
from vmlab.models.connection import transaction
from vmlab.operations import delete_vm, power_vm, rollback_vm, snapshot_vm
from vmlab.operations.admission import is_allowed, lock_of
from vmlab.operations.snapshots import check_name
from vmlab.rules.vm_state import Verb, is_reached
from vmlab.tasks.store import BULK, NewTask, submit

_STRANGERS = "Not members of this course: {ids}."

VERBS = (*power_vm.VERBS, Verb.DELETE, Verb.SNAPSHOT, Verb.ROLLBACK)


def kind(verb: Verb) -> str:
    """The kind of the parent task."""
    return f"course.{verb.value}"


async def admit(
    course_id: int,
    verb: Verb,
    *,
    created_by_id: int | None,
    student_ids: Sequence[int] | None = None,
    snapshot: str = "",
) -> tuple[Task | None, list[dict[str, Any]]]:
    """Accept a verb on the machines of a course: one transaction.

    A machine that is busy, as it should be already, or in no state for it is left out.

    Args:
        student_ids: whose machines; None for everybody's.
        snapshot: name of the one to take, or to go back to.

    Returns:
        The parent task, None if no machine is left; and `{vm_id, name, owner, status, reason}` of
        those left out, with the reason `busy`, `already` or `state`.

    Raises:
        Invalid: the snapshot's name is none, or somebody named has nothing to do with the course.
        NotFound: there is no such course.
        LockTaken: somebody else was quicker on one of the machines; ask again.
    """
    if verb in (Verb.SNAPSHOT, Verb.ROLLBACK):
        check_name(snapshot)
    async with transaction():
        if not await Course.exists(id=course_id):
            raise NotFound
        machines = Vm.filter(course_id=course_id, deleted_at__isnull=True)
        if student_ids is not None:
            machines = machines.filter(owner_id__in=list(student_ids))
        vms = await machines.order_by("id").select_for_update(no_key=True)
        await _refuse_strangers(course_id, student_ids or (), vms)
        reasons = {vm.id: _reason(verb, vm) for vm in vms} | dict.fromkeys(await _busy(vms), "busy")
        chosen = [vm for vm in vms if reasons[vm.id] is None]
        skipped = await _skipped([(vm, why) for vm in vms if (why := reasons[vm.id]) is not None])
        if not chosen:
            return None, skipped
        task = await submit(_parent(course_id, verb, chosen, created_by_id, snapshot))
        if verb is Verb.DELETE:
            await delete_vm.mark_deleting(chosen)
    return task, skipped


async def _refuse_strangers(
    course_id: int, user_ids: Collection[int], machines: Collection[Vm]
) -> None:
    """See that all of these are in the course, or have a machine in it."""
    members = Membership.filter(course_id=course_id, user_id__in=list(user_ids))
    known = {row.user_id for row in await members} if user_ids else set()
    known |= {vm.owner_id for vm in machines}
    if strangers := [str(user_id) for user_id in user_ids if user_id not in known]:
        raise Invalid(details={"students": [_STRANGERS.format(ids=", ".join(strangers))]})


def _reason(verb: Verb, vm: Vm) -> str | None:
    if is_reached(verb, vm.status):
        return "already"
    return None if is_allowed(vm, verb) else "state"


async def _busy(vms: Sequence[Vm]) -> set[int]:
    """Those with a task under way."""
    locks = {lock_of(vm.id): vm.id for vm in vms}
    held = await Task.filter(lock__in=list(locks)).values_list("lock", flat=True)
    return {locks[str(lock)] for lock in held}


async def _skipped(machines: Sequence[tuple[Vm, str]]) -> list[dict[str, Any]]:
    owners = User.filter(id__in=[vm.owner_id for vm, _ in machines])
    names = dict(await owners.values_list("id", "username")) if machines else {}
    return [
        {
            "vm_id": vm.id,
            "name": vm.name,
            "owner": {"id": vm.owner_id, "username": names[vm.owner_id]},
            "status": vm.status.value,
            "reason": reason,
        }
        for vm, reason in machines
    ]


def _parent(
    course_id: int, verb: Verb, vms: Sequence[Vm], created_by_id: int | None, snapshot: str
) -> NewTask:
    return NewTask(
        kind=kind(verb),
        target_type="course",
        target_id=course_id,
        priority=BULK,
        course_id=course_id,
        created_by_id=created_by_id,
        children=[_child(verb, vm, created_by_id, snapshot) for vm in vms],
    )


def _child(verb: Verb, vm: Vm, created_by_id: int | None, snapshot: str) -> NewTask:
    if verb is Verb.DELETE:
        return delete_vm.task_for(vm, created_by_id=created_by_id, priority=BULK)
    if verb is Verb.SNAPSHOT:
        wanted = snapshot_vm.SnapshotVm(name=snapshot)
        return snapshot_vm.task_for(vm, wanted, created_by_id=created_by_id, priority=BULK)
    if verb is Verb.ROLLBACK:
        return rollback_vm.task_for(vm, snapshot, created_by_id=created_by_id, priority=BULK)
    return power_vm.task_for(vm, verb, created_by_id=created_by_id, priority=BULK)
