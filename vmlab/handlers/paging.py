"""Lists: page, order and search, the same for every resource.

A list's query schema is a `ListQuery` with an `Ordering` and its own filters; the handler has a
function that narrows a queryset by them, and hands it to `page_of`. Rows come as dictionaries
(`.values()`), never as models: models and marshmallow together cost three to five times the query
itself. The SQL is kept, by what the function is called with: who asks, and what they filter by.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Any

from marshmallow import fields, validate
from tortoise.queryset import QuerySet

from vmlab.handlers.schemas.base import MAX_INT, Input
from vmlab.models.statements import Query, kept

MAX_PAGE_SIZE = 100

Rows = Callable[..., QuerySet[Any]]
_PART = frozenset({"page", "page_size"})
_Asked = tuple[tuple[str, Any], ...]


class Ordering(fields.String):
    """`field`, `-field` or several with commas; loads to what `order_by` takes, `id` last."""

    default_error_messages = {"unsortable": "Cannot be ordered by {name}."}  # noqa: RUF012

    def __init__(self, *names: str, default: str) -> None:
        """Allow some names, which are also the columns' names.

        Args:
            names: what a client may order by.
            default: the order where the client names none.
        """
        self._names = names
        allowed = ", ".join(names)
        super().__init__(
            load_default=(*default.split(","), "id"),
            metadata={
                "description": f"`field` or `-field`, several with commas; of {allowed}.",
                "default": default,
            },
        )

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        text = super()._deserialize(value, *args, **kwargs)
        columns = [part.strip() for part in text.split(",")]
        for column in columns:
            if column.removeprefix("-") not in self._names:
                raise self.make_error("unsortable", name=column.removeprefix("-"))
        return (*columns, "id")


class PageQuery(Input):
    """Which part of a list."""

    page = fields.Integer(load_default=1, validate=validate.Range(1, MAX_INT // MAX_PAGE_SIZE))
    page_size = fields.Integer(load_default=20, validate=validate.Range(1, MAX_PAGE_SIZE))


class ListQuery(PageQuery):
    """Which part of a list, and what it is searched for."""

    search = fields.String(validate=validate.Length(1, 100))


@dataclass(frozen=True)
class Page:
    """One page of a list; the results are ready for JSON."""

    results: list[dict[str, Any]]
    total: int
    page: int
    page_size: int

    def pagination(self) -> dict[str, Any]:
        """What the envelope says about where in the list this is."""
        total_pages = -(-self.total // self.page_size)
        return {
            "page": self.page,
            "page_size": self.page_size,
            "total": self.total,
            "total_pages": total_pages,
            "has_next": self.page < total_pages,
            "has_previous": self.page > 1,
        }


async def page_of(
    rows: Rows, *about: Hashable, query: Mapping[str, Any], columns: tuple[str, ...]
) -> Page:
    """Read one page of a list.

    Args:
        rows: called with what it is about and the query, gives what the caller may see and asked
            for; joins in it must not multiply rows. The same every time, see `kept`.
        about: who asks, or whatever else decides on the rows.
        query: what a `PageQuery` with an `ordering` loaded.
        columns: of the results.
    """
    page, size = query["page"], query["page_size"]
    asked = tuple(item for item in query.items() if item[0] not in _PART)
    total = await kept(_counted, rows, about, asked).number()
    part = kept(_part, rows, about, asked, columns)
    return Page(await part.rows(size, (page - 1) * size), total, page, size)


def _counted(rows: Rows, about: tuple[Hashable, ...], asked: _Asked) -> Query:
    return rows(*about, dict(asked)).count()


def _part(
    rows: Rows, about: tuple[Hashable, ...], asked: _Asked, columns: tuple[str, ...]
) -> Query:
    """A part of the list; the last parameters are how many rows it has, and those before it."""
    query = dict(asked)
    part = rows(*about, query).order_by(*query["ordering"]).limit(1).offset(1)
    return part.values(*columns)
