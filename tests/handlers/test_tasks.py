"""Tasks: shown with their steps, cancelled, and taken up again."""

from __future__ import annotations

from typing import Any

import pytest

from tests.handlers.conftest import Client
from tests.handlers.lab import ServedLab, ask
from tests.handlers.people import People, Person
from tests.handlers.rows import make_task, make_vm
from tests.tasks.waiting import until
from vmlab.models import Course, Quota, Task, TaskStatus

FIELDS = {
    "id", "kind", "status", "progress", "step", "steps", "queue", "target", "target_name", "owner",
    "parent_id", "children", "created_by", "attempts", "max_attempts", "error", "worker",
    "created_at", "started_at", "finished_at",
}  # fmt: skip


@pytest.fixture
async def tom(people: People) -> Person:
    """Teaches."""
    return await people.add("tom", "teacher")


@pytest.fixture
async def course(people: People, tom: Person, ann: Person) -> Course:
    """Where they meet."""
    return await people.course("Networks", [tom], [ann])


async def ids(client: Client, who: Person, **query: Any) -> list[int]:
    """The ids that a list has."""
    answer = await ask(client, who, "GET", "tasks/", **query)
    assert answer.status == 200, answer
    return [task["id"] for task in answer.data["results"]]


async def test_a_task_is_shown_with_its_steps(worked_lab: ServedLab):
    lab = worked_lab
    vm = await lab.make_vm(start=True)
    listed = await lab.ask(lab.student, "GET", "tasks/")
    [task] = listed.data["results"]
    assert set(task) == FIELDS
    assert (task["kind"], task["status"], task["progress"]) == ("vm.create", "succeeded", 100)
    assert task["target"] == {"type": "vm", "id": vm["id"]}
    assert (task["parent_id"], task["created_by"]) == (None, lab.student.id)
    assert (task["attempts"], task["error"]) == (1, None)
    assert task["created_at"] <= task["started_at"] <= task["finished_at"]
    steps = task["steps"]
    assert [step["name"] for step in steps] == ["place", "clone", "configure", "resize", "start"]
    for step in steps:
        assert set(step) == {"name", "status", "started_at", "finished_at", "upid"}
        assert step["status"] == "done"
        assert step["started_at"] <= step["finished_at"]
    upids = {step["name"]: step["upid"] for step in steps}
    assert ":qmclone:" in upids["clone"]
    assert ":qmstart:" in upids["start"]
    assert upids["place"] is None
    shown = await lab.ask(lab.student, "GET", f"tasks/{task['id']}/")
    assert shown.data == task


async def test_everybody_sees_the_tasks_that_concern_them(
    client: Client, people: People, course: Course, tom: Person, ann: Person
):
    bob = await people.add("bob", "student")
    admin = await people.add("admin", "admin")
    in_course = await make_vm(ann, course)
    private = await make_vm(ann, None)
    of_ann = await make_task(ann, "vm.start", ("vm", private.id))
    by_tom = await make_task(tom, "vm.stop", ("vm", in_course.id), course=course)
    of_bob = await make_task(bob, "vm.start", ("vm", (await make_vm(bob, None)).id))
    assert await ids(client, ann, ordering="id") == [of_ann.id, by_tom.id]
    assert await ids(client, tom, ordering="id") == [by_tom.id]
    assert await ids(client, bob, ordering="id") == [of_bob.id]
    assert await ids(client, admin, ordering="id") == [of_ann.id, by_tom.id, of_bob.id]
    for path in "", "cancel/", "retry/":
        method = "POST" if path else "GET"
        answer = await ask(client, ann, method, f"tasks/{of_bob.id}/{path}")
        assert answer.refusal == (404, "RESOURCE_001")


