"""`users/import/`: a class list becomes accounts."""

from __future__ import annotations

import functools
import re
import secrets
from typing import Any

from marshmallow import ValidationError

from vmlab.errors import Conflict, Invalid, TooLarge, UnsafeFile
from vmlab.handlers.endpoint import API, Call, Endpoints
from vmlab.handlers.language import language_of, spoken
from vmlab.handlers.reset_letters import welcome_letter
from vmlab.handlers.schemas.imports import ImportedUser, ImportQuery, ImportSchema
from vmlab.handlers.uploads import FilePart
from vmlab.mail import Letter
from vmlab.models import User
from vmlab.operations.csv_table import Line, read_table
from vmlab.operations.import_users import Complaints, NewPerson, import_people, obstacles
from vmlab.rules.access import Permission

user_import = Endpoints(f"{API}/users/import", tag="users")

COLUMNS = ("username", "email", "first_name", "last_name", "roles", "course")
REQUIRED = ("username", "email")
MAX_ROWS = 1000
TABLE = FilePart(
    name="file",
    max_bytes=1024 * 1024,
    description=f"CSV of at most {MAX_ROWS} rows and 1 MiB, in UTF-8 or GB 18030, with a header of "
    f"{', '.join(f'`{name}`' for name in COLUMNS)}; only the first two must be there. Several "
    "roles are parted by `;`. A course is named by its code or its id.",
)


@user_import.post(
    "/",
    needs=Permission.USER_CREATE,
    takes=TABLE,
    query=ImportQuery,
    returns=ImportSchema(),
    errors=(Conflict, TooLarge, UnsafeFile),
)
async def import_users(call: Call) -> dict[str, Any]:
    """Make an account of each row of a table.

    Where one row cannot be, none is made and `details` says what is wrong with which line, unless
    `?partial=true`. With `?dry_run=true` nothing happens and the answer names every row's outcome.
    Teachers become teachers of their course, others its students. Nobody knows the passwords of
    these accounts; if VMLab sends mail, each owner gets one with which to set a password.
    """
    lines = read_table(call.body.content, columns=COLUMNS, required=REQUIRED, max_rows=MAX_ROWS)
    people, complaints = _validated(lines)
    complaints |= await obstacles(people)
    complaints = {line: spoken(said) for line, said in complaints.items()}
    good = [person for person in people if person.line not in complaints]
    dry_run = call.query["dry_run"]
    if complaints and not (dry_run or call.query["partial"]):
        refused = [_outcome(line, complaints, {}, dry_run=False) for line in lines]
        raise Invalid(
            "{bad} of {count} rows cannot be imported, so none was.",
            details={"rows": [row for row in refused if row["errors"]]},
            bad=len(complaints),
            count=len(lines),
        )
    made = {} if dry_run or not good else await _imported(call, good)
    return {
        "dry_run": dry_run,
        "created": len(made),
        "refused": len(complaints),
        "rows": [_outcome(line, complaints, made, dry_run=dry_run) for line in lines],
    }


def _validated(lines: list[Line]) -> tuple[list[NewPerson], Complaints]:
    people: list[NewPerson] = []
    complaints: Complaints = {}
    for line in lines:
        cells: dict[str, Any] = dict(line.cells)
        if "roles" in cells:
            cells["roles"] = [name for name in re.split(r"[;,\s]+", cells["roles"].lower()) if name]
        if line.surplus:
            complaints[line.number] = {"row": ["There are more cells than columns."]}
            continue
        try:
            people.append(NewPerson(line=line.number, **ImportedUser().load(cells)))
        except ValidationError as error:
            complaints[line.number] = {
                column: _flat(said) for column, said in error.messages_dict.items()
            }
    return people, complaints


def _flat(said: Any) -> list[str]:
    """What is said about one cell; about a list marshmallow speaks by the item's index."""
    if isinstance(said, dict):
        return [text for texts in said.values() for text in texts]
    return list(said)


async def _imported(call: Call, people: list[NewPerson]) -> dict[int, int]:
    """Make the accounts and their letters; returns the users' ids by line."""
    settings, outbox = call.parts.settings, call.parts.outbox
    made = await import_people(
        people,
        password_hash=await call.parts.passwords.hash(secrets.token_urlsafe(32)),
        quota=settings.quota,
        token_lifetime_s=settings.security.first_password_s if outbox.configured else None,
    )
    for user, token in made:
        if token is not None:
            outbox.put(functools.partial(_welcome, call, user, token))
    return {person.line: user.id for person, (user, _) in zip(people, made, strict=True)}


async def _welcome(call: Call, user: User, token: str) -> Letter:
    return welcome_letter(call.parts.settings, user, token, language_of(call.request))


def _outcome(
    line: Line, complaints: Complaints, made: dict[int, int], *, dry_run: bool
) -> dict[str, Any]:
    errors = complaints.get(line.number, {})
    return {
        "line": line.number,
        "username": line.cells.get("username"),
        "outcome": "refused" if errors else "valid" if dry_run else "created",
        "user_id": made.get(line.number),
        "errors": errors,
    }
