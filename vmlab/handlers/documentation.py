"""`openapi.json` and its browsable page, served offline from vendored files."""

from __future__ import annotations

from aiohttp import web

from vmlab.handlers.endpoint import API, PUBLIC, Call, Endpoints
from vmlab.handlers.openapi import Document
from vmlab.web import STATIC

DOCUMENT: web.AppKey[Document] = web.AppKey("document", Document)

CONTENT_POLICY = (
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)
"""Swagger UI sets styles inline and draws icons from data addresses; scripts are its own files."""

documentation = Endpoints("", tag="service")


@documentation.get(f"{API}/openapi.json", needs=PUBLIC, produces="application/json")
async def get_openapi(call: Call) -> web.Response:
    """This document."""
    body = call.request.app[DOCUMENT].as_json
    return web.Response(body=body, content_type="application/json", charset="utf-8")


@documentation.get("/docs", needs=PUBLIC, produces="text/html")
async def get_docs(call: Call) -> web.FileResponse:
    """A page to read this document and to try it out."""
    headers = {"Content-Security-Policy": CONTENT_POLICY, "Cache-Control": "no-cache"}
    return web.FileResponse(STATIC / "docs" / "index.html", headers=headers)
