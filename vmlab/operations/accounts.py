"""Accounts: made, given roles, removed. These verbs need nothing of Proxmox, so they end at once.

Each is one transaction. The last active admin is counted under a lock on the admin role's row, so
that two admins cannot remove each other at the same moment.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from typing import Any

from tortoise.exceptions import IntegrityError

from vmlab import config
from vmlab.errors import Conflict, Invalid
from vmlab.models import File, Quota, Role, Template, User, Vm
from vmlab.models.connection import transaction
from vmlab.rules.access import ADMIN, ROLES


@dataclass(frozen=True, kw_only=True)
class NewUser:
    """What an account is made of."""

    username: str
    email: str
    password_hash: str
    roles: tuple[str, ...]
    first_name: str = ""
    last_name: str = ""
    is_active: bool = True


async def ensure_roles() -> None:
    """Write the rows of the roles that exist; safe to repeat and to run from several processes."""
    known = {role.name for role in await Role.all()}
    missing = [
        Role(name=name, description=rule.description)
        for name, rule in ROLES.items()
        if name not in known
    ]
    if missing:
        await Role.bulk_create(missing, ignore_conflicts=True)


async def create_user(new: NewUser, quota: config.Quota) -> User:
    """Make an account with its roles and a quota of its own.

    Raises:
        Conflict: the name or the e-mail address is taken.
        Invalid: a role does not exist.
    """
    roles = await _roles(new.roles)
    async with transaction():
        try:
            user = await User.create(
                username=new.username,
                email=new.email,
                password_hash=new.password_hash,
                first_name=new.first_name,
                last_name=new.last_name,
                is_active=new.is_active,
            )
        except IntegrityError:
            raise _taken() from None
        await user.roles.add(*roles)
        await Quota.create(
            user=user,
            cpu_cores=quota.cpu_cores,
            memory_mb=quota.memory_mb,
            disk_gb=quota.disk_gb,
            vm_limit=quota.vm_limit,
        )
    return user


async def change_user(user: User, changes: dict[str, Any], roles: Iterable[str] | None) -> bool:
    """Change columns of an account and, unless None, replace its roles.

    Returns:
        Whether the roles are others than before.

    Raises:
        Conflict: the name or the e-mail address is taken, or nobody would be left as admin.
        Invalid: a role does not exist.
    """
    rows = None if roles is None else await _roles(roles)
    async with _keeping_an_admin():
        if changes:
            await _save(user, changes)
        before = {role.id for role in await user.roles.all()}
        if rows is not None and {role.id for role in rows} != before:
            await user.roles.clear()
            await user.roles.add(*rows)
            return True
    return False


async def grant_role(user: User, name: str) -> bool:
    """Give somebody a role; False if they have it already.

    Raises:
        Invalid: there is no such role.
    """
    [role] = await _roles([name])
    if await user.roles.filter(id=role.id).exists():
        return False
    await user.roles.add(role)
    return True


async def withdraw_role(user: User, role: Role) -> None:
    """Take a role away.

    Raises:
        Conflict: nobody would be left as admin.
    """
    async with _keeping_an_admin():
        await user.roles.remove(role)


async def remove_user(user: User) -> None:
    """Delete an account and the rows of machines that it once had.

    Raises:
        Conflict: they own machines, templates or files, or nobody would be left as admin.
    """
    async with _keeping_an_admin():
        vms = await Vm.filter(owner=user, deleted_at__isnull=True).count()
        templates = await Template.filter(owner=user).count()
        files = await File.filter(owner=user).count()
        if vms or templates or files:
            raise Conflict(
                "This user still owns machines, templates or files.",
                details={"vms": vms, "templates": templates, "files": files},
            )
        await Vm.filter(owner=user).delete()
        await user.delete()


async def _save(user: User, changes: dict[str, Any]) -> None:
    user.update_from_dict(changes)
    try:
        await user.save(update_fields=list(changes))
    except IntegrityError:
        raise _taken() from None


async def _roles(names: Iterable[str]) -> list[Role]:
    wanted = set(names)
    rows = await Role.filter(name__in=sorted(wanted & ROLES.keys()))
    if len(rows) < len(wanted):
        raise Invalid(details={"roles": ["There is no such role."]})
    return rows


@contextlib.asynccontextmanager
async def _keeping_an_admin() -> AsyncIterator[None]:
    """A transaction that fails if it leaves nobody to administer what somebody administered."""
    active_admins = User.filter(is_active=True, roles__name=ADMIN)
    async with transaction():
        await Role.filter(name=ADMIN).select_for_update().first()
        had_one = await active_admins.exists()
        yield
        if had_one and not await active_admins.exists():
            raise Conflict("At least one active admin must remain.")


def _taken() -> Conflict:
    return Conflict("This name or e-mail address is taken.")
