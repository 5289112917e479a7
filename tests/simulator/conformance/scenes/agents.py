"""Scenes of the guest agent, and of who may ask it what."""

from __future__ import annotations

from tests.simulator.conformance import cast
from tests.simulator.conformance.recordings import recordings
from tests.simulator.conformance.stage import Stage

_OF_ITS_OWN_SYSTEM = {
    "340-agent-exec-with-VM.GuestAgent.Unrestricted",
    "340-agent-get-osinfo-with-VM.GuestAgent.Audit",
    "340-agent-set-user-password-with-VM.GuestAgent.Unrestricted",
}
"""What the recorded guest answered because of the programs and files that it had not."""


async def agent(stage: Stage) -> None:
    """What a running agent answers."""
    await cast.guest(stage, 110, cast.IMPORTED)
    await stage.replay("172-err-agent-not-configured", vmid=110)
    await cast.running_guest(stage, 111, cast.TCG)
    await stage.replay("085-agent-ping", "085b-agent-network", "085d-agent-hostname")
    await stage.replay("085a", "085g-agent-info", "085h-agent-file-write")
    await stage.replay("085i-agent-file-read")
    answer = await stage.replay("085e-agent-exec")
    await stage.advance(2)
    await stage.replay("085f-agent-exec-status", pid=answer.data["pid"])
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
        if name.startswith(("340-", "341-")) and name not in _OF_ITS_OWN_SYSTEM:
            await cast.allow(stage, who, name.partition("-with-")[2])
            await stage.replay(name)


SCENES = (agent, agent_privileges)
