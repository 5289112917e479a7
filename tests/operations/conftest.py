"""A simulated cluster and a lab on it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.operations.lab import QUICK, Lab, parts_of, populate
from vmlab import config
from vmlab.simulator import Simulator


@pytest.fixture
async def sim() -> AsyncIterator[Simulator]:
    """A cluster of three nodes whose waits are a thousand times shorter."""
    async with Simulator(auth_delay_s=0.0, speed=1000.0) as simulator:
        yield simulator


@pytest.fixture
async def lab(sqlite: str, sim: Simulator) -> AsyncIterator[Lab]:
    """A course with a template, and the means to work on it."""
    rows = await populate()
    async with parts_of(sim, config.Settings(tasks=QUICK)) as (parts, api):
        yield Lab(sim, api, parts, *rows)
