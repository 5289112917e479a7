"""VMLab's way into a machine by SSH: the key that it puts there, the host key that it pins.

The key is made while the machine is (`vmlab.operations.create_vm_steps`) and kept sealed. The host
key is written down at the first contact and replaced by nothing but somebody's wish to forget it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from urllib.parse import quote, unquote

from vmlab.config import Security
from vmlab.guests.sealing import CannotOpen, Sealer
from vmlab.guests.user_keys import make_private_key, public_half
from vmlab.models import SshAccess, Vm


async def public_key_for(vm: Vm, security: Security) -> str:
    """The public half of VMLab's key for a machine, made at the first call."""
    known = await private_key_of(vm.id, security)
    if known is None:
        known = make_private_key(f"vmlab-{vm.uuid}")
        sealed = _sealer(security).seal(known)
        await SshAccess.update_or_create(vm_id=vm.id, defaults={"user_key": sealed})
    return public_half(known)


async def private_key_of(vm_id: int, security: Security) -> str | None:
    """VMLab's key for a machine; None if it has none there, or cannot read it any more.

    A key that was sealed with a former secret is sealed with the present one on the way.
    """
    access = await SshAccess.get_or_none(vm_id=vm_id)
    if access is None or access.user_key is None:
        return None
    sealer = _sealer(security)
    try:
        sealed = sealer.renewed(access.user_key)
    except CannotOpen:
        return None
    if security.previous_secret_keys:
        await SshAccess.filter(vm_id=vm_id, user_key=access.user_key).update(user_key=sealed)
    return sealer.open(sealed)


def authorized_keys(inherited: str, public_key: str) -> str:
    """Cloud-init's option `sshkeys` with one more key in it.

    Args:
        inherited: the option as it is, percent-encoded (qemu-server 8.4: format `urlencoded`).
        public_key: left out where it is in there already.
    """
    keys: Sequence[str] = [line for line in unquote(inherited).splitlines() if line.strip()]
    if public_key not in keys:
        keys = [*keys, public_key]
    return quote("\n".join(keys), safe="")


async def pinned(vm_id: int) -> str | None:
    """The host key that a machine had at the first contact, `ssh-ed25519 AAAA…`."""
    access = await SshAccess.get_or_none(vm_id=vm_id)
    return access.host_key if access else None


async def pin(vm_id: int, host_key: str) -> str:
    """Keep a host key unless one is kept already; returns the one that counts."""
    await SshAccess.get_or_create(vm_id=vm_id)
    unknown = SshAccess.filter(vm_id=vm_id, host_key__isnull=True)
    await unknown.update(host_key=host_key, host_key_pinned_at=datetime.now(UTC))
    return await pinned(vm_id) or host_key


async def forget_host_key(vm_id: int) -> None:
    """Believe the next host key that the machine shows."""
    await SshAccess.filter(vm_id=vm_id).update(host_key=None, host_key_pinned_at=None)


def _sealer(security: Security) -> Sealer:
    return Sealer(security.secret_key, security.previous_secret_keys, purpose="machine keys")