async def test_tasks_are_filtered_searched_and_ordered(
    client: Client, people: People, course: Course, tom: Person, ann: Person
):
    parent = await make_task(
        tom, "course.start", ("course", course.id), status=TaskStatus.RUNNING, course=course
    )
    first = await make_task(tom, "vm.start", ("vm", 1), parent=parent, course=course)
    second = await make_task(
        ann, "vm.create", ("vm", 2), status=TaskStatus.FAILED, parent=parent, course=course
    )
    assert await ids(client, tom) == [second.id, first.id, parent.id]
    assert await ids(client, tom, ordering="kind") == [parent.id, second.id, first.id]
    assert await ids(client, tom, ordering="-status,id", page_size=1) == [parent.id]
    assert await ids(client, tom, status="failed") == [second.id]
    assert await ids(client, tom, kind="vm.start") == [first.id]
    assert await ids(client, tom, target_type="course", target_id=course.id) == [parent.id]
    assert await ids(client, tom, parent_id=parent.id, ordering="id") == [first.id, second.id]
    assert await ids(client, tom, created_by=ann.id) == [second.id]
    assert await ids(client, tom, search="CREATE") == [second.id]
    assert await ids(client, tom, search="tom", ordering="id") == [parent.id, first.id]


@pytest.mark.parametrize(
    "query",
    [{"status": "done"}, {"ordering": "lease_until"}, {"target_id": "0"}, {"worker": "x"}],
)
async def test_what_a_list_does_not_know_is_named(
    client: Client, ann: Person, query: dict[str, str]
):
    answer = await ask(client, ann, "GET", "tasks/", **query)
    assert answer.refusal == (400, "VALIDATION_001")
    assert answer.details.keys() == query.keys()


async def test_what_is_cancelled_leaves_nothing_and_gives_the_quota_back(worked_lab: ServedLab):
    lab = worked_lab
    lab.sim.faults.add("slow", method="POST", path="/clone$", seconds=1000)
    body = {"name": "web", "template_id": lab.template.id, "course_id": lab.course.id}
    begun = (await lab.ask(lab.student, "POST", "vms/", body)).data

    async def cloning() -> bool:
        return (await Task.get(id=begun["task"]["id"])).step == "clone"

    await until(cloning)
    answer = await lab.ask(lab.student, "POST", f"tasks/{begun['task']['id']}/cancel/")
    assert (answer.status, answer.data["task"]["id"]) == (202, begun["task"]["id"])
    ended = await lab.ended(begun["task"])
    assert ended["status"] == "cancelled"
    assert list(lab.sim.cluster.guests) == [lab.template.vmid]
    usage = await lab.ask(lab.student, "GET", f"users/{lab.student.id}/quota/usage/")
    assert set(usage.data["used"].values()) == {0}
    again = await lab.ask(lab.student, "POST", f"tasks/{ended['id']}/cancel/")
    assert again.refusal == (409, "TASK_002")
    assert again.details == {"status": "cancelled"}


async def test_what_waits_is_cancelled_by_a_worker(lab: ServedLab):
    vm = await make_vm(lab.student, lab.course)
    begun = (await lab.ask(lab.student, "POST", f"vms/{vm.id}/start/")).data
    answer = await lab.ask(lab.student, "POST", f"tasks/{begun['task']['id']}/cancel/")
    assert (answer.status, answer.data["task"]["status"]) == (202, "pending")
    assert (await Task.get(id=begun["task"]["id"])).cancel_requested_at is not None


async def test_what_failed_goes_on_from_its_last_good_step(worked_lab: ServedLab):
    lab = worked_lab
    vm = await lab.make_vm()
    fault = lab.sim.faults.add("task_fails", path="/qmstart/", times=1, text="no space left")
    begun = (await lab.ask(lab.student, "POST", f"vms/{vm['id']}/start/")).data
    failed = await lab.ended(begun["task"])
    assert (failed["status"], fault.fired) == ("failed", 1)
    assert set(failed["error"]) == {"code", "message", "details"}
    assert failed["error"]["details"]["reason"] == "no space left"
    assert failed["error"]["details"]["upid"].startswith("UPID:")
    answer = await lab.ask(lab.student, "POST", f"tasks/{failed['id']}/retry/")
    assert (answer.status, answer.data["task"]["id"]) == (202, failed["id"])
    ended = await lab.ended(failed)
    assert (ended["status"], ended["error"]) == ("succeeded", None)
    assert lab.guest(vm).running
    again = await lab.ask(lab.student, "POST", f"tasks/{failed['id']}/retry/")
    assert again.refusal == (409, "TASK_002")
    assert again.details == {"status": "succeeded"}


