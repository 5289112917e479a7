"""Machines and tasks as they change: who is told what, resuming, and how streams end."""

from __future__ import annotations

import dataclasses
import uuid
from datetime import UTC, datetime
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer
from tortoise.expressions import Q

from tests.handlers.conftest import Client
from tests.handlers.event_stream import PATH, following
from tests.handlers.lab import ServedLab
from tests.handlers.people import People, Person
from tests.handlers.world import World, build
from tests.tasks.waiting import until
from vmlab.app import make_app, open_parts
from vmlab.config import Settings
from vmlab.handlers import sessions
from vmlab.handlers.event_hub import STREAMS_PER_USER, EventHub
from vmlab.handlers.parts import ApiParts
from vmlab.models import Event, Membership, Task, Vm, VmStatus, connected


@pytest.fixture
async def world(people: People) -> World:
    """Two courses, their people, and an admin."""
    return await build(people)


async def machine(world: World, owner: Person, name: str = "web") -> Vm:
    """A machine of a student's, in their course."""
    return await Vm.create(
        uuid=uuid.uuid4(),
        name=name,
        owner=owner.user,
        course=world.course_of(owner),
        cpu_cores=1,
        memory_mb=1024,
        disk_gb=8,
    )


async def task_on(vm: Vm, **values: Any) -> Task:
    """A task on a machine, asked for by nobody in particular."""
    return await Task.create(
        kind="vm.start",
        target_type="vm",
        target_id=vm.id,
        course_id=vm.course_id,
        run_at=datetime.now(UTC),
        **values,
    )


async def turn(vm: Vm, status: VmStatus) -> None:
    """Change a machine."""
    await Vm.filter(id=vm.id).update(status=status)


async def test_what_is_told_is_what_the_objects_address_shows(worked_lab: ServedLab):
    lab = worked_lab
    async with following(lab.client, lab.student) as stream:
        vm = await lab.make_vm()
        task = (await lab.ask(lab.student, "GET", "tasks/")).data["results"][0]
        # Both change in one transaction, so they are told in either order.
        latest: dict[str, Any] = {}
        async for told in stream:
            latest[told.event] = told.data
            if (latest.get("task"), latest.get("vm")) == (task, vm):
                break
    assert stream.told[0].event == "reset"
    ids = [event.id for event in stream.told]
    assert len(set(ids)) == len(ids)
    assert ids == sorted(ids, key=lambda text: [int(part) for part in text.split("-")])


async def test_everybody_is_told_of_what_they_may_see(client: Client, world: World):
    vm = await machine(world, world.student)
    others = await machine(world, world.other_student, "db")
    for who, sees in [
        (world.student, {vm.id}),
        (world.other_student, {others.id}),
        (world.teacher, {vm.id}),
        (world.other_teacher, {others.id}),
        (world.admin, {vm.id, others.id}),
    ]:
        last = await machine(world, who, "last")
        async with following(client, who) as stream:
            await stream.until("reset")
            await turn(vm, VmStatus.RUNNING)
            await turn(others, VmStatus.RUNNING)
            await turn(last, VmStatus.STOPPED)
            await stream.until("vm", id=last.id)
        assert {told.data["id"] for told in stream.told[1:]} == {*sees, last.id}
        await turn(vm, VmStatus.STOPPED)
        await turn(others, VmStatus.STOPPED)


async def test_what_happened_during_a_break_is_told_after_it(client: Client, world: World):
    vm, others = await machine(world, world.student), await machine(world, world.other_student)
    async with following(client, world.student) as stream:
        await stream.until("reset")
    await turn(others, VmStatus.RUNNING)
    await turn(vm, VmStatus.RUNNING)
    task = await task_on(vm)
    async with following(client, world.student, stream.last_id) as stream:
        await stream.until("task", id=task.id)
    assert [(t.event, t.data["id"]) for t in stream.told] == [("vm", vm.id), ("task", task.id)]


