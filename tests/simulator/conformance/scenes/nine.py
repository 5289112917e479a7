"""Scenes that only the recordings of 9.2 have."""

from __future__ import annotations

from tests.simulator.conformance import cast
from tests.simulator.conformance.recordings import recordings
from tests.simulator.conformance.stage import NODE, Stage


async def lists(stage: Stage) -> None:
    """Resources and curves by their new filters and spans."""
    await cast.running_guest(stage, 700, cast.TCG)
    await stage.replay("014c-resources-sdn", "014d-resources-network", "060-rrddata-month")
    await stage.replay("060b-node-rrddata-decade", "060b-node-rrddata-hour")
    await stage.replay("060c-storage-rrddata-month", "060c-storage-rrddata-year")
    await stage.replay("404-ha-rules", "310-sdn", "310h-localnetwork-content")
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
    await stage.admin("POST", f"/nodes/{NODE}/qemu/9000/clone", newid=510, pool="vmlab", name="c")
    await cast.account(stage, who, "VM.Audit", path="/pool/vmlab")
    held = {"VM.Audit", "VM.Allocate"}
    for name in recordings(stage.version):
        if not name.startswith("360-step-"):
            continue
        rights = held - {name.partition("-without-")[2]} | {name.partition("-with-")[2]} - {""}
        if name.startswith("360-step-05"):
            await stage.admin("POST", f"/nodes/{NODE}/qemu/510/snapshot", snapname="st1")
        await cast.allow(stage, who, *sorted(rights))
        await stage.replay(name)
    await cast.allow(stage, who, "VM.Allocate", "VM.Audit")
    await stage.replay("360d-cluster-status-min", "361b-pools-without-pool-audit")
    await stage.advance(30)
    await stage.replay("360b-resources-min", "360-delete")


async def wide_characters(stage: Stage) -> None:
    """Characters above U+00FF: fine in values, fatal in error texts."""
    await cast.template(stage)
    await stage.replay("370b-err-wide-char-json", "370e-description-wide")


async def more_guests(stage: Stage) -> None:
    """Single recordings of guests."""
    await cast.guest(stage, 813, {"name": "ksm", "memory": 64, "kvm": 0, "allow-ksm": 0})
    await stage.replay("402d-config")
    await cast.guest(stage, 700, cast.TCG)
    await stage.replay("401b-start")
    await cast.guest(stage, 120, cast.TCG)
    await cast.guest(stage, 111, cast.TCG, name="tcg2")
    await stage.replay("092-clone-raw-to-qcow2")


SCENES = (lists, accounts, steps, wide_characters, more_guests)
