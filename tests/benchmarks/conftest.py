"""The benchmarks' report at the end of the run."""

from __future__ import annotations

import pytest

from tests.benchmarks.table import TABLE, Table, where


@pytest.fixture
def table() -> Table:
    """Where figures go."""
    return TABLE


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Show the tables, passed or not."""
    if lines := TABLE.lines():
        terminalreporter.section(f"benchmarks ({where()})")
        for line in lines:
            terminalreporter.line(line)
