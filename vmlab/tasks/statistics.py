"""The queue in numbers: how full it is, how long things take, who works on it.

All counting is done by the database; no rows come here one by one.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from tortoise import connections

from vmlab.models import Task, TaskStatus, Worker
from vmlab.tasks.clock import database_now, on_postgres

_DAY = timedelta(hours=24)

_QUEUE = """
SELECT kind,
    SUM(CASE WHEN status = 'pending' THEN 1 ELSE 0 END) AS pending,
    SUM(CASE WHEN status = 'running' THEN 1 ELSE 0 END) AS running,
    SUM(CASE WHEN status = 'failed' THEN 1 ELSE 0 END) AS failed_24h,
    SUM(CASE WHEN status = 'succeeded' THEN 1 ELSE 0 END) AS succeeded_24h
FROM tasks WHERE status IN ('pending', 'running') OR finished_at > {p}1
GROUP BY kind ORDER BY kind
"""

_COUNTS = """
SELECT kind, COUNT(*) AS total,
    SUM(CASE WHEN status = 'succeeded' THEN 1 ELSE 0 END) AS succeeded,
    SUM(CASE WHEN status = 'failed' THEN 1 ELSE 0 END) AS failed,
    SUM(CASE WHEN status = 'cancelled' THEN 1 ELSE 0 END) AS cancelled,
    SUM(CASE WHEN attempts > 1 THEN 1 ELSE 0 END) AS retried
FROM tasks WHERE created_at >= {p}1 AND created_at <= {p}2
GROUP BY kind ORDER BY kind
"""

_PERCENTILES = """
SELECT kind,
    MAX(CASE WHEN place = (n * 50 + 99) / 100 THEN seconds END) AS p50,
    MAX(CASE WHEN place = (n * 95 + 99) / 100 THEN seconds END) AS p95
FROM (
    SELECT kind, seconds, COUNT(*) OVER (PARTITION BY kind) AS n,
        ROW_NUMBER() OVER (PARTITION BY kind ORDER BY seconds) AS place
    FROM (
        SELECT kind, {seconds} AS seconds FROM tasks
        WHERE created_at >= {p}1 AND created_at <= {p}2
            AND {begin} IS NOT NULL AND {end} IS NOT NULL
    ) spans
) ranked GROUP BY kind
"""
"""By nearest rank: the smallest duration that so many percent do not exceed."""

_MEDIAN_OF_LAST = """
SELECT MAX(CASE WHEN place = (n + 1) / 2 THEN seconds END) AS median FROM (
    SELECT seconds, COUNT(*) OVER () AS n, ROW_NUMBER() OVER (ORDER BY seconds) AS place
    FROM (
        SELECT {seconds} AS seconds FROM tasks
        WHERE kind = {p}1 AND status = 'succeeded' ORDER BY id DESC LIMIT 100
    ) latest
) ranked
"""

_NO_SPAN = {"p50": None, "p95": None}


async def queue() -> dict[str, Any]:
    """How many tasks wait, run, and have ended in the last 24 hours, in all and by kind."""
    now = await database_now()
    rows = await _select(_QUEUE, now - _DAY)
    by_kind = {str(row.pop("kind")): _whole(row) for row in rows}
    names = ("pending", "running", "failed_24h", "succeeded_24h")
    oldest = await Task.filter(status=TaskStatus.PENDING).order_by("created_at").first()
    return {
        **{name: sum(counts[name] for counts in by_kind.values()) for name in names},
        "oldest_pending_s": None
        if oldest is None
        else max(0.0, round((now - oldest.created_at).total_seconds(), 1)),
        "by_kind": by_kind,
    }


async def by_kind(start: datetime, end: datetime) -> dict[str, dict[str, Any]]:
    """What became of the tasks that were submitted in a span of time, and how long they took.

    Returns:
        By kind: numbers of tasks, those begun more than once as `retried`; and percentiles of the
        seconds that they waited (`wait_s`) and were worked on (`run_s`), None where none did.
    """
    waits = await _percentiles("created_at", "started_at", start, end)
    runs = await _percentiles("started_at", "finished_at", start, end)
    found = {}
    for row in await _select(_COUNTS, start, end):
        kind = str(row.pop("kind"))
        spans = {"wait_s": waits.get(kind, _NO_SPAN), "run_s": runs.get(kind, _NO_SPAN)}
        found[kind] = {**_whole(row), **spans}
    return found


async def median_run_s(kind: str) -> float | None:
    """How many seconds the last hundred successes of a kind took, in the middle; None without."""
    [row] = await _select(_MEDIAN_OF_LAST, kind, begin="started_at", end="finished_at")
    return None if row["median"] is None else float(row["median"])


async def workers(lease_s: float) -> list[dict[str, Any]]:
    """All workers of all processes with the ids of the tasks that they hold.

    Args:
        lease_s: who has given no sign of life for so long is shown as `lost`.
    """
    alive_since = await database_now() - timedelta(seconds=lease_s)
    rows = await Worker.all().order_by("started_at", "id").values()
    held: dict[str, list[int]] = {row["id"]: [] for row in rows}
    running = Task.filter(status=TaskStatus.RUNNING, worker__in=list(held)).order_by("id")
    for task in await running.values("id", "worker"):
        held[task["worker"]].append(task["id"])
    for row in rows:
        row["running"] = held[row["id"]]
        if row["last_seen_at"] < alive_since:
            row["state"] = "lost"
    return list(rows)


async def _percentiles(
    begin: str, end: str, since: datetime, until: datetime
) -> dict[str, dict[str, float]]:
    rows = await _select(_PERCENTILES, since, until, begin=begin, end=end)
    return {
        str(row["kind"]): {name: round(float(row[name]), 3) for name in _NO_SPAN} for row in rows
    }


async def _select(sql: str, *values: Any, begin: str = "", end: str = "") -> list[dict[str, Any]]:
    """Run a query in the database's dialect; columns are ours, values are bound."""
    if on_postgres():
        mark, seconds = "$", f"EXTRACT(EPOCH FROM {end} - {begin})"
    else:
        mark, seconds = "?", f"(julianday({end}) - julianday({begin})) * 86400.0"
    text = sql.format(p=mark, begin=begin, end=end, seconds=seconds)
    return list(await connections.get("default").execute_query_dict(text, list(values)))


def _whole(counts: dict[str, Any]) -> dict[str, int]:
    return {name: int(value) for name, value in counts.items()}
