"""A guest's process: coming up, going down, and what happens when it ends by itself.

The power calls, rollback and hibernation use these; each of them takes the guest's flock first.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from vmlab.simulator import guest_cloudinit, guest_hardware, propstring
from vmlab.simulator.errors import ApiError
from vmlab.simulator.guest_config import apply_pending
from vmlab.simulator.guest_drives import drives_of
from vmlab.simulator.guest_locks import check_lock, worker_flock
from vmlab.simulator.guest_meter import Meter
from vmlab.simulator.guest_options import agent_enabled
from vmlab.simulator.guest_status import RUNNING_FACTS
from vmlab.simulator.jobs import Job
from vmlab.simulator.machines import Machine
from vmlab.simulator.state import Guest

if TYPE_CHECKING:
    from vmlab.simulator.service import Simulator

START_S = 0.8
STOP_S = 0.3
# How long the system inside takes to shut down, and until its agent answers after power-on.
GUEST_SHUTDOWN_S = 2.0
AGENT_READY_S = 10.0
AGENT_TIMEOUT_S = 3.0
# From the end of a process until qmeventd has seen it.
EVENT_S = 0.5
HIBERNATED = ".hibernated"
"""The snapshot in a hibernated guest's disks; no name that a user may choose."""
TIMED_OUT = "VM quit/powerdown failed - got timeout"
TERMINATING = "VM still running - terminating now with SIGTERM"
AGENT_SILENT = {
    8: "QEMU Guest Agent is not running - VM {vmid} qmp command 'guest-ping' failed - got timeout",
    9: "skipping guest filesystem freeze - agent configured but not running?",
}


def check_running(guest: Guest) -> None:
    """Refuse a guest that has no process."""
    if not guest.running:
        raise ApiError(500, f"VM {guest.vmid} not running")


async def start(sim: Simulator, node: str, vmid: int, job: Job) -> None:
    """The worker of a start: checks in qemu-server's order, then power on.

    A guest hibernated to disk comes back from there.

    Raises:
        ApiError: template, locked, running already, no such bridge.
    """
    async with worker_flock(sim.cluster, vmid, job):
        guest = sim.cluster.guest(node, vmid)
        if guest.config.get("template"):
            raise ApiError(500, "you can't start a vm if it's a template")
        hibernated = guest.config.get("lock") == "suspended"
        if not hibernated:
            check_lock(guest)
        if guest.running:
            raise ApiError(500, f"VM {vmid} already running")
        if hibernated:
            await _wake(sim, guest, job)
        else:
            await power_on(sim, guest, job)


async def _wake(sim: Simulator, guest: Guest, job: Job) -> None:
    state = str(guest.config["vmstate"])
    job.log("Resuming suspended VM")
    for mtu in str(guest.config.get("running-nets-host-mtu", "")).split(","):
        if mtu:
            net, _, size = mtu.partition("=")
            job.log(f"netdev {net}: using 'host_mtu={size}' for migration compat")
    job.log(f"activating and using '{state}' as vmstate")
    await power_on(sim, guest, job, memory=HIBERNATED)
    if sim.cluster.files is not None:
        disks = guest_hardware.disks_of(sim.cluster, guest.node, guest.config)
        await sim.cluster.files.delete_snapshot(HIBERNATED, disks)
    for key in ("lock", "vmstate", *RUNNING_FACTS):
        guest.config.pop(key, None)
    sim.cluster.storage(state.partition(":")[0]).on(guest.node).pop(state, None)
    job.log("Resumed VM, removing state")


async def power_on(sim: Simulator, guest: Guest, job: Job, *, memory: str | None = None) -> None:
    """Start the guest's process, its flock held; pending changes take effect.

    With `memory`, the name of a snapshot, the system inside goes on from there instead of booting.

    Raises:
        ApiError: a bridge is missing (the texts of 8.4 and 9.2 differ).
    """
    apply_pending(sim.cluster, guest)
    _check_bridges(sim, guest, job)
    for drive in drives_of(guest.config):
        single = str(guest.config.get("scsihw", "")) == "virtio-scsi-single"
        if drive.options.get("iothread") == "1" and drive.key.startswith("scsi") and not single:
            reason = "iothread is only valid with virtio disk or virtio-scsi-single controller"
            job.warn(f"{reason}, ignoring")
    guest_cloudinit.refresh(guest)
    await sim.clock.sleep(START_S)
    machine = sim.machines.of(guest.vmid)
    address = sim.machines.address_of(guest.vmid)
    hardware = await guest_hardware.assemble(sim.cluster, guest, address)
    try:
        await sim.machines.start(guest, hardware, memory)
    except RuntimeError as error:
        raise ApiError(500, f"start failed: {error}") from error
    guest.running, guest.qmpstatus = True, "running"
    guest.started_at = sim.clock.time()
    guest.pid = job.pid + 1
    sim.spawn(_watch(sim, guest, machine.exited))
    guest.extra["from_memory"] = memory is not None
    guest.extra["meter"] = Meter(guest.started_at) if machine.has_system else None
    _boot(sim, guest, ready_s=AGENT_READY_S if memory is None else 0.0)


