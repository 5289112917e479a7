"""SSH consoles: what is known of a machine's SSH server, the grant, and the WebSocket itself.

The browser is answered first and told in the terminal if there is no way in: a browser shows
nobody the answer to a WebSocket request that was refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from aiohttp import web

from vmlab.config import Security
from vmlab.errors import Forbidden, Invalid, ServiceUnavailable, WrongState
from vmlab.guests.host_keys import fingerprint
from vmlab.guests.ssh import HostKeyChanged, LoginRefused, SshFailed, TerminalSize, open_shell
from vmlab.guests.user_keys import read_private_key
from vmlab.handlers import grants, renewals, ssh_login, trail
from vmlab.handlers.attendance import attended, new_console
from vmlab.handlers.endpoint import API, Call, Endpoints
from vmlab.handlers.objects import VmObject
from vmlab.handlers.origin import base_url
from vmlab.handlers.schemas.console import (
    ConsoleQuery,
    SshAuthority,
    SshInfo,
    SshToken,
    SshTokenRequest,
)
from vmlab.handlers.ssh_terminal import Terminal
from vmlab.handlers.terminal_limits import TimeLimits
from vmlab.handlers.upgrade import check_upgrade
from vmlab.models import Vm
from vmlab.operations import ssh_access
from vmlab.rules.access import Actor, Permission
from vmlab.rules.vm_state import VmStatus

ssh_consoles = Endpoints(API, tag="consoles")

SSH_GRANT = "ssh"
SSH_PAGE = "/console/ssh/"


@ssh_consoles.get(
    "/vms/{id}/console/ssh/", on=VmObject, needs=Permission.VM_CONSOLE, returns=SshInfo()
)
async def ssh_console(call: Call, vm: Vm) -> dict[str, Any]:
    """Tell whether a shell can be opened in the machine now, where, and as whom.

    A machine says by its guest agent where it is; what it says is believed within the configured
    lab networks.
    """
    settings = call.parts.settings
    running = vm.status is VmStatus.RUNNING
    host = await ssh_login.address_of(call.parts, vm) if running else None
    host_key = await ssh_access.pinned(vm.id)
    reason = None if host else "the machine's address is not known"
    username, port = ssh_login.username_of(vm), settings.guests.ssh_port
    target = f"{username}@{host}" if username else host
    return {
        "available": host is not None,
        "reason": reason if running else f"the machine is {vm.status}",
        "protocol": "ssh",
        "page_url": f"{_base(call)}{SSH_PAGE}#vm={vm.id}",
        "websocket_url": _websocket_url(call),
        "token_url": f"{_base(call)}{API}/vms/{vm.id}/console/ssh/token/",
        "host": host,
        "port": port,
        "username": username,
        "authentication": await ssh_login.method_of(vm, settings.security),
        "host_key_fingerprint": fingerprint(host_key) if host_key else None,
        "command": f"ssh -p {port} {target}" if host else None,
    }


@ssh_consoles.post(
    "/vms/{id}/console/ssh/token/",
    on=VmObject,
    needs=Permission.VM_CONSOLE,
    accepts=SshTokenRequest,
    returns=SshToken(),
    status=201,
    errors=(WrongState, ServiceUnavailable),
)
async def issue_ssh_token(call: Call, vm: Vm) -> dict[str, Any]:
    """Get a token that opens a shell in the machine once, within seconds.

    Without credentials VMLab signs in by itself, by a certificate or with the key that it put into
    the machine. Credentials that are given are kept, sealed, for as long as the token is good.
    """
    _require_running(vm)
    size = {name: call.body[name] for name in ("cols", "rows")}
    login = await _login_of(call.body, vm, call.parts.settings.security)
    return await issue_ssh(call, call.actor, vm, login, **size)


async def issue_ssh(
    call: Call, actor: Actor, vm: Vm, login: Mapping[str, Any], **details: Any
) -> dict[str, Any]:
    """Leave a grant for a shell.

    Args:
        login: who to be in the machine and, where the user gave it, the proof.
        details: the terminal's size, and the chain of the console that this one renews.

    Raises:
        WrongState: the machine does not run.
        ServiceUnavailable: the grant could not be kept.
    """
    _require_running(vm)
    settings = call.parts.settings
    sealed = ssh_login.seal(login, settings.security)
    ttl_s = settings.console.grant_s
    token = await grants.issue(
        call.parts.bus, actor, SSH_GRANT, vm.id, ttl_s=ttl_s, login=sealed, **details
    )
    return {
        "token": token,
        "expires_in": ttl_s,
        "websocket_url": f"{_websocket_url(call)}?token={token}",
        "page_url": f"{_base(call)}{SSH_PAGE}#token={token}&name={quote(vm.name)}",
    }


async def _login_of(body: Mapping[str, Any], vm: Vm, security: Security) -> dict[str, str]:
    """Who to be and, where the user says so, how to prove it.

    Raises:
        Invalid: something is missing, or is no key.
    """
    named = ("username", "password", "private_key")
    given = {name: body[name] for name in named if name in body}
    if "username" not in given:
        if (usual := ssh_login.username_of(vm)) is None:
            raise Invalid(details={"username": ["Say who to be in the machine."]})
        given["username"] = usual
    if "private_key" in given:
        try:
            read_private_key(given["private_key"])
        except ValueError:
            text = "Must be a private key without a passphrase."
            raise Invalid(details={"private_key": [text]}) from None
    elif "password" not in given and not await ssh_login.method_of(vm, security):
        text = "VMLab has no key for this machine: give a password or a private key."
        raise Invalid(details={"password": [text]})
    return given


@ssh_consoles.delete("/vms/{id}/console/ssh/host-key/", on=VmObject, needs=Permission.VM_CHANGE)
async def forget_host_key(_call: Call, vm: Vm) -> None:
    """Believe the next host key that the machine shows.

    For a machine whose system was installed anew. VMLab otherwise signs in only to the host that
    it met first.
    """
    await ssh_access.forget_host_key(vm.id)


@ssh_consoles.get(
    "/console/ssh/authority/", needs=Permission.TEMPLATE_CHANGE, returns=SshAuthority()
)
async def get_ssh_authority(call: Call) -> dict[str, str]:
    """The authority whose certificates VMLab signs in with, for templates that shall trust it.

    Put its public key into the file that `TrustedUserCAKeys` in the template's `sshd_config` names,
    and say `ssh_certificates` of the template.
    """
    found = await ssh_login.authority(call.parts.settings)
    return {"public_key": found.public_key, "fingerprint": found.fingerprint}


@ssh_consoles.get(
    "/console/ssh/",
    grant=SSH_GRANT,
    on=VmObject,
    needs=Permission.VM_CONSOLE,
    query=ConsoleQuery,
    status=101,
    produces="application/octet-stream",
    errors=(Forbidden, WrongState, ServiceUnavailable),
)
async def open_ssh_console(call: Call, vm: Vm) -> web.StreamResponse:
    """Open the shell: a WebSocket with terminal bytes in binary frames.

    A text frame `{"type": "resize", "cols": …, "rows": …}` changes the terminal's size. With the
    subprotocol `vmlab.console` a text frame brings a secret for `console/renew/`, where VMLab signs
    in by itself. Close codes of its own: 4401 the machine refuses the credentials, 4408 not used
    for too long, 4409 opened again elsewhere, 4410 open for too long, 4495 the host key has
    changed, 4503 no SSH server answers.
    """
    check_upgrade(call.request, call.parts.settings.server)
    _require_running(vm)
    assert call.grant is not None
    settings = call.parts.settings
    terminal = Terminal(
        call.request, TimeLimits(idle_s=settings.console.idle_s, max_s=settings.console.max_s)
    )
    username = ssh_login.own_login_of(call.grant.details["login"], settings.security)
    secret = renewals.new_secret() if username else None
    new = new_console(call, vm, "ssh", mode="control", secret=secret, guest_username=username)
    async with (
        call.parts.consoles.placed(new) as session,
        attended(call, session, terminal),
        renewals.renewable(terminal, secret, session),
    ):
        return await terminal.run(_session(call, vm, terminal))


async def _session(call: Call, vm: Vm, terminal: Terminal) -> None:
    """Sign in and carry bytes; says in the terminal what stands in the way."""
    try:
        await _carry(call, vm, terminal)
    except HostKeyChanged:
        await terminal.show(
            "Another host key than at the first contact: nothing was sent. If the machine was "
            "installed anew, have VMLab forget the old key."
        )
        terminal.end("host_key")
    except LoginRefused:
        await terminal.show("The machine does not accept these credentials.")
        terminal.end("login")
    except SshFailed:
        await terminal.show("No SSH server answers in the machine.")
        terminal.end("unreachable")


async def _carry(call: Call, vm: Vm, terminal: Terminal) -> None:
    assert call.grant is not None
    granted, settings = call.grant.details, call.parts.settings
    address = await ssh_login.address_of(call.parts, vm)
    if address is None:
        await terminal.show("The machine's address is not known: its guest agent does not answer.")
        terminal.end("unreachable")
        return
    port = settings.guests.ssh_port
    is_first_contact = await ssh_access.pinned(vm.id) is None
    host_key = await ssh_login.host_key_of(vm, address, port)
    if is_first_contact:
        shown = fingerprint(host_key)
        await trail.note("ssh_host_key_pinned", 101, fingerprint=shown)
        await terminal.show(
            "First contact: this machine's host key is {fingerprint}.", fingerprint=shown
        )
    credentials, serial = await ssh_login.credentials_of(
        vm, granted["login"], settings, asked_by=call.actor.username
    )
    if serial is not None:
        await trail.note("ssh_certificate_signed", 101, serial=str(serial))
    size = TerminalSize(granted["cols"], granted["rows"])
    async with open_shell(address, port, credentials, host_key=host_key, size=size) as shell:
        await terminal.carry(shell)


def _require_running(vm: Vm) -> None:
    if vm.status is not VmStatus.RUNNING:
        raise WrongState(details={"status": vm.status, "task_id": None})


def _base(call: Call) -> str:
    return base_url(call.request, call.parts.settings.server.public_url)


def _websocket_url(call: Call) -> str:
    return _base(call).replace("http", "ws", 1) + f"{API}/console/ssh/"
