"""Codes with which people make themselves students of a course."""

from __future__ import annotations

import asyncio
import dataclasses
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.handlers.conftest import Client
from tests.handlers.lab import Answer, ask
from tests.handlers.people import People, Person
from vmlab.config import Security, Settings
from vmlab.handlers.parts import ApiParts
from vmlab.handlers.schemas.base import rfc3339
from vmlab.models import AuditEntry, Course, CourseRole, JoinCode, Membership
from vmlab.operations import join_codes

NOT_VALID = {"code": ["This code is not valid (any more)."]}


@pytest.fixture
def store(database: str) -> str:
    """SQLite and PostgreSQL: what is counted is counted by the database."""
    return database


@pytest.fixture
async def course(people: People, teacher: Person) -> Course:
    """What can be joined."""
    return await people.course("Networks", [teacher], [])


async def make(client: Client, who: Person, course: Course, **wanted: Any) -> str:
    """A new code."""
    answer = await ask(client, who, "POST", f"courses/{course.id}/join-codes/", wanted)
    assert answer.status == 201, answer
    return str(answer.data["code"])


async def join(client: Client, who: Person, code: str) -> Answer:
    """Try a code."""
    return await ask(client, who, "POST", "courses/join/", {"code": code})


async def uses(client: Client, who: Person, course: Course) -> list[int]:
    """How often each code of the course was used, the newest first."""
    answer = await ask(client, who, "GET", f"courses/{course.id}/join-codes/")
    assert answer.status == 200
    return [row["uses"] for row in answer.data["results"]]


async def test_who_has_the_code_comes_in(
    client: Client, course: Course, teacher: Person, ann: Person
):
    code = await make(client, teacher, course)
    assert (await ask(client, ann, "GET", f"courses/{course.id}/")).status == 404
    joined = await join(client, ann, code)
    assert joined.status == 200
    assert (joined.data["id"], joined.data["student_count"]) == (course.id, 1)
    assert (await ask(client, ann, "GET", f"courses/{course.id}/")).status == 200
    entry = await AuditEntry.get(action="join_course")
    assert (entry.username, entry.target_type, entry.target_id) == ("ann", "course", course.id)


async def test_a_code_is_shown_to_teachers_and_is_not_in_the_database(
    client: Client, course: Course, teacher: Person, ann: Person
):
    until = datetime(2100, 1, 1, tzinfo=UTC)
    code = await make(client, teacher, course, max_uses=30, expires_at=rfc3339(until))
    assert len(code.replace("-", "")) == join_codes.LENGTH
    assert set(code.replace("-", "")) <= set(join_codes.ALPHABET)
    listed = await ask(client, teacher, "GET", f"courses/{course.id}/join-codes/")
    [row] = listed.data["results"]
    assert row.pop("created_at")
    assert row == {
        "code": code,
        "max_uses": 30,
        "uses": 0,
        "created_by": {"id": teacher.id, "username": "tom"},
        "expires_at": "2100-01-01T00:00:00Z",
    }
    [kept] = await JoinCode.all().values()
    assert not any(part in str(kept) for part in (code, *code.split("-")))
    assert (await join(client, ann, code)).status == 200
    forbidden = await ask(client, ann, "GET", f"courses/{course.id}/join-codes/")
    assert forbidden.refusal == (403, "AUTH_002")


async def test_people_type_it_as_they_like(
    client: Client, people: People, course: Course, teacher: Person
):
    code = await make(client, teacher, course)
    wide = "".join(chr(ord(letter) + 0xFEE0) for letter in code)
    for n, typed in enumerate((code.lower(), code.replace("-", " "), f" {code}\n", wide)):
        somebody = await people.add(f"student{n}", "student")
        assert (await join(client, somebody, typed)).status == 200, typed


async def test_no_more_come_in_than_it_allows(
    client: Client, people: People, course: Course, teacher: Person
):
    code = await make(client, teacher, course, max_uses=3)
    crowd = [await people.add(f"student{n}", "student") for n in range(8)]
    answers = await asyncio.gather(*(join(client, person, code) for person in crowd))
    assert sorted(answer.status for answer in answers) == [200] * 3 + [400] * 5
    assert await Membership.filter(course=course, role=CourseRole.STUDENT).count() == 3
    assert await uses(client, teacher, course) == [3]


async def test_joining_twice_is_harmless_and_uses_up_nothing(
    client: Client, course: Course, teacher: Person, ann: Person
):
    code = await make(client, teacher, course, max_uses=1)
    answers = await asyncio.gather(*(join(client, ann, code) for _ in range(4)))
    assert [answer.status for answer in answers] == [200] * 4
    assert (await join(client, ann, code)).status == 200
    assert await uses(client, teacher, course) == [1]
    assert await Membership.filter(course=course, user_id=ann.id).count() == 1


