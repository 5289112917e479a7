"""The one clock that all workers share: the database's.

Leases are compared across hosts whose own clocks may differ by more than a lease is long.
"""

from __future__ import annotations

from datetime import UTC, datetime

from tortoise import connections


def on_postgres() -> bool:
    """Whether the database is PostgreSQL, so that several processes may work on it."""
    return str(connections.get("default").capabilities.dialect) == "postgres"


async def database_now() -> datetime:
    """The time now; by PostgreSQL's clock, or this host's where SQLite serves one process."""
    if not on_postgres():
        return datetime.now(UTC)
    rows = await connections.get("default").execute_query_dict("SELECT clock_timestamp() AS now")
    now: datetime = rows[0]["now"]
    return now
