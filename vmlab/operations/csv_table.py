"""Reads a CSV table as spreadsheets write it: with a header, in UTF-8 or GB 18030.

Columns are parted by commas, semicolons or tabs, as the header is. Text in another code page is
refused: read as the wrong one, names would turn into others that look right to nobody.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from vmlab.errors import Invalid, TooLarge, UnsafeFile

DELIMITERS = ",;\t"

_UNREADABLE = "The text is neither in UTF-8 nor in GB 18030: save it as CSV UTF-8."


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
    content: bytes,
    *,
    columns: Collection[str],
    required: Collection[str] = (),
    one_of: Collection[str] = (),
    max_rows: int,
) -> list[Line]:
    """The rows of a table; empty lines are left out.

    Args:
        content: the file.
        columns: those that may stand in the header, in any order and case.
        required: those that must.
        one_of: those of which one must.
        max_rows: how many rows there may be.

    Raises:
        UnsafeFile: it is not text, or not CSV.
        Invalid: a column is unknown, missing or there twice.
        TooLarge: it has too many rows.
    """
    text = _text(content)
    reader = csv.reader(
        io.StringIO(text, newline=""), strict=True, delimiter=_delimiter(text.partition("\n")[0])
    )
    try:
        header = [name.strip().lower() for name in next(reader, [])]
        while header and not header[-1]:
            header.pop()  # of columns that were emptied in the spreadsheet
        _require_columns(header, columns, required, one_of)
        lines: list[Line] = []
        for number, cells in _filled(reader):
            if len(lines) == max_rows:
                raise TooLarge(details={"max_rows": max_rows})
            named = {name: cell for name, cell in zip(header, cells, strict=False) if cell}
            surplus = any(cells[len(header) :])
            lines.append(Line(number=number, cells=named, surplus=surplus))
    except csv.Error as error:
        raise UnsafeFile("This is not a CSV table.", details={"reason": str(error)}) from None
    return lines


def _text(content: bytes) -> str:
    """What the bytes say.

    GB 18030 knows a character for nearly all pairs of bytes, so Latin or Cyrillic names in a code
    page of Windows would pass for Chinese ones, but for such that hardly anybody uses.
    """
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    try:
        text = content.decode("gb18030").removeprefix("\ufeff")
    except UnicodeDecodeError:
        raise UnsafeFile(_UNREADABLE) from None
    others = [character for character in text if not character.isascii()]
    if 2 * sum(map(_is_common_chinese, others)) < len(others):
        raise UnsafeFile(_UNREADABLE)
    return text


def _is_common_chinese(character: str) -> bool:
    """Whether it is of the 3755 characters of GB 2312's first level."""
    try:
        return 0xB0 <= character.encode("gb2312")[0] <= 0xD7
    except UnicodeEncodeError:
        return False


def _delimiter(header: str) -> str:
    """What parts the columns: Excel writes semicolons where a comma stands in decimal numbers."""
    return max(DELIMITERS, key=header.count)


def _filled(reader: Iterator[list[str]]) -> Iterator[tuple[int, list[str]]]:
    for row in reader:
        cells = [cell.strip() for cell in row]
        if any(cells):
            yield reader.line_num, cells  # type: ignore[attr-defined]  # a csv.reader has it


def _require_columns(
    header: list[str],
    columns: Collection[str],
    required: Collection[str],
    one_of: Collection[str],
) -> None:
    wrong = {name: ["Unknown field."] for name in header if name not in columns}
    wrong |= {name: ["Given more than once."] for name in header if header.count(name) > 1}
    wrong |= {name: ["Missing data for required field."] for name in required if name not in header}
    if one_of and not set(one_of) & set(header):
        wrong |= {name: ["Missing data for required field."] for name in one_of}
    if wrong:
        raise Invalid(details=wrong)
