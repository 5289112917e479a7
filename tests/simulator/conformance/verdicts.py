"""All scenes of a version performed, and what that says about its kinds.

The tests ask here; `left_out.toml` says which kinds are not replayed, and why.
"""

from __future__ import annotations

import tomllib
import traceback
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from tests.simulator.conformance.cast import furnish
from tests.simulator.conformance.recordings import Kind, kinds, recordings
from tests.simulator.conformance.scenes import (
    Scene,
    access,
    agents,
    guests,
    nine,
    power,
    snapshots,
    storage,
    tasks,
)
from tests.simulator.conformance.stage import stage

PROPERTY = "conformance"
"""Under this name a test of a kind reports (version, endpoint, answer) to the summary."""

_BOTH = (access, guests, storage, power, snapshots, agents, tasks)
_LEFT_OUT = Path(__file__).parent / "left_out.toml"


@dataclass
class Outcome:
    """What the scenes of one version showed.

    `verdicts` has the differences found, by recording; `broken` the scenes that could not be
    played to their end, with the traceback.
    """

    version: str
    verdicts: dict[str, list[str]] = field(default_factory=dict)
    broken: dict[str, str] = field(default_factory=dict)

    def compared(self, kind: Kind) -> Mapping[str, list[str]]:
        """The verdicts on the recordings of `kind`; empty if none was replayed."""
        names = [recording.name for recording in kinds(self.version)[kind]]
        return {name: self.verdicts[name] for name in names if name in self.verdicts}


def scenes(version: str) -> Mapping[str, Scene]:
    """The scenes of `version` by name."""
    modules = (*_BOTH, nine) if version == "9.2" else _BOTH
    return {scene.__name__: scene for module in modules for scene in module.SCENES}


async def perform(version: str) -> Outcome:
    """Play all scenes of `version`, each on a stage of its own."""
    outcome = Outcome(version)
    for name, scene in scenes(version).items():
        async with stage(version) as played:
            furnish(played)
            try:
                await scene(played)
            except Exception:
                outcome.broken[name] = traceback.format_exc()
            for recording, differences in played.verdicts.items():
                outcome.verdicts.setdefault(recording, []).extend(differences)
    assert set(outcome.verdicts) <= set(recordings(version))
    return outcome


@cache
def left_out(version: str) -> Mapping[str, str]:
    """The kinds of `version` that are not replayed, by their text, with the reason."""
    table = tomllib.loads(_LEFT_OUT.read_text(encoding="utf-8"))
    return {**table["both"], **table[version]}
