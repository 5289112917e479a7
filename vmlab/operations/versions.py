"""Versions of a template: which one is current, and how a new one gets its number.

The versions of one template share a series, and the highest that is ready is the current one.
That is never written down: a version that becomes ready takes over, and one that fails, is found
invalid or is deleted leaves the one before it in its place.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from vmlab.errors import Conflict, Invalid
from vmlab.models import Template, TemplateStatus
from vmlab.models.template import UNDER_WAY


@dataclass(frozen=True)
class Version:
    """One of a series."""

    id: int
    version: int
    status: TemplateStatus


async def all_of(series: Iterable[uuid.UUID | None]) -> dict[uuid.UUID, list[Version]]:
    """The versions in each of these series, the newest first."""
    wanted = {each for each in series if each is not None}
    found: dict[uuid.UUID, list[Version]] = {each: [] for each in wanted}
    if wanted:
        rows = Template.filter(series__in=list(wanted)).order_by("-version", "-id")
        for row in await rows.values("id", "series", "version", "status"):
            found[row["series"]].append(
                Version(row["id"], row["version"], TemplateStatus(row["status"]))
            )
    return found


def current(versions: Iterable[Version]) -> Version | None:
    """The one that machines are made from, of versions with the newest first."""
    return next((each for each in versions if each.status is TemplateStatus.READY), None)


async def refuse_replaced(template: Template) -> None:
    """See that no newer version has taken a template's place.

    Raises:
        Conflict: one has; `details` names it.
    """
    for versions in (await all_of([template.series])).values():
        newest = current(versions)
        if newest is not None and newest.version > template.version:
            raise Conflict(
                "A newer version has replaced this template.",
                details={"replaced_by": newest.id, "version": newest.version},
            )


async def replaced_ids(templates: Iterable[tuple[int, uuid.UUID | None, int]]) -> list[int]:
    """Those of these templates that a newer version has replaced.

    Args:
        templates: id, series and version of each.
    """
    known = list(templates)
    newest = {
        series: each.version
        for series, versions in (await all_of(series for _, series, _ in known)).items()
        if (each := current(versions)) is not None
    }
    return [
        template_id
        for template_id, series, version in known
        if series is not None and version < newest.get(series, 0)
    ]


async def place_after(replaces: int | None, course_id: int) -> dict[str, Any]:
    """Give a new template its place: columns of its row; in a transaction.

    What takes a public one's place is public, too.

    Args:
        replaces: id of the version that it is to replace once it is ready; None for a template
            that is the first of its kind.

    Raises:
        Invalid: there is no such template in the course.
        Conflict: that one has been replaced already, is being deleted, or has a successor that is
            on its way.
    """
    if replaces is None:
        return {}
    rows = Template.filter(id=replaces, course_id=course_id)
    replaced = await rows.select_for_update(no_key=True).first()
    if replaced is None:
        raise Invalid(details={"replaces": ["There is no such template in this course."]})
    if replaced.status is TemplateStatus.DELETING:
        raise Conflict("The template is being deleted.")
    await refuse_replaced(replaced)
    if replaced.series is None:
        replaced.series = uuid.uuid4()
        await replaced.save(update_fields=["series"])
    versions = (await all_of([replaced.series]))[replaced.series]
    for each in versions:
        if each.status in UNDER_WAY:
            raise Conflict(
                "A new version of this template is on its way.",
                details={"template_id": each.id, "version": each.version},
            )
    place: dict[str, Any] = {"series": replaced.series, "version": versions[0].version + 1}
    # Other courses must not lose a template because nobody thought of them.
    return place | {"is_public": True} if replaced.is_public else place
