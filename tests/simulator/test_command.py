"""The command: what it says, and that it ends when told, or with whoever started it."""

from __future__ import annotations

import asyncio
import json
import sys
from asyncio.subprocess import PIPE, Process

import pytest

from vmlab.cli import main

ENDS_WITHIN_S = 20


async def started(*options: str) -> Process:
    command = [sys.executable, "-m", "vmlab", "simulator", "--port", "0", *options]
    return await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE)


async def test_it_serves_until_interrupted() -> None:
    process = await started(
        *("--nodes", "2", "--vms", "5", "--version", "9.1", "--fault", "slow=0.1")
    )
    assert process.stdout is not None
    lines = [(await process.stdout.readline()).decode() for _ in range(7)]
    process.terminate()
    assert await asyncio.wait_for(process.wait(), ENDS_WITHIN_S) == 0
    assert lines[0] == "Proxmox VE 9.2.11, simulated\n"
    assert lines[1].startswith("  pve1  https://127.0.0.1:")
    assert lines[5].startswith("token           vmlab@pve!svc=")


async def test_it_says_in_json_what_a_client_needs_and_ends_with_its_parent() -> None:
    process = await started("--json", "--exit-with-parent")
    assert process.stdout is not None
    assert process.stdin is not None
    said = json.loads(await process.stdout.readline())
    assert list(said["hosts"]) == ["pve1", "pve2", "pve3"]
    assert said["token_id"] == "vmlab@pve!svc"
    assert said["templates"] == [9000]
    process.stdin.close()
    assert await asyncio.wait_for(process.wait(), ENDS_WITHIN_S) == 0


@pytest.mark.parametrize(
    "argv",
    [["--fault", "nonsense=1"], ["--fault", "slow=2"], ["--fault", "slow=x"], ["--nodes", "0"]],
)
def test_wrong_arguments(argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["simulator", *argv])
    assert "error: argument" in capsys.readouterr().err


def test_an_unknown_version_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["simulator", "--version", "7.4"]) == 1
    text = "vmlab simulator: version '7.4' is not simulated; there are 8.4 and 9.2\n"
    assert capsys.readouterr().err == text