async def test_a_teacher_who_tries_the_code_stays_a_teacher(
    client: Client, course: Course, teacher: Person
):
    code = await make(client, teacher, course, max_uses=1)
    assert (await join(client, teacher, code)).status == 200
    membership = await Membership.get(course=course)
    assert membership.role is CourseRole.TEACHER
    assert await uses(client, teacher, course) == [0]


async def test_whatever_is_wrong_with_a_code_gets_one_answer(
    client: Client, people: People, course: Course, teacher: Person, ann: Person
):
    used = await make(client, teacher, course, max_uses=1)
    assert (await join(client, await people.add("bob", "student"), used)).status == 200
    late, gone = await make(client, teacher, course), await make(client, teacher, course)
    [latest] = await JoinCode.all().order_by("id").offset(1).limit(1)
    await JoinCode.filter(id=latest.id).update(expires_at=datetime.now(UTC))
    withdrawn = await ask(
        client, teacher, "DELETE", f"courses/{course.id}/join-codes/{gone.lower()}/"
    )
    assert withdrawn.status == 200
    for code in (used, late, gone, "KM4T-X9QW", "?"):
        answer = await join(client, ann, code)
        assert (answer.refusal, answer.details) == ((400, "VALIDATION_001"), NOT_VALID), code
    assert not await Membership.exists(user_id=ann.id)
    refused = await AuditEntry.filter(action="join_course", username="ann")
    assert [entry.status for entry in refused] == [400] * 5


async def test_a_closed_course_takes_nobody(
    client: Client, course: Course, teacher: Person, ann: Person
):
    code = await make(client, teacher, course)
    path, past = f"courses/{course.id}/", rfc3339(datetime.now(UTC) - timedelta(seconds=1))
    for closed in ({"is_active": False}, {"is_active": True, "ends_at": past}):
        await ask(client, teacher, "PATCH", path, closed)
        answer = await join(client, ann, code)
        assert (answer.refusal, answer.details) == ((400, "VALIDATION_001"), NOT_VALID)
    await ask(client, teacher, "PATCH", path, {"ends_at": None})
    assert (await join(client, ann, code)).status == 200


async def test_a_code_opens_its_own_course_only(
    client: Client, people: People, course: Course, teacher: Person, ann: Person
):
    other = await people.course("Compilers", [teacher], [])
    code = await make(client, teacher, course)
    wrong = await ask(client, teacher, "DELETE", f"courses/{other.id}/join-codes/{code}/")
    assert wrong.refusal == (404, "RESOURCE_001")
    assert (await join(client, ann, code)).data["id"] == course.id
    assert (await ask(client, teacher, "DELETE", f"courses/{course.id}/")).status == 200
    assert not await JoinCode.exists()


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"max_uses": 0}, "max_uses"),
        ({"max_uses": "3"}, "max_uses"),
        ({"expires_at": "2020-01-01T00:00:00Z"}, "expires_at"),
        ({"expires_at": "soon"}, "expires_at"),
        ({"code": "MYCODE"}, "code"),
    ],
)
async def test_what_is_wrong_with_a_wish_is_named(
    client: Client, course: Course, teacher: Person, wrong: dict[str, Any], field: str
):
    answer = await ask(client, teacher, "POST", f"courses/{course.id}/join-codes/", wrong)
    assert answer.refusal == (400, "VALIDATION_001")
    assert list(answer.details) == [field]


class TestGuessing:
    """Who tries many codes has to wait."""

    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        """Three a minute."""
        security = dataclasses.replace(settings.security, join_limit="3/minute")
        return dataclasses.replace(settings, security=security)

    async def test_a_good_code_buys_no_more_guesses(
        self, client: Client, course: Course, teacher: Person, ann: Person
    ):
        code = await make(client, teacher, course)
        assert (await join(client, ann, code)).status == 200
        for _ in range(2):
            assert (await join(client, ann, "KM4T-X9QW")).status == 400
        assert (await join(client, ann, code)).refusal == (429, "RATE_001")


async def test_a_change_of_the_secret_keeps_codes_that_are_read_in_time(
    client: Client, parts: ApiParts, course: Course, teacher: Person, ann: Person
):
    code = await make(client, teacher, course)
    old = parts.settings.security
    between = Security(
        secret_key="another-key-of-more-than-32-bytes", previous_secret_keys=(old.secret_key,)
    )
    after = Security(secret_key=between.secret_key)
    sealed = [row.sealed for row in await JoinCode.all()]
    assert await join_codes.read_codes(sealed, after) == [None]
    assert await join_codes.read_codes(sealed, between) == [code]
    sealed = [row.sealed for row in await JoinCode.all()]
    assert await join_codes.read_codes(sealed, after) == [code]
    assert await join_codes.join(code, ann.id, after) == course.id
