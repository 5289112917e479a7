"""Every endpoint, every kind of caller, every kind of object: who gets in and who does not.

Generated from the list of endpoints. An endpoint that `surface.py` does not know fails.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from tortoise.expressions import Q

from tests.handlers.conftest import Client
from tests.handlers.forms import form
from tests.handlers.people import People, Person
from tests.handlers.surface import SURFACE, Parameters, Public, Reach
from tests.handlers.surface_files import FILES
from tests.handlers.surface_resources import RESOURCES
from tests.handlers.world import ABSENT_ID, CALLERS, World, build
from tests.support import matrix
from vmlab.app import all_endpoints
from vmlab.config import Security
from vmlab.handlers import grants, sessions
from vmlab.handlers.endpoint import PUBLIC, Endpoint
from vmlab.handlers.parts import ApiParts
from vmlab.handlers.tokens import Tokens

ROWS = SURFACE | RESOURCES | FILES
EVERY = pytest.mark.parametrize("endpoint", all_endpoints(), ids=lambda endpoint: endpoint.name)
TWIN = {
    "student": "other_student",
    "other_student": "student",
    "teacher": "other_teacher",
    "other_teacher": "teacher",
    "admin": "admin",
}
"""Who is to the other student's things what a caller is to the student's."""


@dataclass(frozen=True)
class Case:
    """One caller asks for one object."""

    caller: str
    owner: str
    """`student`, `other_student`, or nobody for what does not exist."""
    status: int


def cases(reach: Reach) -> Iterator[Case]:
    """All cases of an endpoint: refusals first, for what succeeds may end what was asked for."""
    found = []
    for caller in CALLERS:
        found.append(Case(caller, "student", getattr(reach, caller)))
        if reach.on is not None:
            found.append(Case(caller, "other_student", getattr(reach, TWIN[caller])))
            found.append(Case(caller, "", 404))
    return iter(sorted(found, key=lambda case: case.status < 400))


@dataclass(frozen=True)
class Asker:
    """Asks an endpoint in the way that its row says."""

    client: Client
    parts: ApiParts
    world: World
    endpoint: Endpoint
    reach: Reach

    async def ask(self, case: Case) -> int:
        """The status that a case gets."""
        caller: Person = getattr(self.world, case.caller)
        on = await self.parameters(case.owner or "student")
        if not case.owner:
            on |= {"id": ABSENT_ID}
        if self.endpoint.grant is None:
            return await self.send(on, caller.headers)
        return await self.send(on, {}, await self.granted(caller.session_id, on["id"]))

    async def parameters(self, owner: str) -> Parameters:
        """An object of the owner's, as parameters of the path."""
        if self.reach.on is None:
            return {}
        return dict(await self.reach.on(self.world, getattr(self.world, owner)))

    async def granted(self, session_id: str, object_id: int) -> dict[str, str]:
        """A query with a one-time grant in it."""
        assert self.endpoint.grant is not None
        found = await sessions.find(session_id=session_id)
        assert found is not None
        token = await grants.issue(
            self.parts.bus,
            found.actor,
            self.endpoint.grant,
            object_id,
            ttl_s=30,
            **self.reach.grant_details,
        )
        return {"token": token}

    async def send(
        self, on: Parameters, headers: dict[str, str], query: dict[str, str] | None = None
    ) -> int:
        """Ask, and return the status."""
        body: Any = self.reach.body
        what: dict[str, Any] = {"json": body(self.world, on) if callable(body) else body}
        if self.reach.file is not None:
            what = {"data": form(*self.reach.file, fields=self.reach.fields)}
        if self.reach.content is not None:
            what = {"data": self.reach.content}
        answer = await self.client.request(
            self.endpoint.method,
            self.endpoint.path.format(**on),
            params={**self.reach.query, **(query or {})},
            headers={**self.reach.headers, **headers},
            **what,
        )
        return answer.status

    async def without_login(self, on: Parameters) -> dict[str, int]:
        """The statuses that credentials get which are no good, though they were an admin's."""
        admin = await self.world.people.signed_in(self.world.admin.user)
        statuses = {
            "none": await self.send(on, {}),
            "expired": await self.send(on, expired(admin)),
        }
        await sessions.end(self.parts.bus, admin.id, Q(id=admin.session_id))
        return statuses | {"revoked": await self.send(on, admin.headers)}

    async def without_grant(self, on: Parameters) -> dict[str, int]:
        """The same where a grant is asked for: a login is none, and one is worth its login."""
        admin = await self.world.people.signed_in(self.world.admin.user)
        statuses = {
            "none": await self.send(on, admin.headers),
            "expired": await self.send(on, expired(admin)),
        }
        query = await self.granted(admin.session_id, on["id"])
        await sessions.end(self.parts.bus, admin.id, Q(id=admin.session_id))
        statuses["revoked"] = await self.send(on, {}, query)
        return statuses | {"spent": await self.send(on, {}, query)}


