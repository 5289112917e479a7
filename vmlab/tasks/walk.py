"""The walk over an operation's steps: forward, and back if that fails.

Forward, each step's intent is written before it is done and its result after. Coming back to an
intent without a result, the walk first asks whether Proxmox has a task of it, then looks whether
the effect is there, and only then does it again. A failure turns the walk round: every step that
was begun is undone, the newest first. There are four ends:

    succeeded   all steps are done
    failed      a step could not be done, and nothing of it all is left
    cancelled   somebody asked for it, and nothing of it all is left
    failed, with `error.details.stuck`: something may be left behind; a person has to look

Whoever walks may be killed between any two lines here; the next one begins again at the top.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection
from typing import Any

from vmlab.errors import ServerFault, TaskFailed, VMLabError
from vmlab.models import StepStatus, TaskStatus
from vmlab.proxmox.faults import ProxmoxFault
from vmlab.tasks import lanes, progress
from vmlab.tasks.adopt import Ambiguous, adopt, intent
from vmlab.tasks.journal import Fenced, NotWritten
from vmlab.tasks.operation import PveStep, Step
from vmlab.tasks.patience import patiently
from vmlab.tasks.run import Leaving, Run

_log = logging.getLogger(__name__)

MOST_STRIKES = 10
"""How often in a row a task may be begun without coming any further."""

_NOT_OURS_TO_JUDGE = (Fenced, Leaving, NotWritten)
"""Ends this worker's walk, but not the task."""


async def walk(run: Run) -> TaskStatus:
    """Bring a task to its end from wherever its journal says that it stands.

    Raises:
        Fenced: another worker has taken it over.
        Leaving: this worker was told to go.
        NotWritten: the database did not answer.
    """
    if not run.task.unwinding and await _forward(run):
        return await _end(run, TaskStatus.SUCCEEDED)
    if run.stuck is None:
        await _backward(run)
    cancelled = run.error is None and run.stuck is None
    return await _end(run, TaskStatus.CANCELLED if cancelled else TaskStatus.FAILED)


async def _forward(run: Run) -> bool:
    """Do all steps; False if the walk has to turn round, or is stuck."""
    try:
        _refuse_endless(run)
        for position, step in enumerate(run.operation.steps):
            run.step = step
            await _do(run, step, position)
        await run.journal.flush()
    except Leaving:
        await run.journal.flush()
        raise
    except _NOT_OURS_TO_JUDGE:
        raise
    except Ambiguous as error:
        await _stick(run, error)
        return False
    except Exception as error:
        if not run.cancelled:
            run.error = _shown(run, error)
        await run.journal.turned(run.step.name if run.step else None, run.error)
        await _tell(run)
        return False
    return True


async def _do(run: Run, step: Step, position: int) -> None:
    """Do one step, unless that is done."""
    row = run.journal.rows.get(step.name)
    if row is not None and row.status is StepStatus.DONE:
        return
    anew = row is None or row.status is StepStatus.UNDONE
    wanted = await _lanes(run, step)
    if anew:
        run.check()
        await _start(run, step, position, wanted)
    await run.take_places(wanted)
    spent: set[str] = set()

    async def attempt(tries: int) -> Any:
        return await _attempt(run, step, anew and tries == 1, spent)

    output = await patiently(run, attempt)
    done = run.journal.done_steps() | {step.name}
    run.journal.done(step.name, output, progress.of_steps(run.operation.steps, done))


async def _lanes(run: Run, step: Step) -> list[str]:
    """In what the task has to have places during a step."""
    return run.task.lanes if step.lanes is None else lanes.with_cluster(await step.lanes(run))


async def _start(run: Run, step: Step, position: int, wanted: Collection[str]) -> None:
    """Write down that a step is to be done; what it does not need is free for others at once."""
    node, since = await _intent(run, step)
    # In a line it stays until it has its place, or the line would be endless.
    kept = [lane for lane in run.task.lanes if lane in wanted or lanes.is_line(lane)]
    freed = len(kept) < len(run.task.lanes)
    await run.journal.started(step.name, position, node, since, kept if freed else None)
    if freed:
        await run.parts.bus.publish("tasks", {"id": run.task.id})
    await _tell(run)


async def _intent(run: Run, step: Step) -> tuple[str | None, int | None]:
    if not isinstance(step, PveStep):
        return None, None
    return await patiently(run, lambda _: intent(run, step))


async def _attempt(run: Run, step: Step, first: bool, spent: set[str]) -> Any:
    """Do a step's work, or find that it is done.

    Args:
        first: it was certainly never begun, so there is nothing to look for.
        spent: UPIDs of this step that ended without the effect; added to.
    """
    upid = None
    if not first:
        upid = await _begun(run, step, spent)
        if upid is None and (output := await _look(run, step)) is not None:
            return output
    try:
        return await _finish(run, step, upid)
    except ProxmoxFault as failure:
        if failure.upid is not None:
            spent.add(failure.upid)
        # Judged by what is there, not by what was said: the effect may have come all the same.
        if (output := await _look(run, step)) is not None:
            return output
        raise


