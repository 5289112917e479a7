"""The API over a simulated cluster: a course with a template, its people, and how to ask."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from tests.handlers.people import People, Person
from tests.operations.lab import QUICK, populate
from tests.tasks.waiting import until
from vmlab.app import make_app, open_parts
from vmlab.config import Proxmox, Settings
from vmlab.handlers.parts import ApiParts
from vmlab.models import Course, Role, Task, Template, Vm
from vmlab.proxmox.pve_tasks import PveTasks
from vmlab.simulator import Simulator
from vmlab.simulator.state import Guest

API = "/api/v1/"


@dataclass(frozen=True)
class Answer:
    """What came back; `data` of a success, `error` of the rest."""

    status: int
    data: Any = None
    error: Any = None

    @property
    def details(self) -> Any:
        """Of the error."""
        return self.error["details"]

    @property
    def refusal(self) -> tuple[int, str]:
        """Status and code of an error."""
        return self.status, self.error["code"]


async def ask(
    client: TestClient[web.Request, web.Application],
    who: Person,
    method: str,
    path: str,
    body: Any = None,
    **query: Any,
) -> Answer:
    """Send one request below the API's base."""
    answer = await client.request(method, API + path, json=body, params=query, headers=who.headers)
    content = await answer.json()
    assert content["success"] is (answer.status < 400)
    return Answer(answer.status, content.get("data"), content.get("error"))


@dataclass(frozen=True)
class ServedLab:
    """What a test over the whole height works with."""

    sim: Simulator
    parts: ApiParts
    client: TestClient[web.Request, web.Application]
    people: People
    teacher: Person
    student: Person
    admin: Person
    course: Course
    template: Template

    async def ask(
        self, who: Person, method: str, path: str, body: Any = None, **query: Any
    ) -> Answer:
        """Send one request below the API's base."""
        return await ask(self.client, who, method, path, body, **query)

    async def ended(self, task: dict[str, Any]) -> dict[str, Any]:
        """Wait for the end of a task that an answer told of, and ask for it."""

        async def over() -> bool:
            return (await Task.get(id=task["id"])).status.ended

        await until(over)
        shown = await self.ask(self.admin, "GET", f"tasks/{task['id']}/")
        return dict(shown.data)

    async def make_vm(self, **wanted: Any) -> dict[str, Any]:
        """Have a machine of the student's made; needs a worker."""
        body = {"name": "web", "template_id": self.template.id, "course_id": self.course.id}
        begun = await self.ask(self.student, "POST", "vms/", body | wanted)
        assert begun.status == 202, begun
        task = await self.ended(begun.data["task"])
        assert task["status"] == "succeeded", task
        return dict((await self.ask(self.student, "GET", f"vms/{begun.data['id']}/")).data)

    def guest(self, vm: dict[str, Any]) -> Guest:
        """The simulated guest of a machine."""
        return self.sim.cluster.guests[vm["vmid"]]

    async def row(self, vm: dict[str, Any]) -> Vm:
        """The machine's row."""
        return await Vm.get(id=vm["id"])


@contextlib.asynccontextmanager
async def served(settings: Settings, sim: Simulator) -> AsyncIterator[ServedLab]:
    """Serve the API over a cluster, with an open empty database that is filled here."""
    proxmox = Proxmox(
        hosts=tuple(sim.hosts),
        token_id=sim.token_id,
        token_secret=sim.token_secret,
        ca_file=str(sim.ca_path),
    )
    settings = dataclasses.replace(settings, proxmox=proxmox, tasks=QUICK)
    async with open_parts(settings) as opened:
        pve_tasks = PveTasks(opened.api, first_tick_s=0.02, longest_tick_s=0.1)
        parts = dataclasses.replace(
            opened, work=dataclasses.replace(opened.work, pve_tasks=pve_tasks)
        )
        people = await People.prepared(parts)
        teacher, student, course, template = await populate()
        await teacher.roles.add(await Role.get(name="teacher"))
        await student.roles.add(await Role.get(name="student"))
        async with TestClient(TestServer(make_app(parts))) as client:
            yield ServedLab(
                sim,
                parts,
                client,
                people,
                await people.signed_in(teacher),
                await people.signed_in(student),
                await people.add("admin", "admin"),
                course,
                template,
            )
        await pve_tasks.aclose()
