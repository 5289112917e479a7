"""Those who carry bytes between a viewer and a screen: VMLab itself, websockify, a bare relay."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import ssl
import sys
import time
import uuid
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from tests.benchmarks.consoles.viewer import Viewer
from tests.e2e.processes import Client, Site
from tests.support.servers import free_port
from vmlab.models import User, Vm, VmStatus, connected
from vmlab.simulator.certificates import Authority

HERE = "tests.benchmarks.consoles"
STARTS_WITHIN_S = 30
KEEP_MEMORY = {
    "MALLOC_MMAP_THRESHOLD_": str(32 << 20),
    "MALLOC_TRIM_THRESHOLD_": str(64 << 20),
    "MALLOC_TOP_PAD_": str(4 << 20),
}
"""A small process gives memory back after each read and fetches it for the next, which doubles what
it costs; so the floor would not be one. VMLab's has grown beyond that and needs no such help."""


@dataclass(frozen=True)
class Contestant:
    """One of them; its process is its own."""

    name: str
    pid: int
    open: Callable[[], Awaitable[Viewer]]


@dataclass(frozen=True)
class Arena:
    """All that is measured in one run."""

    vmlab: Contestant
    websockify: Contestant
    relay: Contestant
    direct: Contestant
    """Straight to the screen; the process is the screen's."""


@contextlib.asynccontextmanager
async def arena(folder: Path, database_url: str) -> AsyncIterator[Arena]:
    """Start everybody."""
    authority = Authority()
    authority.server_context("screen", "127.0.0.1", folder)  # leaves its file
    ca = folder / "ca.pem"
    ca.write_bytes(authority.pem())
    trust = {"SSL_CERT_FILE": str(ca)}
    async with contextlib.AsyncExitStack() as stack:
        screen = await _started(stack, f"{HERE}.screen", str(folder / "screen.pem"))
        assert screen.stdout is not None
        proxmox_port, bare_port = map(int, (await screen.stdout.readline()).split())
        relay_port, websockify_port = free_port(), free_port()
        relay = await _started(
            stack, f"{HERE}.relay", str(relay_port), str(bare_port), str(ca), **trust
        )
        websockify = await _started(
            stack,
            "websockify",
            "--ssl-target",
            f"127.0.0.1:{websockify_port}",
            f"127.0.0.1:{bare_port}",
            **trust,
        )
        for port in (relay_port, websockify_port):
            await _listens(port)
        vmlab = await _vmlab(stack, folder, database_url, proxmox_port, ca)
        context = ssl.create_default_context(cafile=ca)

        async def by_relay() -> Viewer:
            return Viewer.plain(relay_port)

        async def by_websockify() -> Viewer:
            return Viewer.websocket(websockify_port)

        async def directly() -> Viewer:
            return Viewer.plain(bare_port, context)

        yield Arena(
            vmlab=vmlab,
            websockify=Contestant("websockify", websockify.pid, by_websockify),
            relay=Contestant("raw relay", relay.pid, by_relay),
            direct=Contestant("direct", screen.pid, directly),
        )


async def _started(
    stack: contextlib.AsyncExitStack, module: str, *arguments: str, **environment: str
) -> asyncio.subprocess.Process:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        module,
        *arguments,
        env={**os.environ, **KEEP_MEMORY, **environment},
        stdin=PIPE,
        stdout=PIPE,
        stderr=asyncio.subprocess.DEVNULL if module == "websockify" else None,
        process_group=0,  # websockify's children, one a viewer, end with it
    )

    async def end() -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()

    stack.push_async_callback(end)
    return process


async def _listens(port: int) -> None:
    deadline = time.monotonic() + STARTS_WITHIN_S
    while True:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            return
        assert time.monotonic() < deadline, f"nobody listens on port {port}"
        await asyncio.sleep(0.1)


async def _vmlab(
    stack: contextlib.AsyncExitStack, folder: Path, database_url: str, port: int, ca: Path
) -> Contestant:
    """`vmlab serve` as it is, with a machine in its database that runs."""
    said = {
        "hosts": {"pve1": f"127.0.0.1:{port}"},
        "token_id": "vmlab@pve!api",
        "token_secret": "none",
        "ca_file": str(ca),
    }
    site = Site(folder, said, database_url)
    with site.config.open("a", encoding="utf-8") as file:
        file.write("\n[console]\nper_node = 1000\n")
    await site.prepare()
    async with connected(database_url):
        vm = await Vm.create(
            uuid=uuid.uuid4(),
            name="bench",
            owner=await User.get(username="admin"),
            status=VmStatus.RUNNING,
            cpu_cores=1,
            memory_mb=1024,
            disk_gb=8,
            node="pve1",
            vmid=1000,
        )
    process = await site.serve("--no-tasks")
    stack.push_async_callback(site.end_all)
    session = await stack.enter_async_context(aiohttp.ClientSession())
    admin = await Client(session, site.base).sign_in("admin")

    async def open_console() -> Viewer:
        grant = await admin.post(f"vms/{vm.id}/console/vnc/token/", {"mode": "control"})
        target = f"/api/v1/console/vnc/?token={grant['token']}"
        return await asyncio.to_thread(Viewer.websocket, site.port, target, rfb=True)

    return Contestant("VMLab", process.pid, open_console)
