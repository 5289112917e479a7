"""Which verbs a state allows, and how Proxmox's states read."""

from __future__ import annotations

import pytest

from vmlab.rules.vm_state import RULES, Verb, VmStatus, from_proxmox, is_possible, is_reached

POWER = (Verb.START, Verb.STOP, Verb.RESTART, Verb.RESET, Verb.PAUSE, Verb.RESUME)

# Rows: states; columns: POWER. "+" possible, "=" already so, "." refused.
EXPECTED = {
    VmStatus.CREATING: "......",
    VmStatus.STOPPED: "+=....",
    VmStatus.RUNNING: "=++++=",
    VmStatus.PAUSED: ".+.+=+",
    VmStatus.ERROR: ".+.+..",
    VmStatus.DELETING: "......",
    VmStatus.MISSING: "......",
}


@pytest.mark.parametrize("status", VmStatus)
def test_power_verbs(status: VmStatus) -> None:
    def sign(verb: Verb) -> str:
        assert not (is_possible(verb, status) and is_reached(verb, status))
        return "=" if is_reached(verb, status) else "+" if is_possible(verb, status) else "."

    assert "".join(sign(verb) for verb in POWER) == EXPECTED[status]


def test_every_verb_has_a_rule() -> None:
    assert set(RULES) == set(Verb)


def test_only_a_stopped_machine_changes_its_hardware() -> None:
    assert [s for s in VmStatus if is_possible(Verb.RESIZE_HARDWARE, s)] == [VmStatus.STOPPED]


def test_what_is_on_its_way_in_or_out_cannot_be_deleted() -> None:
    refused = {s for s in VmStatus if not is_possible(Verb.DELETE, s)}
    assert refused == {VmStatus.CREATING, VmStatus.DELETING}


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ("running", VmStatus.RUNNING),
        ("stopped", VmStatus.STOPPED),
        ("paused", VmStatus.PAUSED),
        ("io-error", VmStatus.ERROR),
        ("unknown", None),
        ("prelaunch", None),
        ("inmigrate", None),
        ("save-vm", None),
        ("a state of tomorrow", None),
    ],
)
def test_states_of_proxmox(state: str, status: VmStatus | None) -> None:
    assert from_proxmox(state) is status
