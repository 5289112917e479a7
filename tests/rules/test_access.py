"""The one table of permissions."""

from __future__ import annotations

from pathlib import Path

import pytest

from vmlab.rules.access import (
    ADMIN,
    ROLES,
    SIGNED_IN,
    STUDENT,
    TEACHER,
    Actor,
    Permission,
    Scope,
    allows,
    scopes,
)

DOCUMENTATION = Path(__file__).parents[2] / "docs" / "permissions.md"

OWN, TAUGHT = frozenset({Scope.OWN}), frozenset({Scope.TAUGHT})
NOTHING: frozenset[Scope] = frozenset()


def actor(*roles: str) -> Actor:
    """Somebody with these roles."""
    return Actor(user_id=1, username="ann", roles=frozenset(roles), session_id="s")


def test_an_admin_may_do_everything_to_anything():
    for permission in Permission:
        assert allows(actor(ADMIN), permission, NOTHING)


def test_every_permission_is_held_by_somebody_but_an_admin_or_is_for_admins_on_purpose():
    held = {*SIGNED_IN, *ROLES[STUDENT].grants, *ROLES[TEACHER].grants}
    assert set(Permission) - held == {
        Permission.AUDIT_READ,
        Permission.CLUSTER_READ,
        Permission.INVITATION_MANAGE,
        Permission.QUOTA_CHANGE,
        Permission.ROLE_ASSIGN,
        Permission.USER_CHANGE,
        Permission.USER_CREATE,
        Permission.USER_DELETE,
        Permission.VM_FORGET,
        Permission.WORKER_READ,
    }


def test_a_teacher_may_do_all_that_a_student_may():
    student, teacher = ROLES[STUDENT].grants, ROLES[TEACHER].grants
    for permission, within in student.items():
        assert within <= teacher[permission], permission


@pytest.mark.parametrize(
    ("roles", "permission", "relations", "allowed"),
    [
        ((STUDENT,), Permission.VM_OPERATE, OWN, True),
        ((STUDENT,), Permission.VM_OPERATE, NOTHING, False),
        ((STUDENT,), Permission.VM_OPERATE, TAUGHT, False),
        ((STUDENT,), Permission.COURSE_CREATE, NOTHING, False),
        ((STUDENT,), Permission.USER_SEARCH, NOTHING, False),
        ((TEACHER,), Permission.VM_OPERATE, TAUGHT, True),
        ((TEACHER,), Permission.VM_OPERATE, OWN, True),
        ((TEACHER,), Permission.VM_OPERATE, NOTHING, False),
        ((TEACHER,), Permission.COURSE_CHANGE, NOTHING, False),
        ((TEACHER,), Permission.USER_READ, NOTHING, False),
        ((STUDENT, TEACHER), Permission.VM_PROVISION, TAUGHT, True),
        ((), Permission.USER_READ, OWN, True),
        ((), Permission.VM_CREATE, OWN, False),
        (("dean",), Permission.VM_READ, OWN, False),
    ],
)
def test_who_may_do_what(
    roles: tuple[str, ...], permission: Permission, relations: frozenset[Scope], allowed: bool
):
    assert allows(actor(*roles), permission, relations) is allowed


def test_roles_add_up():
    both = scopes(actor(STUDENT, TEACHER), Permission.COURSE_READ)
    assert both == {Scope.ENROLLED, Scope.TAUGHT}


def test_permissions_are_named_after_what_they_say_and_stand_in_order():
    names = [permission.name for permission in Permission]
    assert names == sorted(names)
    for permission in Permission:
        assert permission.value == permission.name.lower().replace("_", ":", 1)


def test_the_documentation_has_this_table():
    text = DOCUMENTATION.read_text(encoding="utf-8")
    assert [line for line in text.splitlines() if line.startswith("|")] == _table()


def _table() -> list[str]:
    """The table as the documentation shows it; paste it there when it changes."""
    columns = {"everybody": SIGNED_IN} | {name: rule.grants for name, rule in ROLES.items()}
    lines = [f"| permission | {' | '.join(columns)} |", "|---|" + "---|" * len(columns)]
    for permission in Permission:
        cells = [" ".join(sorted(grants.get(permission, ()))) for grants in columns.values()]
        lines.append(f"| `{permission}` | {' | '.join(cells)} |")
    return lines
