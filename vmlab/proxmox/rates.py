"""How fast guests read, write, send and receive, from two looks at their counters.

`cluster/resources` only counts, since each guest's start. What lies between two looks says little
of when the counters were read: the nodes report every ten seconds, each at its own time. But a
guest's uptime is reported together with its counters, so it is the clock that they go by.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from vmlab.proxmox.shapes import GuestRow

LONGEST_S = 60
"""Two reports further apart say nothing of now."""


@dataclass(frozen=True, slots=True)
class Rates:
    """Bytes a second."""

    disk_read_bps: float
    disk_write_bps: float
    net_in_bps: float
    net_out_bps: float


@dataclass(frozen=True, slots=True)
class _Report:
    uptime_s: int
    counters: tuple[int, int, int, int]
    rates: Rates | None


class RateMeter:
    """Keeps the latest report of each guest, and what it says in comparison with the one before."""

    def __init__(self) -> None:
        """Nothing was seen yet."""
        self._latest: dict[int, _Report] = {}

    def note(self, guests: Iterable[GuestRow]) -> None:
        """Take down a look at all guests; those that do not run any more are forgotten."""
        before, self._latest = self._latest, {}
        for guest in guests:
            counters = _counters(guest)
            if counters is None or not guest.uptime_s:
                continue
            last = before.get(guest.vmid)
            if last is not None and last.uptime_s == guest.uptime_s:
                self._latest[guest.vmid] = last
                continue
            rates = None if last is None else _between(last, guest.uptime_s, counters)
            self._latest[guest.vmid] = _Report(guest.uptime_s, counters, rates)

    def of(self, vmid: int) -> Rates | None:
        """A guest's rates up to its latest report; None without two reports of the same run."""
        latest = self._latest.get(vmid)
        return latest.rates if latest is not None else None


def _counters(guest: GuestRow) -> tuple[int, int, int, int] | None:
    read, written = guest.disk_read_bytes, guest.disk_written_bytes
    received, sent = guest.net_in_bytes, guest.net_out_bytes
    if read is None or written is None or received is None or sent is None:
        return None
    return read, written, received, sent


def _between(last: _Report, uptime_s: int, counters: tuple[int, int, int, int]) -> Rates | None:
    seconds = uptime_s - last.uptime_s
    grown = [now - then for now, then in zip(counters, last.counters, strict=True)]
    # Started anew in between, or moved to another node, it counts from nothing.
    if not 0 < seconds <= LONGEST_S or min(grown) < 0:
        return None
    return Rates(*(each / seconds for each in grown))
