"""Starts a PostgreSQL and a Redis of the tests' own, on sockets nobody else knows."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

START_TIMEOUT_S = 30


def free_port() -> int:
    """A TCP port of the loopback interface that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _postgres_binaries() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        raise FileNotFoundError("PostgreSQL is not installed: run `make test-packages`")
    return found[-1].parent


def _as_postgres() -> dict[str, int]:
    """PostgreSQL refuses to run as root: then its own account does it."""
    if os.geteuid() != 0:
        return {}
    account = pwd.getpwnam("postgres")
    return {"user": account.pw_uid, "group": account.pw_gid}


@contextlib.contextmanager
def postgres() -> Iterator[str]:
    """Run a PostgreSQL server and give the URL of its `postgres` database."""
    binaries, who = _postgres_binaries(), _as_postgres()
    folder = Path(tempfile.mkdtemp(prefix="vmlab-postgres-"))
    if who:
        os.chown(folder, who["user"], who["group"])
    data, port = folder / "data", free_port()
    common = {"cwd": folder, "stdout": subprocess.DEVNULL, **who}
    initdb = [str(binaries / "initdb"), "-D", str(data), "-U", "postgres", "-A", "trust", "-N"]
    subprocess.run(initdb, check=True, **common)  # type: ignore[call-overload]
    options = ["-c", "fsync=off", "-c", "full_page_writes=off", "-c", "synchronous_commit=off"]
    command = [str(binaries / "postgres"), "-D", str(data), "-p", str(port), "-k", str(folder)]
    command += ["-h", "127.0.0.1", "-c", "max_connections=200", *options]
    log = (folder / "log").open("wb")
    server = subprocess.Popen(command, stderr=log, **common)  # type: ignore[call-overload]
    try:
        _await(lambda: _accepts(binaries, port), server)
        yield f"postgres://postgres@127.0.0.1:{port}/postgres"
    finally:
        server.terminate()
        server.wait(START_TIMEOUT_S)
        log.close()
        shutil.rmtree(folder, ignore_errors=True)


def _accepts(binaries: Path, port: int) -> bool:
    ready = [str(binaries / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port)]
    return subprocess.run(ready, check=False).returncode == 0


class RedisServer:
    """A Redis that a test may stop and start again."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it answers."""
        program = shutil.which("redis-server")
        if program is None:
            raise FileNotFoundError("Redis is not installed: run `make test-packages`")
        command = [program, "--port", str(self.port), "--bind", "127.0.0.1", "--save", ""]
        command += ["--appendonly", "no", "--dir", str(self._folder)]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        _await(self._answers, self._process)

    def stop(self) -> None:
        """Kill it, as a power cut would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(START_TIMEOUT_S)
            self._process = None

    def _answers(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port)) as c:
            c.sendall(b"PING\r\n")
            return c.recv(16).startswith(b"+PONG")
        return False


@contextlib.contextmanager
def redis() -> Iterator[RedisServer]:
    """Run a Redis server."""
    with tempfile.TemporaryDirectory(prefix="vmlab-redis-") as folder:
        server = RedisServer(Path(folder))
        server.start()
        try:
            yield server
        finally:
            server.stop()


def _await(ready: object, process: subprocess.Popen[bytes]) -> None:
    assert callable(ready)
    deadline = time.monotonic() + START_TIMEOUT_S
    while not ready():
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"{process.args!r} did not start")
        time.sleep(0.05)
