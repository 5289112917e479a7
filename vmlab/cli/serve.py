"""`vmlab serve`: the API, the consoles and, unless told otherwise, a task worker.

One process is enough for one machine. `--workers N` starts N of them on one port; a process that
dies is started again.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gc
import os
import signal
import sys
from collections.abc import AsyncIterator

import structlog
from aiohttp import web

from vmlab import __version__
from vmlab.app import make_app, open_parts, working
from vmlab.cli import CommandFailed, logs
from vmlab.cli.options import add_config, number, settings_from
from vmlab.cli.requirements import require_port, require_usable
from vmlab.config import Settings
from vmlab.handlers.headers import Headers
from vmlab.handlers.malformed import Runner
from vmlab.models import connected
from vmlab.operations.accounts import ensure_roles

log = structlog.get_logger(__name__)

IDLE_S = 75.0
"""How long a connection may take to bring a request's head, the first or the next one."""

SHUTDOWN_S = 10.0
"""How long requests under way may take to end."""

RESTART_S = 1.0
"""Pause before a process that died is started again."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add_config(parser)
    parser.add_argument("--workers", type=number, metavar="N", help="processes (PostgreSQL only)")
    parser.add_argument("--no-tasks", action="store_true", help="serve only; work elsewhere")


def run(options: argparse.Namespace) -> int:
    """Serve until told to stop."""
    settings = settings_from(options)
    logs.configure(settings.log)
    require_usable(settings)
    require_port(settings.server.host, settings.server.port, "server.port")
    processes = options.workers or settings.server.workers
    if processes > 1:
        if settings.database.url.startswith("sqlite"):
            raise CommandFailed("more than one process needs PostgreSQL (database.url)")
        return asyncio.run(_supervise(processes, options))
    return asyncio.run(_serve(settings, tasks=not options.no_tasks))


async def _serve(settings: Settings, *, tasks: bool) -> int:
    stopped = stop_signal()
    async with connected(settings.database.url), serving(settings, tasks=tasks):
        await stopped.wait()
    return 0


@contextlib.asynccontextmanager
async def serving(settings: Settings, *, tasks: bool) -> AsyncIterator[None]:
    """Serve for the time of the block; the database is connected outside of it."""
    await ensure_roles()
    async with open_parts(settings) as parts:
        runner = Runner(
            make_app(parts),
            headers=Headers(settings.server.public_url),
            access_log=None,
            keepalive_timeout=IDLE_S,
            shutdown_timeout=SHUTDOWN_S,
        )
        await runner.setup()
        try:
            async with working(parts) if tasks else contextlib.nullcontext():
                server = settings.server
                child = int(os.environ.get("VMLAB_CHILD", "0"))
                site = web.TCPSite(runner, server.host, server.port, reuse_port=bool(child) or None)
                await site.start()
                if child and settings.metrics.first_port:
                    own_port = settings.metrics.first_port + child - 1
                    await web.TCPSite(runner, server.host, own_port).start()
                # What is there now stays: people at consoles feel each search for garbage in it.
                gc.collect()
                gc.freeze()
                log.info("serving", host=server.host, port=server.port, version=__version__)
                yield
                parts.consoles.end_all()
        finally:
            await runner.cleanup()


def stop_signal() -> asyncio.Event:
    """An event that SIGTERM and SIGINT set."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for each in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(each, stopped.set)
    return stopped


async def _supervise(processes: int, options: argparse.Namespace) -> int:
    """Keep N serving processes alive until told to stop; then stop them in good order."""
    stopped = stop_signal()
    async with asyncio.TaskGroup() as group:
        for number in range(1, processes + 1):
            group.create_task(_keep_alive(options, stopped, number))
    return 0


async def _keep_alive(options: argparse.Namespace, stopped: asyncio.Event, process: int) -> None:
    command = [sys.executable, "-m", "vmlab", "serve", "--workers", "1"]
    command += ["--config", str(options.config)] if options.config else []
    command += ["--no-tasks"] if options.no_tasks else []
    environment = {**os.environ, "VMLAB_CHILD": str(process), "VMLAB_SERVER_WORKERS": "1"}
    while not stopped.is_set():
        child = await asyncio.create_subprocess_exec(*command, env=environment)
        ended = asyncio.create_task(child.wait())
        told = asyncio.create_task(stopped.wait())
        await asyncio.wait([ended, told], return_when=asyncio.FIRST_COMPLETED)
        told.cancel()
        if stopped.is_set():
            with contextlib.suppress(ProcessLookupError):
                child.terminate()
            await ended
        else:
            log.error("process_died", pid=child.pid, status=child.returncode)
            await asyncio.sleep(RESTART_S)
