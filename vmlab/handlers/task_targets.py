"""What tasks are about, by name, and how far parents' children are: for a whole list at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from tortoise.functions import Count
from tortoise.models import Model

from vmlab.models import Course, Replica, Task, TaskStatus, Template, Vm
from vmlab.models.statements import Query, kept
from vmlab.operations.create_replica import PARENT_KIND, TARGET

Targets = Mapping[tuple[str, int], dict[str, Any]]
"""Names and owners, by kind and id."""

_MODELS: Mapping[str, type[Model]] = {
    "vm": Vm,
    "template": Template,
    "course": Course,
    TARGET: Replica,
}
_OWNED = frozenset({"vm", "template"})


async def put_targets(rows: Iterable[dict[str, Any]]) -> None:
    """Say what tasks are about, and those of their children that failed: id, name and owner."""
    named = [part for row in rows for part in (row, *_failed(row))]
    known = await _known({(part["target_type"], part["target_id"]) for part in named})
    for part in named:
        kind, id_ = part.pop("target_type"), part.pop("target_id")
        part["target"] = {"type": kind, "id": id_}
        part |= known.get((kind, id_), {"target_name": None, "owner": None})


def _failed(row: dict[str, Any]) -> list[dict[str, Any]]:
    """What a parent says of its children that did not succeed, see `vmlab.tasks.parents`."""
    details = (row["error"] or {}).get("details") or {}
    failed = details.get("failed")
    return failed if isinstance(failed, list) else []


async def _known(targets: Iterable[tuple[str, int]]) -> Targets:
    ids = defaultdict[str, list[int]](list)
    for kind, id_ in targets:
        ids[kind].append(id_)
    found: dict[tuple[str, int], dict[str, Any]] = {}
    for kind in ids.keys() & _MODELS.keys():
        for row in await kept(_named, kind, len(ids[kind])).rows(*ids[kind]):
            owner = None
            if kind in _OWNED:
                owner = {"id": row["owner_id"], "username": row["owner__username"]}
            found[kind, row["id"]] = {"target_name": row["name"], "owner": owner}
    return found


def _named(kind: str, number: int) -> Query:
    """Names and owners of so many objects of a kind."""
    columns = ("id", "owner_id", "owner__username") if kind in _OWNED else ("id",)
    name = "template__name" if kind == TARGET else "name"
    return _MODELS[kind].filter(id__in=[0] * number).values(*columns, name=name)


async def put_children(rows: Iterable[dict[str, Any]]) -> None:
    """Put into parents how many of their children are in each state; None into other tasks."""
    by_id: dict[int, dict[str, Any]] = {}
    for row in rows:
        row["children"] = None
        # Only parents are about a whole course.
        if row["target"]["type"] == "course" or row["kind"] == PARENT_KIND:
            by_id[row["id"]] = row
    if not by_id:
        return
    children = Task.filter(parent_id__in=list(by_id)).annotate(n=Count("id"))
    counted = await children.group_by("parent_id", "status").values("parent_id", "status", "n")
    for each in counted:
        row = by_id[each["parent_id"]]
        if row["children"] is None:
            row["children"] = {"total": 0} | {status.value: 0 for status in TaskStatus}
        row["children"]["total"] += each["n"]
        row["children"][each["status"].value] = each["n"]
