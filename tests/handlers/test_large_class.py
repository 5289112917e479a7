"""A class of two hundred: what fails is named, a retry does that again, a cancel stops clean."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.handlers.lab import ServedLab
from tests.tasks.waiting import until
from vmlab.models import CourseRole, Membership, Task, TaskStatus, User, Vm, VmStatus
from vmlab.operations.reservation import usage
from vmlab.proxmox import mark

STUDENTS = 200
WAIT_S = 250
"""Two hundred machines take a quarter of a minute, where nothing else is going on."""

BOTH = pytest.mark.parametrize("database_url", ["sqlite", "postgres"], indirect=True)
"""For what may differ between them; the rest is tested on SQLite."""


@pytest.fixture(params=["sqlite"])
def database_url(request: pytest.FixtureRequest) -> str:
    """An empty database of the kind that the test asks for."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture
def store(database: str) -> str:
    """That database, opened."""
    return database


async def enrol(lab: ServedLab, number: int) -> None:
    """So many students in all; one is there already."""
    names = [f"student{n:03}" for n in range(1, number)]
    await User.bulk_create(
        User(username=name, email=f"{name}@example.edu", password_hash="-") for name in names
    )
    await Membership.bulk_create(
        Membership(course=lab.course, user=user, role=CourseRole.STUDENT)
        for user in await User.filter(username__in=names)
    )


async def provision(lab: ServedLab) -> dict[str, Any]:
    """Ask for a machine for everybody; the parent task."""
    body = {"template_id": lab.template.id, "students": "all"}
    begun = await lab.ask(lab.teacher, "POST", f"courses/{lab.course.id}/vms/", body)
    assert begun.status == 202, begun
    return dict(begun.data["task"])


async def ended(lab: ServedLab, task: dict[str, Any]) -> dict[str, Any]:
    """Wait for a parent's end, told of it and not asking again and again; and ask for it."""
    async with asyncio.timeout(WAIT_S), lab.parts.bus.subscribe("events") as events:
        while not (await Task.get(id=task["id"])).status.ended:
            while (await anext(events))["id"] != task["id"]:
                pass
    return dict((await lab.ask(lab.teacher, "GET", f"tasks/{task['id']}/")).data)


async def retry(lab: ServedLab, task: dict[str, Any]) -> dict[str, Any]:
    """Take a task up again; as it is right then."""
    answer = await lab.ask(lab.teacher, "POST", f"tasks/{task['id']}/retry/")
    assert answer.status == 202, answer
    return dict(answer.data["task"])


def counts(task: dict[str, Any]) -> dict[str, int]:
    """How many children are in which state, but for states in which none is."""
    return {status: n for status, n in task["children"].items() if n}


async def check_exact(lab: ServedLab, ready: int) -> None:
    """So many students have one machine each, in Proxmox and in their quota; nobody has more."""
    vms = await Vm.all()
    owners = [membership.user_id for membership in await Membership.filter(role="student")]
    assert sorted(vm.owner_id for vm in vms) == sorted(owners)
    made = [vm for vm in vms if vm.status is VmStatus.STOPPED]
    assert len(made) == ready
    guests = {vmid: g for vmid, g in lab.sim.cluster.guests.items() if vmid != lab.template.vmid}
    marks = {vmid: mark.find(guest.config["description"]) for vmid, guest in guests.items()}
    assert marks == {vm.vmid: vm.uuid for vm in made}
    used = await usage(owners)
    by_owner = {vm.owner_id: vm for vm in made}
    for owner_id in owners:
        vm = by_owner.get(owner_id)
        took = (used[owner_id].vms, used[owner_id].memory_mb, used[owner_id].disk_gb)
        assert took == ((0, 0, 0) if vm is None else (1, vm.memory_mb, vm.disk_gb))
    assert all(vm.vmid is None for vm in vms if vm not in made)
    assert not await Task.filter(lock__isnull=False).exists()


@pytest.mark.timeout(2 * WAIT_S)
async def test_one_in_ten_fails_and_one_retry_finishes_them(worked_lab: ServedLab):
    lab = worked_lab
    await enrol(lab, STUDENTS)
    failing = lab.sim.faults.add("task_fails", path="/qmclone/", every=10)
    # A fault that changes nothing counts the calls that it is for.
    clones = lab.sim.faults.add("slow", method="POST", path="/clone$", seconds=0)
    parent = await ended(lab, await provision(lab))
    assert (failing.fired, clones.fired) == (20, STUDENTS)
    assert (parent["status"], parent["error"]["code"]) == ("failed", "TASK_001")
    assert parent["error"]["message"] == "20 of 200 did not succeed."
    assert counts(parent) == {"total": STUDENTS, "succeeded": 180, "failed": 20}
    details = parent["error"]["details"]
    assert details["succeeded"] == 180
    failed = await Vm.filter(status=VmStatus.ERROR).select_related("owner").order_by("id")
    assert [
        (each["target"]["id"], each["target_name"], each["owner"]["username"])
        for each in details["failed"]
    ] == [(vm.id, vm.name, vm.owner.username) for vm in failed]
    assert {(each["code"], each["reason"]) for each in details["failed"]} == {
        ("TASK_001", "simulated failure")
    }
    await check_exact(lab, ready=180)

    lab.sim.faults.clear()
    clones = lab.sim.faults.add("slow", method="POST", path="/clone$", seconds=0)
    again = await retry(lab, parent)
    assert (again["status"], again["error"]) == ("running", None)
    assert counts(again)["succeeded"] == 180
    parent = await ended(lab, parent)
    assert (parent["status"], parent["progress"]) == ("succeeded", 100)
    assert counts(parent) == {"total": STUDENTS, "succeeded": STUDENTS}
    assert clones.fired == 20
    await check_exact(lab, ready=STUDENTS)


