"""Starts the real programs: a simulated cluster, servers and workers, each a process of its own."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import secrets
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp

from tests.support.servers import free_port
from vmlab.models.migrate import migrate

STARTS_WITHIN_S = 60
ENDS_WITHIN_S = 30
PASSWORD = "correct horse battery"
VMLAB = [sys.executable, "-m", "vmlab"]


@contextlib.asynccontextmanager
async def cluster(*options: str) -> AsyncIterator[dict[str, Any]]:
    """Run a simulated cluster; gives what it says of itself."""
    command = [*VMLAB, "simulator", "--port", "0", "--json", "--exit-with-parent", *options]
    process = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE)
    try:
        assert process.stdout is not None
        async with asyncio.timeout(STARTS_WITHIN_S):
            said = json.loads(await process.stdout.readline())
        yield said
    finally:
        await end(process)


async def end(process: Process) -> int:
    """Ask a process to end, and wait for it."""
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    return await asyncio.wait_for(process.wait(), ENDS_WITHIN_S)


class Site:
    """One installation: a configuration, and the processes that run on it."""

    def __init__(self, folder: Path, said: dict[str, Any], database: str, redis: str = "") -> None:
        self.port = free_port()
        self.base = f"http://127.0.0.1:{self.port}"
        self.database = database
        self.config = folder / "vmlab.toml"
        hosts = ", ".join(f'"{host}"' for host in said["hosts"].values())
        nodes = ", ".join(f'{name} = "{host}"' for name, host in said["hosts"].items())
        self.config.write_text(
            f"""
            [server]
            port = {self.port}
            [database]
            url = "{database}"
            [redis]
            url = "{redis}"
            [security]
            secret_key = "{secrets.token_hex(32)}"
            secure_cookies = false
            [proxmox]
            hosts = [{hosts}]
            node_hosts = {{ {nodes} }}
            token_id = "{said["token_id"]}"
            token_secret = "{said["token_secret"]}"
            ca_file = "{said["ca_file"]}"
            [tasks]
            lease_s = 3.0
            beat_s = 1.0
            """,
            encoding="utf-8",
        )
        self._running: list[Process] = []

    async def prepare(self) -> None:
        """Make the schema and a first administrator, by the commands an operator uses."""
        await migrate(self.database)
        command = ["user", "add", "admin", "--role", "admin", "--config", str(self.config)]
        process = await asyncio.create_subprocess_exec(*VMLAB, *command, stdin=PIPE, stdout=DEVNULL)
        await process.communicate(PASSWORD.encode())
        assert process.returncode == 0

    async def start(self, command: str, *options: str) -> Process:
        """Start a server or a worker."""
        arguments = [command, "--config", str(self.config), *options]
        # The environment of whoever runs the tests may name settings of their own.
        environment = {k: v for k, v in os.environ.items() if not k.startswith("VMLAB_")}
        process = await asyncio.create_subprocess_exec(*VMLAB, *arguments, env=environment)
        self._running.append(process)
        return process

    async def serve(self, *options: str) -> Process:
        """Start a server and wait until it answers."""
        process = await self.start("serve", *options)
        async with asyncio.timeout(STARTS_WITHIN_S), aiohttp.ClientSession() as session:
            while True:
                assert process.returncode is None
                with contextlib.suppress(aiohttp.ClientError):
                    async with session.get(f"{self.base}/healthz") as response:
                        if response.status == 200:
                            return process
                await asyncio.sleep(0.1)

    async def end_all(self) -> None:
        """End what is still running."""
        for process in self._running:
            if process.returncode is None:
                await end(process)
        self._running.clear()


class Client:
    """Somebody who is signed in."""

    def __init__(self, session: aiohttp.ClientSession, base: str) -> None:
        self.session = session
        self.base = base
        self.headers = {"Accept-Language": "en"}

    async def sign_in(self, username: str, password: str = PASSWORD) -> Client:
        """Sign in, and go on as this user."""
        body = {"username": username, "password": password}
        answer = await self.post("auth/login/", body)
        self.headers["Authorization"] = f"Bearer {answer['access_token']}"
        return self

    async def get(self, path: str, **query: Any) -> Any:
        """The data of a GET."""
        return await self._call("GET", path, params=query)

    async def post(self, path: str, body: dict[str, Any] | None = None) -> Any:
        """The data of a POST."""
        return await self._call("POST", path, json=body or {})

    async def patch(self, path: str, body: dict[str, Any]) -> Any:
        """The data of a PATCH."""
        return await self._call("PATCH", path, json=body)

    async def delete(self, path: str) -> Any:
        """The data of a DELETE."""
        return await self._call("DELETE", path)

    async def _call(self, method: str, path: str, **arguments: Any) -> Any:
        url = f"{self.base}/api/v1/{path}"
        async with self.session.request(method, url, headers=self.headers, **arguments) as response:
            answer = await response.json()
        assert answer["success"], (method, path, answer)
        return answer["data"]

    async def ended(self, task_id: int, *, within_s: float = 60) -> dict[str, Any]:
        """Wait for a task's end."""
        async with asyncio.timeout(within_s):
            while True:
                task: dict[str, Any] = await self.get(f"tasks/{task_id}/")
                if task["status"] in ("succeeded", "failed", "cancelled"):
                    return task
                await asyncio.sleep(0.2)


async def make_class(admin: Client, template_vmid: int, students: int) -> tuple[int, int]:
    """Make a course with students and a template; returns the ids of course and template."""
    for number in range(1, students + 1):
        account = {"username": f"student{number}", "email": f"s{number}@example.edu"}
        await admin.post("users/", {**account, "password": PASSWORD, "roles": ["student"]})
    course = await admin.post("courses/", {"name": "Networks"})
    names = [f"student{number}" for number in range(1, students + 1)]
    await admin.post(f"courses/{course['id']}/students/", {"usernames": names})
    template = await admin.post(
        f"courses/{course['id']}/templates/",
        {"name": "Debian", "source": {"vmid": template_vmid}},
    )
    assert (await admin.ended(template["task"]["id"]))["status"] == "succeeded"
    return course["id"], template["id"]
