"""`roles/` and `users/{id}/roles/`: which roles there are and who has them."""

from __future__ import annotations

from typing import Any

from vmlab.errors import Conflict, Invalid, NotFound
from vmlab.handlers import sessions
from vmlab.handlers.endpoint import API, Call, Endpoints
from vmlab.handlers.objects import UserObject
from vmlab.handlers.people import role_view, roles_of
from vmlab.handlers.schemas.accounts import RoleGrant, RoleSchema
from vmlab.models import Role, User
from vmlab.operations.accounts import grant_role, withdraw_role
from vmlab.rules.access import ROLES, Permission

roles = Endpoints(API, tag="roles")


@roles.get("/roles/", needs=Permission.ROLE_READ, returns=RoleSchema(many=True))
async def list_roles(call: Call) -> list[dict[str, Any]]:
    """All roles and what they grant."""
    rows = await Role.filter(name__in=list(ROLES)).order_by("id")
    return [role_view(role) for role in rows]


@roles.get(
    "/users/{id}/roles/",
    on=UserObject,
    needs=Permission.USER_READ,
    returns=RoleSchema(many=True),
)
async def list_user_roles(call: Call, user: User) -> list[dict[str, Any]]:
    """The roles that a user has."""
    return await roles_of(user)


@roles.post(
    "/users/{id}/roles/",
    on=UserObject,
    needs=Permission.ROLE_ASSIGN,
    accepts=RoleGrant,
    returns=RoleSchema(many=True),
    status=201,
)
async def assign_role(call: Call, user: User) -> list[dict[str, Any]]:
    """Give a user a role, named or by id, and end their logins; returns all that they have then."""
    if await grant_role(user, await _named(call.body)):
        await sessions.end(call.parts.bus, user.id)
    return await roles_of(user)


async def _named(body: dict[str, Any]) -> str:
    if len(body) != 1:
        raise Invalid(details={"role": ["Name one role, by role or by role_id."]})
    if "role" in body:
        return str(body["role"])
    role = await Role.filter(id=body["role_id"]).first()
    if role is None:
        raise Invalid(details={"role_id": ["There is no such role."]})
    return role.name


@roles.delete(
    "/users/{id}/roles/{role_id}/",
    on=UserObject,
    needs=Permission.ROLE_ASSIGN,
    errors=(Conflict,),
)
async def remove_role(call: Call, user: User) -> None:
    """Take a role away from a user and end their logins; the last active admin keeps theirs."""
    role = await user.roles.filter(id=int(call.path["role_id"])).first()
    if role is None:
        raise NotFound
    await withdraw_role(user, role)
    await sessions.end(call.parts.bus, user.id)
