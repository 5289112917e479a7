"""A machine's states, which verbs each of them allows, and how Proxmox's own states read.

Pure. The API asks it before it accepts a task, the reconciler to tell what it sees.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class VmStatus(StrEnum):
    """What the owner is told."""

    CREATING = "creating"
    STOPPED = "stopped"
    RUNNING = "running"
    PAUSED = "paused"
    ERROR = "error"
    DELETING = "deleting"
    MISSING = "missing"


class Verb(StrEnum):
    """What can be asked of a machine that exists."""

    START = "start"
    STOP = "stop"
    RESTART = "restart"
    RESET = "reset"
    PAUSE = "pause"
    RESUME = "resume"
    CHANGE = "change"
    RESIZE_HARDWARE = "resize_hardware"
    SNAPSHOT = "snapshot"
    ROLLBACK = "rollback"
    DELETE = "delete"


STOPPED, RUNNING, PAUSED = VmStatus.STOPPED, VmStatus.RUNNING, VmStatus.PAUSED
ERROR, MISSING = VmStatus.ERROR, VmStatus.MISSING


@dataclass(frozen=True)
class Rule:
    """One verb: from which states it is possible, and the state it is asked for to reach."""

    possible: frozenset[VmStatus]
    goal: VmStatus | None = None
    """A machine that is in this state already needs no work; None: the verb is always work."""


def _from(*states: VmStatus, goal: VmStatus | None = None) -> Rule:
    return Rule(frozenset(states), goal)


RULES: Mapping[Verb, Rule] = {
    # A stopped machine can be started and then runs.
    Verb.START: _from(STOPPED, goal=RUNNING),
    # Whatever still has a process can be stopped, also a guest that QEMU calls broken.
    Verb.STOP: _from(RUNNING, PAUSED, ERROR, goal=STOPPED),
    # Only a guest that listens can be asked to shut down and come back.
    Verb.RESTART: _from(RUNNING),
    # The reset button works on everything that has a process.
    Verb.RESET: _from(RUNNING, PAUSED, ERROR),
    # A running machine can be held still in memory.
    Verb.PAUSE: _from(RUNNING, goal=PAUSED),
    # A paused machine can go on.
    Verb.RESUME: _from(PAUSED, goal=RUNNING),
    # Name, notes and a larger disk are taken over while the guest runs.
    Verb.CHANGE: _from(STOPPED, RUNNING, PAUSED),
    # Processors and memory are what QEMU was started with.
    Verb.RESIZE_HARDWARE: _from(STOPPED),
    # A snapshot can be taken at any time.
    Verb.SNAPSHOT: _from(STOPPED, RUNNING, PAUSED),
    # Going back to a snapshot stops a running guest.
    Verb.ROLLBACK: _from(STOPPED, RUNNING, PAUSED),
    # Everything that is not on its way in or out can be deleted, also what is gone already.
    Verb.DELETE: _from(STOPPED, RUNNING, PAUSED, ERROR, MISSING),
}


def is_possible(verb: Verb, status: VmStatus) -> bool:
    """Whether the verb makes sense for a machine in this state."""
    return status in RULES[verb].possible


def is_reached(verb: Verb, status: VmStatus) -> bool:
    """Whether the machine is already in the state that the verb asks for."""
    return RULES[verb].goal is status


# QEMU's run states (qapi/run-state.json, QEMU 9). What is missing here is passing: the guest is
# being started, migrated, saved or restored, or is about to be gone.
_FROM_QEMU: Mapping[str, VmStatus] = {
    "running": RUNNING,
    "stopped": STOPPED,
    "paused": PAUSED,
    "suspended": PAUSED,
    "io-error": ERROR,
    "internal-error": ERROR,
    "guest-panicked": ERROR,
    "watchdog": ERROR,
}


def from_proxmox(state: str) -> VmStatus | None:
    """Read a state as Proxmox reports it.

    Args:
        state: `qmpstatus` of status/current, or `status` in cluster/resources, which is the
            qmpstatus of pvestatd's last round (pve-manager 8.4) or `unknown`.

    Returns:
        None if nothing can be concluded: keep what was known.
    """
    return _FROM_QEMU.get(state)
