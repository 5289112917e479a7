"""Reports as tables: CSV where the client prefers it (`Accept: text/csv`), JSON otherwise."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from aiohttp import web

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""With one of these a spreadsheet takes a text for a formula."""


def prefers_csv(request: web.Request) -> bool:
    """Whether the client wants CSV at least as much as JSON."""
    wanted = _qualities(request.headers.get("Accept", ""))
    csv_quality = wanted.get("text/csv", 0.0)
    return csv_quality > 0 and csv_quality >= wanted.get("application/json", 0.0)


def csv_table(name: str, columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> web.Response:
    """Answer with a table.

    Args:
        name: of the file, as the browser will save it.
    """
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows([_cell(row[column]) for column in columns] for row in rows)
    return web.Response(
        text=text.getvalue(),
        content_type="text/csv",
        charset="utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"', "Vary": "Accept"},
    )


def _cell(value: Any) -> Any:
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return "" if value is None else value


def _qualities(accept: str) -> dict[str, float]:
    found = {}
    for part in accept.split(","):
        kind, _, parameters = part.partition(";")
        found[kind.strip().lower()] = _quality(parameters)
    return found


def _quality(parameters: str) -> float:
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "q":
            try:
                return float(value)
            except ValueError:
                return 0.0
    return 1.0
