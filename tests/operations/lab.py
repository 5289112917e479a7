"""A lab to work in: a simulated cluster, a database with a course in it, and the engine's parts."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator, Coroutine, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from tortoise.models import Model

from tests.tasks.crashing import NEVER, Boundaries, ended, work
from vmlab import config, storage
from vmlab.bus import MemoryBus
from vmlab.models import (
    Course,
    CourseRole,
    Membership,
    Quota,
    Task,
    Template,
    TemplateStatus,
    User,
    Vm,
)
from vmlab.operations import create_vm, operations
from vmlab.proxmox.client import Api, Connection, Param, connect
from vmlab.proxmox.cluster import Cluster
from vmlab.proxmox.guests import Guests
from vmlab.proxmox.pve_tasks import PveTasks
from vmlab.proxmox.storage import Storage, Storages
from vmlab.simulator import Simulator
from vmlab.simulator.state import Guest
from vmlab.tasks import Parts
from vmlab.tasks.worker import Worker

Row = TypeVar("Row", bound=Model)
Result = TypeVar("Result")

QUICK = config.Tasks(lease_s=5.0, beat_s=0.5, poll_s=0.1, back_off_s=0.0, pve_tick_s=0.1)


@asynccontextmanager
async def parts_of(
    sim: Simulator, settings: config.Settings, *, first_tick_s: float = 0.02
) -> AsyncIterator[tuple[Parts, Api]]:
    """The engine's parts over the simulator, with the least-privilege token.

    Args:
        first_tick_s: how soon Proxmox is asked about a task.
    """
    connection = Connection(
        hosts=tuple(sim.hosts),
        token_id=sim.token_id,
        token_secret=sim.token_secret,
        ca_path=sim.ca_path,
    )
    proxmox = config.Proxmox(hosts=tuple(sim.hosts), token_id=sim.token_id)
    settings = dataclasses.replace(settings, proxmox=proxmox)
    async with connect(connection) as api, storage.opened(settings.storage.directory) as files:
        pve_tasks = PveTasks(
            api, first_tick_s=first_tick_s, longest_tick_s=settings.tasks.pve_tick_s
        )
        calls = Guests(api), pve_tasks, Cluster(api), Storages(api)
        yield Parts(settings, *calls, files, MemoryBus()), api
        await pve_tasks.aclose()


@dataclass
class Lab:
    """What a test of a verb works with."""

    sim: Simulator
    api: Api
    parts: Parts
    teacher: User
    student: User
    course: Course
    template: Template

    @property
    def settings(self) -> config.Settings:
        """All settings."""
        return self.parts.settings

    async def submit_vm(self, **wanted: Any) -> tuple[Vm, Task]:
        """Have the creation of a machine accepted."""
        asked: dict[str, Any] = {"name": "web", "template_id": self.template.id}
        asked |= {"owner_id": self.student.id, "course_id": self.course.id} | wanted
        return await create_vm.admit(
            create_vm.CreateVm(**asked), settings=self.settings, created_by_id=self.student.id
        )

    async def make_vm(self, **wanted: Any) -> Vm:
        """Make a machine that is there."""
        vm, task = await self.submit_vm(**wanted)
        ended = await self.walk(task)
        assert ended.status == "succeeded", ended.error
        return await self.reload(vm)

    async def walk(self, task: Task, boundary: Boundaries | None = None) -> Task:
        """Let a worker take the task to its end, or to where it dies."""
        operation = operations(self.settings)[task.kind]
        await work(operation, self.parts, task.id, boundary or Boundaries())
        return await self.reload(task)

    async def reload(self, row: Row) -> Row:
        """The row as it stands in the database now."""
        return await type(row).get(pk=row.pk)

    def guest(self, vm: Vm) -> Guest:
        """The simulated guest of a machine."""
        assert vm.vmid is not None
        return self.sim.cluster.guests[vm.vmid]

    def own_guests(self) -> list[Guest]:
        """All simulated guests but the template."""
        return [g for g in self.sim.cluster.guests.values() if g.vmid != self.template.vmid]

    async def plant_stranger(self, vmid: int) -> Guest:
        """Somebody else's guest under this number, running and in our pool, but without mark."""
        await self.sim.admin(
            "POST", "/nodes/pve1/qemu", {"vmid": vmid, "name": "stranger", "pool": "vmlab"}
        )
        await self.settled(lambda: "lock" not in self.sim.cluster.guests[vmid].config)
        await self.sim.admin("POST", f"/nodes/pve1/qemu/{vmid}/status/start", {})
        await self.settled(lambda: self.sim.cluster.guests[vmid].running)
        return self.sim.cluster.guests[vmid]

    def in_background(self, work: Coroutine[Any, Any, Result]) -> asyncio.Task[Result]:
        """Let it go on while the test does something else."""
        return asyncio.create_task(work)

    async def settled(self, reached: Any) -> None:
        """Wait until the simulator has come so far."""
        for _ in range(2000):
            if reached():
                return
            await self.sim.clock.sleep(1)
        raise AssertionError("the simulator never came so far")


async def populate() -> tuple[User, User, Course, Template]:
    """A teacher, a student, their course, and the simulator's template in it."""
    teacher, student = [await person(name) for name in ("teacher", "student")]
    course = await Course.create(name="Networks", code="net-101")
    await Membership.create(course=course, user=teacher, role=CourseRole.TEACHER)
    await Membership.create(course=course, user=student, role=CourseRole.STUDENT)
    template = await Template.create(
        name="Debian 13",
        course=course,
        owner=teacher,
        status=TemplateStatus.READY,
        default_disk_gb=8,
        node="pve1",
        vmid=9000,
        storage="vmdisks",
        shared_storage=True,
        disk_gb=8,
    )
    return teacher, student, course, template


