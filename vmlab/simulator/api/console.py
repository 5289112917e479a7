"""Consoles: vncproxy and termproxy open a way to a guest, vncwebsocket is the way itself.

The proxy is a task on the node that was contacted, whichever node the guest is on. It accepts
one client within ten seconds; the client shows the proxy's ticket and the credentials of whoever
asked for it. Facts are of qemu-server 8.4.6 and 8.4.7, between which the tickets changed.
"""

from __future__ import annotations

import asyncio
import re
import secrets
import socket
from typing import Any

from vmlab.simulator.consoles import Proxy
from vmlab.simulator.errors import ApiError, Dropped
from vmlab.simulator.jobs import Job, Work
from vmlab.simulator.machines import guest_name
from vmlab.simulator.machines.serial import serve_terminal
from vmlab.simulator.routes import Call, route
from vmlab.simulator.state import Guest
from vmlab.simulator.websocket import Tunnel

PASSWORD_LENGTH = 8
PASSWORD_CHARACTERS = "".join(map(chr, range(0x21, 0x61)))
TICKET_LIFE_S = 40.0
TICKET_SKEW_S = 20.0
PROXY_FAILED = "Failed to run vncproxy."


@route("POST", "/nodes/{node}/qemu/{vmid}/vncproxy")
async def vncproxy(call: Call) -> dict[str, Any]:
    """Open a proxy to the guest's screen; a stopped guest is noticed only by the client."""
    guest = _guest(call)
    proxy = call.sim.consoles.listen(call.entry.name)
    ticket = _assemble_ticket(call, proxy.port)
    password = None
    if _is_new_form(call) or call.params.get("generate-password"):
        password = "".join(secrets.choice(PASSWORD_CHARACTERS) for _ in range(PASSWORD_LENGTH))
    if password and _is_new_form(call):
        ticket = f"{password}:{ticket}"

    async def work(job: Job) -> None:
        tunnel = await proxy.accept(call.clock)
        if not call.params.get("websocket"):  # then the port speaks TLS, which is not simulated
            raise ApiError(500, PROXY_FAILED)
        try:
            machine = call.sim.machines.of(guest.vmid)
            reader, writer = await machine.connect_vnc(password or ticket)
        except ConnectionRefusedError:
            job.log(f"VM {guest.vmid} not running")
            raise ApiError(500, PROXY_FAILED) from None
        await tunnel.relay(reader, writer)

    answer = _open(call, guest, proxy, ticket, work)
    answer["cert"] = call.sim.ca_path.read_text()
    if password:
        answer["password"] = password
    return answer


@route("POST", "/nodes/{node}/qemu/{vmid}/termproxy")
async def termproxy(call: Call) -> dict[str, Any]:
    """Open a proxy to the guest's serial line."""
    guest = _guest(call)
    proxy = call.sim.consoles.listen(call.entry.name)
    ticket = _assemble_ticket(call, proxy.port)

    async def work(job: Job) -> None:
        tunnel = await proxy.accept(call.clock)
        if trouble := _serial_trouble(call, guest):
            job.log(trouble)
            raise ApiError(500, f"command '/usr/bin/termproxy {proxy.port}' failed: exit code 1")
        await _terminal(call, guest, proxy, tunnel)

    return _open(call, guest, proxy, ticket, work)


@route("GET", "/nodes/{node}/qemu/{vmid}/vncwebsocket")
async def vncwebsocket(call: Call) -> Any:
    """Lead a WebSocket to a proxy of this node. Without an upgrade, just tell its port.

    A port where no proxy waits any more cuts the connection without an answer.
    """
    port = int(call.params["port"])
    if not _ticket_is_valid(call, str(call.params["vncticket"]), port):
        raise ApiError(401, "permission denied - invalid PVEVNC ticket")
    _guest(call)
    request = call.request
    if request is None or request.headers.get("Upgrade", "").lower() != "websocket":
        return {"port": str(port)}
    proxy = call.sim.consoles.find(call.entry.name, port)
    if proxy is None:
        raise Dropped
    tunnel = await Tunnel.open(request)
    try:
        proxy.connect(tunnel)
        await proxy.ended.wait()
    finally:
        tunnel.close()
    return tunnel.response


def _guest(call: Call) -> Guest:
    """The guest named by the path, whose node need not be up, or exist, for these calls."""
    return call.cluster.guest(str(call.params["node"]), int(call.params["vmid"]))


def _open(call: Call, guest: Guest, proxy: Proxy, ticket: str, work: Work) -> dict[str, Any]:
    """Start the proxy's task on the node contacted and tell the client where to go."""
    upid = call.sim.fork(call.entry.name, call.who.full, "vncproxy", str(guest.vmid), work)
    job = call.sim.jobs.find(upid)
    assert job is not None
    assert job.worker is not None
    # Not in the work itself: a task can be made to fail before it does anything.
    job.worker.add_done_callback(lambda _: call.sim.consoles.close(proxy))
    return {"user": call.who.full, "ticket": ticket, "port": str(proxy.port), "upid": upid}


def _is_new_form(call: Call) -> bool:
    """Since April 2026 a ticket begins with the password and is bound to the port."""
    return call.sim.ticket_form == "2026-04"


def _bound_to(call: Call, port: int) -> str:
    bound = f"{call.who.full}:/vms/{call.params['vmid']}"
    return f"{bound}:{port}" if _is_new_form(call) else bound


def _assemble_ticket(call: Call, port: int) -> str:
    return call.sim.tickets.assemble("PVEVNC", secret=_bound_to(call, port))


def _ticket_is_valid(call: Call, ticket: str, port: int) -> bool:
    if _is_new_form(call) and ticket[PASSWORD_LENGTH:].startswith(":PVEVNC:"):
        ticket = ticket[PASSWORD_LENGTH + 1 :]
    verified = call.sim.tickets.verify(
        ticket,
        "PVEVNC",
        _bound_to(call, port),
        min_age_s=-TICKET_SKEW_S,
        max_age_s=TICKET_LIFE_S,
    )
    return verified is not None


def _serial_trouble(call: Call, guest: Guest) -> str | None:
    """Why the guest's serial line cannot be opened, in the words of `qm terminal`."""
    wanted = call.params.get("serial")
    if wanted and wanted not in guest.config:
        return f"requested interface '{wanted}' is not configured"
    if not any(re.fullmatch(r"serial\d", key) for key in guest.config):
        return "unable to find a serial interface"
    if not call.sim.machines.of(guest.vmid).running:
        return f"VM {guest.vmid} not running"
    return None


async def _terminal(call: Call, guest: Guest, proxy: Proxy, tunnel: Tunnel) -> None:
    """Join the client to a toy serial line until either leaves."""

    def admit(user: str, ticket: str) -> bool:
        return user == call.who.full and _ticket_is_valid(call, ticket, proxy.port)

    near, far = socket.socketpair()
    line = await asyncio.open_connection(sock=near)
    machine = call.sim.machines.of(guest.vmid)
    async with asyncio.TaskGroup() as group:
        streams = await asyncio.open_connection(sock=far)
        group.create_task(serve_terminal(*streams, admit, machine, lambda: guest_name(guest)))
        group.create_task(tunnel.relay(*line))
