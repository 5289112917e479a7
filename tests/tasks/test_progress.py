"""Percentages for people, and how long to be patient."""

from __future__ import annotations

import pytest

from tests.tasks.crashing import Boundaries, work
from vmlab.errors import Forbidden, VMLabError
from vmlab.models import Task, TaskStatus
from vmlab.proxmox import faults
from vmlab.tasks import NewTask, Operation, Parts, PveStep, Run, Step, progress, submit
from vmlab.tasks.patience import LONGEST_PAUSE_S, passes, pause_s


async def _do(run: Run) -> str:
    return "done"


STEPS = (Step("a", _do), PveStep("b", _do, type="qmclone"), Step("c", _do, weight=5))


@pytest.mark.parametrize(
    ("done", "current", "percent", "shown"),
    [
        (set(), None, 0, 0),
        ({"a"}, None, 0, 10),
        ({"a"}, STEPS[1], 50, 30),
        ({"a", "b"}, None, 0, 50),
        ({"a", "b"}, STEPS[2], 100, 99),
        ({"a", "b", "c"}, None, 0, 99),
    ],
)
def test_steps_count_by_weight_and_a_hundred_is_the_end(
    done: set[str], current: Step | None, percent: int, shown: int
) -> None:
    assert progress.of_steps(STEPS, done, current, percent) == shown


@pytest.mark.parametrize(("ended", "total", "shown"), [(0, 0, 0), (1, 3, 33), (3, 3, 100)])
def test_children_count_alike(ended: int, total: int, shown: int) -> None:
    assert progress.of_children(ended, total) == shown


async def test_a_step_can_tell_how_far_it_is(sqlite: str, parts: Parts) -> None:
    seen: list[int] = []

    async def slow(run: Run) -> None:
        for percent in (25, 75):
            await run.note_progress(percent)
            seen.append((await Task.get(id=run.task.id)).progress)

    async def settle(run: Run, status: TaskStatus) -> None:
        seen.append(run.task.progress)

    operation = Operation("slow", (Step("first", _do), Step("slow", slow)), settle)
    task = await submit(NewTask(kind="slow", target_type="t", target_id=1))
    assert await work(operation, parts, task.id, Boundaries())
    assert seen == [62, 87, 99]
    assert (await Task.get(id=task.id)).progress == 100


def test_two_steps_of_one_name_are_refused() -> None:
    async def settle(run: Run, status: TaskStatus) -> None:
        pass

    with pytest.raises(ValueError, match="two steps of one name"):
        Operation("twice", (Step("a", _do), Step("a", _do)), settle)


@pytest.mark.parametrize(
    ("error", "temporary"),
    [
        (faults.LockTimeout("got timeout"), True),
        (faults.NodeDown("No route to host"), True),
        (faults.NotStarted("got no worker upid"), True),
        (faults.Unreachable("nobody answers"), True),
        (faults.OutcomeUnknown("lost", outcome_unknown=True), True),
        (faults.TaskUnknown("no such task"), True),
        (faults.TaskInterrupted("unexpected status", outcome_unknown=True), True),
        (faults.TaskInterrupted("received interrupt"), False),
        (faults.StillRunning("not ended", outcome_unknown=True), False),
        (faults.NoSpace("No space left on device"), False),
        (faults.PermissionMissing("Permission check failed"), False),
        (Forbidden(), False),
        (KeyError("a mistake of ours"), False),
    ],
)
def test_which_failures_pass_by_themselves(error: VMLabError | KeyError, temporary: bool) -> None:
    assert passes(error) is temporary


def test_pauses_double_up_to_the_longest_and_are_spread() -> None:
    for tries, longest in ((1, 1.0), (2, 2.0), (4, 8.0), (9, LONGEST_PAUSE_S)):
        pauses = [pause_s(tries, 1.0) for _ in range(50)]
        assert longest / 2 <= min(pauses) < max(pauses) <= longest
