"""Rates come from what guests report, not from when they were looked at."""

from __future__ import annotations

from typing import Any

from vmlab.proxmox.rates import RateMeter, Rates
from vmlab.proxmox.shapes import GuestRow


def report(uptime: int, count: int, vmid: int = 100, **more: Any) -> GuestRow:
    counters = dict.fromkeys(("diskread", "diskwrite", "netin", "netout"), count)
    row = {"vmid": vmid, "node": "pve1", "type": "qemu", "status": "running", "uptime": uptime}
    return GuestRow.from_json({**row, **counters, **more})


def test_two_reports_make_a_rate():
    meter = RateMeter()
    meter.note([report(100, 5_000)])
    assert meter.of(100) is None
    meter.note([report(110, 6_000, netout=25_000)])
    assert meter.of(100) == Rates(100.0, 100.0, 100.0, 2_000.0)


def test_the_same_report_seen_again_is_no_standstill():
    meter = RateMeter()
    for row in (report(100, 0), report(110, 1_000), report(110, 1_000)):
        meter.note([row])
    assert meter.of(100) == Rates(100.0, 100.0, 100.0, 100.0)


def test_a_new_start_begins_anew():
    meter = RateMeter()
    for row in (report(100, 0), report(110, 1_000), report(5, 10)):
        meter.note([row])
    assert meter.of(100) is None


def test_counters_that_go_back_are_another_runs():
    meter = RateMeter()
    for row in (report(5, 1_000), report(50, 10)):
        meter.note([row])
    assert meter.of(100) is None


def test_reports_that_lie_too_far_apart_say_nothing():
    meter = RateMeter()
    for row in (report(100, 0), report(200, 1_000)):
        meter.note([row])
    assert meter.of(100) is None


def test_what_stops_or_is_not_reported_is_forgotten():
    meter = RateMeter()
    meter.note([report(100, 0), report(100, 0, 101)])
    meter.note([report(110, 1_000), report(0, 0, 101, status="stopped")])
    assert (meter.of(100) is not None, meter.of(101)) == (True, None)
    meter.note([GuestRow.from_json({"vmid": 100, "node": "pve1", "type": "qemu"})])
    assert meter.of(100) is None