async def _begun(run: Run, step: Step, spent: set[str]) -> str | None:
    """The Proxmox task that an earlier attempt has started, if it did."""
    upid = run.journal.rows[step.name].upid
    if upid is not None and upid not in spent:
        return upid
    if not isinstance(step, PveStep):
        return None
    upid = await adopt(run, step, spent)
    if upid is not None:
        await run.journal.upid(step.name, upid)
    return upid


async def _finish(run: Run, step: Step, upid: str | None) -> Any:
    """Call, unless the call was made, and wait for what it has started."""
    if upid is None:
        run.check()
        output = await step.do(run)
        if not isinstance(step, PveStep) or output is None:
            return output
        upid = str(output)
        await run.journal.upid(step.name, upid)
    await run.wait(upid, stoppable=isinstance(step, PveStep) and step.stoppable)
    return upid


async def _look(run: Run, step: Step) -> Any:
    return None if step.look is None else await step.look(run)


async def _backward(run: Run) -> None:
    """Undo all steps that were begun, the newest first, or as far as that can be done."""
    for step in reversed(run.operation.steps):
        row = run.journal.rows.get(step.name)
        if row is None or row.status is StepStatus.UNDONE:
            continue
        run.step = step
        try:
            await _undo(run, step)
        except _NOT_OURS_TO_JUDGE:
            raise
        except Exception as error:
            # What came before stays: it may be what the rest still stands on.
            await _stick(run, error)
            return


async def _undo(run: Run, step: Step) -> None:
    if step.undo is not None:
        await run.journal.undoing(step.name)

        async def attempt(_: int) -> None:
            await _attempt_undo(run, step)

        await patiently(run, attempt, lambda error: isinstance(error, ProxmoxFault))
    await run.journal.undone(step.name)


async def _attempt_undo(run: Run, step: Step) -> None:
    """Go on with the undo that is under way, or begin it."""
    upid = run.journal.rows[step.name].undo_upid
    if upid is None and step.undo is not None:
        upid = await step.undo(run)
        if upid is not None:
            await run.journal.undo_upid(step.name, upid)
    if upid is None:
        return
    try:
        await run.wait(upid)
    except ProxmoxFault:
        # The next attempt calls the undo again, which looks first: gone is gone.
        await run.journal.undo_upid(step.name, None)
        raise


def _refuse_endless(run: Run) -> None:
    """Stop forward what was begun again and again, and perhaps kills its workers.

    A worker that dies takes along many tasks that are not to blame. Those come further when they
    are begun again, one step at least, and so are never stopped by the deaths of others.
    """
    if run.task.strikes > MOST_STRIKES:
        count = run.task.strikes - 1
        raise TaskFailed("It was begun {count} times without coming any further.", count=count)


async def _stick(run: Run, error: Exception) -> None:
    """Leave everything as it is for a person to look at."""
    assert run.step is not None
    run.stuck = run.step.name
    _log.error("task %d is stuck at %s", run.task.id, run.stuck, exc_info=error)
    shown = run.error or _shown(run, error)
    details = {**shown["details"], "stuck": run.stuck, "stuck_reason": str(error)}
    run.error = {**shown, "details": details}
    await run.journal.stuck(run.stuck, str(error))


def _shown(run: Run, error: Exception) -> dict[str, Any]:
    """A failure as the task's reader will see it."""
    if not isinstance(error, VMLabError):
        name = run.step.name if run.step else "before the first step"
        _log.error("task %d, %s: an error of our own", run.task.id, name, exc_info=error)
    cause = error if isinstance(error, VMLabError) else ServerFault()
    details = {**cause.details, "cause": cause.code}
    if run.step is not None:
        details["step"] = run.step.name
    return {"code": TaskFailed.code, "message": cause.args[0], "details": details}


async def _end(run: Run, status: TaskStatus) -> TaskStatus:
    """Write the end; once begun, not even the worker's own end interrupts that."""

    async def settle() -> None:
        await run.operation.settle(run, status)

    write = asyncio.ensure_future(run.journal.end(status, run.error, settle))
    try:
        await asyncio.shield(write)
    except asyncio.CancelledError:
        await write
        raise
    await _tell(run)
    return status


async def _tell(run: Run) -> None:
    """Let everybody who looks at the task, or at what it works on, look again."""
    task = run.task
    bus = run.parts.bus
    await bus.publish("events", {"type": "task", "id": task.id})
    if task.parent_id is not None and task.status.ended:
        await bus.publish("events", {"type": "task", "id": task.parent_id})
    if task.status.ended:
        await bus.publish("events", {"type": task.target_type, "id": task.target_id})
