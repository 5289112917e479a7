"""What VMLab was commissioned to answer: the rows and codes of `docs/api-design.zh.md`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from tests.handlers.lab import API

DOCUMENT = Path(__file__).parents[2] / "docs" / "api-design.zh.md"
_ROW = re.compile(r"^\|\s*([A-Z]+)\s*\|\s*`(/[^`]*)`\s*\|", re.MULTILINE)
_CODE = re.compile(r"^\|\s*([A-Z]+_\d+)\s*\|\s*(\d+)\s*\|", re.MULTILINE)


@dataclass(frozen=True)
class Row:
    """One line of the document's tables."""

    method: str
    path: str

    @property
    def address(self) -> str:
        """The whole path, with its parameters in braces."""
        return API + self.path.removeprefix("/")

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def rows() -> list[Row]:
    """All methods and paths, in the order of the document."""
    return [Row(*found) for found in _ROW.findall(DOCUMENT.read_text(encoding="utf-8"))]


def codes() -> dict[str, int]:
    """The HTTP status of each error code."""
    found = _CODE.findall(DOCUMENT.read_text(encoding="utf-8"))
    return {code: int(status) for code, status in found}
