"""Whatever is sent, the API answers as its document says, and never with an unexpected fault.

Schemathesis draws requests for every operation, valid and invalid ones, and compares each answer
with the document. An admin sends them, so that they get past the door; half of those that name an
object name one that exists.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.strategies import SearchStrategy
from schemathesis import Case, GenerationMode
from schemathesis.core.parameters import ParameterLocation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
)

from tests.handlers.conftest import Client
from tests.handlers.people import People
from tests.handlers.surface import Parameters, Reach
from tests.handlers.test_surface import ROWS
from tests.handlers.world import World, build
from vmlab.app import all_endpoints
from vmlab.handlers.endpoint import Endpoint
from vmlab.handlers.mount import path_parameters
from vmlab.handlers.openapi import Document
from vmlab.models import connected

pytestmark = pytest.mark.sweep

AnyCase = Case[Any]

schemathesis.serializer.alias("application/offset+octet-stream", "application/octet-stream")

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
    for number, endpoint in enumerate(SPEAKS_HTTP):
        world = await build(people, f"-{number}")
        exchange = _exchange(str(client.make_url("/")), await _existing(endpoint, world))
        operation = document[endpoint.path][endpoint.method.lower()]
        for mode in _modes(endpoint):
            with subtests.test(endpoint.name, mode=mode.value):
                cases = operation.as_strategy(
                    generation_mode=mode, headers=world.admin.headers, cookies={}
                )
                await asyncio.to_thread(_run, cases, exchange)


def _modes(endpoint: Endpoint) -> list[GenerationMode]:
    """Only a body, a query or an id can be wrong; any text is a good name in a path."""
    ids = [each for each in path_parameters(endpoint.path).values() if each["type"] == "integer"]
    wrong = endpoint.accepts or endpoint.query().fields or ids
    return list(GenerationMode) if wrong else [GenerationMode.POSITIVE]


async def _existing(endpoint: Endpoint, world: World) -> Parameters:
    """The path's parameters for an object that exists."""
    row = ROWS[endpoint.name]
    return await row.on(world, world.student) if isinstance(row, Reach) and row.on else {}


def _exchange(base_url: str, existing: Parameters) -> Callable[[AnyCase], None]:
    def exchange(case: AnyCase) -> None:
        if _drawn_id(case) % 2 and not _is_wrong_in_path(case):
            case.path_parameters.update(existing)
        response = case.call(base_url=base_url, timeout=10)
        case.validate_response(response, checks=CHECKS)

    return exchange


def _drawn_id(case: AnyCase) -> int:
    drawn = (case.path_parameters or {}).get("id")
    return drawn if isinstance(drawn, int) else 0


def _is_wrong_in_path(case: AnyCase) -> bool:
    path = case.meta.components.get(ParameterLocation.PATH) if case.meta else None
    return path is not None and path.mode is GenerationMode.NEGATIVE


def _run(cases: SearchStrategy[AnyCase], exchange: Callable[[AnyCase], None]) -> None:
    run = settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )(given(case=cases)(exchange))
    run()
