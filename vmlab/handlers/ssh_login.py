"""Where a machine's SSH server is, and how VMLab signs in there.

In order: what the user gave with the request for a token (kept only in the grant, sealed), a
certificate of VMLab's own authority where the template trusts it, the key that cloud-init put
into the guest. The host is the one that was met first, or the sign-in ends there.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import orjson

from vmlab.config import Proxmox, Security, Settings
from vmlab.guests.certificates import Authority
from vmlab.guests.host_keys import ask_host_key
from vmlab.guests.own_addresses import is_our_own
from vmlab.guests.sealing import Sealer
from vmlab.guests.ssh import Credentials, LoginRefused
from vmlab.guests.user_keys import read_private_key
from vmlab.handlers.observation import look
from vmlab.handlers.parts import ApiParts
from vmlab.models import Vm
from vmlab.operations import ssh_access
from vmlab.proxmox.hosts import split, with_port
from vmlab.rules.addresses import believed

AUTHORITY_FILE = "ssh_ca"

Method = Literal["certificate", "key"]


def username_of(vm: Vm) -> str | None:
    """Who one usually is in the guest; None if its template does not say."""
    return (vm.template.ssh_username or None) if vm.template else None


async def method_of(vm: Vm, security: Security) -> Method | None:
    """How VMLab signs in by itself; None if it cannot."""
    if vm.template is not None and vm.template.ssh_certificates:
        return "certificate"
    return "key" if await ssh_access.private_key_of(vm.id, security) else None


async def address_of(parts: ApiParts, vm: Vm) -> str | None:
    """The machine's address, from its agent, if it is a lab network's and not Proxmox's or ours.

    A machine whose host key is known is looked for where it was last, if the agent cannot say: a
    stranger who has the address by now does not have the key.
    """
    seen = await look(parts.work, vm)
    claimed = (await parts.agents.ask(vm, seen)).addresses if seen else []
    if not claimed and await ssh_access.pinned(vm.id):
        claimed = vm.ip_addresses
    denied = await proxmox_addresses(parts.settings.proxmox)
    found = believed(claimed, parts.settings.guests.lab_networks, denied)
    return next((address for address in found if not is_our_own(address)), None)


async def proxmox_addresses(proxmox: Proxmox) -> set[str]:
    """The addresses of all Proxmox hosts of the configuration."""
    names = {split(with_port(host))[0] for host in (*proxmox.hosts, *proxmox.node_hosts.values())}
    loop = asyncio.get_running_loop()
    found: set[str] = set()
    for name in names:
        with contextlib.suppress(OSError):
            found |= {str(info[4][0]) for info in await loop.getaddrinfo(name, None)}
    return found


async def host_key_of(vm: Vm, address: str, port: int) -> str:
    """The host key that the machine must show: the pinned one, else the one it shows now.

    Raises:
        Unreachable: no SSH server answers there.
    """
    known = await ssh_access.pinned(vm.id)
    return known or await ssh_access.pin(vm.id, await ask_host_key(address, port))


def seal(given: Mapping[str, Any], security: Security) -> str:
    """Make what the user gave unreadable for whoever looks into the bus."""
    return _grant_sealer(security).seal(orjson.dumps(given).decode())


def own_login_of(sealed: str, security: Security) -> str | None:
    """Who VMLab is in the guest where it signs in by itself; None where the user gave the proof."""
    given = orjson.loads(_grant_sealer(security).open(sealed)) if sealed else {}
    return given.get("username") if given.keys() == {"username"} else None


async def credentials_of(
    vm: Vm, sealed: str, settings: Settings, *, asked_by: str
) -> tuple[Credentials, int | None]:
    """Who VMLab is in the guest, and the serial number of the certificate if that is the proof.

    Args:
        sealed: what the user gave, from the grant.
        asked_by: who looks at the terminal, for the guest's log.

    Raises:
        LoginRefused: there is nothing to sign in with any more.
    """
    security = settings.security
    given = orjson.loads(_grant_sealer(security).open(sealed))
    username = given["username"]
    if "password" in given:
        return Credentials(username=username, password=given["password"]), None
    if "private_key" in given:
        return Credentials(username=username, key=read_private_key(given["private_key"])), None
    if await method_of(vm, security) == "certificate":
        made = (await authority(settings)).certify(username, f"vmlab {asked_by} vm-{vm.id}")
        login = Credentials(username=username, key=made.key, certificate=made.certificate)
        return login, made.serial
    if (key := await ssh_access.private_key_of(vm.id, security)) is None:
        raise LoginRefused("VMLab has no key of its own")
    return Credentials(username=username, key=read_private_key(key)), None


async def authority(settings: Settings) -> Authority:
    """VMLab's own authority; its key is made if the configuration names none."""
    own = settings.console.ssh_ca_file
    path = Path(own) if own else Path(settings.storage.directory) / AUTHORITY_FILE
    return await asyncio.to_thread(Authority.kept_in, path, make=not own)


def _grant_sealer(security: Security) -> Sealer:
    return Sealer(security.secret_key, security.previous_secret_keys, purpose="console grants")
