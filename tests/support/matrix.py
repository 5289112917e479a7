"""The authorization matrix: who got which status on what, collected from tests, shown at the end.

A test hands in its answers as a property of its report, which also reaches the summary from the
processes of pytest-xdist.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pytest

PROPERTY = "authorization"
CALLERS = (
    "none",
    "expired",
    "revoked",
    "student",
    "other_student",
    "teacher",
    "other_teacher",
    "admin",
)
OBJECTS = ("own", "another's", "absent")
LEGEND = (
    "Status by caller, on what is theirs (or their student's), on another's and on what is absent;",
    "one status where there is no object. The credentials that are no good are an admin's.",
)

Answers = Mapping[str, Mapping[str, int]]
"""By caller and object."""

Recorder = Callable[[str, object], None]
"""pytest's `record_property`."""


def hand_in(record_property: Recorder, endpoint: str, answers: Answers) -> None:
    """Leave what an endpoint answered for the summary."""
    record_property(PROPERTY, {"endpoint": endpoint, "answers": answers})


def show(reporter: pytest.TerminalReporter) -> None:
    """Print the table of all that was handed in, if anything was."""
    found: dict[str, dict[str, Any]] = {}
    for reports in reporter.stats.values():
        for report in reports:
            for name, value in getattr(report, "user_properties", ()):
                if name == PROPERTY:
                    found.setdefault(value["endpoint"], {}).update(value["answers"])
    if found:
        reporter.section("Who reaches what")
        for line in (*LEGEND, "", *table(found)):
            reporter.write_line(line)


def table(answers: Mapping[str, Answers]) -> Iterable[str]:
    """Lines of the table, an endpoint each, in the order of their names."""
    width = max(map(len, answers))
    yield _line("", width, [caller.replace("_", " ") for caller in CALLERS])
    for endpoint in sorted(answers):
        cells = [_cell(answers[endpoint].get(caller, {})) for caller in CALLERS]
        yield _line(endpoint, width, cells)


def _cell(by_object: Mapping[str, int]) -> str:
    return " ".join(str(by_object[name]) for name in OBJECTS if name in by_object)


def _line(first: str, width: int, cells: list[str]) -> str:
    return " | ".join([first.ljust(width), *(cell.ljust(13) for cell in cells)]).rstrip()
