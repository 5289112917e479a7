"""What has happened to machines and tasks lately, for those who follow it (`events/`).

Rows are written by triggers in the very transaction that changes a machine or a task
(migrations/models: 2_..._events), so that none is missing and none is too many. They say only that
something has changed: what it is now is read when it is told. `vmlab.reconcile.housekeeping` keeps
the table short.

Ids are drawn before a transaction ends, so with several writers a lower one can become visible
after a higher one. In the order of `(transaction_id, id)`, and read only below the oldest
transaction under way, nothing ever comes late.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any, NamedTuple

from tortoise import connections, fields
from tortoise.models import Model


class EventType(StrEnum):
    """What kind of thing has changed."""

    VM = "vm"
    TASK = "task"


class Cursor(NamedTuple):
    """A place in the history: all up to here has been seen."""

    transaction_id: int
    id: int

    @classmethod
    def parsed(cls, text: str) -> Cursor | None:
        """Read what `str` wrote; None if it is nothing of ours."""
        transaction_id, dash, id_ = text.partition("-")
        if not (dash and transaction_id.isdecimal() and id_.isdecimal()) or len(text) > 40:
            return None
        cursor = cls(int(transaction_id), int(id_))
        return cursor if max(cursor) < 2**63 else None

    def __str__(self) -> str:
        return f"{self.transaction_id}-{self.id}"


BEGINNING = Cursor(0, 0)


class Event(Model):
    """Something has changed; whose it was then stands beside it."""

    id = fields.BigIntField(primary_key=True)
    transaction_id = fields.BigIntField(default=0)
    """PostgreSQL's; 0 on SQLite, which has one writer at a time."""
    type = fields.CharEnumField(EventType, max_length=8)
    object_id = fields.IntField()
    owner_id = fields.IntField(null=True)
    """Of the machine, or of the machine that the task is on."""
    created_by_id = fields.IntField(null=True)
    """Who asked for the task."""
    course_id = fields.IntField(null=True)

    class Meta:
        table = "events"
        indexes = (("transaction_id", "id"),)

    @property
    def cursor(self) -> Cursor:
        """The place right after it."""
        return Cursor(self.transaction_id, self.id)

    @classmethod
    async def after(cls, cursor: Cursor, limit: int) -> list[Event]:
        """The events after a place, oldest first, as far as the history is settled."""
        rows = await _select(
            "WHERE transaction_id < {horizon} AND (transaction_id, id) > ({p}1, {p}2)"
            " ORDER BY transaction_id, id LIMIT {p}3",
            *cursor,
            limit,
        )
        return [cls(**{**row, "type": EventType(row["type"])}) for row in rows]

    @classmethod
    async def oldest(cls) -> Cursor:
        """Where the history begins; BEGINNING if there is none."""
        return await cls._one("ASC")

    @classmethod
    async def newest(cls) -> Cursor:
        """Up to where the history is settled."""
        return await cls._one("DESC")

    @classmethod
    async def _one(cls, order: str) -> Cursor:
        rows = await _select(
            "WHERE transaction_id < {horizon}"
            f" ORDER BY transaction_id {order}, id {order} LIMIT 1"
        )
        return Cursor(rows[0]["transaction_id"], rows[0]["id"]) if rows else BEGINNING

    @classmethod
    async def forget(cls, keep: int) -> int:
        """Delete all but about the newest `keep`; returns how many went."""
        newest = await cls.all().order_by("-id").first()
        return 0 if newest is None else await cls.filter(id__lte=newest.id - keep).delete()


_SETTLED_BELOW = {
    "postgres": "pg_snapshot_xmin(pg_current_snapshot())::text::bigint",
    "sqlite": "1",
}
"""No transaction below this one is still under way."""


async def _select(clauses: str, *values: int) -> list[dict[str, Any]]:
    connection = connections.get("default")
    dialect = str(connection.capabilities.dialect)
    text = clauses.format(horizon=_SETTLED_BELOW[dialect], p="$" if dialect == "postgres" else "?")
    sql = f"SELECT * FROM events {text}"  # noqa: S608 - the clauses are those above
    return list(await connection.execute_query_dict(sql, list(values)))
