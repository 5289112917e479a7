"""What each call looks like by Proxmox's own API description: permissions, parameters, flags.

`data/schema.json` is the 9.x description with what differs on 8.4 beside it; `data/extra.json` adds
the few calls that it leaves out, in the same form.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from vmlab.simulator import checks
from vmlab.simulator.errors import invalid_parameters


@dataclass(frozen=True)
class Endpoint:
    """One call: who may make it, where it runs, what it takes.

    `permissions` is None (root@pam only) or a dictionary with `user` and/or `check`; `protected`
    calls are run by pvedaemon; `on_node` ones by the node that the path names.
    """

    method: str
    path: str
    permissions: Mapping[str, Any] | None
    allowtoken: bool
    protected: bool
    on_node: bool
    properties: Mapping[str, Any]
    open: bool


class Schema:
    """The description for one version."""

    def __init__(self, major: int) -> None:
        self.major = major
        self._endpoints = _endpoints(major)

    def endpoint(self, method: str, path: str) -> Endpoint | None:
        """The description of a call by its path template; None if the version has no such call."""
        return self._endpoints.get((method, path))

    def check(self, endpoint: Endpoint, params: dict[str, Any]) -> dict[str, Any]:
        """The parameters, typed: integers and booleans as int, everything else as text.

        Raises:
            ApiError: 400 with Proxmox's text for each wrong parameter.
        """
        errors: checks.Errors = {}
        values = dict(params)
        properties = endpoint.properties
        if endpoint.open:
            properties = {**{key: {"optional": True} for key in values}, **properties}
        checks.check_object("", properties, values, errors, self.major)
        if errors:
            raise invalid_parameters(errors)
        return values


@cache
def _endpoints(major: int) -> dict[tuple[str, str], Endpoint]:
    document = _load("schema.json")
    ranges = {name: _span(text) for name, text in document["indexed_parameters"].items()}
    described = document["endpoints"] + _load("extra.json")["endpoints"]
    found = {}
    for raw in described:
        older = raw.get("pve8", {}) if major == 8 else {}
        if not older.get("absent_from_schema"):
            properties = _properties(raw, older, document["$defs"], ranges)
            found[raw["method"], raw["path"]] = _endpoint(raw, older, properties)
    return found


def _endpoint(
    raw: Mapping[str, Any], older: Mapping[str, Any], properties: dict[str, Any]
) -> Endpoint:
    return Endpoint(
        method=raw["method"],
        path=raw["path"],
        permissions=older.get("permissions", raw["permissions"]),
        allowtoken=raw.get("allowtoken", True),
        protected=raw.get("protected", False),
        on_node=raw.get("proxyto") == "node",
        properties=properties,
        open=bool(raw["parameters"].get("additionalProperties")),
    )


def _properties(
    raw: Mapping[str, Any],
    older: Mapping[str, Any],
    shared: Mapping[str, Any],
    ranges: Mapping[str, range],
) -> dict[str, Any]:
    described = {
        **raw["parameters"].get("properties", {}),
        **older.get("params_changed", {}),
        **older.get("params_extra", {}),
    }
    properties: dict[str, Any] = {}
    for name, item in described.items():
        if name in older.get("params_absent", ()):
            continue
        schema = shared[item["$ref"].rsplit("/", 1)[1]] if "$ref" in item else item
        if name in ranges:
            stem = name.removesuffix("[n]")
            properties |= {f"{stem}{n}": schema for n in ranges[name]}
        else:
            properties[name] = schema
    return properties


def _span(text: str) -> range:
    match = re.fullmatch(r"(\d+)\.\.(\d+)", text)
    assert match is not None
    return range(int(match[1]), int(match[2]) + 1)


@cache
def _load(name: str) -> Any:
    return json.loads(files("vmlab.simulator").joinpath("data", name).read_text("utf-8"))
