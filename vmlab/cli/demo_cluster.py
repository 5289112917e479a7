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
BUILD_TIMEOUT_S = 300.0
"""More, for the first demo with a Linux: packages are fetched, then it takes 15 seconds."""
STOP_TIMEOUT_S = 10.0


@dataclass(frozen=True)
class DemoCluster:
    """What the simulator says of itself when it is ready.

    Attributes:
        hosts: `HOST:PORT` by name of node.
        ca_file: what its certificates are signed with.
        templates: VMIDs of the templates in it.
        guest_network: where real guests are reached; None where they are only drawn.
        guest_ssh_port: of their SSH servers.
        linux: whether the first template is a Linux, and not one sector.
    """

    hosts: dict[str, str]
    ca_file: str
    token_id: str
    token_secret: str
    templates: tuple[int, ...]
    guest_network: str | None
    guest_ssh_port: int
    linux: bool


@contextlib.asynccontextmanager
async def simulated_cluster(state: Path, *, guests: str) -> AsyncIterator[DemoCluster]:
    """Run a three-node cluster for the time of the block.

    Args:
        state: folder for its log.
        guests: what runs behind a started guest: `auto`, `synthetic`, or `qemu` with a Linux.

    Raises:
        CommandFailed: it did not start.
    """
    command = [sys.executable, "-m", "vmlab", "simulator", "--port", "0", "--guests", guests]
    command += ["--json", "--exit-with-parent"]
    command += ["--linux"] if guests == "qemu" else []
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
        yield await _ready(process, state, linux=guests == "qemu")
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), STOP_TIMEOUT_S)


async def _ready(process: asyncio.subprocess.Process, state: Path, *, linux: bool) -> DemoCluster:
    """Read the one line in which the simulator says what a client needs."""
    assert process.stdout is not None
    line = b""
    with contextlib.suppress(TimeoutError):
        patience_s = START_TIMEOUT_S + (BUILD_TIMEOUT_S if linux else 0)
        line = await asyncio.wait_for(process.stdout.readline(), patience_s)
    if not line:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), STOP_TIMEOUT_S)
        log = state / "simulator.log"
        said = log.read_text(errors="replace").strip().rpartition("\n")[2]
        raise CommandFailed(f"the simulated cluster did not start: {said or 'no reason'} ({log})")
    said = json.loads(line)
    return DemoCluster(
        hosts=said["hosts"],
        ca_file=said["ca_file"],
        token_id=said["token_id"],
        token_secret=said["token_secret"],
        templates=tuple(said["templates"]),
        guest_network=said["guest_network"],
        guest_ssh_port=said["guest_ssh_port"],
        linux=linux,
    )