@pytest.fixture
async def world(people: People) -> World:
    """The school."""
    return await build(people)


def known(endpoint: Endpoint) -> Reach | Public:
    """The endpoint's row."""
    if endpoint.name not in ROWS:
        pytest.fail(f"tests/handlers/surface*.py does not say who reaches {endpoint.name}")
    return ROWS[endpoint.name]


def test_every_row_is_of_an_endpoint():
    assert ROWS.keys() == {endpoint.name for endpoint in all_endpoints()}


@EVERY
async def test_who_gets_in(
    endpoint: Endpoint,
    client: Client,
    parts: ApiParts,
    world: World,
    record_property: matrix.Recorder,
):
    reach = known(endpoint)
    if isinstance(reach, Public):
        answer = await client.request(endpoint.method, endpoint.path, json=reach.body)
        assert endpoint.needs is PUBLIC
        matrix.hand_in(record_property, endpoint.name, {"none": {"own": answer.status}})
        assert answer.status == reach.status
        return
    asker = Asker(client, parts, world, endpoint, reach)
    got = {case: await asker.ask(case) for case in cases(reach)}
    answers: dict[str, dict[str, int]] = {caller: {} for caller in CALLERS}
    for case, status in got.items():
        answers[case.caller][relation(case.caller, case.owner)] = status
    matrix.hand_in(record_property, endpoint.name, answers)
    assert got == {case: case.status for case in cases(reach)}


def relation(caller: str, owner: str) -> str:
    """What an owner's object is to a caller; of an admin's, the student's count as own."""
    if not owner:
        return "absent"
    mirrored = caller.startswith("other_")
    return "own" if (owner == "other_student") is mirrored else "another's"


@EVERY
async def test_nobody_gets_in_without_good_credentials(
    endpoint: Endpoint,
    client: Client,
    parts: ApiParts,
    world: World,
    record_property: matrix.Recorder,
):
    """Not even to learn what is there: own, another's and absent things are all alike."""
    reach = known(endpoint)
    if isinstance(reach, Public):
        return
    asker = Asker(client, parts, world, endpoint, reach)
    objects = {"own": await asker.parameters("student")}
    if reach.on is not None:
        objects["another's"] = await asker.parameters("other_student")
        objects["absent"] = objects["own"] | {"id": ABSENT_ID}
    ask = asker.without_login if endpoint.grant is None else asker.without_grant
    answers = {name: await ask(on) for name, on in objects.items()}
    by_caller = {
        caller: {name: statuses[caller] for name, statuses in answers.items()}
        for caller in answers["own"]
    }
    matrix.hand_in(record_property, endpoint.name, by_caller)
    assert {s for statuses in by_caller.values() for s in statuses.values()} == {401}, by_caller


def expired(person: Person) -> dict[str, str]:
    """A token that was good until a minute ago."""
    security = Security(secret_key="a-secret-key-of-more-than-32-bytes!", access_token_s=-60)
    token = Tokens(security).sign(person.id, person.session_id)
    return {"Authorization": f"Bearer {token}"}
