"""Replicas over HTTP: a class over three nodes with local storage, from nothing to nothing."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from tests.handlers.lab import ServedLab
from tests.operations.copies import localize
from vmlab.models import CourseRole, GuestNumber, Membership, Replica, Template, Vm

REPLICA = {"id", "node", "status", "vmid", "vm_count", "created_at", "updated_at"}


@pytest.fixture
def store(database: str) -> str:
    """SQLite and PostgreSQL."""
    return database


@pytest.fixture
async def local(worked_lab: ServedLab) -> ServedLab:
    """A lab whose template is on storage of its own node."""
    await localize(worked_lab.sim, worked_lab.template)
    return worked_lab


async def replicate(lab: ServedLab, **body: Any) -> Any:
    """Ask for replicas of the template."""
    return await lab.ask(lab.teacher, "POST", f"templates/{lab.template.id}/replicas/", body)


async def provision(lab: ServedLab, **wanted: Any) -> dict[str, Any]:
    """Machines for everybody."""
    body = {"template_id": lab.template.id, "students": "all", **wanted}
    answer = await lab.ask(lab.teacher, "POST", f"courses/{lab.course.id}/vms/", body)
    assert answer.status in (200, 202), answer
    return dict(answer.data)


async def test_a_class_on_three_nodes_with_local_storage(local: ServedLab):
    lab = local
    path = f"templates/{lab.template.id}/"
    for number in range(5):
        student = await lab.people.add(f"student{number}", "student")
        await Membership.create(course=lab.course, user=student.user, role=CourseRole.STUDENT)
    nodes = {node["node"]: node for node in (await provision(lab, dry_run=True))["nodes"]}
    assert {name: (node["source"], node["machines"]) for name, node in nodes.items()} == {
        "pve1": (True, 6),
        "pve2": (False, 0),
        "pve3": (False, 0),
    }
    # A copy on each of the others.
    begun = await replicate(lab)
    assert begun.status == 202
    assert [(r["node"], r["status"]) for r in begun.data["replicas"]] == [
        ("pve2", "creating"),
        ("pve3", "creating"),
    ]
    assert begun.data["skipped"] == []
    task = await lab.ended(begun.data["task"])
    assert (task["kind"], task["status"]) == ("template.replicate", "succeeded")
    shown = (await lab.ask(lab.teacher, "GET", path + "replicas/")).data
    assert [set(replica) for replica in shown] == [REPLICA, REPLICA]
    assert {replica["status"] for replica in shown} == {"ready"}
    again = await replicate(lab, nodes=["pve3"])
    assert (again.status, again.data["task"]) == (200, None)
    assert again.data["skipped"] == [{"node": "pve3", "status": "ready"}]
    # The class spreads, as was foretold.
    found = await provision(lab, dry_run=True, start=True)
    foretold = {node["node"]: node["machines"] for node in found["nodes"]}
    assert foretold == {"pve1": 2, "pve2": 2, "pve3": 2}
    assert [(s["storage"], s["node"], s["full_gb"]) for s in found["storages"]] == [
        ("local-lvm", node, 16) for node in ("pve1", "pve2", "pve3")
    ]
    made = await lab.ended((await provision(lab, start=True))["task"])
    assert made["status"] == "succeeded", made
    vms = await Vm.filter(course=lab.course)
    assert Counter(vm.node for vm in vms) == foretold
    guests = [lab.sim.cluster.guests[vm.vmid or 0] for vm in vms]
    assert Counter(guest.node for guest in guests) == foretold
    assert all(guest.running for guest in guests)
    # What is in use stays.
    refused = await lab.ask(lab.teacher, "DELETE", path + "replicas/pve2/")
    assert refused.refusal == (409, "RESOURCE_002")
    assert refused.details == {"vm_count": 2}
    refused = await lab.ask(lab.teacher, "DELETE", path)
    assert (refused.refusal, refused.details) == ((409, "RESOURCE_002"), {"vm_count": 6})
    gone = await lab.ask(lab.teacher, "POST", f"courses/{lab.course.id}/vms/delete/", {})
    assert (await lab.ended(gone.data["task"]))["status"] == "succeeded"
    # One goes by itself, the other with the template's entry; an administrator's template stays.
    gone = await lab.ask(lab.teacher, "DELETE", path + "replicas/pve2/")
    assert gone.status == 202
    assert (await lab.ended(gone.data["task"]))["kind"] == "replica.delete"
    [left] = (await lab.ask(lab.teacher, "GET", path + "replicas/")).data
    assert left["node"] == "pve3"
    gone = await lab.ask(lab.teacher, "DELETE", path)
    assert (gone.status, gone.data["status"]) == (202, "deleting")
    task = await lab.ended(gone.data["task"])
    assert (task["kind"], task["status"]) == ("template.delete", "succeeded")
    assert (await lab.ask(lab.teacher, "GET", path)).status == 404
    assert list(lab.sim.cluster.guests) == [9000]
    assert not await Replica.exists()
    assert not await GuestNumber.exists()


async def test_a_template_on_shared_storage_needs_none(worked_lab: ServedLab):
    refused = await replicate(worked_lab)
    assert refused.refusal == (409, "RESOURCE_002")


@pytest.mark.parametrize(
    "nodes", [["pve1"], ["pve9"], [], ["pve2", "../etc"], "pve2", [1], ["pve2\n"]]
)
async def test_wrong_nodes_are_named(local: ServedLab, nodes: Any):
    refused = await replicate(local, nodes=nodes)
    assert refused.refusal == (400, "VALIDATION_001")
    assert list(refused.details) == ["nodes"]
    assert not await Replica.exists()


async def test_what_is_not_there_cannot_be_deleted(local: ServedLab):
    for node in ("pve2", "a" * 300):
        answer = await local.ask(
            local.teacher, "DELETE", f"templates/{local.template.id}/replicas/{node}/"
        )
        assert answer.status == 404


async def test_one_that_failed_is_deleted_before_it_is_made_again(local: ServedLab):
    lab = local
    lab.sim.faults.add("task_fails", path="/qmigrate/", times=1)
    begun = await replicate(lab, nodes=["pve2"])
    task = await lab.ended(begun.data["task"])
    assert task["status"] == "failed"
    again = await replicate(lab, nodes=["pve2"])
    assert again.data["skipped"] == [{"node": "pve2", "status": "error"}]
    path = f"templates/{lab.template.id}/replicas/pve2/"
    gone = await lab.ask(lab.teacher, "DELETE", path)
    assert (await lab.ended(gone.data["task"]))["status"] == "succeeded"
    begun = await replicate(lab, nodes=["pve2"])
    assert (await lab.ended(begun.data["task"]))["status"] == "succeeded"


async def test_students_neither_see_nor_make_them(local: ServedLab):
    path = f"templates/{local.template.id}/replicas/"
    for method, body in ("GET", None), ("POST", {}):
        answer = await local.ask(local.student, method, path, body)
        assert answer.refusal == (403, "AUTH_002")
    await Template.filter(id=local.template.id).update(status="deleting")
    assert (await replicate(local)).refusal == (409, "RESOURCE_002")


async def test_a_replica_is_no_template_to_be_registered(local: ServedLab):
    lab = local
    begun = await replicate(lab, nodes=["pve2"])
    assert (await lab.ended(begun.data["task"]))["status"] == "succeeded"
    [replica] = await Replica.all()
    listed = await lab.ask(lab.admin, "GET", "cluster/templates/")
    assert [template["vmid"] for template in listed.data] == [9000]
    body = {"name": "Mine", "source": {"vmid": replica.vmid}}
    path = f"courses/{lab.course.id}/templates/"
    assert (await lab.ask(lab.teacher, "POST", path, body)).refusal == (409, "RESOURCE_002")
    # An entry that stood there before VMLab took the number is found invalid.
    await Template.filter(id=lab.template.id).update(vmid=replica.vmid)
    begun = await lab.ask(lab.teacher, "POST", f"templates/{lab.template.id}/validate/")
    await lab.ended(begun.data["task"])
    shown = await lab.ask(lab.teacher, "GET", f"templates/{lab.template.id}/")
    assert shown.data["status"] == "invalid"
