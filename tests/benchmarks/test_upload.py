"""What an upload costs: peak memory for two gigabytes, and speed as a ratio to the bare work.

The server is a process of its own, so that its memory is its own. Its peak is VmHWM, reset before
the upload; `ru_maxrss` would not do, since Linux hands a parent's on to its child over fork and
exec. The bare work is to write the same bytes to the same disk and to hash them, with nothing in
between. Both take turns and the better of each counts: whoever goes first finds another cache. CPU
time is told beside, which does not depend on what else the machine does.
"""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import time
from collections.abc import AsyncIterator
from multiprocessing.connection import Connection
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from tests.benchmarks.table import Table
from tests.handlers.people import People
from vmlab.app import make_app, open_parts
from vmlab.config import Proxmox, Security, Settings, Storage
from vmlab.models import connected

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(600)]

SIZE = 2 << 30
TURNS = 2
PIECE = 1 << 20
HEAD = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
TAIL = b"\r\n--b--\r\n"


def reset_peak() -> None:
    """Let the peak of this process's memory be what it holds now."""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def peak_kb() -> int:
    """The most memory that this process has held since its peak was reset."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0])


def serve(url: str, directory: str, tell: Connection) -> None:
    """Serve the API until told to stop; then tell how far memory rose since before the upload."""
    import asyncio

    settings = Settings(
        security=Security(secret_key="a-secret-key-of-more-than-32-bytes!"),
        proxmox=Proxmox(hosts=("127.0.0.1:1",), token_id="vmlab@pve!api", token_secret="none"),
        storage=Storage(directory=directory, keep_free_mb=0),
    )

    async def run() -> None:
        async with connected(url), open_parts(settings) as parts:
            person = await (await People.prepared(parts)).add("ann", "student")
            runner = web.AppRunner(make_app(parts))
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            reset_peak()
            before_kb = peak_kb()
            tell.send((runner.addresses[0][1], person.headers))
            while await asyncio.to_thread(tell.recv) == "cpu":
                tell.send(time.process_time())
            tell.send(peak_kb() - before_kb)
            await runner.cleanup()

    asyncio.run(run())


async def form(source: Path) -> AsyncIterator[bytes]:
    """The body of an upload."""
    yield HEAD
    with source.open("rb") as file:
        while piece := file.read(PIECE):
            yield piece
    yield TAIL


def bare_s(source: Path, target: Path) -> tuple[float, float]:
    """Seconds that writing and hashing take, and those of CPU time."""
    begun, busy, digest = time.perf_counter(), time.process_time(), hashlib.sha256()
    with source.open("rb") as file, target.open("wb") as copy:
        while piece := file.read(PIECE):
            digest.update(piece)
            copy.write(piece)
        os.fdatasync(copy.fileno())
    target.unlink()
    return time.perf_counter() - begun, time.process_time() - busy


async def upload_s(port: int, headers: dict[str, str], source: Path) -> float:
    """Seconds that an upload takes; the file is deleted after it."""
    files = f"http://127.0.0.1:{port}/api/v1/files/"
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=None)) as session:
        begun = time.perf_counter()
        answer = await session.post(files + "upload/", data=form(source), headers=headers)
        assert answer.status == 201, await answer.text()
        took_s = time.perf_counter() - begun
        file = (await answer.json())["data"]
        auth = {"Authorization": headers["Authorization"]}
        assert (await session.delete(f"{files}{file['id']}/", headers=auth)).status == 200
    return took_s


async def test_two_gigabytes(sqlite_url: str, tmp_path: Path, table: Table) -> None:
    source = tmp_path / "source"
    with source.open("wb") as file:
        file.truncate(SIZE)
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    server = context.Process(target=serve, args=(sqlite_url, str(tmp_path / "files"), theirs))
    server.start()

    def cpu_s() -> float:
        ours.send("cpu")
        return float(ours.recv())

    try:
        port, headers = ours.recv()
        headers |= {
            "Content-Type": "multipart/form-data; boundary=b",
            "Content-Length": str(len(HEAD) + SIZE + len(TAIL)),
        }
        bare, took = [], []
        for _ in range(TURNS):
            bare.append(bare_s(source, tmp_path / "bare"))
            before = cpu_s()
            took.append((await upload_s(port, headers, source), cpu_s() - before))
        ours.send("stop")
        grown_mb = ours.recv() / 1024
    finally:
        server.join(30)
        server.kill()
    (bare_wall, bare_cpu), (wall, cpu) = (
        map(min, zip(*each, strict=True)) for each in (bare, took)
    )
    table.begin(
        "Upload of 2 GiB, against writing and hashing the same bytes",
        *("", "speed", "CPU", "speed to bare", "CPU to bare", "memory grown"),
    )
    table.row("bare", f"{SIZE / bare_wall / 1e6:.0f} MB/s", f"{bare_cpu:.1f} s", "1", "1", "")
    ratios = f"{bare_wall / wall:.2f}", f"{cpu / bare_cpu:.2f}"
    grown = f"{grown_mb:.1f} MiB"
    table.row("VMLab", f"{SIZE / wall / 1e6:.0f} MB/s", f"{cpu:.1f} s", *ratios, grown)
    assert grown_mb < 64
    assert bare_wall / wall > 0.1
    assert cpu / bare_cpu < 4
