"""Lists: page, order and search, the same for every resource.

A list's query schema is a `ListQuery` with an `Ordering` and its own filters; the handler narrows a
queryset and hands it to `page_of`. Rows come as dictionaries (`.values()`), never as models: models
and marshmallow together cost three to five times the query itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from marshmallow import fields, validate
from tortoise.queryset import QuerySet

from vmlab.handlers.schemas.base import MAX_INT, Input

MAX_PAGE_SIZE = 100


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
    rows: QuerySet[Any], query: Mapping[str, Any], *columns: str, **renamed: str
) -> Page:
    """Read one page of a queryset.

    Args:
        rows: what the caller may see and asked for; joins in it must not multiply rows.
        query: what a `PageQuery` with an `ordering` loaded.
        columns: columns that keep their name.
        renamed: the result's name to the column's.
    """
    page, size = query["page"], query["page_size"]
    total = await rows.count()
    part = rows.order_by(*query["ordering"]).offset((page - 1) * size).limit(size)
    return Page(await part.values(*columns, **renamed), total, page, size)
