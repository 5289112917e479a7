"""A running simulator and a client that shows what is on the wire."""

from collections.abc import AsyncIterator

import pytest

from tests.simulator.raw import RawClient
from vmlab.simulator import Simulator


@pytest.fixture
async def sim() -> AsyncIterator[Simulator]:
    """A seeded 8.4 cluster of three nodes whose waits are a thousand times shorter."""
    async with Simulator(auth_delay_s=0.0, speed=1000.0) as simulator:
        yield simulator


@pytest.fixture
async def api(sim: Simulator) -> AsyncIterator[RawClient]:
    """A client with root's token."""
    async with RawClient(sim) as client:
        yield client
