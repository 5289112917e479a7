"""A worker as a process of its own: `python -m tests.tasks.process DATABASE_URL LOG`.

Its one operation writes a line when it begins and one when it is done, so that the file's order
tells which tasks overlapped, over all processes.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

from tests.tasks.conftest import NOWHERE, parts_for
from vmlab import config
from vmlab.models import TaskStatus, connected
from vmlab.tasks import Operation, Run, Step
from vmlab.tasks.worker import Worker

KIND = "line.write"

TASKS = config.Tasks(lease_s=6.0, beat_s=0.5, poll_s=0.1, back_off_s=0.0)
"""A lease that outlasts what a busy machine keeps a process waiting."""


def write_lines(log: Path) -> Operation:
    """Note the beginning, take a moment, note the end."""

    def note(word: str, run: Run) -> None:
        # One small write in append mode is never mixed with another process's.
        with log.open("a") as file:
            file.write(f"{word} {run.task.target_id} {os.getpid()}\n")

    async def write(run: Run) -> None:
        note("begin", run)
        await run.sleep(run.params["seconds"])
        note("end", run)

    async def settle(run: Run, status: TaskStatus) -> None:
        pass

    return Operation(KIND, (Step("write", write),), settle)


async def main(url: str, log: Path) -> None:
    """Work until SIGTERM."""
    async with connected(url), parts_for(NOWHERE, TASKS) as parts:
        worker = Worker({KIND: write_lines(log)}, parts)
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, worker.stop)
        await worker.run()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2])))
