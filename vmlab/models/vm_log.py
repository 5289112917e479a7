"""A machine's log: its tasks and their steps, what has happened to it, Proxmox's own lines.

These lie in four tables; the database joins, sorts and pages them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tortoise import connections

from vmlab.models.vm_event import LogLevel

SOURCES = ("task", "event", "proxmox")

_LOG = """
WITH log AS (
    SELECT at, 'event' AS source, level, message, CAST(NULL AS TEXT) AS reason,
        CAST(NULL AS INTEGER) AS task_id, CAST(NULL AS VARCHAR(200)) AS upid, 0 AS kind, id
    FROM vm_events WHERE vm_id = {p}1
UNION ALL
    SELECT t.created_at, 'task', 'info',
        t.kind || ': accepted' || COALESCE(', asked for by ' || u.username, ''),
        NULL, t.id, NULL, 1, t.id
    FROM tasks t LEFT JOIN users u ON u.id = t.created_by_id
    WHERE t.target_type = 'vm' AND t.target_id = {p}1
UNION ALL
    SELECT COALESCE(s.finished_at, s.started_at), 'task',
        CASE WHEN s.error IS NULL THEN 'info' ELSE 'error' END,
        t.kind || ': step ' || s.name || ' ' || s.status, s.error,
        t.id, s.upid, 2, s.id
    FROM task_steps s JOIN tasks t ON t.id = s.task_id
    WHERE t.target_type = 'vm' AND t.target_id = {p}1
UNION ALL
    SELECT at, 'proxmox', level, message, NULL, NULLIF(task_id, 0), upid, 3, id
    FROM pve_log_lines WHERE vm_id = {p}1
UNION ALL
    SELECT finished_at, 'task',
        CASE status WHEN 'failed' THEN 'error' WHEN 'cancelled' THEN 'warning' ELSE 'info' END,
        kind || ': ' || status, {error_message},
        id, NULL, 4, id
    FROM tasks WHERE target_type = 'vm' AND target_id = {p}1 AND finished_at IS NOT NULL
)
"""

_COLUMNS = "at, source, level, message, reason, task_id, upid"

_ERROR_MESSAGE = {
    "postgres": "(error->>'message')",
    "sqlite": "json_extract(error, '$.message')",
}


@dataclass(frozen=True, kw_only=True)
class LogFilter:
    """Which entries; None for all.

    Attributes:
        source: one of SOURCES.
        since: not older than this.
    """

    source: str | None = None
    level: LogLevel | None = None
    since: datetime | None = None


async def log_page(
    vm_id: int, wanted: LogFilter, *, newest_first: bool, offset: int, limit: int
) -> tuple[list[dict[str, Any]], int]:
    """Read a part of a machine's log, and how many entries there are in all.

    Returns:
        Rows of `timestamp, source, level, message, reason, task_id, upid`; a reason is the sentence
        that says why something has failed.
    """
    connection = connections.get("default")
    dialect = str(connection.capabilities.dialect)
    mark = "$" if dialect == "postgres" else "?"
    log = _LOG.format(p=mark, error_message=_ERROR_MESSAGE[dialect])
    conditions, values = _conditions(wanted, mark)
    values.insert(0, vm_id)
    where = f"FROM log WHERE {' AND '.join(conditions)}"
    [counted] = await connection.execute_query_dict(f"{log} SELECT COUNT(*) AS n {where}", values)
    way = "DESC" if newest_first else "ASC"
    order = ", ".join(f"{column} {way}" for column in ("at", "kind", "id"))
    part = f"LIMIT {int(limit)} OFFSET {int(offset)}"
    rows = await connection.execute_query_dict(
        f"{log} SELECT {_COLUMNS} {where} ORDER BY {order} {part}", values
    )
    return [_entry(row) for row in rows], int(counted["n"])


def _conditions(wanted: LogFilter, mark: str) -> tuple[list[str], list[Any]]:
    conditions, values = ["at IS NOT NULL"], []
    for column, test, value in (
        ("source", "=", wanted.source),
        ("level", "=", wanted.level.value if wanted.level else None),
        ("at", ">=", wanted.since),
    ):
        if value is not None:
            values.append(value)
            conditions.append(f"{column} {test} {mark}{len(values) + 1}")
    return conditions, values


def _entry(row: dict[str, Any]) -> dict[str, Any]:
    at = row["at"]  # SQLite has no type for times
    moment = at if isinstance(at, datetime) else datetime.fromisoformat(at)
    return {"timestamp": moment, **{key: value for key, value in row.items() if key != "at"}}
