"""The recorded exchanges replayed on the simulator: each kind must be answered as recorded."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.simulator.conformance.cast import furnish
from tests.simulator.conformance.recordings import VERSIONS, Kind, kinds
from tests.simulator.conformance.stage import stage
from tests.simulator.conformance.verdicts import PROPERTY, Outcome, left_out, scenes

LEAST_COMPARED = {"8.4": 160, "9.2": 200}

OutcomeOf = Callable[[str], Outcome]

_REPLAYED = [
    pytest.param(version, kind, id=f"{version} {kind}")
    for version in VERSIONS
    for kind in kinds(version)
    if str(kind) not in left_out(version)
]


@pytest.mark.parametrize(
    ("version", "scene"), [(version, scene) for version in VERSIONS for scene in scenes(version)]
)
def test_the_scene_can_be_played(version: str, scene: str, outcome_of: OutcomeOf):
    assert outcome_of(version).broken.get(scene) is None


@pytest.mark.parametrize(("version", "kind"), _REPLAYED)
def test_is_answered_as_recorded(
    version: str,
    kind: Kind,
    outcome_of: OutcomeOf,
    record_property: Callable[[str, object], None],
):
    verdicts = outcome_of(version).compared(kind)
    assert verdicts, "never replayed: write a scene, or give the reason in left_out.toml"
    record_property(PROPERTY, (version, kind.endpoint, kind.answer))
    assert {name: found for name, found in verdicts.items() if found} == {}


@pytest.mark.parametrize("version", VERSIONS)
def test_only_kinds_that_are_not_replayed_are_left_out(version: str, outcome_of: OutcomeOf):
    names = {str(kind): kind for kind in kinds(version)}
    outcome = outcome_of(version)
    for name, reason in left_out(version).items():
        assert reason
        if name in names:
            assert not outcome.compared(names[name]), name


def test_what_is_left_out_has_been_recorded():
    assert {*left_out("8.4"), *left_out("9.2")} <= {
        str(kind) for version in VERSIONS for kind in kinds(version)
    }


@pytest.mark.parametrize("version", VERSIONS)
def test_enough_kinds_are_compared(version: str):
    compared = [kind for kind in kinds(version) if str(kind) not in left_out(version)]
    assert len(compared) >= LEAST_COMPARED[version]


async def test_a_simulator_of_the_other_version_is_told_apart():
    async with stage("8.4") as played:
        furnish(played)
        played.version = "9.2"
        await played.replay("010-qemu-create", "012-status-current-stopped")
    assert played.verdicts["010-qemu-create"] == []
    assert played.verdicts["012-status-current-stopped"] == ["data(stopped).memhost: missing"]
