"""Finding a Proxmox task again whose UPID was never saved.

The worker may have died, or the answer may have been lost, between the call and the write. The
task itself stands in its node's list then: under a type and an id that are known, started by our
own token, and no earlier than the intent was written (by the node's own clock).
"""

from __future__ import annotations

from collections.abc import Collection

from tortoise.expressions import Q

from vmlab.models import Step as StepRow
from vmlab.proxmox.history import TaskRow
from vmlab.proxmox.pve_tasks import TaskResult
from vmlab.proxmox.upid import Upid
from vmlab.tasks.operation import PveStep
from vmlab.tasks.run import Run

CLOCK_MARGIN_S = 10
"""By how much the clocks within a cluster may differ: not every call goes to the node itself."""


class Ambiguous(Exception):
    """Several Proxmox tasks may be the one that was started: a person has to tell."""


async def intent(run: Run, step: PveStep) -> tuple[str | None, int | None]:
    """Where, and from which second on, the step's task will be listed, if it can be told."""
    if step.at is None:
        return None, None
    node, _ = step.at(run)
    if not node:
        # There is nothing on which the step could start anything.
        return None, None
    now = run.parts.pve_tasks.server_time(node)
    if now is None:
        # Nothing has been asked since this process began: any answer tells the time.
        await run.parts.cluster.version()
        now = run.parts.pve_tasks.server_time(node)
    if now is None:
        return node, None
    since = int(now) - CLOCK_MARGIN_S
    before = run.journal.rows.get(step.name)
    if before is not None and before.upid is not None:
        # Done and undone earlier: that task is not the one to be found.
        since = max(since, Upid.parse(before.upid).started_at + 1)
    return node, since


async def adopt(run: Run, step: PveStep, spent: Collection[str]) -> str | None:
    """Find the task that the step has started, if it has.

    Args:
        spent: UPIDs that are known not to be it.

    Raises:
        Ambiguous: there are several; guessing could bind this step to somebody else's work.
    """
    row = run.journal.rows[step.name]
    if step.at is None or row.node is None or row.since is None:
        return None
    _, id_ = step.at(run)
    listed = await run.parts.pve_tasks.find(row.node, type=step.type, vmid=id_, since=row.since)
    ours = run.parts.settings.proxmox.token_id
    upids = [
        task.upid
        for task in listed
        if Upid.parse(task.upid).user == ours and task.upid not in spent and _counts(step, task)
    ]
    others = await _of_other_steps(row.id, upids)
    candidates = [upid for upid in upids if upid not in others]
    if len(candidates) > 1:
        raise Ambiguous(f"{step.name}: one of {', '.join(candidates)}")
    return candidates[0] if candidates else None


def _counts(step: PveStep, task: TaskRow) -> bool:
    """Whether a task may still have, or may have had, the step's effect.

    One that has failed can simply be repeated. Of one that succeeded a look tells more than its
    word: within the clocks' margin it may belong to an earlier effect that is gone again.
    """
    if task.exitstatus is None:
        return True
    return step.look is None and TaskResult.of(task.upid, task.exitstatus).ok


async def _of_other_steps(row_id: int, upids: list[str]) -> set[str]:
    """Which of these tasks are known to belong to other steps."""
    rows = StepRow.filter(Q(upid__in=upids) | Q(undo_upid__in=upids)).exclude(id=row_id)
    known: set[str] = set()
    for row in await rows:
        known |= {upid for upid in (row.upid, row.undo_upid) if upid is not None}
    return known
