"""Misbehaviour by name: what shall go wrong, for which calls, how often.

refuse        the connection is dropped before the call is carried out
slow          the call waits `seconds` first
drop_reply    the call is carried out, then the connection is dropped
task_fails    the worker that the call starts fails with `text`
vanish        the guest that the call addresses is destroyed first
node_down     the node that the call addresses goes down first
lock_timeout  the call ends with Proxmox's lock text after the usual wait
no_quorum     the call is refused for lack of quorum
restart       the daemon restarts: 596 "Broken pipe" for calls that it serves
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

from vmlab.simulator.errors import ApiError, Dropped
from vmlab.simulator.locks import FLOCK_WAIT_S
from vmlab.simulator.state import Node

if TYPE_CHECKING:
    from vmlab.simulator.service import Simulator

FaultName = Literal[
    "refuse",
    "slow",
    "task_fails",
    "drop_reply",
    "vanish",
    "node_down",
    "lock_timeout",
    "no_quorum",
    "restart",
]
FAULT_NAMES: tuple[str, ...] = get_args(FaultName)


@dataclass
class Fault:
    """One planned misbehaviour; `met` counts the calls that it was for, `fired` those it struck."""

    name: FaultName
    method: str | None
    path: re.Pattern[str]
    times: int | None
    rate: float
    seconds: float
    text: str
    every: int = 1
    met: int = 0
    fired: int = 0

    def hits(self, method: str, path: str) -> bool:
        """Whether it is for this call and not used up; chance is not asked."""
        return (
            (self.times is None or self.fired < self.times)
            and self.method in (None, method)
            and self.path.search(path) is not None
        )


class Faults:
    """The faults of one simulator."""

    def __init__(self, seed: int | None = None) -> None:
        self._faults: list[Fault] = []
        self._random = random.Random(seed)  # noqa: S311

    def add(
        self,
        name: FaultName,
        *,
        method: str | None = None,
        path: str = "",
        times: int | None = None,
        rate: float = 1.0,
        seconds: float = 1.0,
        text: str = "simulated failure",
        every: int = 1,
    ) -> Fault:
        """Plan a fault.

        Args:
            name: what goes wrong (see the module).
            method: only calls of this HTTP method.
            path: only calls whose path (after /api2/json) this regular expression is found in;
                for `task_fails` it is looked for in `/nodes/NODE/TYPE/ID` of the task.
            times: strike so often, then no more; None: for ever.
            rate: probability of striking at a call that it is for.
            seconds: for `slow`, of the simulator's clock.
            text: for `task_fails`, the exit status.
            every: strike only every so many of the calls that it is for: 10 is each tenth.

        Raises:
            ValueError: there is no such fault.
        """
        if name not in FAULT_NAMES:
            raise ValueError(f"no fault is named {name!r}; there are {', '.join(FAULT_NAMES)}")
        fault = Fault(name, method, re.compile(path), times, rate, seconds, text, every)
        self._faults.append(fault)
        return fault

    def clear(self) -> None:
        """Forget all faults."""
        self._faults.clear()

    def strike(self, name: FaultName, method: str, path: str) -> Fault | None:
        """The fault of that name which strikes this call now, counted; None if none does."""
        for fault in self._faults:
            if fault.name == name and fault.hits(method, path):
                fault.met += 1
                if fault.met % fault.every or self._random.random() >= fault.rate:
                    continue
                fault.fired += 1
                return fault
        return None


async def strike_before(sim: Simulator, entry: Node, method: str, path: str) -> None:
    """Let those faults strike that come before a call is carried out.

    Raises:
        Dropped: the connection is to be cut.
        ApiError: the call is answered with an error.
    """
    strike = sim.faults.strike
    if slow := strike("slow", method, path):
        await sim.clock.sleep(slow.seconds)
    if strike("refuse", method, path):
        raise Dropped
    if strike("restart", method, path):
        raise ApiError(596, "Broken pipe")
    if strike("no_quorum", method, path):
        raise ApiError(500, "cluster not ready - no quorum?")
    if strike("node_down", method, path):
        named = _part(path, "nodes")
        name = named if named in sim.cluster.nodes else entry.name
        await sim.power_off(name)
        if name == entry.name:
            raise Dropped
    vmid = _part(path, "qemu")
    if vmid is None or not vmid.isdigit():
        return
    if strike("lock_timeout", method, path):
        await sim.clock.sleep(FLOCK_WAIT_S)
        file = f"/var/lock/qemu-server/lock-{vmid}.conf"
        raise ApiError(500, f"can't lock file '{file}' - got timeout")
    if strike("vanish", method, path):
        await sim.vanish(int(vmid))


def _part(path: str, after: str) -> str | None:
    match = re.search(rf"/{after}/([^/]+)", path)
    return match[1] if match else None
