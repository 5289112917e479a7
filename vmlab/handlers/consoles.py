"""Consoles: whether there is one, the grant that opens it, and the WebSocket itself.

The grant is taken first; only then is Proxmox asked for its ticket, which is good for ten seconds.
"""

from __future__ import annotations

import asyncio
import functools
import time
from urllib.parse import quote

import structlog
from aiohttp import web

from vmlab.errors import ProxmoxFailed, ProxmoxUnavailable, ServiceUnavailable, WrongState
from vmlab.handlers import grants, trail, vnc_tunnel
from vmlab.handlers.endpoint import API, Call, Endpoints
from vmlab.handlers.objects import VmObject
from vmlab.handlers.open_consoles import OpenConsole
from vmlab.handlers.origin import base_url
from vmlab.handlers.schemas.console import (
    ConsoleQuery,
    VncInfo,
    VncToken,
    VncTokenRequest,
)
from vmlab.models import Vm
from vmlab.operations.console_record import console_recorded
from vmlab.operations.guest_identity import at_its_node
from vmlab.proxmox.console import VncUpstream, open_vnc
from vmlab.rules.access import Permission
from vmlab.rules.vm_state import VmStatus

log = structlog.get_logger(__name__)

consoles = Endpoints(API, tag="consoles")

VNC_GRANT = "vnc"
VNC_PAGE = "/console/vnc/"
DIAL_LIMIT_S = 10.0
"""How long a screen may take to open; Proxmox's own ticket for it is good for no longer."""
HAS_SCREEN = frozenset({VmStatus.RUNNING, VmStatus.PAUSED})


@consoles.get("/vms/{id}/console/vnc/", on=VmObject, needs=Permission.VM_CONSOLE, returns=VncInfo())
async def vnc_console(call: Call, vm: Vm) -> dict[str, object]:
    """Tell whether the machine's screen can be opened now, and where."""
    available = vm.status in HAS_SCREEN
    return {
        "available": available,
        "reason": None if available else f"the machine is {vm.status}",
        "protocol": "rfb",
        "page_url": f"{_base(call)}{VNC_PAGE}#vm={vm.id}",
        "websocket_url": _websocket_url(call),
        "token_url": f"{_base(call)}{API}/vms/{vm.id}/console/vnc/token/",
    }


@consoles.post(
    "/vms/{id}/console/vnc/token/",
    on=VmObject,
    needs=Permission.VM_CONSOLE,
    accepts=VncTokenRequest,
    returns=VncToken(),
    status=201,
    errors=(WrongState, ServiceUnavailable),
)
async def issue_vnc_token(call: Call, vm: Vm) -> dict[str, object]:
    """Get a token that opens the machine's screen once, within seconds.

    It belongs to the caller's login: when that ends, so does the console. No VNC password exists on
    this side; VMLab signs in to the screen itself.
    """
    if vm.status not in HAS_SCREEN:
        raise WrongState(details={"status": vm.status, "task_id": None})
    mode, ttl_s = call.body["mode"], call.parts.settings.console.grant_s
    token = await grants.issue(call.parts.bus, call.actor, VNC_GRANT, vm.id, ttl_s=ttl_s, mode=mode)
    fragment = f"token={token}&mode={mode}&name={quote(vm.name)}"
    return {
        "token": token,
        "expires_in": ttl_s,
        "websocket_url": f"{_websocket_url(call)}?token={token}",
        "page_url": f"{_base(call)}{VNC_PAGE}#{fragment}",
        "mode": mode,
    }


@consoles.get(
    "/console/vnc/",
    grant=VNC_GRANT,
    on=VmObject,
    needs=Permission.VM_CONSOLE,
    query=ConsoleQuery,
    status=101,
    produces="application/octet-stream",
    errors=(WrongState, ServiceUnavailable, ProxmoxFailed, ProxmoxUnavailable),
)
async def open_vnc_console(call: Call, vm: Vm) -> web.StreamResponse:
    """Open the screen: a WebSocket with RFB in binary frames, security type None."""
    vnc_tunnel.check_upgrade(call.request)
    if vm.status not in HAS_SCREEN or vm.node is None or vm.vmid is None:
        raise WrongState(details={"status": vm.status, "task_id": None})
    assert call.grant is not None
    view_only = call.grant.details["mode"] == "view"
    with call.parts.consoles.place_on(vm.node):
        upstream = await _dialled(call, vm)
        tunnel = vnc_tunnel.Tunnel(call.request, upstream, view_only=view_only)
        console = OpenConsole(tunnel, call.actor.user_id, call.actor.session_id, vm.id)
        record = log.bind(vm=vm.id, user=call.actor.username, view_only=view_only)
        record.info("console_opened", node=vm.node)
        await trail.note("console_opened", 101, node=vm.node, view_only=view_only)
        started = time.monotonic()
        try:
            async with console_recorded(vm.id, call.actor, "VNC"):
                with call.parts.consoles.listed(console):
                    return await tunnel.run()
        finally:
            seconds = round(time.monotonic() - started, 1)
            record.info("console_closed", seconds=seconds, **vars(tunnel.traffic))
            await trail.note("console_closed", 101, seconds=seconds, **vars(tunnel.traffic))


async def _dialled(call: Call, vm: Vm) -> VncUpstream:
    """The machine's screen, opened in Proxmox.

    Raises:
        ProxmoxFailed, ProxmoxUnavailable: it cannot be, or not in time.
    """
    dial = functools.partial(open_vnc, call.parts.api)
    try:
        async with asyncio.timeout(DIAL_LIMIT_S), call.parts.consoles.turn_at(vm.id):
            return await at_its_node(call.parts.work, vm, dial)
    except TimeoutError:
        raise ProxmoxUnavailable from None


def _base(call: Call) -> str:
    return base_url(call.request, call.parts.settings.server.public_url)


def _websocket_url(call: Call) -> str:
    return _base(call).replace("http", "ws", 1) + f"{API}/console/vnc/"
