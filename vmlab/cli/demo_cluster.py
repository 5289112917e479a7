"""The demo's cluster: a simulator in a process of its own, which ends with the demo."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from vmlab.cli import CommandFailed

START_TIMEOUT_S = 30.0
STOP_TIMEOUT_S = 10.0


@dataclass(frozen=True)
class DemoCluster:
    """What the simulator says of itself when it is ready.

    Attributes:
        hosts: `HOST:PORT` by name of node.
        ca_file: what its certificates are signed with.
        templates: VMIDs of the templates in it.
    """

    hosts: dict[str, str]
    ca_file: str
    token_id: str
    token_secret: str
    templates: tuple[int, ...]


@contextlib.asynccontextmanager
async def simulated_cluster(state: Path, *, guests: str) -> AsyncIterator[DemoCluster]:
    """Run a three-node cluster for the time of the block.

    Args:
        state: folder for its log.
        guests: what runs behind a started guest: `auto`, `synthetic` or `qemu`.

    Raises:
        CommandFailed: it did not start.
    """
    command = [sys.executable, "-m", "vmlab", "simulator", "--port", "0", "--guests", guests]
    command += ["--json", "--exit-with-parent"]
    with (state / "simulator.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=log,
            # Ctrl-C is for the demo, which stops the cluster last.
            start_new_session=True,
        )
    try:
        yield await _ready(process, state)
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), STOP_TIMEOUT_S)


async def _ready(process: asyncio.subprocess.Process, state: Path) -> DemoCluster:
    """Read the one line in which the simulator says what a client needs."""
    assert process.stdout is not None
    line = b""
    with contextlib.suppress(TimeoutError):
        line = await asyncio.wait_for(process.stdout.readline(), START_TIMEOUT_S)
    if not line:
        raise CommandFailed(
            f"the simulated cluster did not start: {state / 'simulator.log'} says why"
        )
    said = json.loads(line)
    return DemoCluster(
        hosts=said["hosts"],
        ca_file=said["ca_file"],
        token_id=said["token_id"],
        token_secret=said["token_secret"],
        templates=tuple(said["templates"]),
    )
