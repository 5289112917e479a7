"""The shape of JSON: which keys there are and of what types, without the values.

`compare` asks here whether an answer's `data` has the shape of the recorded one. A shape describes
a bag of values (one value, or all rows of a list), so the same code serves objects and rows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

# Shares of a processor: Perl prints a whole 0 when idle, else a fraction.
_LOADS = frozenset({"cpu", "wait"})
# Rows of these types or in these states have keys of their own in Proxmox VE's lists.
_ROW_TYPES = frozenset({"qemu", "node", "storage", "pool", "sdn", "network", "cluster"})
_ROW_STATES = frozenset({"running", "stopped", "paused", "suspended", "unknown", "RUNNING"})

Group = tuple[str | None, str | None, bool]


@dataclass
class Key:
    """One key of a group of objects: in how many of them it is, and the shape of its values."""

    present: int
    shape: Shape


@dataclass
class ObjectShape:
    """A group of objects that should have the same keys."""

    count: int = 0
    keys: dict[str, Key] = field(default_factory=dict)

    def always(self, key: str) -> bool:
        """Whether each object of the group has `key`."""
        return key in self.keys and self.keys[key].present == self.count


@dataclass
class Shape:
    """What a bag of values has in common."""

    types: set[str] = field(default_factory=set)
    elements: Shape | None = None
    objects: dict[Group, ObjectShape] = field(default_factory=dict)


def mask_key(key: str) -> str:
    """`key` without what is only an id in it: paths of permissions, numbers of devices."""
    return "/…" if key.startswith("/") else re.sub(r"\d+", "N", key)


def _type(value: Any) -> str:
    names = {bool: "boolean", int: "integer", float: "number", str: "string", type(None): "null"}
    return names.get(type(value), "list" if isinstance(value, list) else "object")


def _group(row: dict[str, Any]) -> Group:
    kind, status = row.get("type"), row.get("status")
    return (
        kind if kind in _ROW_TYPES else None,
        status if status in _ROW_STATES else None,
        bool(row.get("template")),
    )


def _object_shape(rows: Sequence[dict[str, Any]]) -> ObjectShape:
    values: dict[str, list[Any]] = {}
    present: dict[str, int] = {}
    for row in rows:
        for key, value in row.items():
            values.setdefault(mask_key(key), []).append(value)
        for key in {mask_key(key) for key in row}:
            present[key] = present.get(key, 0) + 1
    keys = {key: Key(present[key], shape_of(values[key])) for key in values}
    return ObjectShape(len(rows), keys)


def shape_of(values: Iterable[Any]) -> Shape:
    """The shape of all `values` together."""
    bag = list(values)
    shape = Shape(types={_type(value) for value in bag})
    lists = [value for value in bag if isinstance(value, list)]
    if lists:
        shape.elements = shape_of(element for value in lists for element in value)
    groups: dict[Group, list[dict[str, Any]]] = {}
    for value in bag:
        if isinstance(value, dict):
            groups.setdefault(_group(value), []).append(value)
    shape.objects = {group: _object_shape(rows) for group, rows in groups.items()}
    return shape


def differences(
    where: str, recorded: Shape, answered: Shape, peers: Sequence[Shape], *, rows: bool = False
) -> Iterator[str]:
    """What distinguishes `answered` from `recorded`, one line each.

    `where` names the place. `peers` are the shapes at the same place in all recordings that ask
    the same, the recorded one included: they say where whole and broken numbers alternate and, if
    these are the `rows` of a list, which keys are optional. A single object must have exactly the
    keys recorded.
    """
    yield from _type_differences(where, recorded, answered, peers)
    if recorded.elements is not None and answered.elements is not None:
        nested = [peer.elements for peer in peers if peer.elements is not None]
        yield from differences(
            f"{where}[]", recorded.elements, answered.elements, nested, rows=True
        )
    for group in sorted({*recorded.objects, *answered.objects}, key=str):
        yield from _group_differences(where, group, recorded, answered, peers, rows=rows)


def _type_differences(
    where: str, recorded: Shape, answered: Shape, peers: Sequence[Shape]
) -> Iterator[str]:
    allowed = set(recorded.types)
    seen = set().union(*(peer.types for peer in peers))
    load = where.rpartition(".")[2] in _LOADS
    if allowed & {"integer", "number"} and ("number" in seen or load):
        allowed |= {"integer", "number"}
    for name in sorted(answered.types - allowed):
        yield f"{where}: {name} instead of {' or '.join(sorted(allowed)) or 'nothing'}"
    if recorded.types and not answered.types:
        yield f"{where}: nothing instead of {' or '.join(sorted(recorded.types))}"


def _group_differences(
    where: str,
    group: Group,
    recorded: Shape,
    answered: Shape,
    peers: Sequence[Shape],
    *,
    rows: bool,
) -> Iterator[str]:
    place = f"{where}{_label(group)}"
    known = [peer.objects[group] for peer in peers if group in peer.objects]
    got = answered.objects.get(group)
    if got is None:
        yield f"{place}: no such object"
        return
    if group not in recorded.objects and not (rows and known):
        yield f"{place}: an object that was not recorded"
        return
    wanted = recorded.objects.get(group) or known[0]
    optional = rows and len(known) > 0
    for key in sorted({*wanted.keys, *got.keys}):
        yield from _key_differences(f"{place}.{key}", key, wanted, got, known, optional=optional)


def _key_differences(
    place: str,
    key: str,
    wanted: ObjectShape,
    got: ObjectShape,
    known: Sequence[ObjectShape],
    *,
    optional: bool,
) -> Iterator[str]:
    if key not in got.keys:
        if not (optional and any(key not in peer.keys for peer in known)):
            yield f"{place}: missing"
        return
    examples = [peer.keys[key].shape for peer in known if key in peer.keys]
    if key not in wanted.keys and not (optional and examples):
        yield f"{place}: not recorded"
        return
    always = all(peer.always(key) for peer in known) if optional else wanted.always(key)
    if always and not got.always(key):
        yield f"{place}: missing in some rows"
    expected = wanted.keys[key].shape if key in wanted.keys else examples[0]
    if "time" in wanted.keys and "integer" in expected.types:
        # A row of a curve: averages, whole only by chance.
        expected = Shape(expected.types | {"number"})
    yield from differences(place, expected, got.keys[key].shape, examples)


def _label(group: Group) -> str:
    kind, status, template = group
    names = [name for name in (kind, status, "template" if template else None) if name]
    return f"({' '.join(names)})" if names else ""
