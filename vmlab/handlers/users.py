"""`users/`: what administrators do with accounts; teachers search names here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tortoise.expressions import Q, Subquery
from tortoise.queryset import QuerySet

from vmlab.errors import Conflict, NotFound
from vmlab.handlers import sessions
from vmlab.handlers.endpoint import API, Call, Endpoints
from vmlab.handlers.objects import UserObject
from vmlab.handlers.paging import Page, page_of
from vmlab.handlers.people import (
    SHORT_COLUMNS,
    USER_COLUMNS,
    add_roles_and_avatars,
    require_good_password,
    require_same_password,
    user_view,
)
from vmlab.handlers.schemas.accounts import (
    ListedUserSchema,
    NewUserBody,
    UserBody,
    UserListQuery,
    UserPatch,
    UserSchema,
)
from vmlab.models import Membership, User
from vmlab.operations import accounts
from vmlab.rules.access import Actor, Permission, Scope, scopes

users = Endpoints(f"{API}/users", tag="users")


@users.get("/", needs=Permission.USER_SEARCH, query=UserListQuery, lists=ListedUserSchema())
async def list_users(call: Call) -> Page:
    """List users.

    Administrators get them complete. Teachers get `{id, username, first_name, last_name}` of the
    active ones, and may filter by the courses that they teach.
    """
    complete = Scope.ANY in scopes(call.actor, Permission.USER_READ)
    columns = USER_COLUMNS if complete else SHORT_COLUMNS
    page = await page_of(_listed, call.actor, complete, query=call.query, columns=columns)
    if complete:
        await add_roles_and_avatars(page.results)
    return page


def _listed(actor: Actor, complete: bool, query: Mapping[str, Any]) -> QuerySet[User]:
    """What was asked for, as far as somebody who may not see users completely may ask for it."""
    found = Q() if complete else Q(is_active=True)
    if "is_active" in query:
        found &= Q(is_active=query["is_active"])
    if role := query.get("role"):
        holders = User.filter(roles__name=role).values("id")
        found &= Q(id__in=Subquery(holders))
    if course := query.get("course"):
        if not complete and course not in actor.taught:
            raise NotFound
        members = Membership.filter(course_id=course).values("user_id")
        found &= Q(id__in=Subquery(members))
    if text := query.get("search"):
        columns = ["username", "first_name", "last_name", *(["email"] if complete else [])]
        found &= Q(*(Q(**{f"{column}__icontains": text}) for column in columns), join_type=Q.OR)
    return User.filter(found)


@users.post(
    "/",
    needs=Permission.USER_CREATE,
    makes=UserObject,
    accepts=NewUserBody,
    returns=UserSchema(),
    status=201,
    errors=(Conflict,),
)
async def create_user(call: Call) -> dict[str, Any]:
    """Make an account for somebody."""
    body = call.body
    require_same_password(body)
    password = body.pop("password")
    require_good_password(password, username=body["username"], email=body["email"])
    roles = tuple(body.pop("roles"))
    password_hash = await call.parts.passwords.hash(password)
    new = accounts.NewUser(**body, roles=roles, password_hash=password_hash)
    made = await accounts.create_user(new, call.parts.settings.quota)
    return await user_view(made.id)


@users.get("/{id}/", on=UserObject, needs=Permission.USER_READ, returns=UserSchema())
async def get_user(call: Call, user: User) -> dict[str, Any]:
    """One user; everybody may look at themselves."""
    return await user_view(user.id)


@users.put(
    "/{id}/",
    on=UserObject,
    needs=Permission.USER_CHANGE,
    accepts=UserBody,
    returns=UserSchema(),
    errors=(Conflict,),
)
async def put_user(call: Call, user: User) -> dict[str, Any]:
    """Replace a user; roles, activity and password stay as they are unless named."""
    return await _changed(call, user)


@users.patch(
    "/{id}/",
    on=UserObject,
    needs=Permission.USER_CHANGE,
    accepts=UserPatch,
    returns=UserSchema(),
    errors=(Conflict,),
)
async def patch_user(call: Call, user: User) -> dict[str, Any]:
    """Change what is named; a new password, other roles or deactivation end all logins."""
    return await _changed(call, user)


async def _changed(call: Call, user: User) -> dict[str, Any]:
    changes = dict(call.body)
    roles = changes.pop("roles", None)
    if (password := changes.pop("password", None)) is not None:
        name, email = changes.get("username", user.username), changes.get("email", user.email)
        require_good_password(password, username=name, email=email)
        changes["password_hash"] = await call.parts.passwords.hash(password)
    other_roles = await accounts.change_user(user, changes, roles)
    if other_roles or "password_hash" in changes or not user.is_active:
        await sessions.end(call.parts.bus, user.id)
    return await user_view(user.id)


@users.delete("/{id}/", on=UserObject, needs=Permission.USER_DELETE, errors=(Conflict,))
async def delete_user(call: Call, user: User) -> None:
    """Delete an account that owns neither machines nor templates."""
    await accounts.remove_user(user)
    await call.parts.avatars.remove(user.avatar)
    await call.parts.bus.publish("sessions", {"user_id": user.id})
