"""The benchmarks' report: what each one measured, in tables at the end of the run."""

from __future__ import annotations

import os

from tests.benchmarks.cost import load


class Table:
    """Collects rows; every benchmark begins a part of its own."""

    def __init__(self) -> None:
        self._lines: list[tuple[str, ...]] = []

    def begin(self, title: str, *columns: str) -> None:
        """Begin a part.

        Args:
            title: what is measured, and how it is to be read.
            columns: their heads.
        """
        self._lines += [("", title), columns]

    def row(self, *cells: str) -> None:
        """Add a line, and how loaded the machine was then."""
        self._lines.append((*cells, f"(load {load():.1f})"))

    def lines(self) -> list[str]:
        """The report, each part with columns of its own widths."""
        shown: list[str] = []
        part: list[tuple[str, ...]] = []
        for line in [*self._lines, ("", "")]:
            if line[0] == "" and len(line) == 2:
                shown += _aligned(part)
                part = []
                shown += ["", line[1]]
            else:
                part.append(line)
        return shown[1:-2]


def _aligned(rows: list[tuple[str, ...]]) -> list[str]:
    width = max((len(row) for row in rows), default=0)
    padded = [row + ("",) * (width - len(row)) for row in rows]
    widths = [max(len(row[i]) for row in padded) for i in range(width)]
    return [
        "  " + "  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip()
        for row in padded
    ]


TABLE = Table()
"""Of the whole run."""


def where() -> str:
    """What the figures were measured on."""
    return f"{os.cpu_count()} cores; load is for each of them, over the last minute"
