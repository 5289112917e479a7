"""Who reaches each endpoint: the expectation, written by hand and not derived from the program.

A row says how to ask rightly and which status each caller gets. Where the endpoint is on an object,
the row tells of the student's; the other student's follows by symmetry, and what does not exist is
404 for everybody.
"""

from __future__ import annotations

import io
import itertools
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from PIL import Image

from tests.handlers.people import PASSWORD, Person
from tests.handlers.world import World
from vmlab.models import Role
from vmlab.operations.invitations import invite

Parameters = dict[str, Any]
Maker = Callable[[World, Person], Awaitable[Parameters]]


@dataclass(frozen=True, kw_only=True)
class Reach:
    """How an endpoint is reached, and what comes of it."""

    student: int
    other_student: int
    teacher: int
    other_teacher: int
    admin: int
    body: dict[str, Any] | Callable[[World, Parameters], dict[str, Any]] | None = None
    """JSON that is right, or what makes it."""
    file: tuple[str, bytes] | None = None
    """Name and content of the file that a form has, in place of JSON."""
    fields: Mapping[str, str] = field(default_factory=dict)
    """The form's other fields."""
    content: bytes | None = None
    """Bytes that are sent as they are."""
    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    on: Maker | None = None
    """Makes an object of somebody's and returns the path's parameters."""
    grant_details: Mapping[str, Any] = field(default_factory=dict)
    """What the one-time grant carries, where the endpoint takes one."""


@dataclass(frozen=True, kw_only=True)
class Public:
    """Reached by anybody, credentials or none."""

    status: int
    body: dict[str, Any] | None = None


def everybody(status: int, **how: Any) -> Reach:
    """All who have signed in get the same."""
    return Reach(
        student=status,
        other_student=status,
        teacher=status,
        other_teacher=status,
        admin=status,
        **how,
    )


def admin_only(status: int, **how: Any) -> Reach:
    """Nobody but admins, on nothing in particular."""
    return Reach(
        student=403, other_student=403, teacher=403, other_teacher=403, admin=status, **how
    )


def oneself(own: int, admin: int, **how: Any) -> Reach:
    """On a user: one sees oneself, admins see all, and nobody else sees that there is one."""
    return Reach(
        student=own,
        other_student=404,
        teacher=404,
        other_teacher=404,
        admin=admin,
        on=user,
        **how,
    )


async def user(_world: World, owner: Person) -> Parameters:
    """The person."""
    return {"id": owner.id}


async def user_with_role(_world: World, owner: Person) -> Parameters:
    """The person, and the role that they have."""
    return {"id": owner.id, "role_id": (await Role.get(name="student")).id}


async def invitation(world: World, _owner: Person) -> Parameters:
    """An invitation, which nobody owns."""
    made, _ = await invite(created_by_id=world.admin.id, role="student", max_uses=1)
    return {"id": made.id}


def _picture() -> bytes:
    """A small PNG."""
    file = io.BytesIO()
    Image.new("RGB", (8, 8)).save(file, "PNG")
    return file.getvalue()


PICTURE = _picture()
_NUMBERS = itertools.count()
_ACCOUNT = {"username": "new", "email": "new@example.edu", "password": "long enough to do"}
_QUOTA = {"cpu_cores": 4, "memory_mb": 4096, "disk_gb": 40, "vm_limit": 2}
_PROFILE = {"first_name": "Ada", "last_name": "Lovelace"}

SURFACE: dict[str, Reach | Public] = {
    # auth/
    "register": Public(status=201, body=_ACCOUNT),
    "login": Public(status=200, body={"username": "student", "password": PASSWORD}),
    "refresh": Public(status=401, body={"refresh_token": "unknown"}),
    "logout": everybody(200),
    "change_password": everybody(
        200, body={"old_password": PASSWORD, "new_password": "quite another one"}
    ),
    "get_profile": everybody(200),
    "put_profile": everybody(
        200, body=lambda world, _: {**_PROFILE, "email": f"{next(_NUMBERS)}@example.edu"}
    ),
    "ask_for_reset": Public(status=200, body={"email": "nobody@example.edu"}),
    "confirm_reset": Public(status=400, body={"token": "unknown", "new_password": "long enough"}),
    "list_invitations": admin_only(200),
    "create_invitation": admin_only(201, body={"role": "teacher"}),
    "delete_invitation": Reach(
        student=404, other_student=404, teacher=404, other_teacher=404, admin=200, on=invitation
    ),
    "post_avatar": everybody(200, file=("avatar", PICTURE)),
    "get_avatar": Public(status=404),
    # users/
    "import_users": admin_only(200, file=("file", b"username,email\nnew,new@example.edu\n")),
    "list_users": Reach(student=403, other_student=403, teacher=200, other_teacher=200, admin=200),
    "create_user": admin_only(201, body=_ACCOUNT),
    "get_user": oneself(200, 200),
    "put_user": oneself(
        403,
        200,
        body=lambda world, on: {
            "username": f"renamed-{on['id']}",
            "email": f"{on['id']}@example.edu",
        },
    ),
    "patch_user": oneself(403, 200, body=_PROFILE),
    "delete_user": oneself(403, 200),
    # roles
    "list_roles": everybody(200),
    "list_user_roles": oneself(200, 200),
    "assign_role": oneself(403, 201, body={"role": "teacher"}),
    "remove_role": Reach(
        student=403,
        other_student=404,
        teacher=404,
        other_teacher=404,
        admin=200,
        on=user_with_role,
    ),
    # quotas
    "get_quota": oneself(200, 200),
    "put_quota": oneself(403, 200, body=_QUOTA),
    "get_quota_usage": oneself(200, 200),
    # service
    "get_openapi": Public(status=200),
    "get_docs": Public(status=200),
}
