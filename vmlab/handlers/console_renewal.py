"""`console/renew/`: the address at which a page comes back to a console that broke."""

from __future__ import annotations

from typing import Any

from vmlab.errors import Forbidden, NotFound, ServiceUnavailable, Unauthenticated, WrongState
from vmlab.handlers import renewals, trail
from vmlab.handlers.consoles import issue_vnc
from vmlab.handlers.endpoint import API, PUBLIC, Call, Endpoints
from vmlab.handlers.objects import VmObject
from vmlab.handlers.schemas.console import Renewal, RenewedToken
from vmlab.handlers.ssh_consoles import issue_ssh
from vmlab.rules.access import Permission

console_renewal = Endpoints(API, tag="consoles")


@console_renewal.post(
    "/console/renew/",
    needs=PUBLIC,
    accepts=Renewal,
    returns=RenewedToken(),
    status=201,
    errors=(Unauthenticated, Forbidden, NotFound, WrongState, ServiceUnavailable),
)
async def renew_console(call: Call) -> dict[str, Any]:
    """Get a token for a console that broke, with the secret that came over it.

    The secret is the credential: it stands for the login that opened the console, for this machine
    and mode, and is spent once the next one has arrived. One that is used after it was spent ends
    all consoles that it has led to.
    """
    actor, session = await renewals.redeem(call.body["secret"], call.parts.bus)
    trail.waits()  # for a machine that is stopped, or a node that is full
    vm = await VmObject.load(actor, Permission.VM_CONSOLE, session.vm_id)
    if session.protocol == "vnc":
        granted = await issue_vnc(call, actor, vm, mode=session.mode, chain=session.chain)
    else:
        size = {name: call.body[name] for name in ("cols", "rows")}
        login = {"username": session.guest_username}
        granted = await issue_ssh(call, actor, vm, login, **size, chain=session.chain)
    return {**granted, "protocol": session.protocol}
