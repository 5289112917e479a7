"""What is said about a template to be, wherever it comes from."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from vmlab.models import Template
from vmlab.operations import versions


@dataclass(frozen=True, kw_only=True)
class NewTemplate:
    """What is asked for; the sizes are those of a machine for which nothing else is said."""

    name: str
    course_id: int
    owner_id: int
    description: str = ""
    os_type: str = "other"
    is_public: bool = False
    default_cpu_cores: int = 1
    default_memory_mb: int = 1024
    default_disk_gb: int = 10
    ssh_username: str = ""
    ssh_certificates: bool = False
    replaces: int | None = None
    """Id of the template of which it is a new version."""


async def create(wanted: NewTemplate, **columns: Any) -> Template:
    """Write a template's row, at its place among its versions; in a transaction.

    Args:
        wanted: what is said, with whatever else the row has of where it comes from.
        columns: those that nobody says.

    Raises:
        Invalid: what it is to replace is not in this course.
        Conflict: what it is to replace cannot be replaced now.
    """
    values = asdict(wanted)
    place = await versions.place_after(values.pop("replaces"), wanted.course_id)
    return await Template.create(**(values | place), **columns)
