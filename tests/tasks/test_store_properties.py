"""Whatever order things happen in: locks are unique, lanes hold, and no task is lost."""

from __future__ import annotations

import contextlib
from collections import Counter
from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.tasks.conftest import with_lanes
from tests.tasks.crashing import LONG_AGO
from vmlab.errors import WrongTaskState
from vmlab.models import Task, TaskStatus
from vmlab.tasks import (
    LockTaken,
    NewTask,
    Operation,
    Parts,
    lanes,
    request_cancel,
    retry,
    submit,
)
from vmlab.tasks.claim import claim, release
from vmlab.tasks.journal import Fenced, Journal

pytestmark = pytest.mark.sweep

KIND = "anything"
LIMITS = {"linked_clones_per_storage": 2, "per_node": 3, "cluster": 4}
CLONES, NODE = lanes.linked_clones("s"), lanes.node("n")
LANES: tuple[list[str], ...] = ([], [CLONES], [NODE], [CLONES, NODE])

targets = st.integers(0, 6)
actions = st.lists(
    st.one_of(
        st.tuples(st.just("submit"), targets, st.integers(0, len(LANES) - 1)),
        st.tuples(st.just("submit class"), targets, st.integers(0, len(LANES) - 1)),
        st.tuples(st.just("claim"), st.integers(1, 4), st.just(0)),
        st.tuples(st.just("expire"), targets, st.just(0)),
        st.tuples(st.just("release"), targets, st.just(0)),
        st.tuples(st.just("cancel"), targets, st.just(0)),
        st.tuples(st.just("end"), targets, st.integers(0, 2)),
        st.tuples(st.just("retry"), targets, st.just(0)),
    ),
    max_size=40,
)


async def _settle(*_: object) -> None:
    pass


OPERATIONS = {KIND: Operation(KIND, (), _settle)}


@dataclass
class History:
    """What was done so far, and all that workers were ever given, stale claims included."""

    parts: Parts
    submitted: int = 0
    claims: list[Task] = field(default_factory=list)

    async def act(self, what: str, one: int, other: int) -> None:
        """Do one thing; what is refused for its state is a way of things, too."""
        with contextlib.suppress(LockTaken, WrongTaskState):
            if what == "submit":
                await submit(new(one, LANES[other]))
                self.submitted += 1
            elif what == "submit class":
                children = [new(10 * one + n, LANES[other]) for n in (10, 11)]
                await submit(NewTask(kind="class", target_type="c", target_id=1, children=children))
                self.submitted += 3
            elif what == "claim":
                self.claims += await claim(f"w{len(self.claims)}", one, self.parts.settings)
            elif what in ("cancel", "retry"):
                await self._ask(what, one)
            elif self.claims:
                await self._hold(what, self.claims[one % len(self.claims)], other)

    async def _ask(self, what: str, one: int) -> None:
        tasks = await Task.all().order_by("id")
        if not tasks:
            return
        chosen = tasks[one % len(tasks)]
        if what == "cancel":
            await request_cancel(chosen.id, self.parts.bus)
        else:
            await retry(chosen.id, OPERATIONS, self.parts.bus)

    async def _hold(self, what: str, claimed: Task, other: int) -> None:
        """What the holder of a claim does, and that a stale one changes nothing."""
        now = await Task.get(id=claimed.id)
        holds = now.fence == claimed.fence and now.status is TaskStatus.RUNNING
        if what == "expire":
            await Task.filter(id=now.id, status=TaskStatus.RUNNING).update(lease_until=LONG_AGO)
        elif what == "release":
            await release(claimed)
        else:
            ends = (TaskStatus.SUCCEEDED, TaskStatus.FAILED, TaskStatus.CANCELLED)
            journal = Journal(claimed, {})
            if holds:
                await journal.end(ends[other], None, _settle)
            else:
                with pytest.raises(Fenced):
                    await journal.end(ends[other], None, _settle)
                assert (await Task.get(id=now.id)).status is now.status

    async def check(self) -> None:
        """What holds at every moment."""
        tasks = await Task.all()
        assert len(tasks) == self.submitted
        parents = {task.parent_id for task in tasks if task.parent_id is not None}
        places: Counter[str] = Counter()
        for task in tasks:
            if task.id in parents:
                children = [child for child in tasks if child.parent_id == task.id]
                assert task.status.ended == all(child.status.ended for child in children)
                assert (task.lock, task.lease_until) == (None, None)
                continue
            assert task.lock == (None if task.status.ended else f"t:{task.target_id}")
            running = task.status is TaskStatus.RUNNING
            # What runs comes back by its lease, and what waits by its turn: nothing else is open.
            assert running == (task.lease_until is not None)
            if running and task.started_at is not None:
                places.update(task.lanes)
        for lane, taken in places.items():
            assert taken <= lanes.limit(lane, self.parts.settings.lanes)

    async def finish(self) -> None:
        """With nobody left but one worker, everything comes to an end."""
        await Task.filter(lease_until__isnull=False).update(lease_until=LONG_AGO)
        while claimed := await claim("last", 3, self.parts.settings):
            for task in claimed:
                await Journal(task, {}).end(TaskStatus.SUCCEEDED, None, _settle)
        await self.check()
        ended = (TaskStatus.SUCCEEDED, TaskStatus.FAILED, TaskStatus.CANCELLED)
        assert not await Task.exclude(status__in=ended).exists()


def new(target_id: int, its_lanes: list[str]) -> NewTask:
    return NewTask(kind=KIND, target_type="t", target_id=target_id, lanes=its_lanes)


@given(actions)
@settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
async def test_any_order_of_events(
    database: str, parts: Parts, done: list[tuple[str, int, int]]
) -> None:
    await Task.all().delete()
    history = History(with_lanes(parts, **LIMITS))
    for what, one, other in done:
        await history.act(what, one, other)
        await history.check()
    await history.finish()
