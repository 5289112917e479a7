"""Names of machines, and the tags and pools that sort them in the Proxmox interface. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from vmlab.errors import Invalid

HOSTNAME_MAX = 63
"""RFC 1123: the length of one label."""

TAG = "vmlab"
"""Every machine of ours carries it."""

DEFAULT_PATTERN = "{template}-{username}"

_SNAPSHOT_NAME = re.compile(r"[a-z][a-z0-9_-]{1,39}", re.IGNORECASE)
_RESERVED_SNAPSHOTS = frozenset({"current", "pending"})

_HOSTNAME = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?", re.IGNORECASE)
_FIELD = re.compile(r"\{([^{}]*)\}")
_PERSONAL = frozenset({"username", "user_id", "n"})
_SHARED = frozenset({"course", "template"})


def is_hostname(name: str) -> bool:
    """Whether it is one label of a host name: letters, digits and inner hyphens, at most 63.

    Proxmox takes a machine's name as its DNS name (qemu-server 8.4: format `dns-name`), and
    cloud-init makes it the guest's host name.
    """
    return len(name) <= HOSTNAME_MAX and _HOSTNAME.fullmatch(name) is not None


def is_snapshot_name(name: str) -> bool:
    """Whether Proxmox takes it as a snapshot's name (qemu-server 8.4: format `pve-configid`)."""
    return _SNAPSHOT_NAME.fullmatch(name) is not None and name not in _RESERVED_SNAPSHOTS


def as_label(text: str) -> str:
    """Make part of a host name of anything; empty if no letter or digit of ASCII is in it."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def class_names(
    pattern: str, *, course: str, template: str, students: Sequence[tuple[int, str]]
) -> dict[int, str]:
    """Name one machine for each student of a class.

    Args:
        pattern: a host name with `{username}`, `{user_id}` or `{n}` (01, 02 …) in it, and perhaps
            `{course}` and `{template}`.
        course: short name of the course.
        template: name of the template.
        students: (id, username), in the order in which they are counted.

    Returns:
        A host name by student's id; all of them different.

    Raises:
        Invalid: the pattern names something unknown, tells no student from another, or makes
            something that is no host name.
    """
    fields = set(_FIELD.findall(pattern))
    if fields - _PERSONAL - _SHARED or not fields & _PERSONAL:
        raise _bad_pattern()
    digits = max(2, len(str(len(students))))
    names: dict[int, str] = {}
    for n, (user_id, username) in enumerate(students, start=1):
        values = {
            "course": as_label(course),
            "template": as_label(template),
            "username": as_label(username) or f"user{user_id}",
            "user_id": str(user_id),
            "n": str(n).zfill(digits),
        }
        name = _filled(pattern, values)
        if len(name) > HOSTNAME_MAX or name in names.values():
            # Two usernames can read the same once they are host names; ids never do.
            ending = f"-{user_id}"
            name = name[: HOSTNAME_MAX - len(ending)].rstrip("-") + ending
        if not is_hostname(name) or name in names.values():
            raise _bad_pattern()
        names[user_id] = name
    return names


def _filled(pattern: str, values: Mapping[str, str]) -> str:
    return _FIELD.sub(lambda match: values[match[1]], pattern).strip("-")


def _bad_pattern() -> Invalid:
    sentence = "Must make host names, with {username}, {user_id} or {n} in it."
    return Invalid(details={"name_pattern": [sentence]})


def tags(course_id: int | None) -> str:
    """A machine's tags as Proxmox keeps them: lower case, sorted, joined by semicolons."""
    own = [TAG] if course_id is None else [TAG, f"course-{course_id}"]
    return ";".join(sorted(own))


def pool(base: str, *, per_course: bool, course_id: int | None) -> str:
    """The Proxmox pool for a machine: one for all, or one a course (names start with a letter)."""
    return base if course_id is None or not per_course else f"{base}-course-{course_id}"


def pool_comment(course_id: int | None) -> str:
    """What a pool that VMLab makes for a course says of itself; by it VMLab knows it again."""
    return f"VMLab, course {course_id}"


def notes(description: str, facts: Mapping[str, str]) -> str:
    """What a person reads in the Proxmox interface above VMLab's mark.

    Args:
        description: the owner's own words, may be empty.
        facts: e.g. owner and course by their labels. Names change and notes do not follow, so each
            comes with its number, which stays.
    """
    lines = [f"{label}: {value}" for label, value in facts.items()]
    explanation = (
        "Managed by VMLab. Whoever removes the last line of these notes takes the machine over: "
        "VMLab will not touch it any more."
    )
    return "\n\n".join(
        part for part in (description.strip(), "  \n".join(lines), explanation) if part
    )
