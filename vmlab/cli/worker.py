"""`vmlab worker`: a task worker alone; as many as you like, on any machine."""

from __future__ import annotations

import argparse
import asyncio
import dataclasses

from vmlab.app import open_parts, working
from vmlab.cli import logs
from vmlab.cli.options import add_config, number, settings_from
from vmlab.cli.requirements import require_usable
from vmlab.cli.serve import stop_signal
from vmlab.config import Settings
from vmlab.models import connected


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add_config(parser)
    parser.add_argument("--concurrency", type=number, metavar="N", help="tasks at once")


def run(options: argparse.Namespace) -> int:
    """Work until told to stop."""
    settings = settings_from(options)
    if options.concurrency:
        tasks = dataclasses.replace(settings.tasks, concurrency=options.concurrency)
        settings = dataclasses.replace(settings, tasks=tasks)
    logs.configure(settings.log)
    require_usable(settings)
    return asyncio.run(_work(settings))


async def _work(settings: Settings) -> int:
    stopped = stop_signal()
    async with connected(settings.database.url), open_parts(settings) as parts, working(parts):
        await stopped.wait()
    return 0
