"""Scenes of snapshots and of clones that are under way."""

from __future__ import annotations

from tests.simulator.conformance import cast
from tests.simulator.conformance.stage import NODE, Stage

_QCOW2 = {**cast.TCG, "name": "clone-to-qcow2", "scsi0": "vmdisks:1,format=qcow2"}
_AS_RECORDED = {
    "8.4": _QCOW2,
    "9.2": {**{key: _QCOW2[key] for key in _QCOW2 if key != "onboot"}, "ostype": "l26"},
}


async def snapshots(stage: Stage) -> None:
    """Snapshots with and without RAM, there and back."""
    await cast.guest(stage, 120, _AS_RECORDED[stage.version])
    await stage.replay_only("8.4", "092b-config")
    await stage.replay("123-start-120")
    await stage.advance(60)
    await stage.replay("124-snapshot-vmstate", "124b-snapshot-no-ram", "125-snapshots", vmid=120)
    await stage.replay("125b-snapshot-config", "125c-config-with-snapshots", vmid=120)
    await stage.replay("126b-err-snapshot-current", "126c-err-snapshot-badname", vmid=120)
    await stage.replay("127-rollback", vmid=120)
    await stage.advance(20)
    await stage.replay("127b-status-after-rollback", "127c-rollback-start", vmid=120)
    await stage.advance(20)
    await stage.replay("126e-err-snapshot-one-char", vmid=120)
    await stage.replay("128-snapshot-delete", "128b-err-snapshot-unknown", vmid=120)
    await stage.replay("128c-err-rollback-unknown", vmid=120)


async def clones_of_running_guests(stage: Stage) -> None:
    """A linked clone that runs is cloned and snapshotted."""
    await cast.template(stage)
    await stage.admin("POST", f"/nodes/{NODE}/qemu/9000/clone", newid=300, name="app")
    await stage.admin("POST", f"/nodes/{NODE}/qemu/300/status/start")
    await stage.advance(60)
    await stage.replay("092-clone-running", "092c-err-linked-clone-of-running-nontemplate")
    await stage.replay("129-snapshot-running-qcow2-linked", "126-err-snapshot-exists")
    await stage.replay("126d-resize-with-snapshot", "129b-clone-from-snapshot")


async def clone_under_way(stage: Stage) -> None:
    """What others see of a full clone that takes its time."""
    await cast.service(stage)
    await cast.nobody(stage)
    await cast.guest(stage, 110, cast.IMPORTED)
    await cast.guest(stage, 103, {**cast.IMPORTED, "name": "other"})
    for vmid in (100, 101, 102):
        await cast.guest(stage, vmid, {"memory": 64})
    upid = (await stage.replay("140-clone-slow", wait=False)).data
    await stage.advance(0.5)
    await stage.replay("140b-task-status-running", "140c-task-log-running", upid=upid)
    await stage.replay("140c2-task-log-limit", "140d-tasks-active", upid=upid)
    await stage.replay("140e-target-status-during-clone", "140f-target-config-during-clone")
    await stage.replay("400d-target-status", vmid=140)
    await stage.replay("140g-source-status-during-clone", "140i-nextid-during-clone")
    await stage.replay("140j-err-clone-same-newid", "140h-err-start-clone-target")
    await stage.finish(upid)
    await stage.replay("140-clone-slow-task-status", "140-clone-slow-task-log", upid=upid)
    await stage.replay("141e-task-dir", "141g-err-task-status-other-user", upid=upid)
    await stage.replay("141h-task-status-svc", "141f-stop-finished-task", upid=upid)
    await stage.replay("141i-task-status-unencoded-upid", upid=upid)


async def clone_and_its_source(stage: Stage) -> None:
    """What the source of a running clone can do meanwhile."""
    await cast.guest(stage, 110, cast.IMPORTED)
    upid = (await stage.replay("140k-parallel-clone", wait=False)).data
    await stage.advance(0.5)
    await stage.replay("140l-parallel-clone-status", upid=upid)
    await stage.replay("140m-start-source-during-clone")
    await stage.finish(upid)
    await stage.replay("140n-config-source-during-clone", "141d-target-config-after-stop")


async def clone_stopped(stage: Stage) -> None:
    """A clone whose task is stopped cleans up."""
    await cast.guest(stage, 110, cast.IMPORTED)
    path = f"/nodes/{NODE}/qemu/110/clone"
    upid = (await stage.ask("POST", path, newid=142, full=1, bwlimit=4096)).data
    await stage.advance(1)
    await stage.replay("141j-content-during-clone")
    await stage.replay("141-task-stop", upid=upid)
    await stage.finish(upid)
    await stage.replay("141b-stopped-task-task-status", "141b-stopped-task-task-log", upid=upid)
    await stage.replay("141c-target-after-stopped-clone", "141k-content-after-stopped-clone")


SCENES = (
    snapshots,
    clones_of_running_guests,
    clone_under_way,
    clone_and_its_source,
    clone_stopped,
)
