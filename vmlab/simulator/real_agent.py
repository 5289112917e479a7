"""What a real guest's agent answers, in the form in which Proxmox passes it on.

Addresses are the exception: the guest's own network is QEMU's and leads nowhere, so that the one
under which it is reached stands in the place of its own.
"""

from __future__ import annotations

import base64
import contextlib
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

from vmlab.simulator.errors import ApiError
from vmlab.simulator.guest_drives import net_mac
from vmlab.simulator.machines.agent import Agent, AgentError, AgentSilent
from vmlab.simulator.machines.network import PREFIX

if TYPE_CHECKING:
    from vmlab.simulator.service import Simulator
    from vmlab.simulator.state import Guest

READ_LIMIT = 1 << 20
_OUTPUTS = ("out-data", "err-data")
_FLAGS = ("exited", "out-truncated", "err-truncated")


async def ask(agent: Agent, command: str, **arguments: Any) -> Any:
    """Run one of the agent's own commands.

    Raises:
        ApiError: 500 in Proxmox's words.
    """
    try:
        return await agent.execute(f"guest-{command}", **arguments)
    except AgentError as error:
        raise ApiError(500, f"Agent error: {error}") from error
    except AgentSilent as error:
        raise ApiError(500, "QEMU guest agent is not running") from error


async def interfaces(sim: Simulator, guest: Guest, agent: Agent) -> list[dict[str, Any]]:
    """guest-network-get-interfaces, with the address that leads to the guest."""
    found: list[dict[str, Any]] = await ask(agent, "network-get-interfaces")
    first = net_mac(str(guest.config.get("net0", ""))).lower()
    for interface in found:
        if first and interface.get("hardware-address") == first:
            others = [
                address
                for address in interface.get("ip-addresses", [])
                if address["ip-address-type"] != "ipv4"
            ]
            if len(others) < len(interface.get("ip-addresses", [])):
                own = sim.machines.address_of(guest.vmid)
                reached = {"ip-address": own, "ip-address-type": "ipv4", "prefix": PREFIX}
                interface["ip-addresses"] = [reached, *others]
    return found


async def execute(agent: Agent, command: list[str], given: str | None) -> int:
    """Start a command; returns its pid."""
    arguments: dict[str, Any] = {"path": command[0], "arg": command[1:], "capture-output": True}
    if given is not None:
        arguments["input-data"] = base64.b64encode(given.encode()).decode()
    started = await ask(agent, "exec", **arguments)
    return int(started["pid"])


async def execution(agent: Agent, pid: int) -> dict[str, Any]:
    """How a command is getting on; once told that it has ended, the agent forgets it."""
    said = await ask(agent, "exec-status", pid=pid)
    row: dict[str, Any] = {k: int(v) if k in _FLAGS else v for k, v in said.items()}
    for key in _OUTPUTS:
        if key in row:
            row[key] = base64.b64decode(row[key]).decode(errors="replace")
    return row


async def read_file(agent: Agent, path: str) -> str:
    """The beginning of a file, up to 1 MiB."""
    handle = await ask(agent, "file-open", path=path, mode="r")
    try:
        part = await ask(agent, "file-read", handle=handle, count=READ_LIMIT)
    finally:
        await ask(agent, "file-close", handle=handle)
    return base64.b64decode(part["buf-b64"]).decode(errors="replace")


async def write_file(agent: Agent, path: str, content: str, *, encode: bool) -> None:
    """Replace a file's content, which is base 64 already unless it is to be encoded."""
    handle = await ask(agent, "file-open", path=path, mode="w")
    text = base64.b64encode(content.encode()).decode() if encode else content
    try:
        await ask(agent, "file-write", handle=handle, **{"buf-b64": text})
    finally:
        await ask(agent, "file-close", handle=handle)


@contextlib.asynccontextmanager
async def frozen(agent: Agent) -> AsyncIterator[None]:
    """Keep the guest's file systems as they are for the time of the block, all of it on the disks.

    An agent that cannot is passed over, as in qemu-server.
    """
    with contextlib.suppress(AgentError, AgentSilent):
        await agent.execute("guest-fsfreeze-freeze")
    try:
        yield
    finally:
        with contextlib.suppress(AgentError, AgentSilent):
            await agent.execute("guest-fsfreeze-thaw")
