"""Plays the scenes once a test run, and prints which kinds of exchange were compared."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable
from functools import cache

import pytest

from tests.simulator.conformance.recordings import VERSIONS, kinds
from tests.simulator.conformance.verdicts import PROPERTY, Outcome, left_out, perform


@pytest.fixture(scope="session")
def outcome_of() -> Callable[[str], Outcome]:
    """The outcome of a version; the scenes are played at the first call."""
    return cache(lambda version: asyncio.run(perform(version)))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """List the kinds compared, endpoint by endpoint, and those left out with their reasons."""
    compared: dict[str, dict[str, list[str]]] = {v: defaultdict(list) for v in VERSIONS}
    agreeing = dict.fromkeys(VERSIONS, 0)
    for result in ("passed", "failed"):
        for report in terminalreporter.stats.get(result, []):
            for name, value in report.user_properties:
                if name == PROPERTY:
                    version, endpoint, answer = value
                    mark = "" if result == "passed" else " (DIFFERS)"
                    compared[version][endpoint].append(answer + mark)
                    agreeing[version] += result == "passed"
    for version in VERSIONS:
        if compared[version]:
            _write(terminalreporter, version, compared[version], agreeing[version])


def _write(
    reporter: pytest.TerminalReporter,
    version: str,
    compared: dict[str, list[str]],
    agreeing: int,
) -> None:
    reporter.section(f"conformance with Proxmox VE {version}")
    reasons = left_out(version)
    count = sum(map(len, compared.values()))
    total = len(kinds(version))
    reporter.write_line(
        f"{count} of {total} kinds of exchange compared, {agreeing} agree, {len(reasons)} left out"
    )
    for endpoint in sorted(compared):
        reporter.write_line(f"  {endpoint}: {'; '.join(sorted(compared[endpoint]))}")
    for kind, reason in sorted(reasons.items()):
        reporter.write_line(f"  left out: {kind}: {reason}")
