"""No number is ever given to two guests of ours, whatever they are and in whatever order."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator

import pytest
from tortoise.exceptions import IntegrityError

from vmlab.models import Course, GuestNumber, Replica, Template, User, Vm, connected


@pytest.fixture
async def course(database_url: str) -> AsyncIterator[Course]:
    async with connected(database_url):
        yield await Course.create(name="Networks")


async def owner() -> User:
    return await User.create(username="kim", email="kim@example.edu", password_hash="-")


async def machine(user: User, vmid: int | None) -> Vm:
    return await Vm.create(
        uuid=uuid.uuid4(), name="web", owner=user, vmid=vmid, cpu_cores=1, memory_mb=512, disk_gb=8
    )


async def template(course: Course, user: User, vmid: int | None, *, ours: bool = True) -> Template:
    mark = uuid.uuid4() if ours else None
    return await Template.create(name="Debian", course=course, owner=user, vmid=vmid, uuid=mark)


async def taken() -> dict[int, uuid.UUID]:
    return {row.vmid: row.uuid for row in await GuestNumber.all()}


async def test_a_number_comes_and_goes_with_its_guest(course: Course):
    user = await owner()
    vm = await machine(user, None)
    assert await taken() == {}
    await Vm.filter(id=vm.id).update(vmid=10_000)
    assert await taken() == {10_000: vm.uuid}
    await Vm.filter(id=vm.id).update(vmid=10_001)
    assert await taken() == {10_001: vm.uuid}
    await Vm.filter(id=vm.id).update(name="db", vmid=None)
    assert await taken() == {}
    ours = await template(course, user, 10_000)
    assert await taken() == {10_000: ours.uuid}
    await ours.delete()
    assert await taken() == {}


async def test_a_machine_and_a_template_never_get_the_same_number(course: Course):
    user = await owner()
    vm, ours = await machine(user, 10_000), await template(course, user, None)
    with pytest.raises(IntegrityError):
        await Template.filter(id=ours.id).update(vmid=10_000)
    await Template.filter(id=ours.id).update(vmid=10_001)
    with pytest.raises(IntegrityError):
        await machine(user, 10_001)
    with pytest.raises(IntegrityError):
        await GuestNumber.create(vmid=10_001, uuid=uuid.uuid4())
    assert await taken() == {10_000: vm.uuid, 10_001: ours.uuid}


async def test_a_replica_s_number_comes_and_goes_too(course: Course):
    user = await owner()
    source = await template(course, user, 9000, ours=False)
    replica = await Replica.create(uuid=uuid.uuid4(), template=source, node="pve2", vmid=10_000)
    assert await taken() == {10_000: replica.uuid}
    with pytest.raises(IntegrityError):
        await machine(user, 10_000)
    await Replica.filter(id=replica.id).update(vmid=10_001)
    assert await taken() == {10_001: replica.uuid}
    vm = await machine(user, 10_000)
    with pytest.raises(IntegrityError):
        await Replica.filter(id=replica.id).update(vmid=10_000)
    await Replica.filter(id=replica.id).update(vmid=None)
    assert await taken() == {10_000: vm.uuid}
    await Replica.filter(id=replica.id).update(vmid=10_001)
    await Vm.filter(id=vm.id).update(replica_id=replica.id)
    await replica.delete()
    assert await taken() == {10_000: vm.uuid}
    assert (await Vm.get(id=vm.id)).replica_id is None


async def test_several_courses_may_have_the_same_template_of_an_administrators(course: Course):
    user = await owner()
    first, second = [await template(course, user, 9000, ours=False) for _ in range(2)]
    assert (first.made_here, second.made_here) == (False, False)
    assert await taken() == {}
