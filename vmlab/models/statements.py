"""Statements that are kept: the SQL of a query is written once and executed again and again.

Tortoise takes several times as long to write a query as PostgreSQL does to answer it. `kept` has it
written where it is first needed; what differs from one time to the next are parameters:

    def _steps(number: int) -> Query:
        return Step.filter(task_id__in=[0] * number).values("task_id", "name")

    rows = await kept(_steps, len(ids)).rows(*ids)

Only text is kept, and the parameters that the query was written with: each execution asks anew.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Hashable
from typing import Any

from tortoise import connections, fields
from tortoise.queryset import CountQuery, ValuesQuery

Query = ValuesQuery[Any] | CountQuery
Write = Callable[..., Query]
Convert = Callable[[Any], Any]

_KEPT = 2048
"""Statements of a process: a list has one for each person and for what they look for in it."""


class Statement:
    """SQL, its parameters, and what makes Python's values of the driver's."""

    def __init__(self, query: Query, dialect: str) -> None:
        """Write it.

        Args:
            query: what is asked; not to be used any more afterwards.
            dialect: of the database, as Tortoise calls it.
        """
        self._sql = sys.intern(query.sql())  # most differ from others by their parameters only
        self._parameters = query.query.get_parameterized_sql()[1]
        self._conversions = _conversions(query, dialect) if isinstance(query, ValuesQuery) else []

    async def rows(self, *parameters: Any) -> list[dict[str, Any]]:
        """Execute it.

        Args:
            parameters: in place of as many that it was written with, the last ones in the text.
        """
        same = self._parameters[: len(self._parameters) - len(parameters)]
        database = connections.get("default")
        found: list[dict[str, Any]] = await database.execute_query_dict(
            self._sql, [*same, *parameters]
        )
        for name, convert in self._conversions:
            for row in found:
                if (value := row[name]) is not None:
                    row[name] = convert(value)
        return found

    async def number(self) -> int:
        """Execute one that counts."""
        (row,) = await self.rows()
        return int(next(iter(row.values())))


def kept(write: Write, *about: Hashable) -> Statement:
    """The statement of a query.

    Args:
        write: makes the query; for the same `about` always the same one, except for parameters
            that each execution brings. It may not look at anything that changes.
        about: what it is called with.
    """
    return _statement(str(connections.get("default").capabilities.dialect), write, about)


@functools.lru_cache(_KEPT)
def _statement(dialect: str, write: Write, about: tuple[Hashable, ...]) -> Statement:
    return Statement(write(*about), dialect)


def _conversions(query: ValuesQuery[Any], dialect: str) -> list[tuple[str, Convert]]:
    """For each column of the result whose values are not yet what they should be, by name."""
    found = []
    for name, column in query._fields_for_select.items():
        convert = query.resolve_to_python_value(query.model, column)
        field = getattr(convert, "__self__", None)
        # asyncpg's times are in UTC as they come.
        is_ready = dialect == "postgres" and isinstance(field, fields.DatetimeField)
        if field is not None and not is_ready:
            found.append((name, convert))
    return found
