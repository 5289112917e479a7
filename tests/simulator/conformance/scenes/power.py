"""Scenes of running guests: power, pending changes, hot-plug, consoles."""

from __future__ import annotations

from tests.simulator.conformance import cast
from tests.simulator.conformance.stage import NODE, PASSWORD, Stage


async def stopped(stage: Stage) -> None:
    """Power calls on a guest that is off."""
    await cast.service(stage)
    await cast.guest(stage, 111, cast.TCG)
    await stage.replay("061-err-agent-not-running", "062-stop-stopped", "062b-shutdown-stopped")
    await stage.replay("062c-suspend-stopped", "062d-reset-stopped", "062e-reboot-stopped")
    await stage.replay("062f-resume-stopped", "135e-monitor-svc", "063-vncproxy-stopped")


async def running(stage: Stage) -> None:
    """Start, pause, reset, reboot, shut down."""
    await cast.service(stage)
    await cast.guest(stage, 111, cast.TCG)
    await cast.guest(stage, 100, cast.BASE)
    await stage.admin("POST", f"/nodes/{NODE}/qemu/100/template")
    await stage.admin("POST", "/pools", poolid="p1")
    await cast.guest(stage, 103, cast.BASE, pool="p1")
    await stage.replay("081-start")
    await stage.replay_only("8.4", "082-status-running")
    await stage.advance(60)
    await stage.replay_only("9.2", "082-status-running", vmid=111)
    await stage.replay("083-start-already-running", "166-qemu-list-full")
    await stage.replay_only("8.4", "084-resources-running")
    await stage.replay("093-err-template-running", "094-monitor", "095-sendkey", vmid=111)
    await stage.replay("091-err-delete-running", "091b-err-delete-force")
    await stage.replay("086-suspend", vmid=111)
    await stage.replay_only("8.4", "086b-status-paused", "086c-resources-paused")
    await stage.replay("086d-suspend-again", "086e-shutdown-paused", vmid=111)
    await stage.replay("086f-reboot-paused", vmid=111)
    await stage.replay("087-resume", "087b-resume-running", "088-reset", vmid=111)
    await stage.advance(60)
    await stage.replay("104-reboot", "104b-status-after-reboot")
    await stage.advance(60)
    await stage.replay("104c-reboot", vmid=111)
    await stage.advance(60)
    await stage.replay("105-shutdown", "105b-status-after-shutdown", "105c-shutdown-again")
    await stage.replay("101-start-pveqemu", "100-stop")


async def changes_while_running(stage: Stage) -> None:
    """What is applied at once, and what is pending."""
    await cast.running_guest(stage, 111, cast.TCG)
    await stage.replay("089-resize-online", "090-config-running-pending", "090b-pending")
    await stage.replay_only("8.4", "090c-config-with-pending", "090d-config-current")
    await stage.replay("090e-revert")
    await stage.replay("121-snapshot-list", "122-feature-snapshot", "120-err-snapshot-raw")
    config = {**cast.TCG, "name": "tcg2", "scsi0": "vmdisks:2,format=qcow2"}
    await cast.running_guest(stage, 300, config)
    await stage.replay("035b-err-shrink", "035c-err-unknown-disk", "126d-resize-with-snapshot")
    await stage.replay("174-err-config-post-unknown-storage", "174b-hotplug-disk")
    await stage.replay("174c-hotunplug-disk", "174d-cores-running", "174e-err-name")
    await stage.replay("175-err-disk-too-big", "192-guest-poweroff")
    await stage.advance(10)
    await stage.replay("192b-tasks-after-guest-poweroff")


async def hibernation(stage: Stage) -> None:
    """Suspend to disk and back."""
    await cast.running_guest(stage, 111, cast.TCG)
    await stage.replay("152-suspend-todisk", "152b-status-suspended", "152c-config-suspended")
    await stage.replay("152d-resume-from-disk")


async def deaf_guest(stage: Stage) -> None:
    """A guest whose system does not listen to the power button."""
    await cast.guest(stage, 110, cast.IMPORTED)
    stage.simulator.cluster.guests[110].extra["deaf"] = True
    await stage.admin("POST", f"/nodes/{NODE}/qemu/110/status/start")
    await stage.replay("150-err-shutdown-timeout", "150b-err-reboot-timeout")
    await stage.replay("150c-shutdown-forcestop")


async def failing_starts(stage: Stage) -> None:
    """Starts that QEMU refuses, and one that it only complains about."""
    await stage.replay("131-create-kvm-default", "132-net-missing-bridge")
    await stage.replay("132b-err-start-missing-bridge", "134c-delete")
    await stage.replay("133-create-start")
    disk = {"scsi0": "vmdisks:1,format=qcow2,iothread=1"}
    await cast.guest(stage, 320, {"name": "warn", "memory": 64, "kvm": 0, **disk})
    await stage.replay("190-start-with-warnings", "190b-tasks-warnings")
    await stage.replay("190c-tasks-errors-excl-warnings", "190d-tasks-statusfilter")
    await stage.admin("POST", f"/nodes/{NODE}/qemu/320/status/stop")
    await stage.replay("191-status-after-qemu-killed")


async def consoles(stage: Stage) -> None:
    """The ways to ask for a console."""
    await cast.service(stage)
    await cast.running_guest(stage, 111, cast.TCG)
    form = {"username": "vmlab@pve", "password": PASSWORD}
    answer = await stage.replay("028-ticket", sent=form)
    stage.ticket, stage.csrf_token = answer.data["ticket"], answer.data["CSRFPreventionToken"]
    answer = await stage.replay("110-vncproxy-token-root", vmid=111)
    await stage.finish(answer.data["upid"])
    for suffix in ("status", "log"):
        name = f"111b-vncproxy-task-timeout-task-{suffix}"
        await stage.replay(name, upid=answer.data["upid"])
    await stage.replay("110b-vncproxy-token-svc", "110c-vncproxy-cookie", vmid=111)
    await stage.replay("110d-vncproxy-no-genpw", "110e-vncproxy-no-websocket", vmid=111)
    stage.simulator.ticket_form = "before"
    await stage.replay("112-old-vncproxy-genpw", "112b-old-vncproxy", vmid=111)
    await stage.replay("112c-old-vncproxy-cookie", "112d-old", vmid=111)


SCENES = (
    stopped,
    running,
    changes_while_running,
    hibernation,
    deaf_guest,
    failing_starts,
    consoles,
)
