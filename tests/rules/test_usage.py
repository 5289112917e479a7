"""Hours out of spans: none lost, none counted twice."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from vmlab.rules.usage import Span, Usage, by_day, clipped, day_of, summed

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)

spans = st.builds(
    lambda vm, cores, begin, hours: Span(
        vm, vm, cores, NOON + begin * HOUR, NOON + (begin + hours) * HOUR
    ),
    st.integers(1, 3),
    st.integers(1, 8),
    st.floats(-500, 500),
    st.floats(0, 200),
)


def test_cut_at_midnight() -> None:
    pieces = by_day([Span(1, 2, 4, NOON, NOON + 40 * HOUR)])
    hours = {day: usage.running_s / 3600 for day, usage in summed(pieces, day_of).items()}
    assert hours == {date(2026, 3, 1): 12, date(2026, 3, 2): 24, date(2026, 3, 3): 4}
    assert sum((Usage.of(piece) for piece in pieces), Usage()) == Usage(144_000, 576_000)


def test_only_what_lies_inside() -> None:
    spans = [Span(1, 2, 1, NOON + n * HOUR, NOON + (n + 2) * HOUR) for n in (-3, -1, 0, 5, 9)]
    inside = clipped(spans, NOON, NOON + 6 * HOUR)
    assert [(s.begin - NOON) / HOUR for s in inside] == [0, 0, 5]
    assert [(s.end - NOON) / HOUR for s in inside] == [1, 2, 6]


@given(st.lists(spans, max_size=8))
def test_days_add_up_to_the_whole(spans: list[Span]) -> None:
    whole = sum((Usage.of(span) for span in spans), Usage())
    days = sum(summed(by_day(spans), day_of).values(), Usage())
    assert abs(whole.running_s - days.running_s) < 0.001
    assert abs(whole.core_s - days.core_s) < 0.01
