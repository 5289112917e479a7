"""A simulated cluster and a client with its least-privilege token."""

from collections.abc import AsyncIterator

import pytest

from vmlab.proxmox.client import Api, Connection, Timeouts, connect
from vmlab.simulator import Simulator

POOL = "vmlab"


def connection_to(
    sim: Simulator, *, root: bool = False, timeouts: Timeouts | None = None
) -> Connection:
    """What a client needs to talk to all nodes of a simulated cluster."""
    token = sim.cluster.tokens["root@pam!vmlab"]
    return Connection(
        hosts=tuple(sim.hosts),
        token_id=token.full if root else sim.token_id,
        token_secret=token.secret if root else sim.token_secret,
        ca_path=sim.ca_path,
        timeouts=timeouts or Timeouts(),
    )


@pytest.fixture
async def sim() -> AsyncIterator[Simulator]:
    """A seeded 8.4 cluster of three nodes whose waits are a thousand times shorter."""
    async with Simulator(auth_delay_s=0.0, speed=1000.0) as simulator:
        yield simulator


@pytest.fixture
async def api(sim: Simulator) -> AsyncIterator[Api]:
    """VMLab's own client."""
    async with connect(connection_to(sim)) as api:
        yield api
