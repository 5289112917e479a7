"""The guest agent: what the system inside a guest tells and does.

An agent that does not answer costs three seconds, during which one of the node's three pvedaemon
workers is busy (the calls are protected; `dispatch.py` counts the workers).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from vmlab.simulator import guest_agent as inside
from vmlab.simulator import real_agent
from vmlab.simulator.errors import ApiError, invalid_parameters
from vmlab.simulator.guest_options import agent_enabled
from vmlab.simulator.guest_power import agent_answers
from vmlab.simulator.machines.agent import Agent
from vmlab.simulator.routes import Call, route
from vmlab.simulator.state import Guest

_BASE = "/nodes/{node}/qemu/{vmid}/agent"
_NAMES = (
    "exec exec-status file-read file-write fsfreeze-freeze fsfreeze-status fsfreeze-thaw fstrim "
    "get-fsinfo get-host-name get-memory-block-info get-memory-blocks get-osinfo get-time "
    "get-timezone get-users get-vcpus info network-get-interfaces ping set-user-password shutdown "
    "suspend-disk suspend-hybrid suspend-ram"
)

_READERS: dict[str, Callable[[Call, Guest], Any]] = {
    "ping": lambda call, guest: {},
    "info": lambda call, guest: inside.info(),
    "network-get-interfaces": lambda call, guest: inside.interfaces(call.cluster, guest),
    "get-osinfo": lambda call, guest: inside.os_info(),
    "get-host-name": lambda call, guest: {"host-name": inside.host_name(guest)},
    "get-fsinfo": lambda call, guest: inside.file_systems(guest),
    "get-users": lambda call, guest: [],
    "get-time": lambda call, guest: int(call.clock.time() * 1_000_000) * 1000,
    "fsfreeze-status": lambda call, guest: "thawed",
    "fstrim": lambda call, guest: {"paths": []},
}


async def _answering(call: Call) -> Guest:
    """The guest, once its agent has answered a ping.

    Raises:
        ApiError: 500: none configured, not running, or no answer within three seconds.
    """
    guest = call.guest()
    if not agent_enabled(guest.config):
        raise ApiError(500, "No QEMU guest agent configured")
    if not guest.running:
        raise ApiError(500, f"VM {guest.vmid} is not running")
    if not await agent_answers(call.sim, guest):
        raise ApiError(500, "QEMU guest agent is not running")
    return guest


@route("GET", _BASE)
async def directory(call: Call) -> Any:
    """The agent's commands."""
    return [{"name": name} for name in _NAMES.split()]


@route("POST", _BASE + "/ping")
@route("GET", _BASE + "/info")
@route("GET", _BASE + "/network-get-interfaces")
@route("GET", _BASE + "/get-osinfo")
@route("GET", _BASE + "/get-host-name")
@route("GET", _BASE + "/get-fsinfo")
@route("GET", _BASE + "/get-users")
@route("GET", _BASE + "/get-time")
@route("POST", _BASE + "/fsfreeze-status")
@route("POST", _BASE + "/fstrim")
async def ask(call: Call) -> Any:
    """One of the commands that take nothing and change nothing; the path's end names it."""
    return await _read(call, call.path.rpartition("/")[2])


@route("POST", _BASE)
async def ask_by_name(call: Call) -> Any:
    """The same commands, named by a parameter."""
    name = call.params["command"]
    if name == "shutdown":
        return await shut_down(call)
    if name not in _READERS:
        raise invalid_parameters({"command": "not simulated"})
    return await _read(call, name)


async def _read(call: Call, name: str) -> Any:
    guest = await _answering(call)
    agent = _real(call, guest)
    if agent is None:
        return {"result": _READERS[name](call, guest)}
    if name == "network-get-interfaces":
        return {"result": await real_agent.interfaces(call.sim, guest, agent)}
    return {"result": await real_agent.ask(agent, name)}


def _real(call: Call, guest: Guest) -> Agent | None:
    """The agent of a guest that runs a system of its own."""
    machine = call.sim.machines.of(guest.vmid)
    return machine.agent if machine.has_system else None


@route("POST", _BASE + "/shutdown")
async def shut_down(call: Call) -> Any:
    """Let the system inside shut down: no task tells of it."""
    guest = await _answering(call)
    machine = call.sim.machines.of(guest.vmid)
    await (machine.ask_to_shut_down() if machine.has_system else machine.powerdown())
    return {"result": {}}


@route("POST", _BASE + "/exec")
async def execute(call: Call) -> Any:
    """Start a command; its pid leads to its output. A command may switch the guest off."""
    guest = await _answering(call)
    command = call.params["command"]
    if agent := _real(call, guest):
        return {"pid": await real_agent.execute(agent, command, call.params.get("input-data"))}
    pid = inside.run(guest, command)
    if command[0].rpartition("/")[2] == "poweroff":
        await call.sim.machines.of(guest.vmid).powerdown()
    return {"pid": pid}


@route("GET", _BASE + "/exec-status")
async def execution(call: Call) -> Any:
    """How a command ended; asked once, it is forgotten, as the agent does."""
    guest = await _answering(call)
    pid = call.params["pid"]
    if agent := _real(call, guest):
        return await real_agent.execution(agent, pid)
    ended = inside.system_of(guest).ended.pop(pid, None)
    if ended is None:
        raise ApiError(500, f"Agent error: PID {pid} does not exist")
    return ended


@route("GET", _BASE + "/file-read")
async def read_file(call: Call) -> Any:
    """A file's text."""
    guest = await _answering(call)
    agent = _real(call, guest)
    path = call.params["file"]
    content = await real_agent.read_file(agent, path) if agent else inside.read_file(guest, path)
    return {"content": content, "bytes-read": len(content.encode())}


@route("POST", _BASE + "/file-write")
async def write_file(call: Call) -> Any:
    """Write a file."""
    guest = await _answering(call)
    path, content = call.params["file"], call.params["content"]
    if agent := _real(call, guest):
        encode = bool(call.params.get("encode", 1))
        await real_agent.write_file(agent, path, content, encode=encode)
        return
    inside.system_of(guest).files[path] = content


@route("POST", _BASE + "/set-user-password")
async def set_password(call: Call) -> Any:
    """Fails as in any system without the program for it."""
    await _answering(call)
    raise ApiError(500, "Agent error: cannot find 'passwd' program in PATH")
