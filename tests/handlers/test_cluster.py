"""What admins see of the cluster, and how often it is asked for that."""

from __future__ import annotations

from tests.handlers.lab import ServedLab
from vmlab.models import Vm


async def test_the_nodes_with_the_machines_that_they_carry(worked_lab: ServedLab):
    lab = worked_lab
    vm = await lab.make_vm(start=True)
    answer = await lab.ask(lab.admin, "GET", "cluster/nodes/")
    assert answer.status == 200
    nodes = {node["name"]: node for node in answer.data}
    assert set(nodes) == set(lab.sim.cluster.nodes)
    for name, node in nodes.items():
        assert node["online"] is True
        assert node["cpu_cores"] > 0
        assert 0 <= node["memory_used_mb"] < node["memory_total_mb"]
        expected = 1 if name == vm["node"] else 0
        assert (node["vms"], node["running"]) == (expected, expected)
    await Vm.filter(id=vm["id"]).update(status="stopped")
    again = await lab.ask(lab.admin, "GET", "cluster/nodes/")
    assert sum(node["vms"] for node in again.data) == 1
    assert sum(node["running"] for node in again.data) == 0


async def test_the_storages_that_the_token_sees(lab: ServedLab):
    answer = await lab.ask(lab.admin, "GET", "cluster/storages/")
    shown = [(row["name"], row["node"]) for row in answer.data]
    assert shown == sorted(shown)
    disks = [row for row in answer.data if row["name"] == "vmdisks"]
    assert len(disks) == len(lab.sim.cluster.nodes)
    for row in disks:
        assert (row["shared"], row["available"], row["type"]) == (True, True, "dir")
        assert "images" in row["content"]
        assert 0 <= row["used_bytes"] < row["total_bytes"]


async def test_the_templates_and_the_courses_that_have_them(lab: ServedLab):
    answer = await lab.ask(lab.admin, "GET", "cluster/templates/")
    [shown] = answer.data
    assert (shown["vmid"], shown["name"], shown["node"]) == (9000, "debian-13", "pve1")
    assert (shown["cpu_cores"], shown["memory_mb"], shown["disk_gb"]) == (1, 1024, 8)
    assert shown["registered"] == [{"template_id": lab.template.id, "course_id": lab.course.id}]
    await lab.template.delete()
    again = await lab.ask(lab.admin, "GET", "cluster/templates/")
    assert again.data == [{**shown, "registered": []}]


async def test_however_many_look_the_cluster_is_asked_once_a_tick(lab: ServedLab):
    before = lab.parts.api.calls["GET", "/cluster/resources"]
    for what in ("nodes", "storages", "templates") * 3:
        assert (await lab.ask(lab.admin, "GET", f"cluster/{what}/")).status == 200
    assert lab.parts.api.calls["GET", "/cluster/resources"] == before + 1


async def test_nobody_else_looks(lab: ServedLab):
    for who in (lab.student, lab.teacher):
        for what in ("nodes", "storages", "templates"):
            assert (await lab.ask(who, "GET", f"cluster/{what}/")).status == 403
