"""Scenes of worker tasks, and of what has gone away."""

from __future__ import annotations

from dataclasses import replace

from tests.simulator.conformance import cast
from tests.simulator.conformance.stage import NODE, Stage


async def task_lists(stage: Stage) -> None:
    """Tasks by list and by name."""
    await stage.replay("025-err-bad-upid", "025b-err-unknown-upid")
    disk = {"memory": 64, "kvm": 0, "scsi0": "vmdisks:1,format=qcow2"}
    await cast.guest(stage, 111, disk)
    await cast.guest(stage, 112, disk)
    await stage.admin("DELETE", f"/nodes/{NODE}/storage/local/content/local:iso/test.iso")
    await stage.replay("059-tasks")
    await cast.running_guest(stage, 110, cast.IMPORTED)
    start = (await stage.ask("POST", f"/nodes/{NODE}/qemu/110/status/start")).data
    await stage.finish(start)
    await stage.replay("151-second-start-task-status", "151-second-start-task-log", upid=start)
    stop = (await stage.ask("POST", f"/nodes/{NODE}/qemu/110/status/stop")).data
    await stage.finish(stop)
    await stage.replay("151b-second-stop-task-status", "151b-second-stop-task-log", upid=stop)
    await stage.replay("059c-tasks-errors", "059b-cluster-tasks")


async def guest_elsewhere(stage: Stage) -> None:
    """A guest whose configuration lies with another node."""
    cluster = stage.simulator.cluster
    await cast.guest(stage, 200, {"memory": 64})
    cluster.nodes["pve2"] = replace(cluster.nodes[NODE], name="pve2", nodeid=2)
    cluster.guests[200].node = "pve2"
    await stage.replay("171b-err-vm-on-other-node", "171c-err-vmid-on-other-node")
    await stage.replay("134-delete", "134b-status-after-delete")


SCENES = (task_lists, guest_elsewhere)
