"""A course's list of students, compared with who is in the course, and made true.

People are found by username or by e-mail address; a row that has both has to mean one person. Those
who teach the course, and all teachers and admins, are staff: no list makes them students or drops
them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from tortoise.expressions import Q

from vmlab.errors import NotFound
from vmlab.models import Course, CourseRole, Membership, Task, User
from vmlab.models.connection import transaction
from vmlab.operations.members import drop_students, machines_by_owner
from vmlab.rules.access import ADMIN, TEACHER

Complaint = dict[str, list[str]]
"""What is wrong with which column of a row."""

_OTHER_ADDRESS = "The account of this name has another address."
_OTHER_NAME = "The account with this address has another name."


class Outcome(StrEnum):
    """What becomes of a row."""

    ADDED = "added"
    ALREADY = "already"
    DUPLICATE = "duplicate"
    """The same person stands further up."""
    STAFF = "staff"
    UNKNOWN = "unknown"
    """Nobody has such an account, or it is not active."""
    REFUSED = "refused"


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A row that is well-formed: it has a username, an address, or both."""

    line: int
    username: str | None = None
    email: str | None = None


@dataclass(frozen=True)
class Verdict:
    """What becomes of one row, and whom it means."""

    outcome: Outcome
    user_id: int | None = None
    complaint: Complaint = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Absent:
    """A student of the course whom the list lacks.

    Attributes:
        vms: `{id, name}` of their machines in the course.
    """

    user_id: int
    username: str
    is_staff: bool
    vms: list[dict[str, Any]]


@dataclass(frozen=True)
class Comparison:
    """A list against a course.

    Attributes:
        verdicts: by line.
        absent: by username.
    """

    verdicts: dict[int, Verdict]
    absent: list[Absent]

    @property
    def is_refused(self) -> bool:
        """Whether some row is wrong."""
        return any(each.outcome is Outcome.REFUSED for each in self.verdicts.values())

    @property
    def added_ids(self) -> list[int]:
        """Who is to be made a student."""
        return [
            each.user_id
            for each in self.verdicts.values()
            if each.outcome is Outcome.ADDED and each.user_id is not None
        ]

    @property
    def dropped_ids(self) -> list[int]:
        """Who is to be dropped, where that is wanted."""
        return [each.user_id for each in self.absent if not each.is_staff]


async def compare(course: Course, entries: Sequence[Entry]) -> Comparison:
    """Say what a list would change about a course."""
    people = await _people(entries)
    members = Membership.filter(course_id=course.id)
    students: dict[int, str] = dict(
        await members.filter(role=CourseRole.STUDENT).values_list("user_id", "user__username")
    )
    concerned = {*students, *(person.id for person in people.known)}
    staff = {row.user_id for row in await members.filter(role=CourseRole.TEACHER)}
    by_role = User.filter(id__in=list(concerned), roles__name__in=[TEACHER, ADMIN])
    staff |= {row["id"] for row in await by_role.values("id")}
    verdicts: dict[int, Verdict] = {}
    seen: set[object] = set()
    for entry in entries:
        found = people.meant(entry)
        if isinstance(found, User):
            verdict = Verdict(_outcome(found, seen, students, staff), found.id)
        elif found:
            verdict = Verdict(Outcome.REFUSED, complaint=found)
        else:
            verdict = Verdict(Outcome.UNKNOWN)
        verdicts[entry.line] = verdict
    return Comparison(verdicts, await _absent(course, students, verdicts, staff))


def _outcome(user: User, seen: set[object], students: dict[int, str], staff: set[int]) -> Outcome:
    if user.id in seen:
        return Outcome.DUPLICATE
    seen.add(user.id)
    if user.id in students:
        return Outcome.ALREADY
    if user.id in staff:
        return Outcome.STAFF
    return Outcome.ADDED if user.is_active else Outcome.UNKNOWN


async def _absent(
    course: Course, students: dict[int, str], verdicts: dict[int, Verdict], staff: set[int]
) -> list[Absent]:
    listed = {verdict.user_id for verdict in verdicts.values()}
    missing = {user_id: name for user_id, name in students.items() if user_id not in listed}
    machines = await machines_by_owner(course.id, missing)
    return [
        Absent(
            user_id=user_id,
            username=name,
            is_staff=user_id in staff,
            vms=machines.get(user_id, []),
        )
        for user_id, name in sorted(missing.items(), key=lambda item: item[1])
    ]


@dataclass(frozen=True)
class _People:
    """Everybody whom a list names in some way."""

    by_name: dict[str, User]
    by_email: dict[str, User]

    @property
    def known(self) -> list[User]:
        return [*self.by_name.values(), *self.by_email.values()]

    def meant(self, entry: Entry) -> User | Complaint | None:
        """The one person whom a row means; None for nobody, or why it cannot be told."""
        named = self.by_name.get(entry.username or "")
        addressed = self.by_email.get(entry.email or "")
        if entry.email is not None and named is not None and named is not addressed:
            return {"email": [_OTHER_ADDRESS]}
        if entry.username is not None and addressed is not None and addressed is not named:
            return {"username": [_OTHER_NAME]}
        return named or addressed


async def _people(entries: Sequence[Entry]) -> _People:
    names = [entry.username for entry in entries if entry.username is not None]
    emails = [entry.email for entry in entries if entry.email is not None]
    users = await User.filter(Q(username__in=names) | Q(email__in=emails))
    return _People({user.username: user for user in users}, {user.email: user for user in users})


async def apply(
    course: Course,
    entries: Sequence[Entry],
    *,
    drop: bool,
    delete_vms: bool,
    applied_by_id: int,
) -> tuple[Comparison, Task | None]:
    """Make a list true, or change nothing because a row is wrong: one transaction.

    Args:
        drop: take out the students whom the list lacks.
        delete_vms: have the machines of those deleted as well.

    Returns:
        The comparison, and the task that deletes machines, if there are any to delete.

    Raises:
        NotFound: the course is gone.
        Conflict: somebody who would be dropped has machines in the course, which are to stay.
        WrongState: one of these machines cannot be deleted now; then nothing is changed.
    """
    async with transaction():
        # Lists are applied one after another, and not while machines are made for all students.
        if not await Course.filter(id=course.id).select_for_update(no_key=True):
            raise NotFound
        found = await compare(course, entries)
        if found.is_refused:
            return found, None
        await Membership.bulk_create(
            [
                Membership(course_id=course.id, user_id=user_id, role=CourseRole.STUDENT)
                for user_id in found.added_ids
            ],
            ignore_conflicts=True,
        )
        task = None
        if drop:
            task, _ = await drop_students(
                course, found.dropped_ids, delete_vms=delete_vms, dropped_by_id=applied_by_id
            )
    return found, task
