"""Many accounts at once, in one transaction and a fixed number of queries."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tortoise.exceptions import IntegrityError

from vmlab import config
from vmlab.errors import Conflict
from vmlab.models import Course, CourseRole, Membership, Quota, Role, User
from vmlab.models.connection import transaction
from vmlab.operations.password_reset import issue_tokens
from vmlab.rules.access import TEACHER

Complaints = dict[int, dict[str, list[str]]]
"""By the line's number: what is wrong with which column."""

TAKEN = "This is taken."
REPEATED = "This stands in the file more than once."


@dataclass(frozen=True, kw_only=True)
class NewPerson:
    """A row that is well-formed."""

    line: int
    username: str
    email: str
    roles: tuple[str, ...]
    first_name: str = ""
    last_name: str = ""
    course: str | None = None
    """Code of a course or, where none has that code, its id."""


async def obstacles(people: Sequence[NewPerson]) -> Complaints:
    """Why some of these cannot be made: names and addresses are taken, courses are unknown."""
    found: defaultdict[int, dict[str, list[str]]] = defaultdict(dict)
    for column in ("username", "email"):
        taken = User.filter(**{f"{column}__in": [getattr(person, column) for person in people]})
        there = set(await taken.values_list(column, flat=True))
        before: set[str] = set()
        for person in people:
            value = getattr(person, column)
            if value in there or value in before:
                found[person.line][column] = [TAKEN if value in there else REPEATED]
            before.add(value)
    courses = await _course_ids(people)
    for person in people:
        if person.course is not None and person.course not in courses:
            found[person.line]["course"] = ["There is no such course."]
    return dict(found)


async def import_people(
    people: Sequence[NewPerson],
    *,
    password_hash: str,
    quota: config.Quota,
    token_lifetime_s: int | None,
) -> list[tuple[User, str | None]]:
    """Make all of these accounts, or none; teachers teach their course, others attend it.

    Args:
        people: without obstacles.
        password_hash: of a password that nobody knows, so one hash will do for all.
        quota: what each may have.
        token_lifetime_s: how long their owners have to set a password; None: no tokens for them.

    Returns:
        The users in the same order, each with a token that sets a password, if asked for.

    Raises:
        Conflict: somebody made one of these accounts at the same moment.
    """
    async with transaction():
        try:
            await User.bulk_create(_user(person, password_hash) for person in people)
        except IntegrityError:
            raise Conflict("This name or e-mail address is taken.") from None
        names = [person.username for person in people]
        made = {user.username: user for user in await User.filter(username__in=names)}
        users = [made[name] for name in names]
        await _give_roles(people, users)
        limits = dataclasses.asdict(quota)
        await Quota.bulk_create(Quota(user_id=user.id, **limits) for user in users)
        await _enrol(people, users)
        if token_lifetime_s is None:
            return [(user, None) for user in users]
        tokens = await issue_tokens(users, token_lifetime_s)
        return list(zip(users, tokens, strict=True))


def _user(person: NewPerson, password_hash: str) -> User:
    return User(
        username=person.username,
        email=person.email,
        first_name=person.first_name,
        last_name=person.last_name,
        password_hash=password_hash,
    )


async def _give_roles(people: Iterable[NewPerson], users: Iterable[User]) -> None:
    holders: defaultdict[str, list[User]] = defaultdict(list)
    for person, user in zip(people, users, strict=True):
        for name in set(person.roles):
            holders[name].append(user)
    for role in await Role.filter(name__in=list(holders)):
        await role.users.add(*holders[role.name])  # type: ignore[attr-defined]  # its reverse


async def _enrol(people: Sequence[NewPerson], users: Sequence[User]) -> None:
    courses = await _course_ids(people)
    await Membership.bulk_create(
        Membership(
            user_id=user.id,
            course_id=courses[person.course],
            role=CourseRole.TEACHER if TEACHER in person.roles else CourseRole.STUDENT,
        )
        for person, user in zip(people, users, strict=True)
        if person.course is not None
    )


async def _course_ids(people: Iterable[NewPerson]) -> dict[str, int]:
    named = {person.course for person in people if person.course is not None}
    numbers = [int(name) for name in named if name.isascii() and name.isdigit() and len(name) < 10]
    by_id = await Course.filter(id__in=numbers).values_list("id", flat=True)
    by_code = await Course.filter(code__in=list(named)).values_list("code", "id")
    return {str(id_): int(str(id_)) for id_ in by_id} | dict(by_code)
