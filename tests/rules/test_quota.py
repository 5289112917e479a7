"""Quota arithmetic."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from vmlab.rules.quota import Resources, lacking

amounts = st.builds(Resources, *(st.integers(min_value=0, max_value=1_000_000) for _ in range(4)))


def test_what_lacks_is_named_with_its_figures() -> None:
    quota = Resources(cpu_cores=4, memory_mb=4096, disk_gb=40, vms=2)
    used = Resources(cpu_cores=3, memory_mb=1024, disk_gb=30, vms=2)
    assert lacking(quota, used, Resources(2, 1024, 10, 1)) == [
        {"resource": "cpu_cores", "quota": 4, "used": 3, "requested": 2},
        {"resource": "vm_limit", "quota": 2, "used": 2, "requested": 1},
    ]


def test_exactly_full_is_allowed() -> None:
    quota = Resources(4, 4096, 40, 2)
    used = Resources(2, 2048, 20, 1)
    assert lacking(quota, used, quota - used) == []


def test_an_overdrawn_owner_may_shrink_but_not_grow() -> None:
    quota, used = Resources(1, 512, 5, 1), Resources(4, 4096, 40, 2)
    assert lacking(quota, used, Resources(cpu_cores=-1)) == []
    assert [x["resource"] for x in lacking(quota, used, Resources(disk_gb=1))] == ["disk_gb"]


@given(quota=amounts, used=amounts, requested=amounts)
def test_nothing_lacks_only_if_the_sum_stays_within_the_quota(
    quota: Resources, used: Resources, requested: Resources
) -> None:
    total, wanted, limits = (used + requested).by_name(), requested.by_name(), quota.by_name()
    fits = all(total[name] <= limits[name] for name in limits if wanted[name])
    assert (lacking(quota, used, requested) == []) is fits


@given(a=amounts, b=amounts)
def test_sums_come_apart_again(a: Resources, b: Resources) -> None:
    assert (a + b) - b == a
