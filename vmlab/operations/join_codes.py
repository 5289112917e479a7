"""Join codes: a teacher makes a code, students make themselves members of the course with it.

A code is kept sealed, so that teachers can read it again, and is found by its fingerprint; both
take the configuration's secret, so a copy of the database alone lets nobody in.
"""

from __future__ import annotations

import secrets
import unicodedata
from collections.abc import Iterable
from datetime import UTC, datetime

from tortoise.exceptions import IntegrityError
from tortoise.expressions import F, Q

from vmlab.config import Security
from vmlab.errors import Invalid, NotFound
from vmlab.guests.sealing import CannotOpen, Sealer
from vmlab.models import Course, CourseRole, JoinCode, Membership
from vmlab.models.connection import transaction

ALPHABET = "CDFGHJKMNPQRTVWXY34679"
"""No two that look alike in handwriting, and no vowels, so that no words come of it."""

LENGTH = 8
"""22^8 codes: with a thousand of them open a guess is right once in 54 million times."""

NOT_VALID = "This code is not valid (any more)."


async def make_code(
    course: Course,
    security: Security,
    *,
    created_by_id: int,
    max_uses: int | None = None,
    expires_at: datetime | None = None,
) -> tuple[JoinCode, str]:
    """Make a code for a course.

    Args:
        max_uses: how many people may come; None: as many as like.
        expires_at: until when; None: for as long as the course is open.

    Raises:
        Invalid: that time has passed.
    """
    if expires_at is not None and expires_at <= datetime.now(UTC):
        raise Invalid(details={"expires_at": ["This time has passed."]})
    letters = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    code = f"{letters[: LENGTH // 2]}-{letters[LENGTH // 2 :]}"
    sealer = _sealer(security)
    row = await JoinCode.create(
        course=course,
        fingerprint=_fingerprints(sealer, code)[0],
        sealed=sealer.seal(code),
        max_uses=max_uses,
        created_by_id=created_by_id,
        expires_at=expires_at,
    )
    return row, code


async def read_codes(sealed: Iterable[str], security: Security) -> list[str | None]:
    """The codes for people to read; None where one was sealed with a secret that is gone.

    What was sealed with a former secret is sealed with the present one on the way.
    """
    sealer = _sealer(security)
    codes: list[str | None] = []
    for each in sealed:
        try:
            code = sealer.open(each)
        except CannotOpen:
            codes.append(None)
            continue
        codes.append(code)
        if security.previous_secret_keys:
            await JoinCode.filter(sealed=each).update(
                sealed=sealer.renewed(each), fingerprint=_fingerprints(sealer, code)[0]
            )
    return codes


async def withdraw_code(course: Course, code: str, security: Security) -> None:
    """Let nobody in with a code any more; who came with it stays.

    Raises:
        NotFound: the course has no such code.
    """
    found = JoinCode.filter(
        course_id=course.id, fingerprint__in=_fingerprints(_sealer(security), code)
    )
    if not await found.delete():
        raise NotFound


async def join(code: str, user_id: int, security: Security) -> int:
    """Make somebody a student of the course that a code is for, and return the course's id.

    Who is in the course already, as a student or as a teacher, stays what they are and uses up
    nothing. One transaction: no more people come in than the code allows, however many try at once.

    Raises:
        Invalid: there is no such code, it is used up or has expired, or the course is closed; which
            of these is nobody's business.
    """
    fingerprints = _fingerprints(_sealer(security), code)
    row = await JoinCode.filter(fingerprint__in=fingerprints).select_related("course").first()
    if row is None:
        raise _refusal()
    if await Membership.exists(course_id=row.course_id, user_id=user_id):
        return row.course_id
    if not row.course.is_open(datetime.now(UTC)):
        raise _refusal()
    try:
        async with transaction():
            await Membership.create(
                course_id=row.course_id, user_id=user_id, role=CourseRole.STUDENT
            )
            await _use(row)
    except IntegrityError:
        # They came in at this very moment, by another request or by a teacher; or all is gone.
        if not await Membership.exists(course_id=row.course_id, user_id=user_id):
            raise _refusal() from None
    return row.course_id


async def _use(row: JoinCode) -> None:
    """Count one who comes, by the database: two at once cannot both take the last place."""
    good = Q(expires_at__isnull=True) | Q(expires_at__gt=datetime.now(UTC))
    place = Q(max_uses__isnull=True) | Q(uses__lt=F("max_uses"))
    if not await JoinCode.filter(good & place, id=row.id).update(uses=F("uses") + 1):
        raise _refusal()


def _refusal() -> Invalid:
    return Invalid(details={"code": [NOT_VALID]})


def _sealer(security: Security) -> Sealer:
    return Sealer(security.secret_key, security.previous_secret_keys, purpose="join codes")


def _fingerprints(sealer: Sealer, code: str) -> list[str]:
    """Of a code as people type it: any case, with or without hyphen, in full-width letters too."""
    typed = unicodedata.normalize("NFKC", code).upper()
    return sealer.fingerprints("".join(letter for letter in typed if letter.isalnum()))
