"""Users and roles as the API shows them; read as rows, with one more query for the roles."""

from __future__ import annotations

from typing import Any

from vmlab.errors import Invalid
from vmlab.models import Role, User
from vmlab.models.statements import Query, kept
from vmlab.rules.access import ROLES, SIGNED_IN
from vmlab.rules.password_policy import complaints

AVATARS = "/avatars/"
"""Where pictures are served."""

USER_COLUMNS = (
    "id",
    "username",
    "email",
    "first_name",
    "last_name",
    "is_active",
    "avatar",
    "date_joined",
    "last_login",
)
SHORT_COLUMNS = ("id", "username", "first_name", "last_name")


async def add_roles_and_avatars(users: list[dict[str, Any]]) -> None:
    """Put the names of roles and the pictures' addresses into rows of `USER_COLUMNS`."""
    roles: dict[int, list[str]] = {user["id"]: [] for user in users}
    for row in await kept(_roles, len(roles)).rows(*roles) if roles else []:
        roles[row["id"]].append(row["roles__name"])
    for user in users:
        user["roles"] = roles[user["id"]]
        user["avatar_url"] = avatar_url(user.pop("avatar"))


def _roles(users: int) -> Query:
    """The roles that so many users have."""
    held = User.filter(roles__id__isnull=False, id__in=[0] * users).order_by("roles__name")
    return held.values("id", "roles__name")


def avatar_url(name: str | None) -> str | None:
    """Where a picture is served, on this server."""
    return None if name is None else AVATARS + name


async def user_view(user_id: int) -> dict[str, Any]:
    """One user, complete."""
    rows = await User.filter(id=user_id).values(*USER_COLUMNS)
    await add_roles_and_avatars(rows)
    return rows[0]


def role_view(role: Role) -> dict[str, Any]:
    """One role, with every permission that its holder has in some scope."""
    return {
        "id": role.id,
        "name": role.name,
        "description": role.description,
        "permissions": sorted({*SIGNED_IN, *ROLES[role.name].grants}),
    }


async def roles_of(user: User) -> list[dict[str, Any]]:
    """The roles that somebody has."""
    return [role_view(role) for role in await user.roles.filter(name__in=list(ROLES))]


def require_good_password(
    password: str, *, username: str, email: str, field: str = "password"
) -> None:
    """See that a new password will do.

    Raises:
        Invalid: `details` says under the field's name what is wrong with it.
    """
    if found := complaints(password, username=username, email=email):
        raise Invalid(details={field: found})


def require_same_password(body: dict[str, Any]) -> None:
    """Take `password2` out of a body and see that it is the same.

    Raises:
        Invalid: it is not.
    """
    if body.pop("password2", body["password"]) != body["password"]:
        raise Invalid(details={"password2": ["The two passwords differ."]})
