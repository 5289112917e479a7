"""People of the tests: made in the database, signed in with tokens that the API itself signs."""

from __future__ import annotations

from dataclasses import dataclass

from argon2 import PasswordHasher

from vmlab.handlers import sessions
from vmlab.handlers.parts import ApiParts
from vmlab.models import Course, CourseRole, Membership, Role, User
from vmlab.operations.accounts import ensure_roles

PASSWORD = "correct horse battery"
PASSWORD_HASH = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash(PASSWORD)
"""Cheap: a verifier takes the parameters from the hash."""


@dataclass(frozen=True)
class Person:
    """Somebody, and how they call."""

    user: User
    session_id: str
    headers: dict[str, str]

    @property
    def id(self) -> int:
        """The user's id."""
        return self.user.id


class People:
    """Makes people."""

    def __init__(self, parts: ApiParts) -> None:
        self.parts = parts

    @classmethod
    async def prepared(cls, parts: ApiParts) -> People:
        """With the roles in the database."""
        await ensure_roles()
        return cls(parts)

    async def add(self, username: str, *roles: str, is_active: bool = True) -> Person:
        """Somebody with these roles, signed in; English is their language."""
        user = await User.create(
            username=username,
            email=f"{username}@example.edu",
            password_hash=PASSWORD_HASH,
            is_active=is_active,
        )
        await user.roles.add(*await Role.filter(name__in=roles))
        return await self.signed_in(user)

    async def signed_in(self, user: User) -> Person:
        """A login of somebody who exists."""
        login = await sessions.begin(
            user.id, lifetime_s=3600, browser=False, address="", user_agent=""
        )
        token = self.parts.tokens.sign(user.id, login.session_id)
        headers = {"Authorization": f"Bearer {token}", "Accept-Language": "en"}
        return Person(user, login.session_id, headers)

    async def course(self, name: str, teachers: list[Person], students: list[Person]) -> Course:
        """A course with these people in it."""
        course = await Course.create(name=name)
        for person in teachers:
            await Membership.create(course=course, user=person.user, role=CourseRole.TEACHER)
        for person in students:
            await Membership.create(course=course, user=person.user, role=CourseRole.STUDENT)
        return course