def _check_bridges(sim: Simulator, guest: Guest, job: Job) -> None:
    for key, value in sorted(guest.config.items()):
        if not (key.startswith("net") and key[3:].isdigit()):
            continue
        bridge = propstring.split(str(value), "model").get("bridge")
        if bridge is None or bridge in sim.cluster.bridges:
            continue
        missing = f"bridge '{bridge}' does not exist"
        if sim.cluster.major >= 9:
            raise ApiError(500, missing)
        script = "/usr/libexec/qemu-server/pve-bridge"
        job.log(missing)
        job.log(
            f"kvm: -netdev type=tap,id={key},ifname=tap{guest.vmid}i{key[3:]},script={script},"
            f"downscript={script}down: network script {script} failed with status 512"
        )
        raise ApiError(500, "start failed: QEMU exited with code 1")


async def reset(sim: Simulator, guest: Guest) -> None:
    """Press the reset button: the process stays, the system inside boots again."""
    await sim.machines.of(guest.vmid).reset()
    guest.extra["from_memory"] = False
    _boot(sim, guest, ready_s=AGENT_READY_S)


def _boot(sim: Simulator, guest: Guest, *, ready_s: float) -> None:
    """Let the system inside come up: its agent, if configured, answers after a while.

    A guest whose `extra["silent_agent"]` is set never has an agent.
    """
    guest.agent_up = False
    guest.extra["boots"] = guest.extra.get("boots", 0) + 1
    if agent_enabled(guest.config) and not guest.extra.get("silent_agent"):
        sim.spawn(_agent_comes_up(sim, guest, guest.extra["boots"], ready_s))


async def _agent_comes_up(sim: Simulator, guest: Guest, boots: int, ready_s: float) -> None:
    machine = sim.machines.of(guest.vmid)
    if machine.has_system:
        await sim.machines.until_agent(machine)
    else:
        await sim.clock.sleep(ready_s)
    if guest.running and guest.extra["boots"] == boots:
        guest.agent_up = True


async def _watch(sim: Simulator, guest: Guest, exited: asyncio.Event) -> None:
    """qmeventd: notice the end of the process, whoever ended it, and restart it after a reboot."""
    run = guest.started_at
    await exited.wait()
    if guest.started_at == run:
        mark_stopped(guest)
        apply_pending(sim.cluster, guest)
    await sim.clock.sleep(EVENT_S)
    if guest.extra.pop("reboot", False) and sim.cluster.nodes[guest.node].online:
        vmid = guest.vmid

        async def work(job: Job) -> None:
            await start(sim, guest.node, vmid, job)

        sim.fork(guest.node, "root@pam", "qmstart", str(vmid), work)


def mark_stopped(guest: Guest) -> None:
    """Record that the guest's process is gone."""
    guest.running, guest.qmpstatus = False, "stopped"
    guest.started_at, guest.pid, guest.agent_up = None, None, False


async def power_off(sim: Simulator, guest: Guest) -> None:
    """Pull the plug; what was pending takes effect."""
    await sim.clock.sleep(STOP_S)
    await sim.machines.of(guest.vmid).stop()
    mark_stopped(guest)
    apply_pending(sim.cluster, guest)


async def agent_answers(sim: Simulator, guest: Guest) -> bool:
    """Ping the guest's agent: a silent one is waited for."""
    machine = sim.machines.of(guest.vmid)
    if machine.has_system:
        return machine.agent is not None and await machine.agent.answers()
    if guest.agent_up and guest.qmpstatus == "running":
        return True
    await sim.clock.sleep(AGENT_TIMEOUT_S)
    return False


async def shut_down(sim: Simulator, guest: Guest, timeout_s: float) -> bool:
    """Ask the system inside to shut down, by agent or ACPI, and wait; False if it did not.

    A guest whose `extra["deaf"]` is set does not listen.
    """
    by_agent = agent_enabled(guest.config) and await agent_answers(sim, guest)
    machine = sim.machines.of(guest.vmid)
    if machine.has_system:
        await (machine.ask_to_shut_down() if by_agent else machine.powerdown())
        await happens(machine.exited, sim.clock.grace(timeout_s))
        return _has_ended(sim, guest, machine)
    shutting_s = min(GUEST_SHUTDOWN_S, timeout_s)
    await sim.clock.sleep(shutting_s)
    listens = timeout_s > GUEST_SHUTDOWN_S and not guest.extra.get("deaf")
    if listens and machine.running and await machine.powerdown():
        await happens(machine.exited, sim.clock.grace(timeout_s - shutting_s))
    elif machine.running:
        await sim.clock.sleep(timeout_s - shutting_s)
    return _has_ended(sim, guest, machine)


def _has_ended(sim: Simulator, guest: Guest, machine: Machine) -> bool:
    """Whether the guest's process is gone, which is written down then."""
    if machine.running:
        return False
    mark_stopped(guest)
    apply_pending(sim.cluster, guest)
    return True


async def happens(event: asyncio.Event, patience: Coroutine[Any, Any, None]) -> bool:
    """Wait for an event until patience, a sleep of the cluster's clock, is over."""
    waits = [asyncio.ensure_future(event.wait()), asyncio.ensure_future(patience)]
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
    return event.is_set()
