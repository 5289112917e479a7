"""Runs the programs that work on disk images; they end with whoever waits for them."""

from __future__ import annotations

import asyncio
import contextlib
from asyncio.subprocess import DEVNULL, PIPE, STDOUT

DIE_WITH_PARENT = ("setpriv", "--pdeathsig", "KILL", "--")
"""Before a command: the kernel kills it when the simulator ends, even if that is killed."""


class ProgramFailed(Exception):
    """A program ended with an error; the text is what it said last."""


async def run(*command: str) -> str:
    """Run a program to its end; returns what it printed.

    Raises:
        ProgramFailed: its exit status is not 0.
    """
    process = await asyncio.create_subprocess_exec(
        *DIE_WITH_PARENT, *command, stdin=DEVNULL, stdout=PIPE, stderr=STDOUT
    )
    try:
        output, _ = await process.communicate()
    except asyncio.CancelledError:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        raise
    text = output.decode(errors="replace").strip()
    if process.returncode:
        said = text.rpartition("\n")[2] or f"exit status {process.returncode}"
        raise ProgramFailed(f"{command[0]}: {said.removeprefix(f'{command[0]}: ')}")
    return text
