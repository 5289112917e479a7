"""When a task will begin and end, as far as measured durations tell: for people, not for decisions.

Two figures of the last tasks of each kind are enough. How long one runs: the median. And how soon
after one task the next one of its kind begins while there is a line, which says by itself how many
run side by side, whatever holds them up: workers, lanes, or Proxmox.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from tortoise import connections

from vmlab.models import Task, TaskStatus, Worker
from vmlab.tasks.claim import IN_TURN
from vmlab.tasks.clock import database_now, on_postgres

_LATEST = 500
"""How many of the last tasks are measured: enough for each kind, and few enough to read often."""

_SIGNS_WITHIN = timedelta(minutes=1)
"""Without a worker that has given a sign of life in this time, nothing will begin."""

_LINE = f"SELECT id, kind, parent_id FROM ({IN_TURN}) line ORDER BY priority, turn, id"  # noqa: S608

_PACES = """
SELECT kind,
    MAX(CASE WHEN place = (n + 1) / 2 THEN ran END) AS run_s,
    AVG(CASE WHEN created_at <= previous THEN gap END) AS pace_s
FROM (
    SELECT kind, ran, created_at, previous, {gap} AS gap,
        SUM(CASE WHEN ran IS NULL THEN 0 ELSE 1 END) OVER (PARTITION BY kind) AS n,
        ROW_NUMBER() OVER (PARTITION BY kind ORDER BY ran IS NULL, ran) AS place
    FROM (
        SELECT kind, created_at, started_at,
            CASE WHEN status = 'succeeded' THEN {ran} END AS ran,
            LAG(started_at) OVER (PARTITION BY kind ORDER BY started_at, id) AS previous
        FROM tasks
        WHERE id > (SELECT MAX(id) FROM tasks) - {latest} AND started_at IS NOT NULL
    ) begun
) ranked GROUP BY kind
"""
"""Of two successive beginnings, the gap counts if the second stood in line at the first."""


@dataclass(frozen=True)
class Outlook:
    """What is to be expected of a task.

    Attributes:
        position: in the line, from 1 on; None if it does not wait.
        starts_in_s: seconds until it begins; None if it has begun, or this cannot be told.
        ends_in_s: seconds until its end; None if this cannot be told.
    """

    position: int | None
    starts_in_s: float | None
    ends_in_s: float | None


@dataclass(frozen=True)
class _Measured:
    run_s: float | None
    pace_s: float | None


_UNKNOWN = _Measured(None, None)


async def of_tasks(ids: Iterable[int]) -> dict[int, Outlook]:
    """What is to be expected of those of these tasks that have not ended, by id."""
    wanted = set(ids)
    if not wanted:
        return {}
    measured = await _measured()
    begun = await _begun(measured)
    waiting = await _waiting(measured)
    ends: dict[int, list[float | None]] = defaultdict(list)
    for row, outlook in (begun | waiting).values():
        ends[row["parent_id"]].append(outlook.ends_in_s)
    found = {}
    for id_ in wanted & (begun.keys() | waiting.keys() | ends.keys()):
        found[id_] = _of_parent(ends[id_]) if id_ in ends else (begun | waiting)[id_][1]
    return found


def _of_parent(ends: list[float | None]) -> Outlook:
    """Its end is that of the last of its children."""
    known = [end for end in ends if end is not None]
    return Outlook(None, None, max(known) if len(known) == len(ends) else None)


async def _measured() -> Mapping[str, _Measured]:
    sql = _PACES.format(
        gap=_seconds("previous", "started_at"),
        ran=_seconds("started_at", "finished_at"),
        latest=_LATEST,
    )
    return {
        row["kind"]: _Measured(_number(row["run_s"]), _number(row["pace_s"]))
        for row in await _rows(sql)
    }


def _seconds(begin: str, end: str) -> str:
    if on_postgres():
        return f"EXTRACT(EPOCH FROM {end} - {begin})"
    return f"(julianday({end}) - julianday({begin})) * 86400.0"


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


async def _begun(measured: Mapping[str, _Measured]) -> dict[int, tuple[dict[str, Any], Outlook]]:
    """Those that are being worked on; parents have no worker."""
    now = await database_now()
    running = Task.filter(status=TaskStatus.RUNNING, lease_until__isnull=False)
    rows = await running.values("id", "kind", "parent_id", "started_at", "progress")
    return {row["id"]: (row, Outlook(None, None, _left_s(row, measured, now))) for row in rows}


def _left_s(row: dict[str, Any], measured: Mapping[str, _Measured], now: datetime) -> float | None:
    """By the clock, until the usual time is over; by its steps from then on."""
    run_s = measured.get(row["kind"], _UNKNOWN).run_s
    if run_s is None or row["started_at"] is None:
        return None
    left_s: float = run_s - (now - row["started_at"]).total_seconds()
    by_steps: float = run_s * (100 - row["progress"]) / 100
    return round(left_s if left_s > 0 else by_steps, 1)


async def _waiting(measured: Mapping[str, _Measured]) -> dict[int, tuple[dict[str, Any], Outlook]]:
    """Those in line, each behind the others."""
    alive = Worker.filter(last_seen_at__gt=await database_now() - _SIGNS_WITHIN)
    starts_in_s: float | None = 0.0 if await alive.exists() else None
    found = {}
    for position, row in enumerate(await _rows(_LINE), 1):
        its = measured.get(row["kind"], _UNKNOWN)
        found[row["id"]] = row, Outlook(position, *_from(starts_in_s, its.run_s))
        known = starts_in_s is not None and its.pace_s is not None
        starts_in_s = starts_in_s + its.pace_s if known else None  # type: ignore[operator]
    return found


def _from(starts_in_s: float | None, run_s: float | None) -> tuple[float | None, float | None]:
    if starts_in_s is None:
        return None, None
    return round(starts_in_s, 1), None if run_s is None else round(starts_in_s + run_s, 1)


async def _rows(sql: str) -> list[dict[str, Any]]:
    return list(await connections.get("default").execute_query_dict(sql))
