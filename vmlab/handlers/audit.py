"""`audit/`: who did what to what, for reading; it is written in `vmlab.handlers.trail`."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from typing import Any

from aiohttp import hdrs, web
from tortoise.expressions import Q
from tortoise.queryset import QuerySet

from vmlab.handlers.endpoint import API, Call, Endpoints
from vmlab.handlers.envelope import to_json
from vmlab.handlers.paging import Page, page_of
from vmlab.handlers.schemas.audit import AuditEntrySchema, AuditQuery
from vmlab.models import AuditEntry
from vmlab.rules.access import Permission

audit = Endpoints(f"{API}/audit", tag="audit")

COLUMNS = tuple(AuditEntrySchema().fields)
CSV = "text/csv"
BATCH = 1000
"""Rows read at once for a CSV file, of which there may be millions."""

_EQUAL = {
    "user": "user_id",
    "action": "action",
    "target_type": "target_type",
    "target_id": "target_id",
    "result": "result",
    "since": "created_at__gte",
    "until": "created_at__lt",
}
_SEARCHED = ("username", "action", "address", "request_id")


@audit.get("/", needs=Permission.AUDIT_READ, query=AuditQuery, lists=AuditEntrySchema())
async def list_audit_entries(call: Call) -> Page | web.StreamResponse:
    """List what people did, and what was refused to them.

    With `Accept: text/csv` all of it comes as one file, newest first, without paging.
    """
    if CSV in call.request.headers.get(hdrs.ACCEPT, ""):
        return await _csv_file(call.request, _listed(call.query))
    return await page_of(_listed, query=call.query, columns=COLUMNS)


def _listed(query: Mapping[str, Any]) -> QuerySet[AuditEntry]:
    rows = AuditEntry.filter(
        **{column: query[name] for name, column in _EQUAL.items() if name in query}
    )
    if text := query.get("search"):
        found = (Q(**{f"{column}__icontains": text}) for column in _SEARCHED)
        rows = rows.filter(Q(*found, join_type=Q.OR))
    return rows


async def _csv_file(request: web.Request, rows: QuerySet[AuditEntry]) -> web.StreamResponse:
    disposition = 'attachment; filename="audit.csv"'
    response = web.StreamResponse(headers={hdrs.CONTENT_DISPOSITION: disposition})
    response.content_type, response.charset = CSV, "utf-8"
    await response.prepare(request)
    if request.method == hdrs.METH_HEAD:
        return response
    await response.write(_lines([COLUMNS]))
    part = rows
    while batch := await part.order_by("-id").limit(BATCH).values(*COLUMNS):
        await response.write(_lines(map(_cells, batch)))
        part = rows.filter(id__lt=batch[-1]["id"])
    await response.write_eof()
    return response


def _cells(row: dict[str, Any]) -> list[str]:
    return [_cell(row[column]) for column in COLUMNS]


def _cell(value: Any) -> str:
    """A cell that no spreadsheet takes for a formula: usernames are what people make them."""
    if value is None:
        return ""
    text = value if isinstance(value, str) else to_json(value).decode().strip('"')
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def _lines(rows: Iterable[Iterable[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()
