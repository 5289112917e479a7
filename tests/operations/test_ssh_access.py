"""What VMLab keeps to get into a machine by SSH."""

from __future__ import annotations

import asyncio

from tests.operations.lab import Lab
from vmlab.config import Security
from vmlab.guests.user_keys import make_private_key, public_half
from vmlab.models import SshAccess
from vmlab.operations import ssh_access

OLD = Security(secret_key="the old secret, of more than 32 bytes")
NEW = Security(
    secret_key="the new secret, of more than 32 bytes", previous_secret_keys=(OLD.secret_key,)
)
STRANGE = Security(secret_key="another secret, of more than 32 bytes")


async def test_a_key_is_made_once(lab: Lab) -> None:
    vm, _ = await lab.submit_vm()
    first = await ssh_access.public_key_for(vm, OLD)
    assert first.endswith(f"vmlab-{vm.uuid}")
    assert await ssh_access.public_key_for(vm, OLD) == first


async def test_a_key_outlives_a_change_of_the_secret(lab: Lab) -> None:
    vm, _ = await lab.submit_vm()
    public = await ssh_access.public_key_for(vm, OLD)
    assert await ssh_access.private_key_of(vm.id, STRANGE) is None
    assert await ssh_access.public_key_for(vm, NEW) == public
    # Used once, it is sealed with the new secret: the old one may be dropped.
    alone = Security(secret_key=NEW.secret_key)
    private = await ssh_access.private_key_of(vm.id, alone)
    assert private is not None
    assert public_half(private) == public
    assert await ssh_access.private_key_of(vm.id, OLD) is None


async def test_the_first_host_key_counts_until_it_is_forgotten(lab: Lab) -> None:
    vm, _ = await lab.submit_vm()
    shown = [public_half(make_private_key("")) for _ in range(3)]
    assert await ssh_access.pinned(vm.id) is None
    counting = await asyncio.gather(*(ssh_access.pin(vm.id, key) for key in shown))
    [first] = set(counting)
    assert first in shown
    assert await ssh_access.pinned(vm.id) == first
    assert (await SshAccess.get(vm_id=vm.id)).host_key_pinned_at is not None
    await ssh_access.forget_host_key(vm.id)
    assert await ssh_access.pinned(vm.id) is None
    assert await ssh_access.pin(vm.id, shown[1]) == shown[1]


def test_keys_are_added_once_and_percent_encoded() -> None:
    once = ssh_access.authorized_keys("", "ssh-ed25519 AA+/= a b")
    assert once == "ssh-ed25519%20AA%2B%2F%3D%20a%20b"
    twice = ssh_access.authorized_keys(once, "ssh-ed25519 BB")
    assert ssh_access.authorized_keys(twice, "ssh-ed25519 BB") == twice
    assert twice == f"{once}%0Assh-ed25519%20BB"