async def test_what_failed_needs_its_quota_again(worked_lab: ServedLab):
    lab = worked_lab
    lab.sim.faults.add("task_fails", path="/qmclone/", times=1)
    body = {"name": "web", "template_id": lab.template.id, "course_id": lab.course.id}
    begun = (await lab.ask(lab.student, "POST", "vms/", body)).data
    assert (await lab.ended(begun["task"]))["status"] == "failed"
    shown = (await lab.ask(lab.student, "GET", f"vms/{begun['id']}/")).data
    assert shown["status"] == "error"
    await Quota.filter(user_id=lab.student.id).update(vm_limit=0)
    path = f"tasks/{begun['task']['id']}/retry/"
    refused = await lab.ask(lab.student, "POST", path)
    assert refused.refusal == (400, "QUOTA_001")
    assert refused.details["resource"] == "vm_limit"
    await Quota.filter(user_id=lab.student.id).update(vm_limit=1)
    assert (await lab.ask(lab.student, "POST", path)).status == 202
    assert (await lab.ended(begun["task"]))["status"] == "succeeded"


async def test_a_target_that_is_busy_is_left_alone(lab: ServedLab):
    vm = await make_vm(lab.student, lab.course)
    failed = await make_task(lab.student, "vm.start", ("vm", vm.id), status=TaskStatus.FAILED)
    busy = await make_task(lab.student, "vm.change", ("vm", vm.id))
    answer = await lab.ask(lab.student, "POST", f"tasks/{failed.id}/retry/")
    assert answer.refusal == (409, "VM_002")
    assert answer.details == {"status": "stopped", "task_id": busy.id}


async def test_a_parent_is_cancelled_with_its_children(worked_lab: ServedLab):
    lab = worked_lab
    lab.sim.faults.add("slow", method="POST", path="/clone$", seconds=1000)
    body = {"template_id": lab.template.id, "students": "all"}
    begun = await lab.ask(lab.teacher, "POST", f"courses/{lab.course.id}/vms/", body)
    parent = begun.data["task"]
    answer = await lab.ask(lab.teacher, "POST", f"tasks/{parent['id']}/cancel/")
    assert answer.status == 202
    assert (await lab.ended(parent))["status"] == "cancelled"
    children = await lab.ask(lab.teacher, "GET", "tasks/", parent_id=parent["id"])
    assert [child["status"] for child in children.data["results"]] == ["cancelled"]
    assert list(lab.sim.cluster.guests) == [lab.template.vmid]


async def test_a_parent_is_taken_up_again_where_it_failed(worked_lab: ServedLab):
    lab = worked_lab
    lab.sim.faults.add("task_fails", path="/qmclone/", times=1)
    body = {"template_id": lab.template.id, "students": "all"}
    begun = await lab.ask(lab.teacher, "POST", f"courses/{lab.course.id}/vms/", body)
    failed = await lab.ended(begun.data["task"])
    assert (failed["status"], failed["error"]["code"]) == ("failed", "TASK_001")
    [child] = failed["error"]["details"]["failed"]
    answer = await lab.ask(lab.teacher, "POST", f"tasks/{failed['id']}/retry/")
    assert (answer.status, answer.data["task"]["status"]) == (202, "running")
    assert (await lab.ended(failed))["status"] == "succeeded"
    vm = (await lab.ask(lab.teacher, "GET", f"vms/{child['target']['id']}/")).data
    assert vm["status"] == "stopped"
