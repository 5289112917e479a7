"""The document is valid and complete, and the API keeps to it."""

from __future__ import annotations

import re
from typing import Any

from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.handlers.conftest import Client
from vmlab.app import all_endpoints
from vmlab.handlers.openapi import Document

NOT_ENDPOINTS = re.compile(r"/static/")
"""Pages and their files are not part of the API."""


async def document_of(client: Client) -> dict[str, Any]:
    """The document as it is served."""
    answer = await client.get("/api/v1/openapi.json")
    assert answer.status == 200
    document: dict[str, Any] = await answer.json()
    return document


async def test_the_document_is_valid_openapi(client: Client):
    OpenAPIV31SpecValidator(await document_of(client)).validate()


async def test_every_mounted_path_is_in_it_with_every_method(client: Client):
    documented = {
        (method.upper(), re.sub(r"\{\w+\}", "{}", path))
        for path, item in (await document_of(client))["paths"].items()
        for method in item
    }
    assert client.app is not None
    mounted = {
        (route.method, re.sub(r"\{\w+\}", "{}", route.resource.canonical))
        for route in client.app.router.routes()
        if route.resource is not None
        and route.method != "HEAD"
        and not NOT_ENDPOINTS.match(route.resource.canonical)
    }
    assert mounted == documented


def test_every_endpoint_says_what_it_needs_and_how_it_fails():
    document = Document(all_endpoints()).as_dict
    for path, item in document["paths"].items():
        for method, operation in item.items():
            where = f"{method} {path}"
            assert operation["summary"], where
            assert {"400", "500"} <= operation["responses"].keys(), where
            if operation["security"]:
                assert {"401", "403"} <= operation["responses"].keys(), where
            if "{" in path:
                assert "404" in operation["responses"], where


def test_the_document_is_the_same_however_often_it_is_built():
    assert Document(all_endpoints()).as_json == Document(all_endpoints()).as_json


async def test_the_page_and_all_that_it_loads_are_served_from_here(client: Client):
    page = await client.get("/docs")
    text = await page.text()
    assert page.status == 200
    assert "default-src 'self'" in page.headers["Content-Security-Policy"]
    addresses = re.findall(r'(?:href|src)="([^"]+)"', text)
    assert len(addresses) >= 4
    for address in addresses:
        assert (await client.get(address)).status == 200, address
