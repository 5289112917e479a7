"""How a worker gets at work: leases, places in lanes, and whose turn it is.

A claim first takes over tasks whose holder has given no sign of life for a lease; they keep the
places that they have. Then it takes waiting tasks: by priority, among those by whose course has
the fewest running, among those by age, and passes over what finds a lane full. Claims exclude each
other for the few milliseconds they take, see `vmlab.tasks.places`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson
from tortoise import connections

from vmlab import config
from vmlab.models import Task, TaskStatus
from vmlab.models.connection import transaction
from vmlab.tasks import lanes, places
from vmlab.tasks.clock import database_now, on_postgres

IN_TURN = """
    SELECT t.id, t.kind, t.parent_id, t.lanes, t.priority, t.run_at,
        t.cancel_requested_at IS NOT NULL AND t.started_at IS NULL AS idle,
        COALESCE(r.running, 0) + ROW_NUMBER() OVER (
            PARTITION BY t.priority, COALESCE(t.course_id, 0) ORDER BY t.id
        ) AS turn
    FROM tasks t LEFT JOIN (
        SELECT COALESCE(course_id, 0) AS course, COUNT(*) AS running
        FROM tasks WHERE status = 'running' AND lease_until IS NOT NULL GROUP BY 1
    ) r ON r.course = COALESCE(t.course_id, 0)
    WHERE t.status = 'pending'
"""
"""All who wait; `ORDER BY priority, turn, id` is the order in which they are looked at."""

_WAITING = """
SELECT id, lanes, idle FROM ({in_turn} AND t.run_at <= {p}1) waiting
WHERE idle OR NOT {some_lane_full}
ORDER BY priority, turn, id LIMIT {p}3
"""
"""Tasks in their turn. Idle ones, cancelled before they were begun, do nothing in Proxmox."""

_SOME_LANE_FULL = {
    "postgres": "(lanes ?| $2::text[])",
    "sqlite": "EXISTS (SELECT 1 FROM json_each(lanes) AS lane, json_each(?2) AS full_lane"
    " WHERE lane.value = full_lane.value)",
}


@dataclass(frozen=True)
class Held:
    """What the database says of a task that a worker holds."""

    fence: int
    cancel_requested: bool


async def claim(worker: str, wanted: int, settings: config.Settings) -> list[Task]:
    """Take up to `wanted` tasks for the time of a lease.

    Args:
        worker: name of the process that takes them.
        wanted: how many it has room for.
        settings: for the lease's length and the lanes' limits.

    Returns:
        The tasks, as they stand now, in the order in which they should be begun.
    """
    async with transaction():
        await places.exclude_others()
        now = await database_now()
        tasks = await _expired(now, wanted)
        tasks += await _waiting(now, wanted - len(tasks), settings.lanes)
        await _hand_over(tasks, worker, now, settings.tasks.lease_s)
    return tasks


async def renew(worker: str, ids: Collection[int], lease_s: float) -> dict[int, Held]:
    """Give a sign of life for the tasks that a worker holds, and hear what became of them.

    Returns:
        By task id. A task that is not there, or has another fence, is somebody else's now.
    """
    until = await database_now() + timedelta(seconds=lease_s)
    held = Task.filter(id__in=ids, worker=worker, status=TaskStatus.RUNNING)
    await held.update(lease_until=until)
    rows = await held.values_list("id", "fence", "cancel_requested_at")
    return {id_: Held(fence, cancelled is not None) for id_, fence, cancelled in rows}


async def release(task: Task, after_s: float = 0.0, *, counts: bool = True) -> None:
    """Let go of a task, so that the next claim after `after_s` seconds takes it over.

    It stays `running` and keeps its places: what it has begun in Proxmox goes on there.

    Args:
        counts: whether this was one of the task's attempts.
    """
    await Task.filter(id=task.id, fence=task.fence, status=TaskStatus.RUNNING).update(
        worker=None,
        lease_until=await database_now() + timedelta(seconds=after_s),
        attempts=task.attempts if counts else task.attempts - 1,
        strikes=task.strikes if counts else task.strikes - 1,
    )


async def _hand_over(tasks: list[Task], worker: str, now: datetime, lease_s: float) -> None:
    """Give tasks whose rows are locked to a worker."""
    for task in tasks:
        task.status = TaskStatus.RUNNING
        task.worker = worker
        task.lease_until = now + timedelta(seconds=lease_s)
        task.fence += 1
        task.attempts += 1
        task.strikes += 1
        # What is cancelled before it was begun stays without a beginning.
        if task.cancel_requested_at is None:
            task.started_at = task.started_at or now
    if tasks:
        written = ["status", "worker", "lease_until", "fence", "attempts", "strikes", "started_at"]
        await Task.bulk_update(tasks, written)


async def _expired(now: datetime, wanted: int) -> list[Task]:
    """Tasks whose holder is gone; those that somebody is writing to at this moment are not."""
    expired = Task.filter(status=TaskStatus.RUNNING, lease_until__lt=now)
    return (
        await expired.order_by("priority", "id").limit(wanted).select_for_update(skip_locked=True)
    )


async def _waiting(now: datetime, wanted: int, limits: config.Lanes) -> list[Task]:
    """Waiting tasks that find a place in all of their lanes, in their turn."""
    if wanted <= 0:
        return []
    taken = places.count(await places.by_task())
    full = {lane for lane in taken if taken[lane] >= lanes.limit(lane, limits)}
    chosen: list[int] = []
    while len(chosen) < wanted:
        # Each round asks past the lanes that the last one found full, until nothing is new.
        rows = await _in_turn(now, full, wanted + len(chosen))
        fresh = [row for row in rows if row["id"] not in chosen]
        known_full = len(full)
        for row in fresh[: wanted - len(chosen)]:
            asked = [] if row["idle"] else row["lanes"]
            blocked = {lane for lane in asked if taken[lane] >= lanes.limit(lane, limits)}
            full |= blocked
            if not blocked:
                taken.update(asked)
                chosen.append(row["id"])
        if len(full) == known_full:
            break
    return await _not_locked(chosen)


async def _in_turn(now: datetime, full: Collection[str], limit: int) -> Sequence[dict[str, Any]]:
    postgres = on_postgres()
    sql = _WAITING.format(
        in_turn=IN_TURN,
        p="$" if postgres else "?",
        some_lane_full=_SOME_LANE_FULL["postgres" if postgres else "sqlite"],
    )
    full_lanes = sorted(full) if postgres else orjson.dumps(sorted(full)).decode()
    rows = await connections.get("default").execute_query_dict(sql, [now, full_lanes, limit])
    return [{**row, "lanes": orjson.loads(row["lanes"])} for row in rows]


async def _not_locked(ids: list[int]) -> list[Task]:
    """Lock the chosen rows; those that a cancel is writing to are left for the next time."""
    waiting = Task.filter(id__in=ids, status=TaskStatus.PENDING)
    rows = {task.id: task for task in await waiting.select_for_update(skip_locked=True)}
    return [rows[id_] for id_ in ids if id_ in rows]
