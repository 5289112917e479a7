"""Reads a CSV table as spreadsheets write it: with a header, in UTF-8 or GB 18030."""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from vmlab.errors import Invalid, TooLarge, UnsafeFile

ENCODINGS = ("utf-8-sig", "gb18030")
"""Tried in turn: text in GB 18030 that happens to be valid UTF-8 is rarer than rare."""


@dataclass(frozen=True, kw_only=True)
class Line:
    """One row below the header."""

    number: int
    """Of the line in the file on which the row ends, from 1."""
    cells: dict[str, str]
    """What is not empty, by column."""
    surplus: bool
    """Whether there are more cells than columns."""


def read_table(
    content: bytes, *, columns: Collection[str], required: Collection[str], max_rows: int
) -> list[Line]:
    """The rows of a table; empty lines are left out.

    Args:
        content: the file.
        columns: those that may stand in the header, in any order and case.
        required: those that must.
        max_rows: how many rows there may be.

    Raises:
        UnsafeFile: it is not text, or not CSV.
        Invalid: a column is unknown, missing or there twice.
        TooLarge: it has too many rows.
    """
    reader = csv.reader(_text(content).splitlines(keepends=True), strict=True)
    try:
        header = [name.strip().lower() for name in next(reader, [])]
        _require_columns(header, columns, required)
        lines: list[Line] = []
        for number, cells in _filled(reader):
            if len(lines) == max_rows:
                raise TooLarge(details={"max_rows": max_rows})
            named = {name: cell for name, cell in zip(header, cells, strict=False) if cell}
            lines.append(Line(number=number, cells=named, surplus=len(cells) > len(header)))
    except csv.Error as error:
        raise UnsafeFile("This is not a CSV table.", details={"reason": str(error)}) from None
    return lines


def _text(content: bytes) -> str:
    for encoding in ENCODINGS:
        try:
            return content.decode(encoding).removeprefix("\ufeff")
        except UnicodeDecodeError:
            continue
    raise UnsafeFile("The text is neither in UTF-8 nor in GB 18030.")


def _filled(reader: Iterator[list[str]]) -> Iterator[tuple[int, list[str]]]:
    for row in reader:
        cells = [cell.strip() for cell in row]
        if any(cells):
            yield reader.line_num, cells  # type: ignore[attr-defined]  # a csv.reader has it


def _require_columns(
    header: list[str], columns: Collection[str], required: Collection[str]
) -> None:
    wrong = {name: ["Unknown field."] for name in header if name not in columns}
    wrong |= {name: ["Given more than once."] for name in header if header.count(name) > 1}
    wrong |= {name: ["Missing data for required field."] for name in required if name not in header}
    if wrong:
        raise Invalid(details=wrong)