async def test_the_rows_of_a_class_while_it_is_made(lab: ServedLab):
    await enrol(lab, 30)
    parent = await provision(lab)
    assert counts(parent) == {"total": 30, "pending": 30}
    page = await lab.ask(
        lab.teacher, "GET", "tasks/", parent_id=parent["id"], ordering="id", page_size=100
    )
    rows = page.data["results"]
    shown = [(row["owner"]["username"], row["target_name"], row["children"]) for row in rows]
    names = ["student", *(f"student{n:03}" for n in range(1, 30))]
    assert shown == [(name, f"debian-13-{name}", None) for name in names]
    of_one = await lab.ask(
        lab.teacher, "GET", "tasks/", parent_id=parent["id"], search="student007"
    )
    assert [row["owner"]["username"] for row in of_one.data["results"]] == ["student007"]


@BOTH
async def test_a_cancelled_class_keeps_what_is_ready_and_nothing_else(worked_lab: ServedLab):
    lab = worked_lab
    await enrol(lab, 40)
    # Each third clone hangs, so that some are under way whenever the cancel comes.
    lab.sim.faults.add("slow", method="POST", path="/clone$", every=3, seconds=500)
    parent = await provision(lab)

    async def under_way() -> bool:
        children = Task.filter(parent_id=parent["id"])
        running = await children.filter(status=TaskStatus.RUNNING, step="clone").count()
        return running > 0 and await children.filter(status=TaskStatus.SUCCEEDED).count() >= 5

    await until(under_way)
    cancelled = await lab.ask(lab.teacher, "POST", f"tasks/{parent['id']}/cancel/")
    assert cancelled.status == 202
    over = await ended(lab, parent)
    assert (over["status"], over["error"]) == ("cancelled", None)
    ready = counts(over)["succeeded"]
    assert 5 <= ready < 40
    assert counts(over) == {"total": 40, "succeeded": ready, "cancelled": 40 - ready}
    await check_exact(lab, ready=ready)
    lab.sim.faults.clear()
    await retry(lab, parent)
    over = await ended(lab, parent)
    assert (over["status"], counts(over)) == ("succeeded", {"total": 40, "succeeded": 40})
    await check_exact(lab, ready=40)


@BOTH
@pytest.mark.parametrize("refused", ["quota", "machine"])
async def test_a_retry_leaves_out_what_cannot_be_any_more(worked_lab: ServedLab, refused: str):
    lab = worked_lab
    await enrol(lab, 3)
    lab.sim.faults.add("task_fails", path="/qmclone/")
    parent = await ended(lab, await provision(lab))
    lab.sim.faults.clear()
    gone = await Vm.filter(owner_id=lab.student.id).get()
    if refused == "quota":
        quota = {"cpu_cores": 0, "memory_mb": 0, "disk_gb": 0, "vm_limit": 0}
        await lab.ask(lab.admin, "PUT", f"users/{lab.student.id}/quota/", quota)
    else:
        deleted = await lab.ask(lab.student, "DELETE", f"vms/{gone.id}/")
        assert (await lab.ended(deleted.data["task"]))["status"] == "succeeded"
    await retry(lab, parent)
    over = await ended(lab, parent)
    assert (over["status"], counts(over)) == ("failed", {"total": 3, "succeeded": 2, "failed": 1})
    [left] = over["error"]["details"]["failed"]
    assert (left["target"]["id"], left["owner"]["username"]) == (gone.id, "student")
    # Nothing is left that could be taken up: the answer says why.
    again = await lab.ask(lab.teacher, "POST", f"tasks/{parent['id']}/retry/")
    expected = (400, "QUOTA_001") if refused == "quota" else (409, "TASK_002")
    assert again.refusal == expected


async def test_thirty_machines_go_back_to_their_baseline(worked_lab: ServedLab):
    lab = worked_lab
    await enrol(lab, 30)
    await ended(lab, await provision(lab))
    guests = [g for g in lab.sim.cluster.guests.values() if g.vmid != lab.template.vmid]
    path = f"courses/{lab.course.id}/vms/"

    async def act(verb: str, **body: Any) -> dict[str, Any]:
        answer = await lab.ask(lab.teacher, "POST", f"{path}{verb}/", {"name": "base"} | body)
        assert (answer.status, answer.data["skipped"]) == (202, [])
        return await ended(lab, answer.data["task"])

    assert (await act("snapshot"))["status"] == "succeeded"
    assert [list(guest.snapshots) for guest in guests] == [["base"]] * 30
    for guest in guests:
        guest.config["cores"] = 4
    some = [vm.owner_id for vm in await Vm.all().order_by("owner_id").limit(10)]
    back = await act("rollback", students=some)
    assert (back["status"], counts(back)) == ("succeeded", {"total": 10, "succeeded": 10})
    assert sorted(int(guest.config["cores"]) for guest in guests) == [1] * 10 + [4] * 20
    assert counts(await act("rollback")) == {"total": 30, "succeeded": 30}
    assert {int(guest.config["cores"]) for guest in guests} == {1}
    again = await act("snapshot")
    assert (again["status"], counts(again)) == ("failed", {"total": 30, "failed": 30})
    assert {each["message"] for each in again["error"]["details"]["failed"]} == {
        "The virtual machine has a snapshot of this name already."
    }
    assert [list(guest.snapshots) for guest in guests] == [["base"]] * 30
