"""Thinning of measurements: nothing lost but detail, nothing made up."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vmlab.rules.series import Aggregate, grid, resample, step_s


def test_without_thinning_each_point_is_a_measurement() -> None:
    places = grid(90, 310, 60, 500)
    assert list(places) == [120, 180, 240, 300]
    points = [(time, {"cpu": float(time)}) for time in range(0, 600, 60)]
    rows = resample(points, places, ["cpu"], Aggregate.AVERAGE)
    assert [row["cpu"] for row in rows] == [120, 180, 240, 300]


@pytest.mark.parametrize(("how", "values"), [("average", [15, 30, None]), ("max", [20, 30, None])])
def test_thinned_and_with_gaps(how: str, values: list[float | None]) -> None:
    places = grid(0, 300, 60, 3)
    assert list(places) == [60, 180, 300]
    measured: list[float | None] = [10, 20, None, 30, None, None]
    points = [(60 * n, {"cpu": value}) for n, value in enumerate(measured)]
    rows = resample(points, places, ["cpu"], Aggregate(how))
    assert [row["cpu"] for row in rows] == values


def test_the_last_point_is_the_latest_and_each_tells_of_the_time_before_it() -> None:
    places = grid(0, 360, 60, 3)
    assert list(places) == [0, 180, 360]
    points = [(60 * n, {"cpu": float(n)}) for n in range(7)]
    rows = resample(points, places, ["cpu"], Aggregate.MAX)
    assert [row["cpu"] for row in rows] == [0, 3, 6]
    rows = resample(points, places, ["cpu"], Aggregate.AVERAGE)
    assert [row["cpu"] for row in rows] == [0, 2, 5]


def test_a_coarse_measurement_among_fine_ones_stands_in_all_of_its_time() -> None:
    times = [0, 1800, 3600, 3660, 3720]
    values: list[float | None] = [1, 2, None, 4, 5]
    points = [(time, {"cpu": value}) for time, value in zip(times, values, strict=True)]
    places = grid(60, 3720, step_s(times), 500)
    rows = [row["cpu"] for row in resample(points, places, ["cpu"], Aggregate.AVERAGE)]
    assert rows == [2] * 30 + [None] * 30 + [4, 5]


@pytest.mark.parametrize("times", [[], [120]])
def test_hardly_anything_measured(times: list[int]) -> None:
    points = [(time, {"cpu": 1.0}) for time in times]
    rows = resample(points, grid(0, 120, 60, 9), ["cpu"], Aggregate.AVERAGE)
    assert [row["cpu"] for row in rows] == [None, None, 1.0 if times else None]


def test_a_time_between_two_measurements_has_none() -> None:
    assert list(grid(61, 119, 60, 500)) == []
    assert list(grid(60, 60, 60, 500)) == [60]


def test_the_step_is_the_smallest_distance() -> None:
    assert step_s([0, 1800, 3600, 3660, 3720]) == 60
    assert step_s([]) == step_s([7]) == 60


@given(
    start=st.integers(0, 2 * 10**9),
    length=st.integers(0, 10**8),
    step=st.sampled_from([60, 1800, 10_800, 604_800]),
    most=st.integers(1, 600),
)
def test_never_more_points_than_asked_for_nor_outside(
    start: int, length: int, step: int, most: int
) -> None:
    places = grid(start, start + length, step, most)
    assert len(places) <= most
    assert all(start <= place <= start + length for place in places)
    assert places.step % step == 0


@given(
    values=st.lists(st.none() | st.floats(0, 1e9), min_size=1, max_size=100),
    most=st.integers(1, 50),
)
def test_the_maximum_survives(values: list[float | None], most: int) -> None:
    places = grid(0, 60 * (len(values) - 1), 60, most)
    points = [(60 * n, {"cpu": value}) for n, value in enumerate(values)]
    rows = resample(points, places, ["cpu"], Aggregate.MAX)
    assert Aggregate.MAX.of(row["cpu"] for row in rows) == Aggregate.MAX.of(values)