async def person(name: str, **limits: int) -> User:
    """A user with a quota of their own."""
    user = await User.create(username=name, email=f"{name}@example.edu", password_hash="-")
    usual = {"cpu_cores": 8, "memory_mb": 16_384, "disk_gb": 200, "vm_limit": 5}
    quota: dict[str, Any] = usual | limits
    await Quota.create(user=user, **quota)
    return user


async def enrol(course: Course, name: str, **limits: int) -> User:
    """A student of the course."""
    user = await person(name, **limits)
    await Membership.create(course=course, user=user, role=CourseRole.STUDENT)
    return user


async def work_off(lab: Lab, parent: Task | None, *, workers: int = 1) -> Task:
    """Let real workers do all that is in line, until this parent of tasks has ended."""
    assert parent is not None
    team = [Worker(operations(lab.settings), lab.parts) for _ in range(workers)]
    async with asyncio.timeout(90), lab.parts.bus.subscribe("events") as events:
        working = [asyncio.create_task(worker.run()) for worker in team]
        while not (await lab.reload(parent)).status.ended:
            await anext(events)
    for worker in team:
        worker.stop()
    await asyncio.gather(*working)
    return await lab.reload(parent)


class CrashingGuests(Guests):
    """Calls on guests by a worker that may die right after each call that changes something."""

    def __init__(self, api: Api, boundary: Boundaries) -> None:
        super().__init__(api)
        self._boundary = boundary

    async def create(self, node: str, vmid: int, options: Mapping[str, Param]) -> str:
        upid = await super().create(node, vmid, options)
        self._boundary("create")
        return upid

    async def set_config(self, node: str, vmid: int, *args: Any, **kwargs: Any) -> None:
        await super().set_config(node, vmid, *args, **kwargs)
        self._boundary("set_config")

    async def clone(self, node: str, source: int, vmid: int, **kwargs: Any) -> str:
        upid = await super().clone(node, source, vmid, **kwargs)
        self._boundary("clone")
        return upid

    async def migrate(self, node: str, vmid: int, target: str) -> str:
        upid = await super().migrate(node, vmid, target)
        self._boundary("migrate")
        return upid

    async def template(self, node: str, vmid: int) -> str:
        upid = await super().template(node, vmid)
        self._boundary("template")
        return upid

    async def resize(self, node: str, vmid: int, disk: str, size_gb: int) -> str:
        upid = await super().resize(node, vmid, disk, size_gb)
        self._boundary("resize")
        return upid

    async def delete(self, node: str, vmid: int) -> str:
        upid = await super().delete(node, vmid)
        self._boundary("delete")
        return upid

    async def create_snapshot(self, node: str, vmid: int, name: str, **kwargs: Any) -> str:
        upid = await super().create_snapshot(node, vmid, name, **kwargs)
        self._boundary("create_snapshot")
        return upid

    async def delete_snapshot(self, node: str, vmid: int, name: str) -> str:
        upid = await super().delete_snapshot(node, vmid, name)
        self._boundary("delete_snapshot")
        return upid

    async def rollback(self, node: str, vmid: int, name: str) -> str:
        upid = await super().rollback(node, vmid, name)
        self._boundary("rollback")
        return upid

    async def _power(self, node: str, vmid: int, action: str, **parameters: Any) -> str:
        upid = await super()._power(node, vmid, action, **parameters)
        self._boundary(action)
        return upid


class CrashingStorages(Storages):
    """Calls on storages by a worker that may die right after each call that changes something."""

    def __init__(self, api: Api, boundary: Boundaries) -> None:
        super().__init__(api)
        self._boundary = boundary

    def on(self, node: str, storage: str) -> Storage:
        return CrashingStorage(self._api, node, storage, self._boundary)


class CrashingStorage(Storage):
    """One storage of them."""

    def __init__(self, api: Api, node: str, storage: str, boundary: Boundaries) -> None:
        super().__init__(api, node, storage)
        self._boundary = boundary

    async def upload(self, *args: Any, **kwargs: Any) -> str:
        upid = await super().upload(*args, **kwargs)
        self._boundary("upload")
        return upid

    async def delete(self, volid: str) -> str | None:
        upid = await super().delete(volid)
        self._boundary("delete volume")
        return upid


async def live(lab: Lab, task: Task, *, crash_at: int) -> tuple[bool, int]:
    """One worker's life; whether it came to the task's end, and how many boundaries it passed."""
    boundary = Boundaries(crash_at)
    parts = dataclasses.replace(
        lab.parts,
        guests=CrashingGuests(lab.api, boundary),
        storages=CrashingStorages(lab.api, boundary),
    )
    operation = operations(lab.settings)[task.kind]
    over = await work(operation, parts, task.id, boundary) or await ended(task.id)
    return over, len(boundary.passed)


async def lives(lab: Lab, task: Task, crashes: list[int]) -> tuple[Task, int]:
    """Let workers follow one another, each dying where it is told, until the task has ended.

    Returns:
        The task as it ended, and how many boundaries the last life passed.
    """
    for crash_at in [*crashes, NEVER]:
        over, passed = await live(lab, task, crash_at=crash_at)
        if over:
            break
    return await lab.reload(task), passed
