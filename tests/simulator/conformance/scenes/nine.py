"""Scenes that only the recordings of 9.2 have."""

from __future__ import annotations

from tests.simulator.conformance import cast
from tests.simulator.conformance.recordings import recordings
from tests.simulator.conformance.stage import NODE, Stage

_TO_RUN = (
    "VM.Audit",
    "VM.Allocate",
    "VM.PowerMgmt",
    "VM.Console",
    "VM.Snapshot",
    "VM.Snapshot.Rollback",
    "VM.Config.Memory",
    "VM.Config.CPU",
    "VM.Config.Options",
    "VM.Config.Network",
    "VM.Config.Disk",
    "VM.Config.CDROM",
    "VM.Config.HWType",
)
_QEMU = f"/nodes/{NODE}/qemu"
_PLAIN = {key: cast.TCG[key] for key in cast.TCG if key not in ("cores", "onboot", "tags")}


async def lists(stage: Stage) -> None:
    """Resources and curves by their new filters and spans."""
    stage.simulator.cluster.nodes[NODE].booted_at = stage.simulator.clock.time() - 600
    await cast.running_guest(stage, 700, cast.TCG)
    await stage.replay("014c-resources-sdn", "014d-resources-network", "060-rrddata-month")
    await stage.replay("060b-node-rrddata-decade", "060b-node-rrddata-hour")
    await stage.replay("060c-storage-rrddata-month", "060c-storage-rrddata-year")
    await stage.replay("404-ha-rules")
    await stage.replay("094c-monitor-unknown", vmid=700)


async def accounts(stage: Stage) -> None:
    """Roles without VM.Monitor, tokens renewed in place, pools with stricter names."""
    await stage.replay("300-err-role-vm-monitor", "300g-err-role-pve-prefix")
    await stage.admin("POST", "/access/roles", roleid="RMon2", privs="VM.Audit")
    await stage.replay("300d-err-role-append-monitor")
    await stage.admin("POST", "/access/roles", roleid="OldMon", privs="VM.Audit")
    await stage.replay("350-upgraded-role-with-monitor")
    await stage.admin("POST", "/access/users", userid="tt@pve")
    path = "/access/users/tt@pve/token/tk1"
    await stage.admin("POST", path, privsep=0, comment="c")
    await stage.replay("301b-token-regenerate", "301c-token-delete-comment", "301d-token-get")
    await stage.admin("POST", "/pools", poolid="vmlab")
    await stage.replay("302-pool-nested", "302b-pool-digit-name")
    await stage.admin("PUT", "/pools", poolid="vmlab/sub", comment="x")
    await stage.replay("302e-pool-get-nested", "302h-err-pool-unknown", "302i-err-pool-unknown-old")
    await stage.replay("370d-err-wide-pool")


async def steps(stage: Stage) -> None:
    """What each privilege on a pool is good for."""
    who = "min@pve!tk"
    await cast.template(stage)
    await stage.admin("POST", f"{_QEMU}/9000/clone", newid=510, pool="vmlab", name="c")
    await cast.account(stage, who, "VM.Audit", path="/pool/vmlab")
    held = set(_TO_RUN)
    for name in recordings(stage.version):
        if not name.startswith("360-step-") or "VM.Backup" in name:
            continue
        rights = held - {name.partition("-without-")[2]} | {name.partition("-with-")[2]} - {""}
        if name.startswith("360-step-05"):
            await stage.admin("POST", f"{_QEMU}/510/snapshot", snapname="st1")
        await cast.allow(stage, who, *sorted(rights))
        await stage.replay(name)
    await cast.allow(stage, who, "VM.Allocate", "VM.Audit")
    await stage.replay("360d-cluster-status-min", "361b-pools-without-pool-audit")
    await cast.allow(stage, who, "VM.Allocate", "VM.Audit", "Pool.Audit")
    await stage.advance(30)
    await stage.replay("360b-resources-min", "360-delete")


async def wide_characters(stage: Stage) -> None:
    """Characters above U+00FF: fine in values, fatal in error texts."""
    await cast.template(stage)
    await stage.replay("370b-err-wide-char-json", "370e-description-wide")


async def busy_cluster(stage: Stage) -> None:
    """Lists of a cluster that has been in use, younger guests among older ones."""
    await cast.template(stage)
    await stage.advance(30)
    await cast.guest(stage, 100, cast.BASE)
    await stage.replay("013-qemu-list", "015-cluster-resources-vm")
    await stage.admin("POST", "/pools", poolid="p1")
    await stage.advance(30)
    await cast.guest(stage, 102, {"name": "full1", "memory": 64}, pool="p1")
    await stage.replay("041-pool", "041b-pools", "041c-pools-poolid")
    await cast.guest(stage, 101, {"name": "linked1", "memory": 64, "tags": "base;lab"})
    await stage.replay("084-resources-running")
    await stage.admin("POST", f"{_QEMU}/100/template")
    await cast.running_guest(stage, 120, _PLAIN)
    await cast.guest(stage, 110, cast.IMPORTED)
    await stage.replay("014-cluster-resources")
    stage.simulator.cluster.guests[110].config["lock"] = "backup"
    await stage.advance(30)
    await stage.replay("130j-resources-locked")


async def pool(stage: Stage) -> None:
    """A pool as its user sees it."""
    await cast.template(stage)
    await cast.account(stage, "min@pve!tk", "VM.Audit", "Pool.Audit", path="/pool/vmlab")
    await cast.running_guest(stage, 700, cast.TCG, pool="vmlab")
    await cast.guest(stage, 500, cast.BASE, pool="vmlab")
    await stage.replay("181f-pool")


async def plain_guest(stage: Stage) -> None:
    """A guest with fewer settings, at rest and with a pending change."""
    await cast.running_guest(stage, 111, _PLAIN)
    await stage.replay("070c-config-current")
    await stage.admin("PUT", f"{_QEMU}/111/config", memory=256)
    await stage.replay("090c-config-with-pending", "090d-config-current")
    await cast.running_guest(stage, 120, _PLAIN)
    await stage.replay("092b-config", "127d")
    await cast.running_guest(stage, 700, {**cast.TCG, "boot": "order=ide2;scsi0"})
    await stage.replay("082-status-running")
    await stage.admin("POST", f"{_QEMU}/700/status/stop")
    await stage.admin("POST", f"{_QEMU}/700/status/start")
    await stage.advance(2)
    await stage.admin("POST", f"{_QEMU}/700/status/suspend")
    await stage.replay("086b-status-paused")


async def more_guests(stage: Stage) -> None:
    """Single recordings of guests."""
    await cast.guest(stage, 813, {"name": "ksm", "memory": 64, "kvm": 0, "allow-ksm": 0})
    await stage.replay("402d-config")
    await cast.guest(stage, 700, cast.TCG)
    await stage.replay("401b-start")
    await cast.guest(stage, 120, cast.TCG)
    await cast.guest(stage, 111, cast.TCG)
    await stage.replay("072b-tags-result")
    await stage.replay("092-clone-raw-to-qcow2")


SCENES = (
    lists,
    accounts,
    steps,
    wide_characters,
    busy_cluster,
    pool,
    plain_guest,
    more_guests,
)
