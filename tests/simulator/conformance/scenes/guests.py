"""Scenes of guests at rest: creating, configuring, turning into templates, cloning."""

from __future__ import annotations

from tests.simulator.conformance import cast
from tests.simulator.conformance.stage import NODE, Stage


async def first_guest(stage: Stage) -> None:
    """The first guest of a cluster, from its creation to its clones."""
    await stage.replay("003-nextid", "003b-nextid-check", "010-qemu-create", "011-qemu-config")
    await stage.replay("012-status-current-stopped", "014b-cluster-resources-storage")
    await stage.replay_only("8.4", "013-qemu-list", "014-cluster-resources")
    await stage.replay_only("8.4", "015-cluster-resources-vm")
    await stage.replay("021-err-duplicate-vmid", "021b-err-nextid-taken")
    await stage.replay("021c-err-clone-to-existing", "034-config-put", "034b-config-post")
    await stage.replay("034c-config-delete", "034d-err-digest", "034e-err-delete-unknown-option")
    await stage.replay("034f-net0-nobridge-present", "034g-net0-delete", "034h-pending")
    await stage.replay("035-resize", "036-err-linked-clone-of-non-template", "037-template")
    await stage.replay("037b-template-config", "037c-err-template-again", "037d-template-status")
    await stage.replay("038-err-start-template", "039-clone-linked", "039c-clone-default")
    await stage.replay("042-storage-content", "039d-config-101", "039d-config-103")
    await stage.admin("POST", "/pools", poolid="p1")
    await stage.replay_only("8.4", "041-pool", "041b-pools", "041c-pools-poolid")
    await stage.replay("041d-pool-add", "041e-err-pool-add-again", "041f-err-pool-not-empty")
    if stage.version == "9.2":
        await stage.admin("POST", f"/nodes/{NODE}/qemu/100/clone", newid=102, full=1)
        await stage.admin("PUT", f"/nodes/{NODE}/qemu/102/config", description="x")
    await stage.replay("039d-config-102", "039b-clone-full", "040-err-delete-base-in-use")
    await stage.replay("059d-tasks-vmid", "059b-cluster-tasks", "059c-tasks-errors")


async def refusals(stage: Stage) -> None:
    """What create and configure refuse."""
    await cast.service(stage)
    await cast.guest(stage, 100, cast.BASE)
    await stage.replay("020-err-unknown-vm", "020b-err-unknown-vm-config")
    await stage.replay("020c-err-unknown-vm-start", "020d-err-unknown-vm-delete")
    await stage.replay("022-err-invalid-params", "022b-err-missing-param", "022c-err-bad-name")
    await stage.replay("033-err-root-only-args", "033b-err-root-only-args-svc")
    await stage.replay("058-err-create-unknown-storage", "058b-err-create-storage-wrong-content")
    await stage.replay("135-err-path-disk", "135b-err-hookscript", "135c-err-hostpci")
    await stage.replay("135d-err-serial-dev", "163-err-vmid-99", "163b-err-vmid-big")
    await stage.replay("163c-err-vmid-nan", "175c-err-disk-size-with-unit")
    await stage.replay("175d-err-nonexistent-volume", "134b-status-after-delete")


async def configuration(stage: Stage) -> None:
    """A second guest, with an ISO: forms, JSON, booleans, tags."""
    await stage.replay("057-create-raw", "057b-config", "070-json-body-put", "070b-json-body-post")
    await stage.replay_only("8.4", "070c-config-current")
    await stage.replay("071-bool-true", "071b-bool-yes", "071c-err-bool", "071d-json-bool-true")
    await stage.replay("072-tags-upper")
    await stage.replay_only("8.4", "072b-tags-result")
    await stage.replay("073-set-lock-by-token", "073b-err-skiplock-token", "096-unlink-unknown")
    await cast.guest(stage, 330, {"memory": 64, "kvm": 0, "scsi0": "vmdisks:1,format=qcow2"})
    await stage.replay("072c-boot-order-with-cdrom-change", "072c-boot-order-with-new-cdrom")
    await stage.replay("072d-boot-order-result")


async def disks(stage: Stage) -> None:
    """Disks and drives of a stopped guest."""
    if stage.version == "9.2":
        await cast.guest(stage, 110, cast.IMPORTED)
    await stage.replay("056-create-import-from")
    await stage.replay("056b-config")
    await stage.admin("PUT", f"/nodes/{NODE}/qemu/110/config", name="renamed", description="x")
    await stage.replay("153-move-disk", "153b-config", "154-add-disk-put", "154b-detach-disk")
    await stage.replay("154c-unused-disk", "154d-delete-unused", "155-cloudinit")
    await stage.replay("155b-cloudinit-config", "155c-cloudinit-dump")
    await stage.replay("155d-err-sshkeys-unencoded", "162-array-delete-form", "162b-delete-list")
    await stage.replay("175b-create-default-format")


async def locked(stage: Stage) -> None:
    """A guest that a backup has locked."""
    await cast.guest(stage, 110, cast.IMPORTED)
    await cast.guest(stage, 100, cast.BASE)
    stage.simulator.cluster.guests[110].config["lock"] = "backup"
    await stage.replay("130-status-locked", "130a-config-locked", vmid=110)
    await stage.replay("130b-err-start-locked", "130c-err-config-locked", vmid=110)
    await stage.replay("130c2-err-config-post-locked", "130d-err-delete-locked", vmid=110)
    await stage.replay("130e-err-clone-locked", "130f-err-snapshot-locked", vmid=110)
    await stage.replay("130g-err-template-locked", "130h-stop-locked", vmid=110)
    await stage.replay("130i-err-resize-locked", vmid=110)
    stage.simulator.cluster.statd.clear()
    await stage.replay_only("8.4", "130j-resources-locked")


SCENES = (first_guest, refusals, configuration, disks, locked)