async def test_the_place_moves_on_though_nothing_concerns_the_caller(client: Client, world: World):
    others = await machine(world, world.other_student)
    async with (
        following(client, world.student) as stream,
        following(client, world.other_student) as of_other,
    ):
        await stream.until("reset")
        await turn(others, VmStatus.RUNNING)
        told = await of_other.until("vm")
        own = await machine(world, world.student)
        assert (await stream.until("vm")).data["id"] == own.id
    assert await Event.forget(1) > 0
    newest = await Event.newest()
    async with following(client, world.student, stream.last_id) as resumed:
        await turn(own, VmStatus.RUNNING)
        assert (await resumed.until("vm")).data["status"] == "running"
        assert [each.event for each in resumed.told] == ["vm"]
    assert stream.last_id == str(newest)
    async with following(client, world.student, told.id) as too_late:
        await turn(own, VmStatus.STOPPED)
        await too_late.until("vm")
        assert [each.event for each in too_late.told] == ["reset", "vm"]


@pytest.mark.parametrize("last_id", ["nonsense", "0-999999999", "-1", "9" * 40])
async def test_a_place_that_never_was_begins_anew(client: Client, world: World, last_id: str):
    vm = await machine(world, world.student)
    async with following(client, world.student, last_id) as stream:
        assert (await stream.until("reset")).data == {}
        await turn(vm, VmStatus.RUNNING)
        await stream.until("vm", id=vm.id)
    assert len(stream.told) == 2


async def test_quick_progress_is_told_in_few_steps_and_to_the_end(client: Client, world: World):
    vm = await machine(world, world.student)
    task = await task_on(vm)
    async with following(client, world.student) as stream:
        await stream.until("reset")
        for percent in range(1, 101):
            await Task.filter(id=task.id).update(progress=percent)
        await stream.until("task", id=task.id, progress=100)
    percents = [told.data["progress"] for told in stream.told if told.event == "task"]
    assert percents == sorted(set(percents))
    assert len(percents) < 50


async def test_a_deleted_machine_is_gone(client: Client, world: World):
    vm = await machine(world, world.student)
    async with following(client, world.student) as stream:
        await stream.until("reset")
        await Vm.filter(id=vm.id).update(deleted_at=datetime.now(UTC))
        assert (await stream.until("gone")).data == {"type": "vm", "id": vm.id}


async def test_rights_count_from_the_moment_they_change(
    client: Client, parts: ApiParts, world: World
):
    vm = await machine(world, world.student)
    async with following(client, world.teacher) as stream:
        await stream.until("reset")
        await turn(vm, VmStatus.RUNNING)
        await stream.until("vm", id=vm.id)
        await Membership.filter(user_id=world.teacher.id).delete()
        await parts.bus.publish("sessions", {"user_id": world.teacher.id})
        await stream.until("reset")
        own = await machine(world, world.teacher, "own")
        await turn(vm, VmStatus.STOPPED)
        await turn(own, VmStatus.RUNNING)
        await stream.until("vm", id=own.id, status="running")
    assert [t.data["id"] for t in stream.told if t.event == "vm"].count(vm.id) == 1


async def test_rights_count_though_nobody_announced_their_end(client: Client, world: World):
    """The state is read under today's rights of the row: a machine that was handed over."""
    vm = await machine(world, world.student)
    async with following(client, world.student) as stream:
        await stream.until("reset")
        await Vm.filter(id=vm.id).update(owner_id=world.other_student.id)
        own = await machine(world, world.student, "own")
        await stream.until("vm", id=own.id)
    assert vm.id not in [told.data["id"] for told in stream.told if told.event == "vm"]


async def test_a_stream_ends_with_its_login(client: Client, parts: ApiParts, world: World):
    async with following(client, world.student) as stream:
        await stream.until("reset")
        await sessions.end(parts.bus, world.student.id, Q(id=world.student.session_id))
        assert await stream.ended()
    answer = await client.get(PATH, headers=world.student.headers)
    assert answer.status == 401


