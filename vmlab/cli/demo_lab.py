"""What the demo does as admin and teacher: over REST, like any client."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from vmlab.cli import CommandFailed
from vmlab.cli.demo_cluster import DemoCluster

PASSWORD = "vmlab-demo"  # noqa: S105
GUEST_USER = "student"
"""Of the small Linux, with the same password (`vmlab.simulator.linux`)."""
POLL_S = 0.25
ENDED = frozenset({"succeeded", "failed", "cancelled"})


class Lab:
    """A signed-in client of the API."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session
        self._headers: dict[str, str] = {}

    @classmethod
    @contextlib.asynccontextmanager
    async def opened(cls, base: str) -> AsyncIterator[Lab]:
        """Talk to the API at this address for the time of the block."""
        async with aiohttp.ClientSession(f"{base}/api/v1/") as session:
            yield cls(session)

    async def sign_in(self, username: str) -> None:
        """Go on as somebody else."""
        body = {"username": username, "password": PASSWORD}
        answer = await self.post("auth/login/", body)
        self._headers = {"Authorization": f"Bearer {answer['access_token']}"}

    async def get(self, path: str, **query: str | int) -> Any:
        """The `data` of a GET."""
        return await self._call("GET", path, params=query)

    async def post(self, path: str, body: dict[str, Any]) -> Any:
        """The `data` of a POST."""
        return await self._call("POST", path, json=body)

    async def _call(self, method: str, path: str, **arguments: Any) -> Any:
        async with self._session.request(
            method, path, headers=self._headers, **arguments
        ) as response:
            answer = await response.json()
        if not answer["success"]:
            error = answer["error"]
            raise CommandFailed(f"{method} {path}: {error['message']} {error['details'] or ''}")
        return answer["data"]


@dataclass(frozen=True)
class Course:
    """What the class needs to know."""

    id: int
    template_id: int


async def prepare(lab: Lab, cluster: DemoCluster, students: int) -> Course:
    """Make accounts, a course, its members and a template."""
    await lab.sign_in("admin")
    for name, role in [("teacher", "teacher"), *((n, "student") for n in _students(students))]:
        account = {"username": name, "email": f"{name}@example.edu", "password": PASSWORD}
        await lab.post("users/", {**account, "roles": [role]})
    await lab.sign_in("teacher")
    course = await lab.post("courses/", {"name": "Operating systems", "code": "OS-1"})
    course_id = int(course["id"])
    usernames = {"usernames": _students(students)}
    await lab.post(f"courses/{course_id}/students/", usernames)
    source = {"vmid": cluster.templates[0]}
    template: dict[str, Any] = {"name": "Debian", "os_type": "linux", "source": source}
    if cluster.linux:
        template |= {"name": "Small Linux", "ssh_username": GUEST_USER, "default_memory_mb": 128}
    answer = await lab.post(f"courses/{course_id}/templates/", template)
    await _ended(lab, answer["task"]["id"])
    return Course(course_id, int(answer["id"]))


async def provision(lab: Lab, course: Course, console: Console) -> list[dict[str, Any]]:
    """Give each student a running machine, and show how it goes; returns the machines."""
    order = {"template_id": course.template_id, "students": "all", "start": True}
    parent = (await lab.post(f"courses/{course.id}/vms/", order))["task"]
    columns = (
        TextColumn("{task.description:12}"),
        BarColumn(),
        TextColumn("{task.percentage:3.0f} %"),
        TextColumn("{task.fields[step]:14}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console) as progress:
        bars: dict[int, Any] = {}
        over = False
        while not over:
            # Asked first, so that the last look at the children shows all of their ends.
            over = (await lab.get(f"tasks/{parent['id']}/"))["status"] in ENDED
            page = await lab.get("tasks/", parent_id=parent["id"], page_size=100, ordering="id")
            for child in page["results"]:
                if child["id"] not in bars:
                    owner = child["owner"]["username"]
                    bars[child["id"]] = progress.add_task(owner, total=100, step="")
                step = child["status"] if child["status"] in ENDED else child["step"] or ""
                progress.update(bars[child["id"]], completed=child["progress"], step=step)
            if not over:
                await asyncio.sleep(POLL_S)
    await _ended(lab, parent["id"])
    machines: list[dict[str, Any]] = (await lab.get("vms/", ordering="id", page_size=100))[
        "results"
    ]
    return machines


async def _ended(lab: Lab, task_id: int) -> None:
    """Wait for a task's end.

    Raises:
        CommandFailed: it did not succeed.
    """
    task = await lab.get(f"tasks/{task_id}/")
    while task["status"] not in ENDED:
        await asyncio.sleep(POLL_S)
        task = await lab.get(f"tasks/{task_id}/")
    if task["status"] != "succeeded":
        raise CommandFailed(f"task {task_id} ({task['kind']}) {task['status']}: {task['error']}")


def show(
    console: Console,
    base: str,
    cluster: DemoCluster,
    state: Path,
    machines: list[dict[str, Any]],
) -> None:
    """Print where everything is."""
    courses = sorted({machine["course"]["id"] for machine in machines if machine["course"]})
    lines = [
        ("API", f"{base}/api/v1/"),
        ("its documentation", f"{base}/docs"),
        *(("the class at a glance", f"{base}/monitor/course/#course={id_}") for id_ in courses),
    ]
    for machine in machines:
        owner = machine["owner"]["username"]
        lines.append((f"{owner}'s screen", f"{base}/console/vnc/#vm={machine['id']}"))
    lines += [(f"simulated node {node}", f"https://{host}") for node, host in cluster.hosts.items()]
    lines.append(("accounts", "admin, teacher, student1, student2, …"))
    lines.append(("password of each", PASSWORD))
    if cluster.linux:
        lines.append(("login at each screen", f"{GUEST_USER} or root, password {PASSWORD}"))
        lines.append(("shells in the browser", f"{base}/console/ssh/#vm=ID (no password)"))
    lines.append(("database and logs", str(state)))
    lines.append(("mail, which goes nowhere else", str(state / "mail")))
    width = max(len(name) for name, _ in lines)
    for name, value in lines:
        # An address that is cut to the terminal's width leads nowhere.
        console.print(f"  {name:{width}}  {value}", soft_wrap=True)
    console.print("Ctrl-C ends it.")


def _students(count: int) -> list[str]:
    return [f"student{number}" for number in range(1, count + 1)]
