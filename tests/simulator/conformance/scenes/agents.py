"""Scenes of the guest agent, and of who may ask it what."""

from __future__ import annotations

from tests.simulator.conformance import cast
from tests.simulator.conformance.recordings import recordings
from tests.simulator.conformance.stage import Stage


async def agent(stage: Stage) -> None:
    """What a running agent answers."""
    await cast.guest(stage, 110, cast.IMPORTED)
    await stage.replay("172-err-agent-not-configured", vmid=110)
    await cast.running_guest(stage, 111, cast.TCG)
    await stage.replay("085-agent-ping", "085b-agent-network", "085c-agent-osinfo", "085a")
    await stage.replay("085d-agent-hostname", "085g-agent-info", "085h-agent-file-write")
    await stage.replay("085i-agent-file-read", "085e-agent-exec")
    await stage.advance(2)
    await stage.replay("085f-agent-exec-status")
    too_big = {"file": "/tmp/y", "content": "x" * 70_000}
    await stage.replay("169-err-agent-write-too-big", sent=too_big)


async def agent_privileges(stage: Stage) -> None:
    """Each agent call with each single privilege (9.x, which has privileges for the agent)."""
    who = "ag@pve!tk"
    if stage.version != "9.2":
        return
    await cast.running_guest(stage, 700, cast.TCG)
    await cast.account(stage, who, "VM.Audit", path="/vms/700")
    for name in recordings(stage.version):
        if name.startswith(("340-", "341-")):
            await cast.allow(stage, who, name.partition("-with-")[2])
            await stage.replay(name)


SCENES = (agent, agent_privileges)