async def test_nobody_opens_streams_without_end(client: Client, parts: ApiParts, world: World):
    opened = [
        await client.get(PATH, headers=world.student.headers) for _ in range(STREAMS_PER_USER)
    ]
    refused = await client.get(PATH, headers=world.student.headers)
    assert refused.status == 429
    assert int(refused.headers["Retry-After"]) > 0
    assert (await refused.json())["error"]["code"] == "RATE_001"
    async with following(client, world.teacher) as stream:
        await stream.until("reset")
    opened.pop().close()
    vm = await machine(world, world.student)

    async def room() -> bool:
        await turn(vm, VmStatus.RUNNING)
        await turn(vm, VmStatus.STOPPED)
        return len(parts.events) < STREAMS_PER_USER

    await until(room)
    async with following(client, world.student) as stream:
        await stream.until("reset")
    for each in opened:
        each.close()


async def test_a_head_opens_no_stream(client: Client, parts: ApiParts, world: World):
    answer = await client.head(PATH, headers=world.student.headers)
    assert (answer.status, answer.content_type) == (200, "text/event-stream")
    assert len(parts.events) == 0


async def test_streams_end_when_the_server_goes_down(parts: ApiParts, world: World):
    server = TestServer(make_app(parts))
    async with TestClient(server) as client, following(client, world.student) as stream:
        await stream.until("reset")
        await server.runner.shutdown()  # type: ignore[union-attr]
        assert await stream.ended()


class TestSlowReaders:
    """A client that takes nothing is dropped, and keeps nobody waiting."""

    async def test_who_has_missed_too_much_has_to_look(self, parts: ApiParts, world: World):
        hub = EventHub(parts.bus, most_pending=3)
        app = make_app(dataclasses.replace(parts, events=hub))
        vm = await machine(world, world.student)
        async with hub.following(), TestClient(TestServer(app)) as client:
            async with following(client, world.student) as stream:
                await turn(vm, VmStatus.RUNNING)
                await stream.until("vm", id=vm.id)
            for _ in range(9):
                last = await machine(world, world.student)
            async with following(client, world.student, stream.last_id) as again:
                await again.until("vm", id=last.id)
        assert [told.event for told in again.told] == ["reset", "vm"]

    async def test_who_reads_nothing_is_cut_off(self, parts: ApiParts, world: World):
        hub = EventHub(parts.bus, send_timeout_s=0.3)
        app = make_app(dataclasses.replace(parts, events=hub))
        vm = await machine(world, world.student)
        async with hub.following(), TestClient(TestServer(app)) as client:
            answer = await client.get(PATH, headers=world.student.headers)
            assert len(hub) == 1

            async def dropped() -> bool:
                # Large enough to fill the kernel's buffers in a few rounds.
                await Vm.filter(id=vm.id).update(description=uuid.uuid4().hex * 40_000)
                return len(hub) == 0

            await until(dropped)
            answer.close()


class TestSeveralProcesses:
    """Two of them on one PostgreSQL, and nobody to wake the other."""

    @pytest.fixture
    async def store(self, postgres_url: str) -> Any:
        """A database that several may use."""
        async with connected(postgres_url):
            yield postgres_url

    async def test_a_stream_goes_on_at_another_process(
        self, parts: ApiParts, settings: Settings, world: World
    ):
        vm = await machine(world, world.student)
        async with (
            TestClient(TestServer(make_app(parts))) as one,
            following(one, world.student) as stream,
        ):
            await turn(vm, VmStatus.RUNNING)
            await stream.until("vm", id=vm.id, status="running")
        await turn(vm, VmStatus.STOPPED)
        async with (
            open_parts(settings) as others,
            TestClient(TestServer(make_app(others))) as other,
            following(other, world.student, stream.last_id) as resumed,
        ):
            await resumed.until("vm", id=vm.id, status="stopped")
            await turn(vm, VmStatus.PAUSED)
            await resumed.until("vm", id=vm.id, status="paused")
        assert [told.event for told in resumed.told] == ["vm", "vm"]
