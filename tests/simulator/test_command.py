"""The command: what it prints, and that it ends when told."""

import asyncio
import sys

import pytest

from vmlab.simulator.command import main

PROGRAM = "import sys; from vmlab.simulator.command import main; sys.exit(main(sys.argv[1:]))"


async def test_it_serves_until_interrupted() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        PROGRAM,
        *("--port", "0", "--nodes", "2", "--vms", "5", "--version", "9.1", "--fault", "slow=0.1"),
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    lines = [(await process.stdout.readline()).decode() for _ in range(7)]
    process.terminate()
    assert await asyncio.wait_for(process.wait(), 20) == 0
    assert lines[0] == "Proxmox VE 9.2.11, simulated\n"
    assert lines[1].startswith("  pve1  https://127.0.0.1:")
    assert lines[5].startswith("token           vmlab@pve!svc=")


@pytest.mark.parametrize(
    "argv",
    [["--fault", "nonsense=1"], ["--fault", "slow=2"], ["--fault", "slow=x"], ["--nodes", "0"]],
)
def test_wrong_arguments(argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(argv)
    assert "error: argument" in capsys.readouterr().err


def test_an_unknown_version_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version", "7.4"]) == 1
    text = "vmlab simulator: version '7.4' is not simulated; there are 8.4 and 9.2\n"
    assert capsys.readouterr().err == text
