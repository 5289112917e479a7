"""`courses/{id}/roster/`: the list of a class, as a spreadsheet has it, decides who is in it."""

from __future__ import annotations

from collections import Counter
from typing import Any

from marshmallow import ValidationError

from vmlab.errors import Conflict, Invalid, TooLarge, UnsafeFile, WrongState
from vmlab.handlers.endpoint import API, Call, Endpoints, Reply
from vmlab.handlers.language import spoken
from vmlab.handlers.objects import CourseObject
from vmlab.handlers.schemas.roster import RosterQuery, RosterRow, RosterSchema
from vmlab.handlers.task_rows import task_view
from vmlab.handlers.uploads import FilePart
from vmlab.models import Course
from vmlab.operations.csv_table import Line, read_table
from vmlab.operations.roster import Comparison, Entry, Outcome, Verdict, apply, compare
from vmlab.rules.access import Permission
from vmlab.tasks import announce

roster = Endpoints(f"{API}/courses/{{id}}/roster", tag="courses")

COLUMNS = ("username", "email", "first_name", "last_name")
MAX_ROWS = 2000
TABLE = FilePart(
    name="file",
    max_bytes=1024 * 1024,
    description=f"CSV of at most {MAX_ROWS} rows and 1 MiB, in UTF-8 or GB 18030, with a header of "
    f"{', '.join(f'`{name}`' for name in COLUMNS)}; one of the first two must be there.",
)


@roster.post(
    "/",
    on=CourseObject,
    needs=Permission.MEMBER_CHANGE,
    takes=TABLE,
    query=RosterQuery,
    returns=RosterSchema(),
    also={202: RosterSchema()},
    errors=(Conflict, TooLarge, UnsafeFile, WrongState),
)
async def apply_roster(call: Call, course: Course) -> Reply:
    """Make the people of a table students of a course.

    With `?dry_run=true` nothing happens and the answer says what would. Unknown people are named
    and left out. Where a row is wrong nothing is changed, and `details` says what is wrong with
    which line. With `?drop=true` students whom the list lacks are taken out; if some of them have
    machines in the course, that is a 409 which names them, unless `?vms=delete` deletes these:
    then the answer is 202. Teachers and admins are neither made students nor taken out.
    """
    lines = read_table(
        call.body.content, columns=COLUMNS, one_of=("username", "email"), max_rows=MAX_ROWS
    )
    query = call.query
    if query["drop"] and not lines:
        raise Invalid(details={"file": ["An empty list would drop everybody."]})
    entries, refused = _validated(lines)
    if query["dry_run"] or refused:
        found, task = await compare(course, entries), None
    else:
        found, task = await apply(
            course,
            entries,
            drop=query["drop"],
            delete_vms=query.get("vms") == "delete",
            applied_by_id=call.actor.user_id,
        )
    found = Comparison(found.verdicts | refused, found.absent)
    rows = [_row(line, found.verdicts[line.number]) for line in lines]
    if found.is_refused and not query["dry_run"]:
        raise _refusal(rows)
    if task is not None:
        await announce(call.parts.bus, task)
    if query["drop"] and not query["dry_run"]:
        for user_id in found.dropped_ids:
            await call.parts.bus.publish("sessions", {"user_id": user_id})
    data = {
        **_summary(found, rows, drop=query["drop"]),
        "dry_run": query["dry_run"],
        "task": None if task is None else await task_view(task.id),
    }
    return Reply(data=data, status=200 if task is None else 202)


def _validated(lines: list[Line]) -> tuple[list[Entry], dict[int, Verdict]]:
    """The rows that are well-formed, and the others with what is wrong with them."""
    entries: list[Entry] = []
    refused: dict[int, Verdict] = {}
    for line in lines:
        try:
            entries.append(_entry(line))
        except ValidationError as error:
            refused[line.number] = Verdict(Outcome.REFUSED, complaint=error.messages_dict)
    return entries, refused


def _entry(line: Line) -> Entry:
    if line.surplus:
        raise ValidationError({"row": ["There are more cells than columns."]})
    row = RosterRow().load(dict(line.cells))
    return Entry(line=line.number, username=row.get("username"), email=row.get("email"))


def _row(line: Line, verdict: Verdict) -> dict[str, Any]:
    return {
        "line": line.number,
        "username": line.cells.get("username"),
        "email": line.cells.get("email"),
        "outcome": verdict.outcome.value,
        "user_id": verdict.user_id,
        "errors": spoken(verdict.complaint),
    }


def _refusal(rows: list[dict[str, Any]]) -> Invalid:
    wrong = [row for row in rows if row["errors"]]
    return Invalid(
        "{bad} of {count} rows are wrong, so nothing was changed.",
        details={"rows": wrong},
        bad=len(wrong),
        count=len(rows),
    )


def _summary(found: Comparison, rows: list[dict[str, Any]], *, drop: bool) -> dict[str, Any]:
    counted = Counter(row["outcome"] for row in rows)
    absent = [
        {
            "user_id": each.user_id,
            "username": each.username,
            "outcome": "dropped" if drop and not each.is_staff else "kept",
            "vms": each.vms,
        }
        for each in found.absent
    ]
    dropped = sum(each["outcome"] == "dropped" for each in absent)
    counts = {outcome.value: counted[outcome.value] for outcome in Outcome} | {"dropped": dropped}
    return {"counts": counts, "rows": rows, "absent": absent}
