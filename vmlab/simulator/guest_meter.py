"""What real guests use, read every few seconds: processor, memory, disks, network.

`guest_status` shows these figures in the place of the made-up ones of guests that are only drawn.
"""

from __future__ import annotations

import bisect
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vmlab.simulator.guest_drives import net_mac
from vmlab.simulator.machines.agent import AgentError, AgentSilent
from vmlab.simulator.machines.gauges import Gauges

if TYPE_CHECKING:
    from vmlab.simulator.service import Simulator
    from vmlab.simulator.state import Guest

KEPT = 4000
"""Readings of one run: eleven hours at pvestatd's pace."""

COUNTERS = ("netin", "netout", "diskread", "diskwrite")
FRESH_S = 1.0


@dataclass(frozen=True)
class Reading:
    """What a guest had used at a time of the cluster's clock."""

    time: float
    gauges: Gauges
    counters: dict[str, int]


class Meter:
    """The readings of one run of a guest, oldest first."""

    def __init__(self, started_at: float) -> None:
        nothing = Reading(started_at, Gauges(0.0, 0), dict.fromkeys(COUNTERS, 0))
        self._readings = deque([nothing], maxlen=KEPT)

    @property
    def last(self) -> Reading:
        """The latest reading."""
        return self._readings[-1]

    def add(self, reading: Reading) -> None:
        """Take a reading."""
        self._readings.append(reading)

    def counters(self, time: float) -> dict[str, int]:
        """The counters as they were at that time, between two readings in proportion."""
        before, after, share = self._around(time)
        return {
            key: int(before.counters[key] + share * (after.counters[key] - before.counters[key]))
            for key in COUNTERS
        }

    def cpu(self, time: float) -> float:
        """Processors in use at that time: 1.0 is all of one."""
        before, after, _ = self._around(min(time, self.last.time))
        span = after.time - before.time
        return max(0.0, (after.gauges.cpu_s - before.gauges.cpu_s) / span) if span else 0.0

    def _around(self, time: float) -> tuple[Reading, Reading, float]:
        readings = list(self._readings)
        at = bisect.bisect_left(readings, time, key=lambda reading: reading.time)
        after = readings[min(at, len(readings) - 1)]
        before = readings[max(0, min(at, len(readings) - 1) - 1)]
        span = after.time - before.time
        share = min(1.0, max(0.0, (time - before.time) / span)) if span else 1.0
        return before, after, share


def meter_of(guest: Guest) -> Meter | None:
    """The readings of the guest's present run, if it is a real one."""
    meter = guest.extra.get("meter")
    return meter if isinstance(meter, Meter) and guest.running else None


async def read_all(sim: Simulator) -> None:
    """Read every real guest that runs."""
    for guest in list(sim.cluster.guests.values()):
        await read(sim, guest)


async def read(sim: Simulator, guest: Guest) -> None:
    """Take a reading of a guest, unless there is a fresh one or nothing to be read."""
    machine, now = sim.machines.of(guest.vmid), sim.clock.time()
    if not (guest.running and guest.started_at and machine.has_system):
        return
    meter = meter_of(guest)
    if meter is not None and now - meter.last.time < FRESH_S:
        return
    gauges = await machine.measure()
    if gauges is None or meter is None:
        return
    network = await _network(guest, machine.agent) or {
        key: meter.last.counters[key] for key in ("netin", "netout")
    }
    disks = {"diskread": gauges.bytes_of("rd_bytes"), "diskwrite": gauges.bytes_of("wr_bytes")}
    meter.add(Reading(now, gauges, {**network, **disks}))


async def _network(guest: Guest, agent: Any) -> dict[str, int] | None:
    """What came in and went out, as the agent says; None while it does not."""
    if agent is None or not guest.agent_up or guest.qmpstatus != "running":
        return None
    try:
        interfaces = await agent.execute("guest-network-get-interfaces")
    except (AgentError, AgentSilent):
        return None
    macs = {net_mac(str(value)).lower() for key, value in guest.config.items() if key[:3] == "net"}
    ours = [each for each in interfaces if each.get("hardware-address") in macs]
    return {
        ours_name: sum(each.get("statistics", {}).get(name, 0) for each in ours)
        for ours_name, name in (("netin", "rx-bytes"), ("netout", "tx-bytes"))
    }
