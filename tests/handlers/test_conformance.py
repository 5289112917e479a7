"""Whatever is sent, the API answers as its document says, and never with an unexpected fault.

Schemathesis draws requests for every operation, valid and invalid ones, and compares each answer
with the document. An admin sends them, so that they get past the door; half of those that name an
object name one that exists.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.strategies import SearchStrategy
from schemathesis import Case, GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
)

from tests.handlers.conftest import Client
from tests.handlers.people import People
from vmlab.app import all_endpoints
from vmlab.handlers.endpoint import Endpoint
from vmlab.handlers.mount import path_parameters
from vmlab.handlers.openapi import Document
from vmlab.models import connected

AnyCase = Case[Any]

EXAMPLES = 6
"""Requests of each kind an operation."""


def no_unexpected_fault(_context: Any, response: Any, _case: AnyCase) -> None:
    """Proxmox out of reach is a documented 503 here; an unexpected fault never is documented."""
    assert response.status_code != 500, response.text


CHECKS = [
    no_unexpected_fault,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    negative_data_rejection,
]

SPEAKS_HTTP = [
    endpoint
    for endpoint in all_endpoints()
    if endpoint.grant is None and endpoint.produces != "text/event-stream"
]


@pytest.fixture
async def store(postgres_url: str) -> AsyncIterator[str]:
    """PostgreSQL, since it refuses more than SQLite does: long numbers, NUL, aborted statements."""
    async with connected(postgres_url):
        yield postgres_url


@pytest.mark.timeout(300)
async def test_answers_are_as_documented(client: Client, people: People, subtests: pytest.Subtests):
    document = schemathesis.openapi.from_dict(Document(all_endpoints()).as_dict)
    for endpoint in SPEAKS_HTTP:
        admin = await people.add(f"admin-{endpoint.name}", "admin")
        target = await people.add(f"target-{endpoint.name}", "student")
        exchange = _exchange(str(client.make_url("/")), target.id)
        operation = document[endpoint.path][endpoint.method.lower()]
        for mode in _modes(endpoint):
            with subtests.test(endpoint.name, mode=mode.value):
                cases = operation.as_strategy(
                    generation_mode=mode, headers=admin.headers, cookies={}
                )
                await asyncio.to_thread(_run, cases, exchange)


def _modes(endpoint: Endpoint) -> list[GenerationMode]:
    """Only what has parameters or a body can be asked wrongly."""
    wrong = endpoint.accepts or endpoint.query().fields or path_parameters(endpoint.path)
    return list(GenerationMode) if wrong else [GenerationMode.POSITIVE]


def _exchange(base_url: str, existing_id: int) -> Any:
    def exchange(case: AnyCase) -> None:
        if _drawn_id(case) % 2:
            case.path_parameters["id"] = existing_id
        response = case.call(base_url=base_url, timeout=10)
        case.validate_response(response, checks=CHECKS)

    return exchange


def _drawn_id(case: AnyCase) -> int:
    drawn = (case.path_parameters or {}).get("id")
    return drawn if isinstance(drawn, int) else 0


def _run(cases: SearchStrategy[AnyCase], exchange: Any) -> None:
    run = settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )(given(case=cases)(exchange))
    run()
