"""Hours of running machines out of the spans in which they ran. Pure."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True)
class Span:
    """A time in which a machine ran without a break and with the same processors."""

    vm_id: int
    owner_id: int
    cpu_cores: int
    begin: datetime
    end: datetime


@dataclass(frozen=True)
class Usage:
    """How long machines ran, in seconds, and the same times their processors."""

    running_s: float = 0.0
    core_s: float = 0.0

    def __add__(self, other: Usage) -> Usage:
        return Usage(self.running_s + other.running_s, self.core_s + other.core_s)

    @classmethod
    def of(cls, span: Span) -> Usage:
        """What one span is worth."""
        seconds = max(0.0, (span.end - span.begin).total_seconds())
        return cls(seconds, seconds * span.cpu_cores)


def clipped(spans: Iterable[Span], start: datetime, end: datetime) -> list[Span]:
    """What of the spans lies between two moments."""
    cut = (replace(s, begin=max(s.begin, start), end=min(s.end, end)) for s in spans)
    return [span for span in cut if span.begin < span.end]


def by_day(spans: Iterable[Span]) -> list[Span]:
    """The same time, cut at each midnight (UTC)."""
    return [piece for span in spans for piece in _days(span)]


def _days(span: Span) -> Iterable[Span]:
    begin = span.begin
    while begin < span.end:
        midnight = datetime.combine(begin.astimezone(UTC).date() + timedelta(days=1), time(), UTC)
        yield replace(span, begin=begin, end=min(midnight, span.end))
        begin = midnight


def day_of(span: Span) -> date:
    """The day (UTC) on which a span begins."""
    return span.begin.astimezone(UTC).date()


def summed(spans: Iterable[Span], key: Callable[[Span], Key]) -> dict[Key, Usage]:
    """Add up what the spans are worth, by anything."""
    sums: dict[Key, Usage] = {}
    for span in spans:
        sums[key(span)] = sums.get(key(span), Usage()) + Usage.of(span)
    return sums
