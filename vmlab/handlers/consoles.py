"""Consoles: whether there is one, the grant that opens it, and the WebSocket itself.

The grant is taken first; only then is Proxmox asked for its ticket, which is good for ten seconds.
"""

from __future__ import annotations

import asyncio
import math
from urllib.parse import quote

from aiohttp import web

from vmlab.errors import (
    Forbidden,
    ProxmoxFailed,
    ProxmoxUnavailable,
    ServiceUnavailable,
    WrongState,
)
from vmlab.handlers import grants, renewals, vnc_tunnel
from vmlab.handlers.attendance import attended, new_console
from vmlab.handlers.endpoint import API, Call, Endpoints
from vmlab.handlers.objects import VmObject
from vmlab.handlers.origin import base_url
from vmlab.handlers.schemas.console import (
    ConsoleQuery,
    VncInfo,
    VncToken,
    VncTokenRequest,
)
from vmlab.handlers.terminal_limits import TimeLimits
from vmlab.handlers.upgrade import check_upgrade
from vmlab.models import ConsoleSession, Vm
from vmlab.operations.guest_identity import at_its_node
from vmlab.proxmox.console import VncUpstream, open_vnc
from vmlab.rules.access import Actor, Permission
from vmlab.rules.vm_state import VmStatus

consoles = Endpoints(API, tag="consoles")

VNC_GRANT = "vnc"
VNC_PAGE = "/console/vnc/"
DIAL_LIMIT_S = 10.0
"""How long a screen may take to open; Proxmox's own ticket for it is good for no longer."""
HAS_SCREEN = frozenset({VmStatus.RUNNING, VmStatus.PAUSED})


@consoles.get("/vms/{id}/console/vnc/", on=VmObject, needs=Permission.VM_CONSOLE, returns=VncInfo())
async def vnc_console(call: Call, vm: Vm) -> dict[str, object]:
    """Tell whether the machine's screen can be opened now, where, and who has it open."""
    available = vm.status in HAS_SCREEN
    return {
        "available": available,
        "reason": None if available else f"the machine is {vm.status}",
        "protocol": "rfb",
        "page_url": f"{_base(call)}{VNC_PAGE}#vm={vm.id}",
        "websocket_url": _websocket_url(call),
        "token_url": f"{_base(call)}{API}/vms/{vm.id}/console/vnc/token/",
        "viewers": await call.parts.consoles.viewers(vm.id),
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
    if vm.node is not None:
        await call.parts.consoles.require_place(vm.node)
    return await issue_vnc(call, call.actor, vm, mode=call.body["mode"])


async def issue_vnc(
    call: Call, actor: Actor, vm: Vm, *, mode: str, chain: str | None = None
) -> dict[str, object]:
    """Leave a grant for a screen.

    Args:
        chain: of the console that this one renews.

    Raises:
        WrongState: the machine has no screen now.
        ServiceUnavailable: the grant could not be kept.
    """
    if vm.status not in HAS_SCREEN:
        raise WrongState(details={"status": vm.status, "task_id": None})
    ttl_s = call.parts.settings.console.grant_s
    token = await grants.issue(
        call.parts.bus, actor, VNC_GRANT, vm.id, ttl_s=ttl_s, mode=mode, chain=chain
    )
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
    errors=(Forbidden, WrongState, ServiceUnavailable, ProxmoxFailed, ProxmoxUnavailable),
)
async def open_vnc_console(call: Call, vm: Vm) -> web.StreamResponse:
    """Open the screen: a WebSocket with RFB in binary frames, security type None.

    Subprotocol `binary`, as noVNC offers it. With `vmlab.console` text frames bring notices beside
    it, as JSON: who else looks on (`viewers`), that it will be closed (`limit`), and a secret for
    `console/renew/` (`renewal`). Close codes of its own: 4408 not used for too long, 4409 opened
    again elsewhere, 4410 open for too long; 1001 the server goes down, 1008 the login or the right
    has ended, 1011 the machine's screen has.
    """
    check_upgrade(call.request, call.parts.settings.server)
    if vm.status not in HAS_SCREEN or vm.node is None or vm.vmid is None:
        raise WrongState(details={"status": vm.status, "task_id": None})
    assert call.grant is not None
    mode = call.grant.details["mode"]
    secret = renewals.new_secret()
    new = new_console(call, vm, "vnc", mode=mode, node=vm.node, secret=secret)
    async with call.parts.consoles.placed(new) as session:
        upstream = await _dialled(call, vm, session)
        view_only = mode == "view"
        limits = call.parts.settings.console
        idle_s = math.inf if view_only else limits.idle_s
        tunnel = vnc_tunnel.Tunnel(
            call.request,
            upstream,
            TimeLimits(idle_s=idle_s, max_s=limits.max_s),
            view_only=view_only,
        )
        try:
            async with (
                attended(call, session, tunnel, node=vm.node, view_only=view_only),
                renewals.renewable(tunnel, secret, session),
            ):
                return await tunnel.run()
        finally:
            upstream.leg.transport.abort()  # should it not have come to a run


async def _dialled(call: Call, vm: Vm, session: ConsoleSession) -> VncUpstream:
    """The machine's screen, opened in Proxmox.

    Raises:
        ProxmoxFailed, ProxmoxUnavailable: it cannot be, or not in time.
        ServiceUnavailable: it is on another node by now, which has no place left.
    """

    async def dial(node: str, vmid: int) -> VncUpstream:
        if node != session.node:
            await call.parts.consoles.move(session, node)
        return await open_vnc(call.parts.api, node, vmid)

    try:
        async with asyncio.timeout(DIAL_LIMIT_S), call.parts.consoles.turn_at(vm.id):
            return await at_its_node(call.parts.work, vm, dial)
    except TimeoutError:
        raise ProxmoxUnavailable from None


def _base(call: Call) -> str:
    return base_url(call.request, call.parts.settings.server.public_url)


def _websocket_url(call: Call) -> str:
    return _base(call).replace("http", "ws", 1) + f"{API}/console/vnc/"
