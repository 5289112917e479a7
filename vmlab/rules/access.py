"""Who may do what: permissions, roles, and the one table that joins them.

Third floor: pure. A role grants a permission within scopes; a scope says how the person must be
related to the object. `vmlab.handlers.objects` turns scopes into database conditions, so a list
shows exactly the objects that may be opened one by one.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Permission(StrEnum):
    """One kind of act, `resource:action`."""

    AUDIT_READ = "audit:read"
    CLUSTER_READ = "cluster:read"
    COURSE_CHANGE = "course:change"
    COURSE_CREATE = "course:create"
    COURSE_JOIN = "course:join"
    COURSE_READ = "course:read"
    COURSE_STATISTICS = "course:statistics"
    FILE_CREATE = "file:create"
    FILE_DELETE = "file:delete"
    FILE_READ = "file:read"
    INVITATION_MANAGE = "invitation:manage"
    MEMBER_CHANGE = "member:change"
    MEMBER_READ = "member:read"
    PROFILE_CHANGE = "profile:change"
    PROFILE_READ = "profile:read"
    QUEUE_READ = "queue:read"
    QUOTA_CHANGE = "quota:change"
    QUOTA_READ = "quota:read"
    ROLE_ASSIGN = "role:assign"
    ROLE_READ = "role:read"
    SESSION_END = "session:end"
    TASK_CHANGE = "task:change"
    TASK_READ = "task:read"
    TEMPLATE_CHANGE = "template:change"
    TEMPLATE_READ = "template:read"
    USER_CHANGE = "user:change"
    USER_CREATE = "user:create"
    USER_DELETE = "user:delete"
    USER_READ = "user:read"
    USER_SEARCH = "user:search"
    VM_CHANGE = "vm:change"
    VM_CONSOLE = "vm:console"
    VM_CREATE = "vm:create"
    VM_DELETE = "vm:delete"
    VM_FORGET = "vm:forget"
    VM_OPERATE = "vm:operate"
    VM_PROVISION = "vm:provision"
    VM_READ = "vm:read"
    WORKER_READ = "worker:read"


class Scope(StrEnum):
    """How somebody must be related to an object."""

    ANY = "any"
    """Not at all."""
    TAUGHT = "taught"
    """The object is in a course that they teach."""
    ENROLLED = "enrolled"
    """The object is in a course that they are a student of."""
    OWN = "own"
    """The object is theirs, or themselves."""


Grants = Mapping[Permission, frozenset[Scope]]

_ANY = frozenset({Scope.ANY})
_OWN = frozenset({Scope.OWN})
_ENROLLED = frozenset({Scope.ENROLLED})
_TAUGHT = frozenset({Scope.TAUGHT})


@dataclass(frozen=True)
class RoleRule:
    """What a role is for and what it grants."""

    description: str
    grants: Grants


def _joined(*tables: Grants) -> Grants:
    return {
        permission: frozenset[Scope]().union(*(table.get(permission, ()) for table in tables))
        for table in tables
        for permission in table
    }


SIGNED_IN: Grants = {
    Permission.PROFILE_CHANGE: _OWN,
    Permission.PROFILE_READ: _OWN,
    Permission.QUEUE_READ: _ANY,
    Permission.QUOTA_READ: _OWN,
    Permission.ROLE_READ: _ANY,
    Permission.SESSION_END: _OWN,
    Permission.USER_READ: _OWN,
}
"""What everybody may who has signed in, even without a role."""

_STUDENT: Grants = {
    Permission.COURSE_JOIN: _ANY,
    Permission.COURSE_READ: _ENROLLED,
    Permission.FILE_CREATE: _OWN,
    Permission.FILE_DELETE: _OWN,
    Permission.FILE_READ: _OWN,
    Permission.TASK_CHANGE: _OWN,
    Permission.TASK_READ: _OWN,
    Permission.TEMPLATE_READ: _ENROLLED,
    Permission.VM_CHANGE: _OWN,
    Permission.VM_CONSOLE: _OWN,
    Permission.VM_CREATE: _OWN,
    Permission.VM_DELETE: _OWN,
    Permission.VM_OPERATE: _OWN,
    Permission.VM_READ: _OWN,
}

_TEACHER: Grants = _joined(
    _STUDENT,
    {
        Permission.COURSE_CHANGE: _TAUGHT,
        Permission.COURSE_CREATE: _ANY,
        Permission.COURSE_READ: _TAUGHT,
        Permission.COURSE_STATISTICS: _TAUGHT,
        Permission.MEMBER_CHANGE: _TAUGHT,
        Permission.MEMBER_READ: _TAUGHT,
        Permission.TASK_CHANGE: _TAUGHT,
        Permission.TASK_READ: _TAUGHT,
        Permission.TEMPLATE_CHANGE: _TAUGHT,
        Permission.TEMPLATE_READ: _TAUGHT,
        Permission.USER_SEARCH: _ANY,
        Permission.VM_CHANGE: _TAUGHT,
        Permission.VM_CONSOLE: _TAUGHT,
        Permission.VM_CREATE: _TAUGHT,
        Permission.VM_DELETE: _TAUGHT,
        Permission.VM_OPERATE: _TAUGHT,
        Permission.VM_PROVISION: _TAUGHT,
        Permission.VM_READ: _TAUGHT,
    },
)

ADMIN = "admin"
TEACHER = "teacher"
STUDENT = "student"

ROLES: Mapping[str, RoleRule] = {
    STUDENT: RoleRule("Uses own machines in the courses enrolled in", _STUDENT),
    TEACHER: RoleRule("Manages the courses they teach, and the machines in them", _TEACHER),
    ADMIN: RoleRule("Manages everything", dict.fromkeys(Permission, _ANY)),
}
"""The roles that exist; a test compares the documentation's table with this one."""


@dataclass(frozen=True)
class Actor:
    """Somebody who has signed in, with all that deciding about them takes."""

    user_id: int
    username: str
    roles: frozenset[str]
    session_id: str
    taught: frozenset[int] = field(default_factory=frozenset)
    """Ids of the courses they teach."""
    enrolled: frozenset[int] = field(default_factory=frozenset)
    """Ids of the courses they are a student of."""


def scopes(actor: Actor, permission: Permission) -> frozenset[Scope]:
    """Within which scopes the actor holds the permission; empty if not at all."""
    return _granted(actor.roles).get(permission, frozenset())


@functools.cache
def _granted(roles: frozenset[str]) -> Grants:
    """What these roles grant together; there are few, and every request asks."""
    return _joined(SIGNED_IN, *(ROLES[name].grants for name in roles if name in ROLES))


def allows(actor: Actor, permission: Permission, relations: frozenset[Scope]) -> bool:
    """Whether the actor, so related to an object, may do this to it."""
    held = scopes(actor, permission)
    return Scope.ANY in held or not held.isdisjoint(relations)
